"""The ledger's entries as collections of rules: ``retention.loyalty.facts``, said in SQL over ``retention_entries``."""

from collections.abc import Callable
from typing import Any, Final, TypeAlias

import sqlalchemy as sa

from retention.loyalty.coupons.held import PROGRAMME
from retention.loyalty.facts import IN_LOTS, coupon_kind, credit_kind, points_kind
from retention.loyalty.ledger.entries import Bucket, EntryKind
from retention.sql import As, Decimals, Epoch, Minor, Rows, rows
from retention.storage.sql.tables import entries

Kinds: TypeAlias = Callable[[EntryKind, bool], str]

_DIGITS: Final = 13
_IN_LOTS: Final = sorted(bucket.value for bucket in IN_LOTS)


def points_rows(programme: str, *, customer_type: sa.types.TypeEngine[Any] | None = None) -> Rows:
    """The points of a programme whose accounts are customers': ``Tables(..., points=points_rows("mileage"))``.

    ``customer_type`` is the type of the customers' ids where they are no text. Rows are read where they lie. Lots that
    have begun or ended need no settlement; debts do (``Ledger.settle_due``).
    """
    return _of_a_programme(programme, customer_type, Decimals(0), lambda kind, _: points_kind(kind))


def credit_rows(programme: str, *, customer_type: sa.types.TypeEngine[Any] | None = None) -> Rows:
    """The store credit of a programme, all in one currency: ``Tables(..., credits=credit_rows("credit"))``."""
    return _of_a_programme(programme, customer_type, Minor(), credit_kind)


def coupon_rows(*coupons: str, customer_type: sa.types.TypeEngine[Any] | None = None) -> Rows:
    """The coupons of these ids, which are issued to customers: ``Tables(..., coupons=coupon_rows("birthday"))``."""
    found = sa.union_all(_in_lots(PROGRAMME, coupon_kind), _owed(PROGRAMME, coupon_kind)).subquery("ledger")
    account = found.c.account
    begins = [(coupon, sa.func.substr(account, 1, len(coupon) + 1) == f"{coupon}/") for coupon in coupons]
    customer = sa.case(*((begin, sa.func.substr(account, len(coupon) + 2)) for coupon, begin in begins))
    code = sa.case(*((begin, coupon) for coupon, begin in begins))
    said = {"id": account + "/" + found.c.id, "code": code, "uses": As(found.c.amount, Decimals(0))}
    return _mapped(found, customer, customer_type, **said)


def _of_a_programme(
    programme: str, customer_type: sa.types.TypeEngine[Any] | None, form: Decimals | Minor, kinds: Kinds
) -> Rows:
    found = sa.union_all(_in_lots(programme, kinds), _owed(programme, kinds)).subquery("ledger")
    said = {"id": found.c.id, "code": found.c.rule, "amount": As(found.c.amount, form)}
    return _mapped(found, found.c.account, customer_type, **said)


def _mapped(
    found: sa.Subquery,
    customer: sa.ColumnElement[Any],
    customer_type: sa.types.TypeEngine[Any] | None,
    **said: Any,
) -> Rows:
    return rows(
        found,
        customer=customer if customer_type is None else sa.cast(customer, customer_type),
        at=As(found.c.effective_at, Epoch("us")),
        kind=found.c.kind,
        available_at=As(found.c.available_at, Epoch("us")),
        expires_at=As(found.c.expires_at, Epoch("us")),
        **said,
    )


def _in_lots(programme: str, kinds: Kinds) -> sa.Select[Any]:
    """What came into lots, and what left them."""
    gained, lost = entries.c.target.in_(_IN_LOTS), entries.c.source.in_(_IN_LOTS)
    chosen = sa.and_(entries.c.programme == programme, gained != lost)
    return _side(kinds, gained, "", entries.c.lot_available_at, entries.c.lot_expires_at).where(chosen)


def _owed(programme: str, kinds: Kinds) -> sa.Select[Any]:
    """What came to be owed, and what was paid of it: without a lot, so for ever."""
    debt, none = Bucket.DEBT.value, sa.null().cast(sa.BigInteger())
    chosen = sa.and_(entries.c.programme == programme, sa.or_(entries.c.target == debt, entries.c.source == debt))
    return _side(kinds, entries.c.target == debt, "-owed", none, none).where(chosen)


def _side(
    kinds: Kinds,
    gained: sa.ColumnElement[bool],
    mark: str,
    available_at: sa.ColumnElement[int],
    expires_at: sa.ColumnElement[int],
) -> sa.Select[Any]:
    kind = sa.case((gained, _kind(kinds, True)), else_=_kind(kinds, False))
    loses = sa.and_(kind == "adjusted", sa.not_(gained))  # the only kind that has a sign
    digits = sa.func.substr(sa.cast(entries.c.seq + 10**_DIGITS, sa.Text()), 2)
    return sa.select(
        entries.c.account,
        (entries.c.programme + "/" + digits + mark).label("id"),
        entries.c.effective_at,
        kind.label("kind"),
        entries.c.rule,
        sa.case((loses, -entries.c.amount), else_=entries.c.amount).label("amount"),
        available_at.label("available_at"),
        expires_at.label("expires_at"),
    )


def _kind(kinds: Kinds, gained: bool) -> sa.ColumnElement[str]:
    """What a row is called: the commonest word unless the entry is of one of the few other kinds."""
    named: dict[str, list[str]] = {}
    for kind in EntryKind:
        named.setdefault(kinds(kind, gained), []).append(kind.value)
    commonest = max(named, key=lambda word: len(named[word]))
    others = [(entries.c.kind.in_(of), word) for word, of in named.items() if word != commonest]
    return sa.case(*others, else_=commonest)

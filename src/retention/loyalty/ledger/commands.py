"""What can be asked of an account. Amounts are positive whole numbers of its unit.

Every command has a ``key`` of its own, derived from the event that caused it: the same command sent twice is carried
out once. ``at`` is when the event happened, the instant of the decision if None; it may be in the past, never in the
future.
"""

import json
from datetime import UTC, datetime
from enum import Enum
from fractions import Fraction
from hashlib import sha256
from typing import Any, Literal, TypeAlias, final

from attrs import asdict, field, frozen

from retention.checks import identifier, instant
from retention.errors import FactError
from retention.loyalty.ledger.entries import Quota, Validity
from retention.loyalty.ledger.head import Account
from retention.loyalty.ledger.records import Claim
from retention.loyalty.ledger.terms import Refunded, Terms

Uncovered: TypeAlias = Literal["debt", "forgive", "charge"]
"""What becomes of a claw-back that the account cannot cover: owed, let go, or taken from the money paid back."""


def _key(self: Any, attribute: Any, value: Any) -> None:
    identifier(value, f"{type(self).__name__}.{attribute.name}")


def _positive(self: Any, attribute: Any, value: Any) -> None:
    if type(value) is not int or value <= 0:
        raise FactError(
            f"{type(self).__name__}.{attribute.name}",
            "is not a positive whole number",
            got=value,
            hint="Give an int above 0",
        )


def _nonzero(self: Any, attribute: Any, value: Any) -> None:
    if type(value) is not int or value == 0:
        raise FactError(
            f"{type(self).__name__}.{attribute.name}",
            "is not a whole number other than 0",
            got=value,
            hint="Give an int",
        )


def _instant(self: Any, attribute: Any, value: Any) -> None:
    if value is not None:
        object.__setattr__(self, attribute.name, instant(value, f"{type(self).__name__}.{attribute.name}"))


def _share(self: Any, attribute: Any, value: Any) -> None:
    if not isinstance(value, Fraction) or not 0 < value <= 1:
        raise FactError(
            f"{type(self).__name__}.{attribute.name}",
            "is not a Fraction above 0, at most 1",
            got=value,
            hint="Write Fraction(1, 4)",
        )


@final
@frozen(kw_only=True)
class Earn:
    """Units earned under frozen terms, once per programme, rule and order (or other ``subject``: a birthday's year)."""

    key: str = field(validator=_key)
    rule: str = field(validator=_key)
    order: str = field(validator=_key)
    terms: Terms
    validity: Validity
    quotas: tuple[Quota, ...] = ()
    at: datetime | None = field(default=None, validator=_instant)
    reason: str | None = None
    actor: str | None = None


@final
@frozen(kw_only=True)
class Redeem:
    """Spend ``amount`` on an order, all or nothing, in spend order. Raises InsufficientBalance."""

    key: str = field(validator=_key)
    amount: int = field(validator=_positive)
    order: str = field(validator=_key)
    at: datetime | None = field(default=None, validator=_instant)
    reason: str | None = None
    actor: str | None = None


@final
@frozen(kw_only=True)
class Place:
    """Pin ``amount`` for an order until ``until``: a hold. Raises InsufficientBalance."""

    key: str = field(validator=_key)
    hold: str = field(validator=_key)
    amount: int = field(validator=_positive)
    until: datetime = field(validator=_instant)
    order: str | None = None
    at: datetime | None = field(default=None, validator=_instant)
    reason: str | None = None
    actor: str | None = None


@final
@frozen(kw_only=True)
class Capture:
    """Spend the first ``amount`` of a hold, all of it if None, and release the rest."""

    key: str = field(validator=_key)
    hold: str = field(validator=_key)
    amount: int | None = None
    at: datetime | None = field(default=None, validator=_instant)
    reason: str | None = None
    actor: str | None = None

    def __attrs_post_init__(self) -> None:
        if self.amount is not None and (type(self.amount) is not int or self.amount <= 0):
            raise FactError(
                "Capture.amount",
                "is not a positive whole number",
                got=self.amount,
                hint="Void the hold to take nothing",
            )


@final
@frozen(kw_only=True)
class Void:
    """End a hold and release all of it."""

    key: str = field(validator=_key)
    hold: str = field(validator=_key)
    at: datetime | None = field(default=None, validator=_instant)
    reason: str | None = None
    actor: str | None = None


@final
@frozen(kw_only=True)
class Refund:
    """Money of an order was given back: what it no longer earns is clawed back. An order that has not earned yet is
    remembered. Raises OverRefund."""

    key: str = field(validator=_key)
    order: str = field(validator=_key)
    refunded: Refunded
    uncovered: Uncovered = "debt"
    at: datetime | None = field(default=None, validator=_instant)
    reason: str | None = None
    actor: str | None = None


@final
@frozen(kw_only=True)
class Return:
    """A further ``share`` of an order was returned: that share of what was spent on it comes back, what was consumed
    last first, into the lots it came from. Into a dead lot it is dropped, or gets ``extended`` to live in. Raises
    OverReturn."""

    key: str = field(validator=_key)
    order: str = field(validator=_key)
    share: Fraction = field(validator=_share)
    extended: Validity | None = None
    at: datetime | None = field(default=None, validator=_instant)
    reason: str | None = None
    actor: str | None = None


@final
@frozen(kw_only=True)
class Adjust:
    """Staff give units (``amount`` above 0, with a ``validity``) or take them, with a reason."""

    key: str = field(validator=_key)
    amount: int = field(validator=_nonzero)
    reason: str = field(validator=_key)
    actor: str = field(validator=_key)
    validity: Validity | None = None
    at: datetime | None = field(default=None, validator=_instant)

    def __attrs_post_init__(self) -> None:
        if (self.amount > 0) != (self.validity is not None):
            hint = "Give validity=... with an amount above 0, and none with one below"
            raise FactError("Adjust.validity", "does not fit the amount", got=self.validity, hint=hint)


@final
@frozen(kw_only=True)
class Expire:
    """Let ``amount`` expire before its time, of one ``lot`` or in spend order."""

    key: str = field(validator=_key)
    amount: int = field(validator=_positive)
    reason: str = field(validator=_key)
    actor: str = field(validator=_key)
    lot: str | None = None
    at: datetime | None = field(default=None, validator=_instant)


@final
@frozen(kw_only=True)
class Revoke:
    """Take ``amount`` away, of one ``lot`` or in spend order."""

    key: str = field(validator=_key)
    amount: int = field(validator=_positive)
    reason: str = field(validator=_key)
    actor: str = field(validator=_key)
    lot: str | None = None
    at: datetime | None = field(default=None, validator=_instant)


Command: TypeAlias = Earn | Redeem | Place | Capture | Void | Refund | Return | Adjust | Expire | Revoke


@final
@frozen(kw_only=True)
class Transfer:
    """Move ``amount`` in spend order to another account; each lot keeps its expiry."""

    key: str = field(validator=_key)
    amount: int = field(validator=_positive)
    to: Account
    at: datetime | None = field(default=None, validator=_instant)
    reason: str | None = None
    actor: str | None = None


@final
@frozen(kw_only=True)
class Merge:
    """Move everything into another account and close this one; debts net out."""

    key: str = field(validator=_key)
    to: Account
    at: datetime | None = field(default=None, validator=_instant)
    reason: str | None = None
    actor: str | None = None


Move: TypeAlias = Transfer | Merge


@final
@frozen(kw_only=True)
class Needs:
    """Which records a command reads."""

    orders: frozenset[str] = frozenset()
    holds: frozenset[str] = frozenset()
    claims: frozenset[Claim] = frozenset()
    keys: frozenset[str] = frozenset()


def payload(command: Command | Move) -> str:
    """The hash of all that a command says: equal for equal commands, in every process and version."""
    said = asdict(command, value_serializer=_plain)
    return sha256(json.dumps([type(command).__name__, said], sort_keys=True).encode()).hexdigest()


def _plain(_: object, __: object, value: Any) -> Any:
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat()
        case Fraction() | Enum():
            return str(value)
        case None | bool() | int() | str() | list() | tuple() | dict():
            return value
        case _:
            return dict(value) if hasattr(value, "keys") else str(value)

"""What can be asked of an account. Amounts are positive whole numbers of its unit.

Every command has a ``key`` of its own, derived from the event that caused it: the same command sent twice is carried
out once. ``at`` is when the event happened, the instant of the decision if None; it may be in the past, never in the
future.
"""

from datetime import datetime
from fractions import Fraction
from typing import Literal, TypeAlias, final, get_args

from attrs import field, frozen

from retention.errors import FactError
from retention.loyalty.ledger import fields
from retention.loyalty.ledger.digests import digest
from retention.loyalty.ledger.entries import Quota, Validity
from retention.loyalty.ledger.head import Account
from retention.loyalty.ledger.records import Claim
from retention.loyalty.ledger.terms import ByLines, Fixed, Refunded, Terms

Uncovered: TypeAlias = Literal["debt", "forgive", "charge"]
"""What becomes of a claw-back that the account cannot cover: owed, let go, or taken from the money paid back."""


_UNCOVERED = fields.word("treatment of what a claw-back cannot find", get_args(Uncovered))


@frozen(kw_only=True)
class _Sent:
    """What every command says."""

    key: str = field(validator=fields.name)
    at: datetime | None = field(default=None, validator=fields.maybe(fields.instant))
    reason: str | None = field(default=None, validator=fields.text)
    actor: str | None = field(default=None, validator=fields.text)


@frozen(kw_only=True)
class _ByStaff(_Sent):
    """What staff do, they do with a reason and under their name."""

    reason: str = field(validator=fields.name)
    actor: str = field(validator=fields.name)


@final
@frozen(kw_only=True)
class Earn(_Sent):
    """Units earned under frozen terms, once per programme, rule and order (or other ``subject``: a birthday's year).

    What was refunded of the order before is taken back at once. Raises OverRefund if that was more than the order."""

    rule: str = field(validator=fields.name)
    order: str = field(validator=fields.name)
    terms: Terms = field(validator=fields.a(ByLines, Fixed))
    validity: Validity = field(validator=fields.a(Validity))
    quotas: tuple[Quota, ...] = field(default=(), validator=fields.each(Quota, once="key"))


@final
@frozen(kw_only=True)
class Redeem(_Sent):
    """Spend ``amount`` on an order, all or nothing, in spend order. Raises InsufficientBalance."""

    amount: int = field(validator=fields.positive)
    order: str = field(validator=fields.name)


@final
@frozen(kw_only=True)
class Place(_Sent):
    """Pin ``amount`` for an order until ``until``: a hold. Raises InsufficientBalance."""

    hold: str = field(validator=fields.name)
    amount: int = field(validator=fields.positive)
    until: datetime = field(validator=fields.instant)
    order: str | None = field(default=None, validator=fields.maybe(fields.name))


@final
@frozen(kw_only=True)
class Capture(_Sent):
    """Spend the first ``amount`` of a hold, all of it if None, and release the rest. Void it to take nothing.

    Raises UnknownHold, HoldResolved, NothingSpent if part of the hold's order was returned meanwhile."""

    hold: str = field(validator=fields.name)
    amount: int | None = field(default=None, validator=fields.maybe(fields.positive))


@final
@frozen(kw_only=True)
class Void(_Sent):
    """End a hold and release all of it."""

    hold: str = field(validator=fields.name)


@final
@frozen(kw_only=True)
class Refund(_Sent):
    """Money of an order was given back: what it no longer earns is clawed back. An order that has not earned yet is
    remembered. Raises OverRefund."""

    order: str = field(validator=fields.name)
    refunded: Refunded = field(validator=fields.a(Refunded))
    uncovered: Uncovered = field(default="debt", validator=_UNCOVERED)


@final
@frozen(kw_only=True)
class Return(_Sent):
    """A further ``share`` of an order was returned: that share of what was spent on it comes back, what was consumed
    last first, into the lots it came from.

    Of a dead lot it pays what is owed; the rest is dropped, or gets ``extended`` to live in if that is alive. Raises
    OverReturn, NothingSpent."""

    order: str = field(validator=fields.name)
    share: Fraction = field(validator=fields.share)
    extended: Validity | None = field(default=None, validator=fields.maybe(fields.a(Validity)))


@final
@frozen(kw_only=True)
class Adjust(_ByStaff):
    """Staff give units (``amount`` above 0, with a ``validity``) or take them, with a reason."""

    amount: int = field(validator=fields.nonzero)
    validity: Validity | None = field(default=None, validator=fields.maybe(fields.a(Validity)))

    def __attrs_post_init__(self) -> None:
        if (self.amount > 0) != (self.validity is not None):
            hint = "Give validity=... with an amount above 0, and none with one below"
            raise FactError("Adjust.validity", "does not fit the amount", got=self.validity, hint=hint)


@final
@frozen(kw_only=True)
class Expire(_ByStaff):
    """Let ``amount`` expire before its time, of one ``lot`` or in spend order."""

    amount: int = field(validator=fields.positive)
    lot: str | None = field(default=None, validator=fields.maybe(fields.name))


@final
@frozen(kw_only=True)
class Revoke(_ByStaff):
    """Take ``amount`` away, of one ``lot`` or in spend order."""

    amount: int = field(validator=fields.positive)
    lot: str | None = field(default=None, validator=fields.maybe(fields.name))


Command: TypeAlias = Earn | Redeem | Place | Capture | Void | Refund | Return | Adjust | Expire | Revoke


@final
@frozen(kw_only=True)
class Transfer(_Sent):
    """Move ``amount`` in spend order to another account; each lot keeps its expiry."""

    amount: int = field(validator=fields.positive)
    to: Account = field(validator=fields.a(Account))


@final
@frozen(kw_only=True)
class Merge(_Sent):
    """Move everything into another account and close this one; debts net out."""

    to: Account = field(validator=fields.a(Account))


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
    """The hash of all that a command says, by which its repetition is told from another command under its key."""
    return digest(command)

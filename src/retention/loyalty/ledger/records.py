"""What the ledger remembers of orders and of holds that have ended, so that refunds and returns are exact."""

from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Literal, TypeAlias, final

from attrs import field, frozen

from retention.loyalty.ledger.entries import Lot, Validity
from retention.loyalty.ledger.terms import Refunded, Terms


@final
@frozen(kw_only=True)
class Earned:
    """What a rule gave for an order: ``units``, of which ``clawed_back`` were taken back; ``seq`` of its first entry,
    0 if it gave nothing, or in an account that was merged into this one."""

    rule: str
    terms: Terms
    units: int
    validity: Validity
    clawed_back: int = 0
    seq: int = 0


@final
@frozen(kw_only=True)
class OrderRecord:
    """One order in one account: what it earned, what was refunded of it, what was spent on it.

    ``spent`` is in the order in which it was consumed, ``returned`` of it went back for the ``share`` of the order that
    was returned. ``seq`` is that of the first entry that spent, 0 if that is in an account that was
    merged into this one.
    """

    order: str
    earned: tuple[Earned, ...] = ()
    refunded: Refunded = field(factory=Refunded)
    spent: tuple[Lot, ...] = ()
    share: Fraction = Fraction(0)
    returned: int = 0
    seq: int = 0


Ending: TypeAlias = Literal["captured", "voided", "timed out"]


@final
@frozen
class EndedHold:
    """How a hold ended: pinned = captured + released + expired."""

    id: str
    how: Ending
    pinned: int
    captured: int = 0
    released: int = 0
    expired: int = 0


@final
@frozen
class Claim:
    """Something that may be earned once in a programme: a rule for an order, a birthday's year, a product's review."""

    rule: str
    subject: str


@final
@frozen(kw_only=True)
class Result:
    """What a command did, in units; fields that do not belong to the command are 0.

    ``amount`` is what the command was about: earned, redeemed, held, captured, clawed back in all, returned, moved.
    ``released`` and ``expired`` are what became of the rest of a hold. Of a claw-back, ``recovered`` had expired
    already, ``own`` came from the order's own lot, ``others`` from other lots; ``debt``, ``forgiven`` and ``charged``
    are what was not there: owed, let go, or to be taken from the money that is paid back. ``dropped`` came back to a
    lot that is dead. ``capped`` was not earned because of a cap. ``already`` says that the rule had given for this
    before, and ``replayed`` that the whole command came before: this is its first result.
    """

    amount: int = 0
    capped: int = 0
    released: int = 0
    expired: int = 0
    recovered: int = 0
    own: int = 0
    others: int = 0
    debt: int = 0
    forgiven: int = 0
    charged: int = 0
    dropped: int = 0
    balance: int = 0
    already: bool = False
    replayed: bool = field(default=False, eq=False)

    @property
    def fresh(self) -> bool:
        """Whether this is news, to be told to the customer: neither the command nor what it was for came before."""
        return not self.already and not self.replayed


@final
@frozen
class Done:
    """A command that was carried out: the hash of what it said, and its result."""

    payload: str
    result: Result


@final
@frozen(kw_only=True)
class Records:
    """What a decision reads besides the head: records of the orders, holds, claims and keys that its command names.

    ``expired`` is what expired so far of the lots of these orders and was not taken back, by the lot's id.
    """

    orders: Mapping[str, OrderRecord] = field(factory=dict)
    holds: Mapping[str, EndedHold] = field(factory=dict)
    expired: Mapping[str, int] = field(factory=dict)
    claims: frozenset[Claim] = frozenset()
    done: Mapping[str, Done] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        for name in ("orders", "holds", "expired", "done"):  # no converter: of one, mypy knows no more than Any
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

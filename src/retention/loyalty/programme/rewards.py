"""Rewards: a fixed number of points for something that happened once."""

from typing import Any, assert_never, final

from attrs import field, frozen

from retention.loyalty import given
from retention.loyalty.keys import by_content, joined
from retention.loyalty.ledger.commands import Earn
from retention.loyalty.ledger.terms import Fixed
from retention.loyalty.programme.asking import Outcome, Who, outside, quotas, within_limits
from retention.loyalty.programme.dates import During, Expiry, validity
from retention.loyalty.programme.earning import a_campaign, an_expiry
from retention.loyalty.programme.eligibility import Eligible, eligible
from retention.loyalty.programme.occasions import (
    Answered,
    Birthday,
    BroughtFriend,
    Consented,
    Did,
    Happened,
    Moment,
    Occasion,
    Ordered,
    Reviewed,
    SignUp,
    moment,
)
from retention.loyalty.programme.reasons import Reason, Why
from retention.order import Order
from retention.rules import orders


def _an_occasion(self: Any, attribute: Any, value: Any) -> None:
    hint = "Give SignUp(), Birthday(), Reviewed(photo=True), …"
    kinds = (SignUp, Consented, Ordered, Birthday, Reviewed, Answered, BroughtFriend, Did)
    given.instance(self, attribute, value, kinds, hint)


@final
@frozen
class Reward:
    """``units`` for an occasion, ``days`` local days after it came; 0 is at once.

    ``when``, ``during`` and ``tiers`` say for whom, as of the instant before it happened. What was given for an order
    is taken back when all of it is refunded, or so much that it falls below the minimum. ``per_day`` and
    ``per_customer`` are limits in points. ``expiry`` is the programme's if None. Raises PolicyError.
    """

    name: str = field(validator=given.name)
    units: int = field(validator=given.positive)
    on: Occasion = field(validator=_an_occasion)
    when: Eligible | None = field(default=None, kw_only=True, validator=eligible)
    during: During | None = field(default=None, kw_only=True, validator=a_campaign)
    tiers: frozenset[str] | None = field(default=None, kw_only=True, converter=given.given_names, validator=given.names)
    days: int = field(default=0, kw_only=True, validator=given.days)
    per_day: int | None = field(default=None, kw_only=True, validator=given.count)
    per_customer: int | None = field(default=None, kw_only=True, validator=given.count)
    expiry: Expiry | None = field(default=None, kw_only=True, validator=an_expiry)

    @property
    def claim(self) -> str:
        """Under which name it is given once: rewards for one birthday, or for one product's review, share it."""
        match self.on:
            case Birthday():
                return "birthday"
            case Reviewed():
                return "review"
            case SignUp() | Consented() | Ordered() | Answered() | BroughtFriend() | Did():
                return self.name
            case _:
                assert_never(self.on)


def first_order(units: int, *, name: str = "first-order", on: Ordered = Ordered()) -> Reward:  # noqa: B008 - frozen
    """For the customer's first order, once, even if an earlier order becomes known later."""
    return Reward(name, units, on, when=orders.none(), per_customer=units)


def first_purchase(units: int, *, name: str = "first-purchase") -> Reward:
    """For the first order that is paid, whichever was placed first."""
    unpaid_so_far = orders.where(~orders.paid_at.is_missing()).none()
    return Reward(name, units, Ordered(event="paid"), when=unpaid_so_far, per_customer=units)


def comeback(units: int, dormant: Eligible, *, name: str = "comeback", on: Ordered = Ordered()) -> Reward:  # noqa: B008 - frozen
    """For an order of somebody who was one of ``dormant`` until then."""
    return Reward(name, units, on, when=dormant)


def rewarded(reward: Reward, happened: Happened, who: Who, expiry: Expiry) -> Outcome | None:
    """What the reward gives for what happened; None if it is for something else."""
    came = moment(reward.on, happened, who.profile.customer, who.zone)
    if came is None:
        return None
    against = outside(who, came.placed, came.as_of, reward.during, reward.tiers, reward.when) or _too_small(
        reward.on, happened
    )
    if against:
        return Outcome(rule=reward.name, why=against)
    terms = _terms(reward, happened)
    limits = quotas(
        reward.name, came.at or came.placed, who.zone,
        per_day=reward.per_day, per_customer=reward.per_customer, during=reward.during,
    )  # fmt: skip
    units, why = within_limits(terms, limits, who.used)
    if not units:
        return Outcome(rule=reward.name, why=why)
    if came.at is None:
        return Outcome(rule=reward.name, units=units, why=(*why, _waits(reward.on)))
    command = Earn(
        key=_key(reward, came, who.profile.customer.id),
        rule=reward.claim,
        order=_subject(reward, came, who.profile.customer.id),
        terms=terms,
        validity=validity(came.at, reward.days, reward.expiry or expiry, who.zone),
        quotas=limits,
        at=came.at,
        reason=reward.name,
    )
    return Outcome(rule=reward.name, units=units, command=by_content(command), why=why)


def _terms(reward: Reward, happened: Happened) -> Fixed:
    if not (isinstance(happened, Order) and isinstance(reward.on, Ordered)):
        return Fixed(units=reward.units)
    minimum = 0 if reward.on.minimum is None else reward.on.minimum.minor
    return Fixed(units=reward.units, payable=happened.total.minor, minimum=minimum)


def _too_small(on: Occasion, happened: Happened) -> tuple[Reason, ...]:
    if not (isinstance(on, Ordered) and isinstance(happened, Order)) or on.minimum is None:
        return ()
    if happened.total >= on.minimum:
        return ()
    return (Reason(Why.BELOW_MINIMUM, f"from {on.minimum} on", on.minimum.minor),)


def _waits(on: Occasion) -> Reason:
    assert isinstance(on, Ordered), "only what happens to an order is waited for"
    return Reason(Why.WAITS, f"once the order is {on.event}")


def _key(reward: Reward, came: Moment, customer: str) -> str:
    if isinstance(reward.on, Ordered):
        return joined(came.event, reward.name)
    return joined(reward.name, customer, came.event) if came.event else joined(reward.name, customer)


def _subject(reward: Reward, came: Moment, customer: str) -> str:
    """What the ledger keeps the reward under: the order, so that its refund finds it; else a name of its own."""
    return came.event if isinstance(reward.on, Ordered) else joined(reward.claim, customer, *came.subject)

"""Rules by which orders earn."""

from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction
from typing import Any, final

from attrs import field, frozen

from retention.loyalty import given
from retention.loyalty.keys import by_content, joined
from retention.loyalty.ledger.commands import Earn
from retention.loyalty.ledger.entries import Quota
from retention.loyalty.ledger.terms import ByLines, Line
from retention.loyalty.programme.asking import Outcome, Who, outside, quotas, within_limits
from retention.loyalty.programme.counting import counted
from retention.loyalty.programme.dates import During, Expiry, Pending, happened_at, validity
from retention.loyalty.programme.eligibility import Eligible, eligible, just_before
from retention.loyalty.programme.reasons import Reason, Why
from retention.money import Money, Rounding
from retention.order import Order


def _a_pending(self: Any, attribute: Any, value: Any) -> None:
    given.instance(self, attribute, value, (Pending, type(None)), 'Give Pending(days=7, event="confirmed")')


def an_expiry(self: Any, attribute: Any, value: Any) -> None:
    """The check of a field that holds an expiry or None."""
    given.instance(self, attribute, value, (Expiry, type(None)), "Give Expiry(months=12), or NEVER")


def a_campaign(self: Any, attribute: Any, value: Any) -> None:
    """The check of a field that holds a campaign's days or None."""
    given.instance(self, attribute, value, (During, type(None)), "Give During.month(2026, 11)")


@final
@frozen
class EarnRule:
    """So many points for each minor unit of what an order counts for.

    ``rate="0.01"`` gives 1 point per 100 won, and 1 point per dollar, which is 100 cents. Only lines of ``categories``
    count, if they are given, and none of ``without``. The rate is multiplied for lines ``by_category`` and for the
    customer's tier ``by_tier``; whatever is not named is multiplied by 1. All lines are added exactly, rounded once,
    then capped: ``cap`` per order, ``per_day`` per local day of the event that is waited for, ``per_customer`` ever, or
    in the campaign.

    ``when``, ``during`` and ``tiers`` say whose orders, asked as of the instant before the order was placed. ``after``
    and ``expiry`` are the programme's if None. Raises PolicyError.
    """

    name: str = field(validator=given.name)
    rate: Fraction = field(converter=given.given_exact, validator=given.exact)
    when: Eligible | None = field(default=None, kw_only=True, validator=eligible)
    during: During | None = field(default=None, kw_only=True, validator=a_campaign)
    tiers: frozenset[str] | None = field(default=None, kw_only=True, converter=given.given_names, validator=given.names)
    categories: frozenset[str] | None = field(
        default=None, kw_only=True, converter=given.given_names, validator=given.names
    )
    without: frozenset[str] | None = field(
        default=None, kw_only=True, converter=given.given_names, validator=given.names
    )
    by_category: Mapping[str, Fraction] = field(
        factory=dict, kw_only=True, hash=False, converter=given.given_exact_by_name, validator=given.exact_by_name
    )
    by_tier: Mapping[str, Fraction] = field(
        factory=dict, kw_only=True, hash=False, converter=given.given_exact_by_name, validator=given.exact_by_name
    )
    rounding: Rounding = field(default="floor", kw_only=True, validator=given.rounding)
    cap: int | None = field(default=None, kw_only=True, validator=given.count)
    per_day: int | None = field(default=None, kw_only=True, validator=given.count)
    per_customer: int | None = field(default=None, kw_only=True, validator=given.count)
    after: Pending | None = field(default=None, kw_only=True, validator=_a_pending)
    expiry: Expiry | None = field(default=None, kw_only=True, validator=an_expiry)

    def rate_for(self, category: str | None, tier: str | None) -> Fraction:
        """Points per minor unit of a line."""
        if self.categories is not None and category not in self.categories:
            return Fraction(0)
        if self.without is not None and category in self.without:
            return Fraction(0)
        of_category = Fraction(1) if category is None else self.by_category.get(category, Fraction(1))
        of_tier = Fraction(1) if tier is None else self.by_tier.get(tier, Fraction(1))
        return self.rate * of_category * of_tier

    def terms(self, order: Order, tier: str | None, used: Money) -> ByLines:
        """What the order earns, to be frozen: refunds are reckoned by it whatever becomes of this rule."""
        lines = tuple(Line(line.id, line.amount, self.rate_for(line.category, tier)) for line in counted(order, used))
        return ByLines(lines=lines, payable=order.total.minor, rounding=self.rounding, cap=self.cap)


def earned(rule: EarnRule, order: Order, who: Who, used: Money, after: Pending, expiry: Expiry) -> Outcome:
    """What the order earns by a rule; ``after`` and ``expiry`` are those of a rule that has none."""
    against = outside(who, order.at, just_before(order.at, who.zone), rule.during, rule.tiers, rule.when)
    if against:
        return Outcome(rule=rule.name, why=against)
    after = rule.after or after
    terms = rule.terms(order, who.tier, used)
    at = happened_at(order, after.event)
    limits = _limits(rule, order.at if at is None else at, who)
    units, why = within_limits(terms, limits, who.used)
    if not units:
        return Outcome(rule=rule.name, why=why or (Reason(Why.NOTHING_COUNTS, "nothing of the order counts"),))
    if at is None:
        return Outcome(rule=rule.name, units=units, why=(*why, Reason(Why.WAITS, str(after))))
    command = Earn(
        key=joined(order.id, rule.name),
        rule=rule.name,
        order=order.id,
        terms=terms,
        validity=validity(at, after.days, rule.expiry or expiry, who.zone),
        quotas=limits,
        at=at,
    )
    return Outcome(rule=rule.name, units=units, command=by_content(command), why=why)


def _limits(rule: EarnRule, at: datetime, who: Who) -> tuple[Quota, ...]:
    return quotas(rule.name, at, who.zone, per_day=rule.per_day, per_customer=rule.per_customer, during=rule.during)

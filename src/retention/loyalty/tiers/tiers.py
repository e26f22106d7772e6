"""Tiers of a shop: decided from what customers did, by schedule or at once."""

from collections.abc import Iterable, Mapping
from datetime import datetime, tzinfo
from fractions import Fraction
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, final, get_args

from attrs import field, frozen

from retention.checks import instant
from retention.currencies import exponent
from retention.errors import CurrencyMismatch, UnknownChoice
from retention.loyalty import given
from retention.loyalty.errors import PolicyError
from retention.loyalty.programme.eligibility import holds, just_before
from retention.loyalty.tiers.benefits import Benefit, ExtraPoints, OnlyHere, Perks, amounts, condition, perks
from retention.loyalty.tiers.evaluation import Downgrade, Evaluation, Progress, Standing, decided
from retention.loyalty.tiers.metrics import Counting, Metrics, in_currency, measured
from retention.loyalty.tiers.schedule import (
    AtOnce,
    Complete,
    Daily,
    Grace,
    Monthly,
    Schedule,
    Window,
    bounds,
    grace_end,
    next_after,
)
from retention.loyalty.tiers.tier import Tier, missing
from retention.money import Money
from retention.order import Order
from retention.profile import Profile
from retention.spans import Duration, LocalDays, LocalPeriod, Months, local, shift

NOTHING_USED: Final[Mapping[str, Money]] = MappingProxyType({})

if TYPE_CHECKING:  # what may be given; the checks below do the work

    def _given_tiers(value: Iterable[Tier]) -> tuple[Tier, ...]: ...

else:
    _given_tiers = None


def _tiers(self: Any, attribute: Any, value: Any) -> None:
    given.instances(self, attribute, value, (Tier,), 'Give tiers, the lowest first: Tier("family"), Tier("gold", …)')


def _a_window(self: Any, attribute: Any, value: Any) -> None:
    kinds = (Duration, Months, LocalDays, LocalPeriod, Complete)
    given.instance(self, attribute, value, kinds, 'Give months(6), calendar_days(90), Complete("month", 3)')


def _a_schedule(self: Any, attribute: Any, value: Any) -> None:
    given.instance(self, attribute, value, (Monthly, Daily, AtOnce), "Give Monthly(day=1), Daily() or AtOnce()")


def _a_counting(self: Any, attribute: Any, value: Any) -> None:
    given.instance(self, attribute, value, (Counting,), 'Give Counting(event="confirmed")')


def _a_downgrade(self: Any, attribute: Any, value: Any) -> None:
    given.one_of(self, attribute, value, "downgrade", get_args(Downgrade))


def _a_grace(self: Any, attribute: Any, value: Any) -> None:
    kinds = (Duration, Months, LocalDays, type(None))
    given.instance(self, attribute, value, kinds, "Give months(1), calendar_days(30), days(30) or None")


def _a_currency(self: Any, attribute: Any, value: str) -> None:
    exponent(value)


@final
@frozen(kw_only=True)
class Tiers:
    """Tiers, the lowest first: that one asks for nothing, and everybody has it at least.

    The tier earned is the highest whose thresholds are met by what was counted in ``window``. One that is not earned
    any more is kept until the first evaluation at which it was not, plus ``grace``; then ``downgrade`` says what
    follows. Who steps down one tier and does not earn that one either begins a new grace.

    A tier is a function of the customer's facts before the evaluation, these tiers and the standing before. Raises
    PolicyError.

    >>> from zoneinfo import ZoneInfo
    >>> from retention import Customer, Order, Profile, months, won
    >>> seoul = ZoneInfo("Asia/Seoul")
    >>> grades = Tiers(
    ...     [Tier("family"), Tier("silver", spend=won(100_000)), Tier("gold", spend=won(300_000), orders=3)],
    ...     zone=seoul, currency="KRW", window=months(6), schedule=Monthly(day=1), grace=months(1),
    ... )
    >>> paid = datetime(2026, 10, 15, tzinfo=seoul)
    >>> anna = Profile.build(Customer("anna"), [Order("o1", paid, total=won(120_000), paid_at=paid)])
    >>> print(grades.evaluate(anna, datetime(2026, 11, 1, tzinfo=seoul)))
    2026-11-01: silver, the first tier decided
      counted from 2026-05-01 00:00 to 2026-11-01 00:00: spend 120,000, orders 1, points 0, reviews 0
      next gold: spend: 120,000원 of 300,000원, 180,000원 more; orders: 1 of 3, 2 more
    """

    tiers: tuple[Tier, ...] = field(kw_only=False, converter=_given_tiers, validator=_tiers)
    zone: tzinfo = field(validator=given.zone)
    currency: str = field(validator=_a_currency)
    window: Window = field(validator=_a_window)
    schedule: Schedule = field(factory=Monthly, validator=_a_schedule)
    counting: Counting = field(factory=Counting, validator=_a_counting)
    downgrade: Downgrade = field(default="immediate", validator=_a_downgrade)
    grace: Grace | None = field(default=None, validator=_a_grace)

    def __attrs_post_init__(self) -> None:
        _check_ladder(self.tiers)
        for tier in self.tiers:
            named = [amount for each in tier.benefits for amount in amounts(each)]
            for amount in [*named, *([] if tier.spend is None else [tier.spend])]:
                if amount.currency != self.currency:
                    raise CurrencyMismatch(f"Tiers[{tier.name!r}]", self.currency, amount.currency)

    @property
    def names(self) -> tuple[str, ...]:
        """The tiers' names, the lowest first."""
        return tuple(tier.name for tier in self.tiers)

    def tier(self, name: str) -> Tier:
        """The tier of that name. Raises UnknownChoice with the nearest one."""
        for tier in self.tiers:
            if tier.name == name:
                return tier
        raise UnknownChoice("tier", "tier", name, self.names)

    # Deciding -------------------------------------------------------------------------------------------------------

    def evaluate(
        self,
        profile: Profile,
        at: datetime,
        previous: Standing | None = None,
        *,
        used: Mapping[str, Money] = NOTHING_USED,
    ) -> Evaluation:
        """The customer's tier from ``at`` on, by the facts before it; ``previous`` is the standing until then.

        ``used`` is what points and credit paid, by the order's id. Raises NaiveInstant, CurrencyMismatch, FactError for
        an instant before the last evaluation, UnknownChoice for a standing in a tier that is not there.
        """
        at = instant(at, "at")
        metrics, start, end = self._metrics(profile, at, used)
        earned = self.earned(metrics)
        failing_since = previous.failing_since if previous is not None else None
        kept_until = grace_end(failing_since or at, self.grace, self.zone)
        standing, verdict = decided(self.names, earned, at, previous, self.downgrade, kept_until)
        return Evaluation(
            at=local(at, self.zone),
            start=local(start, self.zone),
            end=local(end, self.zone),
            metrics=metrics,
            earned=earned,
            previous=previous,
            standing=standing,
            verdict=verdict,
            kept_until=local(kept_until, self.zone) if verdict == "in grace" else None,
            progress=self._progress(standing.tier, metrics),
        )

    def earned(self, metrics: Metrics) -> str:
        """The highest tier whose thresholds are met."""
        return next(tier.name for tier in reversed(self.tiers) if tier.earned_by(metrics))

    def next_evaluation(self, standing: Standing) -> datetime | None:
        """When the tier is to be decided next: by the schedule, or when its grace ends; None if time alone brings
        nothing."""
        ends = [next_after(self.schedule, standing.evaluated_at, self.zone)]
        if standing.failing_since is not None and self.downgrade != "protected":
            end = grace_end(standing.failing_since, self.grace, self.zone)
            ends.append(end if end > standing.evaluated_at else None)
        return min((each for each in ends if each is not None), default=None)

    def due(
        self, profile: Profile, standing: Standing, now: datetime, *, used: Mapping[str, Money] = NOTHING_USED
    ) -> tuple[Evaluation, ...]:
        """Every evaluation that fell due after the standing's own and by ``now``, in order, each as of its own instant:
        a job that ran late, or not for months, decides what it would have decided in time."""
        found: list[Evaluation] = []
        end = instant(now, "now")
        at = self.next_evaluation(standing)
        while at is not None and at <= end:
            found.append(self.evaluate(profile, at, standing, used=used))
            standing = found[-1].standing
            at = self.next_evaluation(standing)
        return tuple(found)

    # Looking ahead --------------------------------------------------------------------------------------------------

    def preview(
        self, profile: Profile, standing: Standing, as_of: datetime, *, used: Mapping[str, Money] = NOTHING_USED
    ) -> Evaluation:
        """The next evaluation after ``as_of`` as it will be if nothing happens before; one at ``as_of`` if tiers are
        decided at once. ``standing`` is that of ``as_of``."""
        now = instant(as_of, "as_of")
        at = self.next_evaluation(standing)
        return self.evaluate(profile.until(now), now if at is None else max(at, now), standing, used=used)

    def progress(
        self, profile: Profile, tier: str, as_of: datetime, *, used: Mapping[str, Money] = NOTHING_USED
    ) -> Progress | None:
        """What is missing to the tier above ``tier``, by what counts at ``as_of``, that instant included; None at the
        top."""
        now = instant(as_of, "as_of")
        metrics, _, _ = self._metrics(profile.until(now), shift(now, Duration(1), 1, self.zone), used)
        return self._progress(self.tier(tier).name, metrics)

    def _metrics(self, profile: Profile, at: datetime, used: Mapping[str, Money]) -> tuple[Metrics, datetime, datetime]:
        in_currency(profile, self.currency)
        start, end = bounds(self.window, at, self.zone)
        return measured(profile, start, end, at, self.counting, used), start, end

    def _progress(self, tier: str, metrics: Metrics) -> Progress | None:
        place = self.names.index(tier) + 1
        if place == len(self.tiers):
            return None
        above = self.tiers[place]
        return Progress(tier=above.name, need=above.need, parts=missing(above, metrics, self.currency))

    # Giving ---------------------------------------------------------------------------------------------------------

    def benefits(self, tier: str, profile: Profile, as_of: datetime) -> tuple[Benefit, ...]:
        """The benefits of a tier that this customer has at ``as_of``. Raises UnknownChoice."""
        now = local(instant(as_of, "as_of"), self.zone)
        return tuple(each for each in self.tier(tier).benefits if holds(condition(each), profile, now))

    def perks(self, tier: str, order: Order, profile: Profile) -> Perks:
        """What a tier gives on an order, or a cart written down as one, as of the instant before it was placed."""
        if order.currency != self.currency:
            raise CurrencyMismatch("order", self.currency, order.currency)
        benefits = self.benefits(tier, profile, just_before(order.at, self.zone))
        return perks(benefits, order, self.only_here() - self.only_here(tier))

    def only_here(self, tier: str | None = None) -> frozenset[str]:
        """The categories that are sold to some tiers alone; to this one among them, if it is given."""
        tiers = self.tiers if tier is None else (self.tier(tier),)
        return frozenset(each.category for one in tiers for each in one.benefits if isinstance(each, OnlyHere))

    def multipliers(self) -> Mapping[str, Fraction]:
        """How many times each tier earns what is earned otherwise, for ``EarnRule(by_tier=...)``."""
        return {tier.name: each.times for tier in self.tiers for each in tier.benefits if isinstance(each, ExtraPoints)}


def _check_ladder(tiers: tuple[Tier, ...]) -> None:
    """Raises PolicyError for tiers that nobody, or everybody, would have."""
    if not tiers:
        raise PolicyError("Tiers.tiers", "are none", got=tiers, hint='Give Tier("family") at least')
    if tiers[0].thresholds:
        hint = "Put a tier without thresholds first: everybody has it at least"
        raise PolicyError(f"Tiers[{tiers[0].name!r}]", "is the lowest and has thresholds", got=tiers[0], hint=hint)
    for tier in tiers[1:]:
        if not any(least for _, least in tier.thresholds):
            hint = "Give spend, orders, points or reviews above 0"
            raise PolicyError(f"Tiers[{tier.name!r}]", "asks for nothing", got=tier, hint=hint)
    names = [tier.name for tier in tiers]
    twice = next((each for place, each in enumerate(names) if each in names[:place]), None)
    if twice is not None:
        raise PolicyError("Tiers.tiers", f"two are called {twice!r}", got=twice, hint="Give each a name of its own")
    for tier in tiers:
        if sum(isinstance(each, ExtraPoints) for each in tier.benefits) > 1:
            hint = "Give one, with both multiplied"
            raise PolicyError(f"Tiers[{tier.name!r}].benefits", "multiply points twice", got=tier.benefits, hint=hint)

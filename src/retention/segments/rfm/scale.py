"""Scale: the thresholds of an RFM score, given by the shop or learnt from its customers."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from itertools import groupby, pairwise
from typing import Any, Self, TypeAlias, cast, final

from attrs import Attribute, field, frozen

from retention.errors import ConfigurationError, CurrencyMismatch
from retention.money import Money
from retention.profile import Profile
from retention.rules import Orders, Rule, all_of, any_of, at_least, orders
from retention.rules import as_of as present
from retention.rules.bound import Bound, together
from retention.schema import STANDARD, Schema
from retention.segments.progress import Progress, watched
from retention.segments.rfm.learning import Observed, observe, thresholds
from retention.segments.rfm.schemes import ELEVEN_GROUPS, RFM, Scheme
from retention.segments.segment import Segment
from retention.spans import Span, days

Whole: TypeAlias = tuple[int, int, int, int]
Amounts: TypeAlias = tuple[Money, Money, Money, Money]

_STEPS = 4


def _whole(values: Iterable[int]) -> Whole:
    return cast(Whole, tuple(values))


def _amounts(values: Iterable[Money]) -> Amounts:
    return cast(Amounts, tuple(values))


def _statuses(values: Iterable[str]) -> frozenset[str]:
    if isinstance(values, str):
        raise ConfigurationError("Scale.ignoring is a text", hint='Give a set of statuses: {"cancelled"}')
    return frozenset(values)


def _four_rising(scale: object, attribute: "Attribute[Any]", values: tuple[Any, ...]) -> None:
    usable = _is_money if attribute.name == "monetary" else _is_whole
    if len(values) != _STEPS or not all(map(usable, values)):
        raise ConfigurationError(
            f"Scale.{attribute.name} is not four thresholds", hint="Scale(recency=(30, 90, 180, 365), ...)"
        )
    if any(low > high for low, high in pairwise(values)):
        raise ConfigurationError(f"Scale.{attribute.name} falls", hint="Give the lowest first")


def _is_whole(value: object) -> bool:
    return type(value) is int and value >= 0


def _is_money(value: object) -> bool:
    return isinstance(value, Money)


@final
@frozen(kw_only=True)
class Scale:
    """Four thresholds each for recency, frequency and monetary value; they may repeat, and then a score is skipped.

    A last order within ``recency[0]`` days scores 5, within ``recency[1]`` days 4, then 3 and 2, anything older 1 (days
    of 24 hours, older end excluded: ``as_of - days < at``). ``frequency[0]`` orders or more score 2, up to
    ``frequency[3]`` for 5; ``monetary`` likewise with the sum of the orders' totals. ``window`` limits which orders
    count for frequency and monetary value, None counts them all; recency looks at every order. Orders whose status is
    one of ``ignoring`` do not exist for a scale.
    """

    recency: Whole = field(converter=_whole, validator=_four_rising)
    frequency: Whole = field(converter=_whole, validator=_four_rising)
    monetary: Amounts = field(converter=_amounts, validator=_four_rising)
    window: Span | None = None
    ignoring: frozenset[str] = field(default=frozenset(), converter=_statuses)
    schema: Schema = field(default=STANDARD, repr=False, hash=False)
    _answers: Bound[tuple[bool, ...]] = field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        steps = range(2, 6)
        tests = (self.bought, *map(self._recency, steps), *map(self._frequency, steps), *map(self._monetary, steps))
        for test in tests:
            test.validate(self.schema)
        object.__setattr__(self, "_answers", together(tuple(test.node for test in tests), self.schema))

    @classmethod
    def learn(
        cls,
        profiles: Iterable[Profile],
        as_of: datetime,
        *,
        window: Span | None = None,
        ignoring: Iterable[str] = (),
        schema: Schema = STANDARD,
        progress: Progress | None = None,
    ) -> Self:
        """The scale on which the buyers among these customers fall into fifths, as they were at ``as_of``.

        A fifth is the nearest-rank quantile of the values, and a value scores one more for every fifth that it is
        above: equal values always get the equal score, the lower of those that they span. Recency is learnt in whole
        days. Customers who never bought are left out. Reads the profiles once and keeps three numbers of each buyer.
        Raises ConfigurationError when nobody bought, CurrencyMismatch when they pay in two currencies.
        """
        without = _statuses(ignoring)
        buyers = tuple(observe(watched(profiles, progress), as_of, window, without))
        if not buyers:
            raise ConfigurationError("no customer has bought anything", hint="Give thresholds: Scale(recency=...)")
        currency = _one_currency(buyers, schema)
        return cls(
            recency=tuple(1 - negative for negative in reversed(thresholds(-each.days for each in buyers))),
            frequency=thresholds(each.orders for each in buyers),
            monetary=tuple(Money(minor, currency) for minor in thresholds(each.spent for each in buyers)),
            window=window,
            ignoring=without,
            schema=schema,
        )

    def score(self, profile: Profile, as_of: datetime) -> RFM:
        """The customer's scores, all 0 for one who never bought. Raises NaiveInstant."""
        bought, *reached = self._answers.at(as_of)(profile)
        if not bought:
            return RFM(0, 0, 0)
        return RFM(1 + sum(reached[:4]), 1 + sum(reached[4:8]), 1 + sum(reached[8:]))

    def group(self, profile: Profile, as_of: datetime, scheme: Scheme = ELEVEN_GROUPS) -> str:
        """The one group of the customer. Raises NaiveInstant."""
        return scheme.group(self.score(profile, as_of))

    def count(
        self,
        profiles: Iterable[Profile],
        as_of: datetime,
        scheme: Scheme = ELEVEN_GROUPS,
        *,
        progress: Progress | None = None,
    ) -> dict[str, int]:
        """Customers by group, every group of the scheme in its order; the profiles are read once."""
        found = Counter(self.group(profile, as_of, scheme) for profile in watched(profiles, progress))
        return {group: found[group] for group in scheme.groups}

    def rule(self, group: str, scheme: Scheme = ELEVEN_GROUPS) -> Rule:
        """A group as an ordinary rule, true of exactly the customers whose score is in it. Raises UnknownName."""
        bands = [self._band(values, recencies) for values, recencies in _bands(scheme.cells(group))]
        never = [~self.bought] if group == scheme.never_bought else []
        return any_of(*bands, *never).named(group)

    def segments(self, scheme: Scheme = ELEVEN_GROUPS, *, prefix: str = "rfm-") -> tuple[Segment, ...]:
        """Every group as a segment; the keys are the groups' names after ``prefix``, hyphens for spaces."""
        return tuple(
            Segment(prefix + group.replace(" ", "-"), self.rule(group, scheme), name=group, schema=self.schema)
            for group in scheme.groups
        )

    @property
    def bought(self) -> Rule:
        """Any order that is not ignored."""
        return self._placed().any()

    def recency_at_least(self, score: int) -> Rule:
        """True of a recency score of 2 to 5 or better."""
        return self._recency(score).named(f"recency {score} or better")

    def value_at_least(self, score: int) -> Rule:
        """True when the mean of frequency and monetary value, halves upwards, is this score of 2 to 5 or better.

        Each score is 1 and one more for every threshold reached, so a mean of v takes 2 v - 3 of the eight thresholds.
        """
        tests = [test for step in range(2, 6) for test in (self._frequency(step), self._monetary(step))]
        return at_least(2 * score - 3, *tests).named(f"value {score} or better")

    def _placed(self) -> Orders:
        return orders.where(~orders.status.is_in(sorted(self.ignoring))) if self.ignoring else orders

    def _counted(self) -> Orders:
        return self._placed() if self.window is None else self._placed().within(self.window)

    def _recency(self, score: int) -> Rule:
        return self._placed().at.last() > present - days(self.recency[5 - score])

    def _frequency(self, score: int) -> Rule:
        return self._counted().count() >= self.frequency[score - 2]

    def _monetary(self, score: int) -> Rule:
        return self._counted().total.sum() >= self.monetary[score - 2]

    def _band(self, values: tuple[int, ...], recencies: tuple[int, ...]) -> Rule:
        """Buyers with one of these values (consecutive) and one of these recencies."""
        value = _between(self.value_at_least, values)
        runs = [all_of(*_between(self.recency_at_least, run)) for run in _runs(recencies)]
        return all_of(self.bought, any_of(*runs), *value)


def _between(at_least: Callable[[int], Rule], scores: tuple[int, ...]) -> tuple[Rule, ...]:
    """The tests of a run of scores; an end of the scale needs none."""
    low = [at_least(scores[0])] if scores[0] > 1 else []
    high = [~at_least(scores[-1] + 1)] if scores[-1] < 5 else []
    return *low, *high


def _bands(cells: Mapping[int, tuple[int, ...]]) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Values that follow each other and allow the same recencies, taken together.

    Tests of the value are the large ones, so each end of a band is tested once; recencies are cheap to enumerate.
    """
    pieces = groupby(range(1, 6), key=lambda value: cells.get(value, ()))
    return [(tuple(values), recencies) for recencies, values in pieces if recencies]


def _runs(scores: Iterable[int]) -> list[tuple[int, ...]]:
    """Rising scores in pieces without a gap."""
    pieces = groupby(enumerate(scores), key=lambda each: each[1] - each[0])
    return [tuple(score for _, score in piece) for _, piece in pieces]


def _one_currency(buyers: tuple[Observed, ...], schema: Schema) -> str:
    found = {schema.currency, *(each.currency for each in buyers)}
    currencies = sorted(each for each in found if each is not None)
    if len(currencies) > 1:
        raise CurrencyMismatch("Scale.monetary", currencies[0], currencies[1])
    if not currencies:
        raise ConfigurationError("no order has an amount", hint="Give thresholds: Scale(monetary=...)")
    return currencies[0]

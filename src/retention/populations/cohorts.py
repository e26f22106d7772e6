"""Cohort retention: of the customers who first bought in one period, how many bought again in each later one."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from fractions import Fraction
from typing import Final, final

from attrs import frozen

from retention.populations.asking import measurable
from retention.populations.calendar import Period, Unit, periods
from retention.rules.backends.sets.build import both, compare, exists, tally
from retention.rules.backends.sets.narrowing import AT
from retention.rules.backends.sets.population import Group, Measurable
from retention.rules.backends.sets.terms import Constant, Test
from retention.spans import utc

ORDERS: Final = "orders"


@final
@frozen
class Cohort:
    """Customers whose first order fell into the period that begins on the local date ``first``.

    ``active[k]`` of them ordered in the k-th period after it; ``active[0]`` is the cohort's size. The last one is of
    the present period, which is not over.
    """

    first: date
    active: tuple[int, ...]

    @property
    def size(self) -> int:
        return self.active[0]

    def share(self, later: int) -> Fraction:
        """The part of the cohort that ordered in that later period; 0 of an empty cohort."""
        return Fraction(self.active[later], self.size or 1)

    @property
    def rows(self) -> list[dict[str, date | int]]:
        """One for each period, ``later`` periods after the first, as CSV and data frames take them."""
        return [
            {"first": self.first, "later": later, "size": self.size, "active": active}
            for later, active in enumerate(self.active)
        ]


def cohorts(population: Measurable, as_of: datetime, *, by: Unit = "month", count: int = 12) -> tuple[Cohort, ...]:
    """A cohort for each of the last ``count`` calendar periods, the oldest first, in one query.

    Periods begin at local midnights in the zone of ``as_of`` (weeks on Mondays); every order counts, whatever became of
    it. Being one query, it tells of no progress. Raises NaiveInstant.
    """
    spans = periods(by, count, as_of)
    ordered: list[Test] = [exists(ORDERS, each.has_row()) for each in spans]
    groups = measurable(population).groups(born_before(spans, as_of), ordered, bought_since(spans, as_of))
    return tuple(
        Cohort(each.first, tuple(active[place:]) if active else (0,) * (len(spans) - place))
        for place, (each, active) in enumerate(zip(spans, by_cohort(groups, len(spans)), strict=True))
    )


def first_order(as_of: datetime) -> Test:
    """Rows of orders up to ``as_of``."""
    return compare("<=", AT, Constant(utc(as_of)))


def bought_since(spans: Sequence[Period], as_of: datetime) -> Test:
    """Whether the first order of all lies in the periods."""
    first = tally("min", ORDERS, first_order(as_of), AT)
    return both(compare(">=", first, Constant(spans[0].start)))


def born_before(spans: Sequence[Period], as_of: datetime) -> tuple[Test, ...]:
    """For each period but the first: whether the first order came earlier. As many are true as periods come after."""
    first = tally("min", ORDERS, first_order(as_of), AT)
    return tuple(compare("<", first, Constant(each.start)) for each in spans[1:])


def by_cohort(groups: Iterable[Group], count: int) -> list[tuple[int, ...]]:
    """The sums of each cohort in order of its period; empty where nobody is."""
    found: list[tuple[int, ...]] = [()] * count
    for earlier, _, sums in groups:
        found[count - 1 - sum(earlier)] = sums
    return found

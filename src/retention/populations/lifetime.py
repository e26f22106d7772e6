"""Lifetime value: what a cohort has spent by the end of each period since its first order."""

from collections.abc import Sequence
from datetime import date, datetime
from fractions import Fraction
from itertools import accumulate
from typing import final

from attrs import frozen

from retention.errors import WrongKind
from retention.populations.asking import measurable, one_currency
from retention.populations.calendar import Period, Unit, periods
from retention.populations.cohorts import ORDERS, born_before, bought_since
from retention.rules.backends.sets.build import tally
from retention.rules.backends.sets.population import Measurable
from retention.rules.backends.sets.terms import Cell, Term
from retention.schema import Kind


@final
@frozen
class LifetimeValue:
    """A cohort of ``size`` customers, whose first order fell into the period that begins on the local date ``first``.

    ``spent[k]`` is what all of them together had spent, in minor units, by the end of the k-th period after it.
    """

    first: date
    size: int
    spent: tuple[int, ...]

    def each(self, later: int) -> Fraction:
        """What one customer had spent on average, in minor units; 0 of an empty cohort."""
        return Fraction(self.spent[later], self.size or 1)

    @property
    def rows(self) -> list[dict[str, date | int]]:
        """One for each period, ``later`` periods after the first, as CSV and data frames take them."""
        return [
            {"first": self.first, "later": later, "size": self.size, "spent": spent}
            for later, spent in enumerate(self.spent)
        ]


def lifetime_values(
    population: Measurable, as_of: datetime, *, by: Unit = "month", count: int = 12, amount: str = "total"
) -> tuple[LifetimeValue, ...]:
    """The lifetime value of a cohort for each of the last ``count`` calendar periods, the oldest first, in one query.

    ``amount`` is the column of orders that is added up: ``total`` is what was charged, later refunds not taken off.
    Periods as in ``cohorts``; being one query, it tells of no progress either. Raises UnmappedName or WrongKind for a
    column that is no amount, ConfigurationError when the tables do not say in which one currency their amounts are,
    NaiveInstant.
    """
    place = population.layout.place(ORDERS, amount)
    if place.kind is not Kind.AMOUNT:
        raise WrongKind(f"orders.{amount} is {place.kind.value} and cannot be spent", hint='Give amount="total"')
    spans = periods(by, count, as_of)
    one_currency(population)
    asked = born_before(spans, as_of), _spent_in(spans, Cell(amount, Kind.AMOUNT)), bought_since(spans, as_of)
    found: list[tuple[int, tuple[int, ...]]] = [(0, (0,) * count)] * count
    for earlier, size, spent in measurable(population).groups(*asked):
        found[count - 1 - sum(earlier)] = size, tuple(spent)
    return tuple(
        LifetimeValue(each.first, size, tuple(accumulate(spent[place:])))
        for place, (each, (size, spent)) in enumerate(zip(spans, found, strict=True))
    )


def _spent_in(spans: Sequence[Period], cell: Cell) -> list[Term]:
    return [tally("sum", ORDERS, each.has_row(), cell) for each in spans]

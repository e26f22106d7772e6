"""RFM scales learnt from a population where it lies: ten queries, each of which brings back a row or a few."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import cast, final

from attrs import frozen

from retention.errors import ConfigurationError
from retention.money import Money
from retention.populations.asking import measurable, one_currency
from retention.rules import Orders, orders
from retention.rules.backends.sets.build import compare, exists, tally
from retention.rules.backends.sets.lower import selection
from retention.rules.backends.sets.narrowing import AT
from retention.rules.backends.sets.population import Measurable
from retention.rules.backends.sets.terms import Cell, Constant, Term, Test
from retention.schema import Kind
from retention.segments.progress import Progress
from retention.segments.rfm import Scale
from retention.segments.rfm.learning import fifth_rank
from retention.spans import Span, utc

_DAY = timedelta(days=1)
_FIFTHS = (1, 2, 3, 4)
_QUERIES = 10


def learn_scale(
    population: Measurable,
    as_of: datetime,
    *,
    window: Span | None = None,
    ignoring: Iterable[str] = (),
    progress: Progress | None = None,
) -> Scale:
    """The scale that ``Scale.learn`` learns from the same customers one by one.

    ``progress`` is told of queries, of which there are ten: a database on which others write should show all of them
    one state (REPEATABLE READ). Raises ConfigurationError when nobody bought or the tables do not say in which one
    currency their amounts are, NaiveInstant.
    """
    currency = one_currency(population)
    placed = _placed(frozenset(ignoring))
    bought, counted = (
        _rows(each, as_of, population) for each in (placed, placed if window is None else placed.within(window))
    )
    asked = _Asked(population, exists("orders", bought), _steps(progress))
    recency = asked.thresholds(_recency(bought, utc(as_of)))
    frequency = asked.thresholds(_whole(tally("count", "orders", counted)))
    monetary = asked.thresholds(_whole(tally("sum", "orders", counted, Cell("total", Kind.AMOUNT))))
    return Scale(
        recency=tuple(1 - negative for negative in reversed(recency)),
        frequency=frequency,
        monetary=tuple(Money(minor, currency) for minor in monetary),
        window=window,
        ignoring=ignoring,
        schema=population.layout.schema,
    )


def _placed(ignoring: frozenset[str]) -> Orders:
    return orders.where(~orders.status.is_in(sorted(ignoring))) if ignoring else orders


def _rows(events: Orders, as_of: datetime, population: Measurable) -> Test:
    return selection(events.node, as_of, population.layout)


@final
@frozen
class Measure:
    """A value of each customer, as a whole number that grows with it."""

    value: Term
    whole: Callable[[int | datetime], int]
    at_most: Callable[[int], Test]


def _whole(value: Term) -> Measure:
    return Measure(value, lambda found: cast(int, found), lambda bound: compare("<=", value, Constant(bound)))


def _recency(bought: Test, now: datetime) -> Measure:
    """Whole days of 24 hours since the last order, negative, so that more is better."""
    last = tally("max", "orders", bought, AT)
    return Measure(
        last,
        lambda found: -((now - cast(datetime, found)) // _DAY),
        lambda bound: compare("<=", last, Constant(now + bound * _DAY)),
    )


@final
class _Asked:
    """The buyers, asked for one measure after the other."""

    def __init__(self, population: Measurable, buyers: Test, told: Callable[[], None]) -> None:
        self._population = population
        self._buyers = buyers
        self._told = told
        groups = measurable(population).groups((), (), buyers)
        told()
        if not groups:
            raise ConfigurationError("no customer has bought anything", hint="Give thresholds: Scale(recency=...)")
        self._size = groups[0][1]

    def thresholds(self, measure: Measure) -> tuple[int, int, int, int]:
        """The least values above each fifth; where there is none, the next whole number."""
        ranks = [fifth_rank(k, self._size) for k in _FIFTHS]
        values = self._at(measure, ranks)
        fifths = [values[rank] for rank in ranks]
        ((_, _, below),) = self._population.groups((), [measure.at_most(each) for each in fifths], self._buyers)
        self._told()
        above = self._at(measure, [each + 1 for each in below if each < self._size])
        return cast(
            tuple[int, int, int, int],
            tuple(above.get(rank + 1, fifth + 1) for rank, fifth in zip(below, fifths, strict=True)),
        )

    def _at(self, measure: Measure, ranks: Iterable[int]) -> dict[int, int]:
        wanted = sorted(set(ranks))
        values = self._population.ranked(measure.value, wanted, self._buyers) if wanted else ()
        self._told()
        return {rank: measure.whole(value) for rank, value in zip(wanted, values, strict=True)}


def _steps(progress: Progress | None) -> Callable[[], None]:
    done = iter(range(1, _QUERIES + 1))

    def told() -> None:
        if progress is not None:
            progress(next(done), _QUERIES)

    return told

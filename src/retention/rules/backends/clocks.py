"""What in a rule can change by time alone, and the instants at which it may.

A rule has one clock for every comparison with a moment that moves, every anniversary and every sequence that waits to
be missed. A clock gives, for a profile, all the instants at which its part may change its answer, and perhaps a few
more: whoever asks tries them.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta, tzinfo
from typing import Any, TypeAlias, assert_never, final

from attrs import field, frozen

from retention.errors import UnsupportedRule
from retention.profile import Profile
from retention.rules.backends.crossings import (
    Chain,
    arrivals,
    chain,
    date_arrivals,
    date_starts,
    end_of,
    exact_offset,
    joined,
)
from retention.rules.backends.reference import observed
from retention.rules.nodes import (
    Aggregate,
    Ago,
    All,
    Anniversary,
    AnyOf,
    Apply,
    Arithmetic,
    AtLeast,
    Attribute,
    Column,
    Compare,
    Comparison,
    Events,
    Follows,
    IsIn,
    Literal,
    Missing,
    MonthDays,
    Named,
    NearDays,
    NearMonths,
    Node,
    Not,
    Reference,
    Rule,
    Shift,
    Value,
)
from retention.rules.walk import children, iter_nodes
from retention.spans import TICK, Duration, local, shift

_BENT = timedelta(days=4)  # more than clock changes and month ends together ever push one calendar step back

Fixed: TypeAlias = Callable[[Profile, tzinfo], Iterable[Any]]  # every instant or date that a still value can be


@final
@frozen
class Moving:
    """A moment so many steps from the present, or its local date."""

    steps: Chain
    dated: bool = False


@final
@frozen
class Passing:
    """A moving moment meets fixed ones: the answer may change as it comes to one (``on``) or a tick later (``past``).

    ``sorted_column`` names the column of the fixed ones when they are the instants of rows.
    """

    moving: Moving
    fixed: Fixed
    on: bool
    past: bool
    sorted_column: str = ""
    offset: timedelta | None = field(init=False)

    @offset.default
    def _exact_offset(self) -> timedelta | None:
        return None if self.moving.dated else exact_offset(self.moving.steps)

    def instants(self, profile: Profile, now: datetime, zone: tzinfo) -> Iterable[datetime]:
        """Instants, all those after ``now`` among them, in no order."""
        offset = self.offset
        try:
            return (
                self._by_calendar(profile, now, zone) if offset is None else self._exactly(profile, now, zone, offset)
            )
        except OverflowError:  # so far away that the calendar ends first
            return ()

    def _exactly(self, profile: Profile, now: datetime, zone: tzinfo, offset: timedelta) -> list[datetime]:
        on = [each - offset for each in self._ahead(profile, now + offset - TICK, zone)]
        past = [each + TICK for each in on] if self.past else []
        return on + past if self.on else past

    def _by_calendar(self, profile: Profile, now: datetime, zone: tzinfo) -> set[datetime]:
        steps, dated = self.moving.steps, self.moving.dated
        end = end_of(steps, now, zone) - _BENT * (len(steps) + 1)  # what lies further back has been passed for good
        tick = timedelta(days=1) if dated else TICK
        found = set()
        for each in set(self._ahead(profile, end.date() if dated else end, zone)):
            for target in (each,) * self.on + (each + tick,) * self.past:
                found.update(date_arrivals(steps, target, zone) if dated else arrivals(steps, target, zone))
        return found

    def _ahead(self, profile: Profile, oldest: Any, zone: tzinfo) -> Iterable[Any]:
        """The fixed ones after ``oldest``."""
        if self.sorted_column:
            column = profile.columns[self.sorted_column]
            return column[bisect_right(column, oldest) :]
        return [each for each in self.fixed(profile, zone) if each is not None and each > oldest]


@final
@frozen
class Returning:
    """A date returns every year: a clock that never stops."""

    rule: Anniversary
    fixed: Fixed

    def is_still(self, profile: Profile, zone: tzinfo, year: int) -> bool:
        """Whether it is seen at once that the answer never changes from a year on: no date, or no day left out.

        Returns lie 366 days or 12 months apart at most, so a window as long always sees one; a season asks for the
        month and day of the return, which are the same every year. But a 29 February may stay away, or move.
        """
        dates = set(self.fixed(profile, zone)) - {None}
        match self.rule.window:
            case MonthDays():
                whole = True
            case NearDays(nearest, farthest):
                whole = farthest - nearest >= 365
            case NearMonths(nearest, farthest):
                whole = farthest - nearest >= 11
            case _:
                assert_never(self.rule.window)
        return not dates or (whole and 400 < year < 9000 and all((each.month, each.day) != (2, 29) for each in dates))

    def instants(self, profile: Profile, first: date, last: date, zone: tzinfo) -> Iterator[datetime]:
        """The instants on local dates from ``first`` through ``last`` at which the window opens or closes."""
        for born in set(self.fixed(profile, zone)) - {None}:
            for day in self._days(born, first, last):
                if first <= day <= last:
                    yield from date_starts(day, zone)

    def _days(self, born: date, first: date, last: date) -> Iterator[date]:
        match self.rule.window:
            case MonthDays():
                yield from (date(year, 1, 1) for year in range(first.year, last.year + 1))
            case NearDays(nearest, farthest):
                for day in self._returns(born, first, last, nearest, farthest):
                    yield from _dates(day.toordinal() - farthest, day.toordinal() - nearest + 1)
            case NearMonths(nearest, farthest):
                for day in self._returns(born, first, last, 31 * min(nearest, 0), 31 * max(farthest, 0)):
                    month = day.year * 12 + day.month - 1
                    yield from _month_starts(month - farthest, month - nearest + 1)
            case _:
                assert_never(self.rule.window)

    def _returns(self, born: date, first: date, last: date, nearest: int, farthest: int) -> Iterator[date]:
        """The returns that a window of so many days may see from dates between ``first`` and ``last``."""
        years = range(first.year + nearest // 365 - 1, last.year + farthest // 365 + 2)
        return (day for year in years if (day := observed(born, year, self.rule.leap)))

    @property
    def reach(self) -> int:
        """How many years the window looks away from the present one, at most."""
        match self.rule.window:
            case MonthDays():
                return 0
            case NearDays(first, last):
                return max(-(first // 365), last // 365 + (last % 365 > 0), 0)
            case NearMonths(first, last):
                return max(-(first // 12), -(-last // 12), 0)
            case _:
                assert_never(self.rule.window)


def _dates(*ordinals: int) -> Iterator[date]:
    return (date.fromordinal(each) for each in ordinals if 1 <= each <= date.max.toordinal())


def _month_starts(*months: int) -> Iterator[date]:
    return (date(each // 12, each % 12 + 1, 1) for each in months if 12 <= each < 120_000)


Clock: TypeAlias = Passing | Returning


def clocks(node: Node, collection: str = "") -> Iterator[Clock]:
    """The clocks of a rule; ``collection`` is that of the rows at hand.

    Raises UnsupportedRule where two moving moments are compared with one another.
    """
    match node:
        case Compare(operator, left, right):
            yield from _compared(operator, left, right, collection)
        case IsIn(value, options):
            yield from _among(value, options)
        case Anniversary(value):
            if moving(value) is not None:
                raise _unsupported()
            yield Returning(node, fixed(value, collection))
        case Follows(first, _, within, True):
            ends = Shift(Column("at"), within)
            yield Passing(Moving(()), fixed(ends, first.collection), on=True, past=False)
        case All() | AnyOf() | AtLeast() | Not() | Named() | Reference() | Missing() | Follows() | Events():
            pass
        case Literal() | Attribute() | Column() | Aggregate() | Arithmetic() | Apply() | Ago() | Shift():
            pass
        case _:
            assert_never(node)
    inside = node.collection if isinstance(node, Events) else collection
    for _, child in children(node):
        yield from clocks(child, inside)


def moving(value: Value) -> Moving | None:
    """The value as a moment that moves with the present; None if it stands still between events."""
    match value:
        case Ago(span):
            return Moving(chain(span, -1))
        case Shift(inner, span, sign):
            moment = moving(inner)
            return moment and Moving(joined(moment.steps, chain(span, sign)))
        case Apply("local_date", inner):
            moment = moving(inner)
            return moment and Moving(moment.steps, dated=True)
        case Literal() | Attribute() | Column() | Aggregate() | Arithmetic() | Apply():
            return None
        case _:
            assert_never(value)


def _compared(operator: Comparison, left: Value, right: Value, collection: str) -> Iterator[Passing]:
    here, there = moving(left), moving(right)
    if here is not None and there is not None:
        if not (here.steps == there.steps or _always_apart(here, there)):
            raise _unsupported()
    elif here is not None:
        yield _passing(here, right, operator in ("==", "<", ">="), operator in ("==", ">", "<="), collection)
    elif there is not None:
        yield _passing(there, left, operator in ("==", ">", "<="), operator in ("==", "<", ">="), collection)


def _always_apart(here: Moving, there: Moving) -> bool:
    """Two exact moments keep their distance; their local dates do not."""
    return not here.dated and exact_offset(here.steps) is not None and exact_offset(there.steps) is not None


def _passing(moment: Moving, still: Value, on: bool, past: bool, collection: str) -> Passing:
    column = f"{collection}.at" if still == Column("at") else ""
    return Passing(moment, fixed(still, collection), on, past, column)


def _among(value: Value, options: tuple[Any, ...]) -> Iterator[Passing]:
    moment = moving(value)
    if moment is not None:
        yield Passing(moment, lambda profile, zone: options, on=True, past=True)


def fixed(value: Value, collection: str) -> Fixed:
    """Every instant or date that a value which does not move can be for a profile, whatever the present."""
    match value:
        case Literal(constant):
            return lambda profile, zone: (constant,)
        case Attribute(name):
            return lambda profile, zone: (profile.value(name),)
        case Column(name):
            key = f"{collection}.{name}"
            return lambda profile, zone: profile.columns[key]
        case Aggregate(function, events, column):
            return _of_rows(f"{events.collection}.{column}", function if are_whole(events) else "")
        case Shift(inner, span, sign):
            inside = fixed(inner, collection)
            return lambda profile, zone: [
                shift(each, span, sign, zone) for each in inside(profile, zone) if each is not None
            ]
        case Apply("local_date", inner):
            inside = fixed(inner, collection)
            return lambda profile, zone: [
                local(each, zone).date() for each in inside(profile, zone) if each is not None
            ]
        case Apply() | Arithmetic() | Ago():
            raise AssertionError(f"{type(value).__name__} is neither an instant nor a date that stands still")
        case _:
            assert_never(value)


def are_whole(events: Events) -> bool:
    """All rows of a collection."""
    return isinstance(events.source, str) and events.where is None and events.pick is None


def _of_rows(key: str, function: str) -> Fixed:
    """The cells of a column, or the one that an aggregate of all of them gives."""
    match function:
        case "first":
            return lambda profile, zone: profile.columns[key][:1]
        case "last":
            return lambda profile, zone: profile.columns[key][-1:]
        case _:
            return lambda profile, zone: profile.columns[key]


def reads_wall_clock(rule: Rule) -> bool:
    """Whether the zone makes a difference to a rule."""
    return any(map(_is_of_the_wall_clock, iter_nodes(rule)))


def _is_of_the_wall_clock(node: Node) -> bool:
    if isinstance(node, Ago | Shift):
        return not isinstance(node.span, Duration)
    if isinstance(node, Follows):
        return not isinstance(node.within, Duration)
    return isinstance(node, Anniversary) or (isinstance(node, Apply) and node.function == "local_date")


def _unsupported() -> UnsupportedRule:
    return UnsupportedRule(
        "two moments that both move with the present are compared, or one returns every year",
        hint="Compare a moment of the customer's with one of them",
    )

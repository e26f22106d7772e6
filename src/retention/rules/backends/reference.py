"""What a rule means, written as plainly as it can be: the engine that every other engine is held to.

It walks the tree over the rows themselves and keeps nothing between two questions. Amounts are read as minor units (a
profile has one currency), so that all arithmetic is exact; None is the missing value.
"""

import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime, tzinfo
from fractions import Fraction
from typing import Any, TypeAlias, assert_never, cast, final

from attrs import frozen

from retention.errors import CurrencyMismatch, UnsupportedRule
from retention.money import Money
from retention.profile import Profile, Row
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
    Function,
    IsIn,
    LeapDay,
    Literal,
    Missing,
    MonthDays,
    Named,
    NearDays,
    NearMonths,
    Node,
    Not,
    Operation,
    Reduction,
    Reference,
    Rule,
    Shift,
    Value,
)
from retention.rules.walk import iter_nodes
from retention.schema import STANDARD, Schema
from retention.spans import ago, local, shift, utc

Observed: TypeAlias = int | Fraction | str | bool | datetime | date | frozenset[str] | None


def holds(rule: Rule, profile: Profile, as_of: datetime, schema: Schema = STANDARD) -> bool:
    """Whether the rule is true of the profile at an instant; later facts do not exist.

    Raises NaiveInstant for an ``as_of`` without a zone, CurrencyMismatch for money the profile does not deal in.
    """
    world = World.at(profile, as_of, schema)
    check_currency(rule, world.profile)
    return truth(rule, world)


def value(node: Value, profile: Profile, as_of: datetime, schema: Schema = STANDARD) -> Observed:
    """What a value is at an instant: amounts in minor units, None if missing."""
    world = World.at(profile, as_of, schema)
    check_currency(node, world.profile)
    found: Observed = read(node, world)
    return found


@final
@frozen
class World:
    """One profile at one instant: nothing in ``profile`` is later than ``as_of``, which is on its own wall clock."""

    profile: Profile
    as_of: datetime
    now: datetime
    zone: tzinfo
    schema: Schema

    @classmethod
    def at(cls, profile: Profile, as_of: datetime, schema: Schema) -> "World":
        now = utc(as_of)
        zone = as_of.tzinfo or UTC
        return cls(profile.until(as_of), local(now, zone), now, zone, schema)


# Rules. ---------------------------------------------------------------------------------------------------------------


def truth(rule: Rule, world: World, row: Row | None = None) -> bool:
    """The answer of a rule; ``row`` is the row of the nearest ``where`` around it."""
    match rule:
        case All(rules):
            return all(truth(each, world, row) for each in rules)
        case AnyOf(rules):
            return any(truth(each, world, row) for each in rules)
        case Not(inner):
            return not truth(inner, world, row)
        case AtLeast(count, rules):
            return sum(truth(each, world, row) for each in rules) >= count
        case Compare(operator, left, right):
            return compared(operator, read(left, world, row), read(right, world, row))
        case IsIn(inner, options):
            found = read(inner, world, row)
            return any(compared("==", found, plain(option)) for option in options)
        case Missing(inner):
            return read(inner, world, row) is None
        case Anniversary():
            return returns(rule, read(rule.value, world, row), world.as_of.date())
        case Follows():
            return next(deciding(rule, world), None) is not None
        case Reference(key):
            raise unresolved(key)
        case Named(_, inner):
            return truth(inner, world, row)
        case _:
            assert_never(rule)


def unresolved(key: str) -> UnsupportedRule:
    return UnsupportedRule(f"the segment {key!r} is only named here", hint="Resolve references before asking")


def compared(operator: Comparison, left: Any, right: Any) -> bool:
    """One comparison; false if a side is missing."""
    if left is None or right is None:
        return False
    match operator:
        case "==":
            return bool(left == right)
        case "<":
            return bool(left < right)
        case "<=":
            return bool(left <= right)
        case ">":
            return bool(left > right)
        case ">=":
            return bool(left >= right)
        case "contains" | "has":
            return right in left
        case "starts_with":
            return bool(left.startswith(right))
        case "ends_with":
            return bool(left.endswith(right))
        case _:
            assert_never(operator)


def deciding(rule: Follows, world: World) -> Iterator[tuple[Row, Row | None]]:
    """Each row of ``first`` that makes the rule true, with the row that followed it (None if one was missed)."""
    then = selected(rule.then, world)
    for one in selected(rule.first, world):
        end = shift(one.at, rule.within, 1, world.zone)
        follower = next((each for each in then if one.at < each.at <= end), None)
        if rule.missed:
            if follower is None and end <= world.now:
                yield one, None
        elif follower is not None:
            yield one, follower


# Anniversaries. -------------------------------------------------------------------------------------------------------


def returns(rule: Anniversary, born: Observed, today: date) -> bool:
    """Whether the yearly return of a date falls into the window, seen from a local date."""
    if not isinstance(born, date):
        return False
    match rule.window:
        case MonthDays(first, last):
            day = observed(born, today.year, rule.leap)
            if day is None:
                return False
            here = (day.month, day.day)
            return first <= here <= last if first <= last else here >= first or here <= last
        case NearDays(first, last):
            start, end = today.toordinal() + first, today.toordinal() + last
            years = range(today.year + first // 365 - 1, today.year + last // 365 + 2)
            days = (observed(born, year, rule.leap) for year in years)
            return any(start <= day.toordinal() <= end for day in days if day)
        case NearMonths(first, last):
            present = today.year * 12 + today.month - 1
            years = range((present + first) // 12, (present + last) // 12 + 1)
            days = (observed(born, year, rule.leap) for year in years)
            return any(first <= day.year * 12 + day.month - 1 - present <= last for day in days if day)
        case _:
            assert_never(rule.window)


def observed(born: date, year: int, leap: LeapDay) -> date | None:
    """The day on which a date returns in a year; None if it does not, or the calendar has no such year."""
    if not 1 <= year <= 9999:
        return None
    try:
        return date(year, born.month, born.day)
    except ValueError:  # 29 February in a common year
        match leap:
            case "feb28":
                return date(year, 2, 28)
            case "mar1":
                return date(year, 3, 1)
            case "skip":
                return None
            case _:
                assert_never(leap)


# Values. --------------------------------------------------------------------------------------------------------------


def read(node: Value, world: World, row: Row | None = None) -> Any:
    """What a value is: an ``Observed``, amounts as minor units."""
    match node:
        case Literal(constant):
            return plain(constant)
        case Attribute(name):
            return plain(world.profile.value(name))
        case Column(name):
            return plain(world.profile.cell(cast(Row, row), name))
        case Aggregate(function, events, column):
            rows = selected(events, world)
            return len(rows) if column is None else reduced(function, cells(rows, column, world))
        case Arithmetic(operation, left, right):
            return calculated(operation, read(left, world, row), read(right, world, row))
        case Apply(function, inner, argument):
            return applied(function, read(inner, world, row), argument, world.zone)
        case Ago(span):
            return ago(span, world.as_of)
        case Shift(inner, span, sign):
            moved = read(inner, world, row)
            return None if moved is None else shift(moved, span, sign, world.zone)
        case _:
            assert_never(node)


def plain(found: Any) -> Any:
    """A cell as the engine calculates with it: money as its minor units."""
    return found.minor if isinstance(found, Money) else found


def selected(events: Events, world: World) -> tuple[Row, ...]:
    """The rows of a selection, in order of (at, id)."""
    match events.source:
        case Events() as source:
            rows = selected(source, world)
        case str() as name:
            rows = world.profile.rows(name)
        case _:
            assert_never(events.source)
    if events.where is not None:
        rows = tuple(each for each in rows if truth(events.where, world, each))
    return rows if events.pick is None else picked(rows, events.pick)


def picked(rows: tuple[Row, ...], pick: int) -> tuple[Row, ...]:
    """The row at a position, 1 the first and -1 the last, as a selection of one or none."""
    index = pick - 1 if pick > 0 else len(rows) + pick
    return rows[index : index + 1] if index >= 0 else ()


def cells(rows: tuple[Row, ...], column: str, world: World) -> list[Any]:
    """A column of some rows, amounts as minor units."""
    return [plain(world.profile.cell(each, column)) for each in rows]


def reduced(function: Reduction, cells: list[Any]) -> Any:
    """One value out of a column; missing cells are passed over, except by first and last."""
    present = [each for each in cells if each is not None]
    match function:
        case "count":
            return len(cells)
        case "sum":
            return sum(present)
        case "mean":
            return Fraction(sum(present)) / len(present) if present else None
        case "min":
            return min(present, default=None)
        case "max":
            return max(present, default=None)
        case "distinct":
            return len(set(present))
        case "first":
            return cells[0] if cells else None
        case "last":
            return cells[-1] if cells else None
        case _:
            assert_never(function)


def calculated(operation: Operation, left: Any, right: Any) -> Any:
    """Exact arithmetic; missing if an operand is, or the divisor is 0."""
    if left is None or right is None:
        return None
    match operation:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "/":
            return None if right == 0 else Fraction(left) / right
        case _:
            assert_never(operation)


def applied(function: Function, found: Any, argument: str, zone: tzinfo) -> Any:
    """A function of one value; missing of the missing."""
    if found is None:
        return None
    match function:
        case "casefold":
            return found.casefold()
        case "size":
            return len(found)
        case "bucket":
            digest = hashlib.sha256(f"{argument}\0{found}".encode()).digest()
            return Fraction(int.from_bytes(digest[:4], "big"), 2**32)
        case "local_date":
            return local(found, zone).date()
        case _:
            assert_never(function)


# Money. ---------------------------------------------------------------------------------------------------------------


def check_currency(node: Node, profile: Profile) -> None:
    """Refuses a rule whose money is not the profile's; a profile without amounts takes any."""
    for currency in currencies(node):
        if profile.currency not in (None, currency):
            raise CurrencyMismatch("rule", str(profile.currency), currency)


def currencies(node: Node) -> Iterator[str]:
    """The currency of every amount of money that a rule or value mentions."""
    for each in iter_nodes(node):
        constants = (each.value,) if isinstance(each, Literal) else each.options if isinstance(each, IsIn) else ()
        for constant in constants:
            if isinstance(constant, Money):
                yield constant.currency

"""Terms and plans asked of plain rows, one at a time: what ``lower`` and ``arrange`` are held to without any engine.

Deliberately naive. Rows are those of ``retention.testing.tables.flat``; None is the missing value.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from fractions import Fraction
from hashlib import sha256
from typing import Any, TypeAlias, assert_never, final

from attrs import evolve, frozen

from retention.money import Money
from retention.rules.backends.reference import compared
from retention.rules.backends.sets.layout import CURRENCY, Layout
from retention.rules.backends.sets.passes import arrange
from retention.rules.backends.sets.plan import FollowPass, Pass, Plan
from retention.rules.backends.sets.terms import (
    ALWAYS,
    Absent,
    Among,
    Both,
    Bucket,
    Cell,
    Constant,
    Day,
    Either,
    Folded,
    Followed,
    Is,
    Later,
    MonthDay,
    Negation,
    Picked,
    Product,
    Refunded,
    Selection,
    Several,
    Sign,
    Size,
    Sum,
    Tally,
    TallyFunction,
    Term,
    Test,
    Trait,
)
from retention.schema import Kind
from retention.spans import Duration, shift
from retention.testing.tables import CUSTOMERS, Rows

Row: TypeAlias = Mapping[str, Any]


def answers(test: Test, tables: Mapping[str, Rows], layout: Layout[Any, Any]) -> dict[str, bool]:
    """The answer for each customer by id."""
    return {each["id"]: true(test, World(each, tables, layout)) for each in tables[CUSTOMERS]}


def planned(tests: Sequence[Test], tables: Mapping[str, Rows], layout: Layout[Any, Any]) -> dict[str, list[bool]]:
    """The answers to several tests for each customer by id, found as a plan says."""
    plan = arrange(tests)
    return {each["id"]: _carried_out(plan, World(each, tables, layout, known={})) for each in tables[CUSTOMERS]}


def _carried_out(plan: Plan, world: "World") -> list[bool]:
    assert world.known is not None
    for step in plan.steps:
        assert all(isinstance(each, Trait) or each in world.known for each in step.needs), "earlier steps"
        match step:
            case Pass(collection, where, tallies):
                rows = world.rows(collection, where)
                for tally, test in tallies:
                    world.known[tally] = tally_of(tally, collection, rows, test, world)
            case FollowPass(followed):
                world.known[followed] = is_followed(followed, world)
            case _:
                assert_never(step)
    return [true(each, world) for each in plan.tests]


def tally_of(tally: Tally, collection: str, rows: list[Row], test: Test, world: "World") -> Any:
    worlds = [evolve(world, collection=collection, among=rows, row=each) for each in rows]
    chosen = [each for each in worlds if true(test, each)]
    return tallied(tally.function, [None if tally.value is None else read(tally.value, each) for each in chosen])


@final
@frozen
class World:
    """One customer's row, all tables, and the row at hand (``among`` others of its ``collection``) if there is one.

    ``known`` is what the steps of a plan have found; None asks the rows themselves.
    """

    customer: Row
    tables: Mapping[str, Rows]
    layout: Layout[Any, Any]
    collection: str | None = None
    among: Sequence[Row] = ()
    row: Row | None = None
    known: dict[Tally | Followed, Any] | None = None

    def rows(self, collection: str, where: Test) -> list[Row]:
        """The customer's rows for which a test of the row holds, in order of ``(at, id)``."""
        own = [each for each in self.tables[collection] if each["customer"] == self.customer["id"]]
        return evolve(self, collection=collection, among=own).chosen(where)

    def chosen(self, where: Test) -> list[Row]:
        """Those of the rows among which the row at hand is."""
        chosen = [each for each in self.among if true(where, evolve(self, row=each))]
        return sorted(chosen, key=lambda row: (row["at"], row["id"]))

    def cell(self, name: str, kind: Kind) -> Any:
        assert self.row is not None, "a cell outside of any row"
        assert self.collection is not None
        return whole(self.row[name], kind, self.layout.decimals(self.collection, name))

    def trait(self, name: str, kind: Kind) -> Any:
        if name == CURRENCY:
            return self.customer["currency"]
        return whole(self.customer[name], kind, self.layout.decimals(None, name))


def whole(value: Any, kind: Kind, decimals: int) -> Any:
    """A cell as terms speak of it: amounts in minor units, numbers in the smallest unit that their column keeps."""
    if isinstance(value, Money):
        return value.minor
    if kind is not Kind.NUMBER or value is None:
        return value
    scaled = Fraction(value) * 10**decimals
    assert scaled.denominator == 1, f"{value} has more than {decimals} decimals"
    return int(scaled)


def true(test: Test, world: World) -> bool:
    match test:
        case Both(tests):
            return all(true(each, world) for each in tests)
        case Either(tests):
            return any(true(each, world) for each in tests)
        case Negation(inner):
            return not true(inner, world)
        case Several(count, tests):
            return sum(true(each, world) for each in tests) >= count
        case Is(operator, left, right):
            one, other = read(left, world), read(right, world)
            assert one is None or other is None or operator == "has" or type(one) is type(other), test
            return compared(operator, one, other)
        case Among(value, options):
            return read(value, world) in options
        case Absent(value):
            return read(value, world) is None
        case Picked():
            return is_picked(test, world)
        case Followed():
            return is_followed(test, world) if world.known is None else world.known[test]
        case _:
            assert_never(test)


def is_picked(test: Picked, world: World) -> bool:
    rows = world.chosen(test.where)
    index = test.position - 1 if test.position > 0 else len(rows) + test.position
    return 0 <= index < len(rows) and rows[index] is world.row


def is_followed(test: Followed, world: World) -> bool:
    firsts, thens = selected(test.first, world), selected(test.then, world)
    for first in firsts:
        end = moved(first["at"], test.microseconds)
        followed = any(first["at"] < then["at"] <= end for then in thens)
        if (not followed and end <= test.as_of) if test.missed else followed:
            return True
    return False


def selected(selection: Selection, world: World) -> list[Row]:
    return world.rows(selection.collection, selection.where)


def moved(instant: datetime, microseconds: int) -> datetime:
    return shift(instant, Duration(abs(microseconds)), 1 if microseconds >= 0 else -1, UTC)


def read(term: Term, world: World) -> Any:
    match term:
        case Constant(value):
            return value
        case Cell(name, kind):
            return world.cell(name, kind)
        case Trait(name, kind):
            return world.trait(name, kind)
        case Refunded(as_of):
            return refunded(as_of, world)
        case Tally(_, collection, where):
            if world.known is not None:
                return world.known[term]
            return tally_of(term, collection, world.rows(collection, where), ALWAYS, world)
        case Sum(left, right) | Product(left, right):
            one, other = read(left, world), read(right, world)
            if one is None or other is None:
                return None
            return one + other if isinstance(term, Sum) else one * other
        case Sign() | Later() | Day() | MonthDay() | Size() | Bucket() | Folded():
            found = read(term.value, world)
            return None if found is None else applied(term, found)
        case _:
            assert_never(term)


Function: TypeAlias = Sign | Later | Day | MonthDay | Size | Bucket | Folded


def applied(term: Function, found: Any) -> int | str | date:
    match term:
        case Sign():
            return int(found > 0) - int(found < 0)
        case Later(_, microseconds):
            return moved(found, microseconds)
        case Day(_, zone):
            day: date = found.astimezone(zone).date()
            return day
        case MonthDay():
            return int(100 * found.month + found.day)
        case Size():
            return len(found)
        case Bucket(_, salt):
            return int.from_bytes(sha256(f"{salt}\0{found}".encode()).digest()[:4], "big")
        case Folded():
            return str(found).casefold()
        case _:
            assert_never(term)


def refunded(as_of: datetime, world: World) -> int:
    assert world.collection == "orders", "only orders are refunded"
    assert world.row is not None
    order = world.row["id"]
    refunds = [each for each in world.tables["refunds"] if each["order_id"] == order and each["at"] <= as_of]
    return sum(each["amount"].minor for each in refunds)


def tallied(function: TallyFunction, cells: list[Any]) -> Any:
    present = [each for each in cells if each is not None]
    match function:
        case "count":
            return len(cells)
        case "sum":
            return sum(present)
        case "min":
            return min(present, default=None)
        case "max":
            return max(present, default=None)
        case "distinct":
            return len(set(present))
        case "only":
            assert len(cells) <= 1, "only the value of one row"
            return cells[0] if cells else None
        case _:
            assert_never(function)

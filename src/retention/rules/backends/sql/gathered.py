"""What many tests ask of customers, gathered before they are said: values without NULLs, and tests that are said again.

DuckDB compares a column that has NULLs three times as slowly as one that has none, and calculates what stands in "and"
or "or" as often as it is said. Other databases take the inner select apart and read what they would have read anyway;
PostgreSQL is kept from it where much is said again, which saves it a twelfth of the time of eighty rules. What a host
asks of such a statement from without is then asked of the answers of all customers.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import sqlalchemy as sa
from attrs import evolve
from sqlalchemy import FromClause, Select
from sqlalchemy.types import TypeDecorator

from retention.rules.backends.sets.repeated import repeated, unknown
from retention.rules.backends.sets.storage import Aware, Naive
from retention.rules.backends.sets.terms import Constant, Followed, Is, Tally, Test, Trait
from retention.rules.backends.sql.conditions import Conditions
from retention.rules.backends.sql.instants import bound_type
from retention.rules.backends.sql.readings import Leaf
from retention.rules.backends.sql.values import ZERO, Constants, Expression, Found

_FIRST: Final = datetime(1700, 1, 1, tzinfo=UTC)
_LAST: Final = datetime(2200, 1, 1, tzinfo=UTC)
"""Columns of nanoseconds hold both. An instant that is compared with constants beyond them is not filled."""
_MUCH: Final = 30
"""From so many calculations less it is quicker for PostgreSQL to hand on each customer's row once more."""


def gathered(customers: Select[Any], said: Conditions, tests: Sequence[Test]) -> tuple[FromClause, Conditions]:
    """The customers with what the tests use, as a table of its own, and how to say the tests there."""
    used = dict.fromkeys(part for part in unknown(tests, said.knows) if isinstance(part, Trait | Tally | Followed))
    compared = _constants(tests, said)
    found: dict[Leaf, Found] = {
        leaf: _filled(said.read.find(leaf), said.read.constants, compared.get(leaf, ())) for leaf in used
    }
    there = said.over(found.__getitem__, said.known)
    again = repeated(tests, said.knows)
    answers = dict(said.known) | {test: there.answer(test) for test in again}
    columns = [*answers.values(), *(column for each in found.values() for column in _columns(each))]
    names = {column: f"c{number}" for number, column in enumerate(dict.fromkeys(columns), 1)}
    inner = customers.add_columns(*(column.label(name) for column, name in names.items()))
    if sum(again.values()) - len(again) >= _MUCH:
        inner = inner.suffix_with("OFFSET 0", dialect="postgresql")  # a fence: such a select it leaves whole
    table = inner.subquery("gathered")
    places = {column: table.c[name] for column, name in names.items()}
    moved: dict[Leaf, Found] = {leaf: _moved(each, places) for leaf, each in found.items()}
    return table, said.over(moved.__getitem__, {test: places[answer] for test, answer in answers.items()})


def _constants(tests: Iterable[Test], said: Conditions) -> Mapping[Leaf, list[datetime]]:
    """The instants with which each value is compared."""
    found: dict[Leaf, list[datetime]] = {}
    for part in unknown(tests, said.knows):
        match part:
            case Is(_, Trait() | Tally() as left, Constant(datetime() as instant)):
                found.setdefault(left, []).append(instant)
    return found


def _filled(found: Found, constants: Constants, compared: Sequence[datetime]) -> Found:
    """The value, filled as far as that can be done."""
    if found.or_zero:
        number = sa.func.coalesce(found.column, ZERO, type_=ZERO.type)
        return evolve(found, column=number, or_zero=False, missing_first=number, missing_last=number)
    if not compared or not isinstance(found.form, Aware | Naive) or isinstance(found.column.type, TypeDecorator):
        return found
    if not _FIRST < min(compared) <= max(compared) < _LAST:
        return found
    zone = UTC if isinstance(found.form, Aware) else None
    type_ = bound_type(found.column, found.form)
    first, last = (
        sa.func.coalesce(found.column, constants.bind(end.replace(tzinfo=zone), type_), type_=found.column.type)
        for end in (_FIRST, _LAST)
    )
    return evolve(found, missing_first=first, missing_last=last)


def _columns(found: Found) -> list[Expression]:
    return [each for each in (found.column, found.missing_first, found.missing_last) if each is not None]


def _moved(found: Found, places: Mapping[Expression, Expression]) -> Found:
    """The same value, in the table."""
    first, last = found.missing_first, found.missing_last
    if first is None or last is None:
        return found.at(places[found.column])
    return evolve(found, column=places[found.column], missing_first=places[first], missing_last=places[last])

"""A population of plain rows, asked through the interpreter of terms: what analyses are tested on without an engine."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from retention.profile import Profile
from retention.rules.backends.sets.layout import Layout
from retention.rules.backends.sets.population import Group
from retention.rules.backends.sets.terms import (
    ALWAYS,
    Absent,
    Among,
    Both,
    Either,
    Followed,
    Is,
    Negation,
    Picked,
    Several,
    Term,
    Test,
)
from retention.schema import STANDARD, Schema
from retention.testing.tables import CUSTOMERS, flat
from tests.sets import interpreter
from tests.sets.layouts import plain_layout

_TESTS = (Both, Either, Negation, Several, Is, Among, Absent, Picked, Followed)


class PlainPopulation:
    """Rows and their layout."""

    def __init__(self, profiles: Sequence[Profile], schema: Schema = STANDARD, currency: str | None = "KRW") -> None:
        self._tables = flat(profiles, schema)
        self.layout: Layout[Any, Any] = plain_layout(schema, currency)

    def chosen(self, test: Test, /) -> list[dict[str, Any]]:
        return self.answers({}, test)

    def answers(self, tests: Mapping[str, Test], /, where: Test = ALWAYS) -> list[dict[str, Any]]:
        return [
            {"id": world.customer["id"], **{key: interpreter.true(test, world) for key, test in tests.items()}}
            for world in self._worlds(where)
        ]

    def groups(self, keys: Sequence[Test], sums: Sequence[Term | Test], /, where: Test = ALWAYS) -> list[Group]:
        sizes: Counter[tuple[bool, ...]] = Counter()
        totals: dict[tuple[bool, ...], list[int]] = {}
        for world in self._worlds(where):
            group = tuple(interpreter.true(key, world) for key in keys)
            sizes[group] += 1
            so_far = totals.setdefault(group, [0] * len(sums))
            for place, each in enumerate(sums):
                so_far[place] += self._number(each, world)
        return [(group, size, tuple(totals[group])) for group, size in sizes.items()]

    def ranked(self, value: Term, ranks: Sequence[int], /, where: Test = ALWAYS) -> list[int | datetime]:
        found = sorted(each for world in self._worlds(where) if (each := interpreter.read(value, world)) is not None)
        return [found[rank - 1] for rank in ranks]

    def _number(self, each: Term | Test, world: interpreter.World) -> int:
        if isinstance(each, _TESTS):
            return int(interpreter.true(each, world))
        found: int | None = interpreter.read(each, world)
        return found or 0

    def _worlds(self, where: Test) -> list[interpreter.World]:
        worlds = (interpreter.World(row, self._tables, self.layout) for row in self._tables[CUSTOMERS])
        return [world for world in worlds if interpreter.true(where, world)]

"""The interpreter as an engine: with no plan, and by one."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, final

from attrs import frozen

from retention.rules.backends.sets.layout import Layout
from retention.rules.backends.sets.terms import Test
from retention.testing.tables import CUSTOMERS, Rows
from tests.sets.adapter import Found
from tests.sets.hosts import Host
from tests.sets.interpreter import answers, planned


def opened(host: Host, by_plan: bool) -> "PlainRows":
    """The rows as they are, whatever form the host gives them."""
    return PlainRows(host.rows, host.layout(), by_plan)


@final
@frozen
class PlainRows:
    """Tables as ``flat`` makes them, asked with no plan, or by one."""

    tables: Mapping[str, Rows]
    layout: Layout[Any, Any]
    by_plan: bool

    def build(self, test: Test) -> None:
        """Every test can be asked."""

    def chosen(self, test: Test) -> Collection[str]:
        return list(self.answers({}, test))

    def answers(self, tests: Mapping[str, Test], where: Test) -> Found:
        asked = (*tests.values(), where)
        return {id: dict(zip(tests, row, strict=False)) for id, row in self._rows(asked).items() if row[-1]}

    def _rows(self, tests: Sequence[Test]) -> Mapping[str, Sequence[bool]]:
        if self.by_plan:
            return planned(tuple(tests), self.tables, self.layout)
        each_of = [answers(test, self.tables, self.layout) for test in tests]
        return {row["id"]: [each[row["id"]] for each in each_of] for row in self.tables[CUSTOMERS]}

    def close(self) -> None:
        """Nothing is open."""

"""The interpreter as an engine: with no plan, and by one."""

from collections.abc import Mapping
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

    def answers(self, tests: Mapping[str, Test]) -> Found:
        if self.by_plan:
            found = planned(tuple(tests.values()), self.tables, self.layout)
            return {id: dict(zip(tests, row, strict=True)) for id, row in found.items()}
        each_of = {key: answers(test, self.tables, self.layout) for key, test in tests.items()}
        return {row["id"]: {key: each_of[key][row["id"]] for key in tests} for row in self.tables[CUSTOMERS]}

    def close(self) -> None:
        """Nothing is open."""

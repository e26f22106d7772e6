"""A host's tables as a snapshot in memory."""

from collections.abc import Collection, Mapping
from typing import Any, final

from attrs import frozen

from retention.arrays import As, Snapshot
from retention.rules.backends.sets.layout import Layout
from retention.rules.backends.sets.terms import Test
from retention.testing.tables import CUSTOMERS
from tests.sets.adapter import Found
from tests.sets.hosts import Host


def opened(host: Host) -> "InArrays":
    """The tables, column by column."""
    given = {name: _columns(host, name) for name in host.tables}
    snapshot = Snapshot.of_columns(
        given.pop(CUSTOMERS),
        currencies=None if host.currency else host.tables[CUSTOMERS].link,
        schema=host.schema,
        currency=host.currency,
        stored=host.stored,
        **given,
    )
    return InArrays(snapshot)


def _columns(host: Host, name: str) -> dict[str, Any]:
    table = host.tables[name]
    said = host.columns(name, str)
    given = {
        each: As(column.cells, form.form) if isinstance(form := said[each], As) else column.cells
        for each, column in table.columns.items()
    }
    return given if name == CUSTOMERS else {"customer": table.link, **given}


@final
@frozen
class InArrays:
    snapshot: Snapshot

    @property
    def layout(self) -> Layout[Any, Any]:
        return self.snapshot.layout

    def build(self, test: Test) -> None:
        """Arrays are asked at once; nothing is built before."""

    def chosen(self, test: Test) -> Collection[str]:
        return self.snapshot.chosen(test)

    def answers(self, tests: Mapping[str, Test], where: Test) -> Found:
        found = self.snapshot.answers(tests, where)
        return {id: {key: bool(found[key][place]) for key in tests} for place, id in enumerate(found["id"])}

    def close(self) -> None:
        """Nothing is open."""

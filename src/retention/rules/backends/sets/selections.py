"""Events as tests of the row: which rows leave a selection, which one is the first, and what stands in them."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, final

from retention.rules.backends.sets.build import both, compare
from retention.rules.backends.sets.layout import Layout
from retention.rules.backends.sets.terms import ALWAYS, AT, NEVER, Cell, Constant, Picked, Refunded, Term, Test
from retention.rules.nodes import Aggregate, Events, Rule


@final
class Selections:
    """At an instant (UTC). ``test`` says what a rule asks of a row of a collection."""

    def __init__(self, now: datetime, layout: Layout[Any, Any], test: Callable[[Rule, str], Test]) -> None:
        self._now = now
        self._layout = layout
        self._test = test

    def where(self, events: Events) -> Test:
        """The test of a row that leaves the selection; what is later than the instant does not exist."""
        self._layout.source(events.collection)
        if isinstance(events.source, Events):
            found = self.where(events.source)
        else:
            found = compare("<=", AT, Constant(self._now))
        if events.where is not None:
            found = both(found, self._test(events.where, events.collection))
        return found if events.pick is None or found == NEVER else Picked(found, events.pick)

    def one_row(self, value: Aggregate) -> Test:
        """The test of the row whose cell ``first`` or ``last`` speaks of."""
        where = self.where(value.events)
        if where == NEVER or _is_one(value.events):
            return where
        return Picked(where, 1 if value.function == "first" else -1)

    def cell(self, collection: str, column: str | None) -> Term:
        """What a row says. Raises UnmappedName."""
        name = str(column)
        if (collection, name) == ("orders", "refunded") and not self._layout.maps(collection, name):
            self._refunds_are_mapped()
            return Refunded(self._now)
        return Cell(name, self._layout.place(collection, name).kind)

    def _refunds_are_mapped(self) -> None:
        for column in ("order_id", "amount"):
            self._layout.place("refunds", column)
        self._layout.place("orders", "id")

    def has_occurred(self, collection: str, column: str, cell: Term) -> Test:
        """What has not happened at the instant is missing: a delivery that is still to come."""
        occurs = self._layout.schema.collection(collection).column(column).occurs
        return compare("<=", cell, Constant(self._now)) if occurs else ALWAYS


def _is_one(events: Events) -> bool:
    """Whether a selection is of one row at most."""
    return events.pick is not None or (isinstance(events.source, Events) and _is_one(events.source))

"""A host's columns may have any name: what is calculated beside them has another."""

from typing import Any

import pyarrow as pa
import pytest

from retention.frames import Frames, rows
from retention.money import won
from retention.rules import Rule, customer, orders
from retention.rules.backends.sets.lower import lower
from retention.spans import days
from tests.frames.shop import AS_OF, LIBRARIES, instants, listed

FLAGS = {f"{prefix}{number}": [number % 2, 1, 0] for prefix in ("Retention_", "_retention_") for number in range(1, 25)}
SOLD = [("c1", "o1", 10), ("c1", "o2", 20), ("c2", "o3", 5)]
RULES: dict[str, tuple[Rule, set[str]]] = {
    "count": (orders.count() >= 2, {"c1"}),
    "sum": (orders.total.sum() == won(30), {"c1"}),
    "last": (orders.total.last() == won(20), {"c1"}),
    "second": (orders.total.nth(2) == won(20), {"c1"}),
    "row": (orders.last().where(orders.total >= won(10)).any(), {"c1"}),
    "both": ((orders.total.sum() >= won(5)) & orders.at.last().within(days(30)), {"c1", "c2"}),
    "bucket": (customer.bucket("q") <= 1, {"c1", "c2", "c3"}),
}


def _frames(library: str, key: str, total: str) -> Frames[Any]:
    make = LIBRARIES[library]
    owners, numbers, totals = zip(*SOLD, strict=True)
    placed = instants(*(AS_OF - days(3 - each).timedelta for each in range(3)))
    more = {name: cells for name, cells in FLAGS.items() if name not in (key, total)}
    people = pa.table({key: ["c1", "c2", "c3"], "retention_place": [9, 9, 9], **more})
    sold = pa.table({"who": owners, "number": numbers, "placed": placed, total: totals, **more})
    return Frames(
        customers=rows(make(people), id=key),
        orders=rows(make(sold), customer="who", id="number", at="placed", total=total),
        currency="KRW",
    )


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize(("key", "total"), [("id", "total"), ("Retention_1", "_retention_2")])
def test_columns_that_are_named_as_the_librarys_own(library: str, key: str, total: str) -> None:
    frames = _frames(library, key, total)
    for name, (rule, who) in RULES.items():
        found = listed(frames.chosen(lower(rule.node, AS_OF, frames.layout)))
        assert (name, {row[key] for row in found}) == (name, who)
        for each in FLAGS.keys() - {key, total}:
            assert [row[each] for row in found] == [FLAGS[each][int(row[key][1]) - 1] for row in found]

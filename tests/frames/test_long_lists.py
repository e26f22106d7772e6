"""Lists and alternatives by the hundred: libraries run out of stack where each is within the next."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
import pytest

from retention import Segment, won
from retention.frames import Frames, rows
from retention.rules import Rule, all_of, any_of, at_least, customer, orders

AS_OF = datetime(2026, 3, 1, tzinfo=UTC)
_MANY = 1500
_SOME = 240  # of a thousand nodes that a rule may have

RULES: dict[str, Rule] = {
    "numbers of rows": orders.where(orders.item_count.is_in(list(range(_MANY)))).any(),
    "numbers of customers": orders.count().is_in(list(range(1, _MANY))),
    "with none": orders.count().is_in(list(range(_MANY))) & orders.any(),
    "amounts": orders.total.sum().is_in([won(number) for number in range(1, _MANY)]),
    "beyond 64 bits": orders.item_count.max().is_in([2**70, *range(_MANY)]),
    "any of": any_of(*[customer.city.contains(f"x{number}") for number in range(_SOME)], customer.city == "S"),
    "all of": all_of(*[~customer.city.contains(f"x{number}") for number in range(_SOME)], customer.city == "S"),
    "at least": at_least(1, *[customer.city == f"x{number}" for number in range(_SOME)], customer.city == "S"),
    "any of rows": orders.where(
        any_of(*[orders.status == f"x{number}" for number in range(_SOME)], orders.item_count == 7)
    ).any(),
}
LIBRARIES: dict[str, Callable[[pa.Table], Any]] = {
    "Polars": pl.from_arrow,
    "Polars, lazy": lambda table: pl.DataFrame(table).lazy(),
    "PyArrow": lambda table: table,
    "pandas": lambda table: table.to_pandas(),
    "DuckDB": duckdb.from_arrow,
}


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("name", RULES)
def test_lists_may_be_long(library: str, name: str) -> None:
    make = LIBRARIES[library]
    people = pa.table({"id": ["a", "b"], "city": ["S", None]})
    at = pa.array([AS_OF - timedelta(days=1)], pa.timestamp("us", "UTC"))
    sold = pa.table({"who": ["a"], "id": ["1"], "at": at, "n": [7], "won": [900], "status": ["paid"]})
    columns = {"id": "id", "at": "at", "item_count": "n", "total": "won", "status": "status"}
    frames = Frames(
        customers=rows(make(people), id="id", city="city"),
        orders=rows(make(sold), customer="who", **columns),
        currency="KRW",
    )
    found = Segment("s", RULES[name]).filter(frames, as_of=AS_OF)
    kept = found.collect() if isinstance(found, pl.LazyFrame) else found
    ids = kept.fetchall() if isinstance(kept, duckdb.DuckDBPyRelation) else list(kept["id"])
    assert [str(each[0] if isinstance(each, tuple) else each) for each in ids] == ["a"]

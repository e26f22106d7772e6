"""What comes back: the same library, the same customers, nothing calculated before it has to be."""

from datetime import UTC, datetime
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from retention.errors import ConfigurationError
from retention.frames import Frames, rows
from retention.money import won
from retention.rules import all_of, customer, orders
from retention.rules.backends.sets.lower import lower
from retention.rules.backends.sets.terms import ALWAYS
from retention.spans import days
from tests.frames.shop import AS_OF, Make, listed, orders_table, people, polars, with_orders

EARLIER = datetime(2026, 2, 1, tzinfo=UTC)
RULE = (orders.count() >= 2) & (orders.total.sum() >= won(30))
ORDERS = orders_table(
    ("c1", "o1", EARLIER), ("c1", "o2", EARLIER), ("c2", "o3", EARLIER), total=pa.array([10, 20, 500])
)
KINDS = {
    "polars": (polars, pl.DataFrame),
    "lazy": (lambda table: polars(table).lazy(), pl.LazyFrame),
    "pyarrow": (lambda table: table, pa.Table),
    "pandas": (lambda table: table.to_pandas(), pd.DataFrame),
    "duckdb": (duckdb.from_arrow, duckdb.DuckDBPyRelation),
}


@pytest.mark.parametrize(("make", "kind"), KINDS.values(), ids=KINDS)
def test_the_same_kind_of_frame_comes_back(make: Make, kind: type) -> None:
    frames = with_orders(make, ORDERS, total="total")
    test = lower(RULE.node, AS_OF, frames.layout)
    assert isinstance(frames.answers({"rule": test}), kind)
    assert isinstance(frames.chosen(test), kind)


def test_answers_have_the_id_under_its_own_name_and_a_column_for_each_key(make: Make) -> None:
    table = pa.table({"number": pa.array(["c1", "c2"]), "land": pa.array(["KR", None])})
    frames = Frames(customers=rows(make(table), id="number", country="land"))
    test = lower((customer.country == "KR").node, AS_OF, frames.layout)
    found = listed(frames.answers({"in Korea": test, "everybody": ALWAYS}))
    assert sorted(found, key=lambda row: str(row["number"])) == [
        {"number": "c1", "in Korea": True, "everybody": True},
        {"number": "c2", "in Korea": False, "everybody": True},
    ]


def test_the_chosen_keep_their_own_columns(make: Make) -> None:
    table = people(customer=pa.array(["Seoul", "Busan", None]), retention=pa.array([1.5, 2.5, 3.5]))
    frames = with_orders(make, ORDERS, customers=table, total="total")
    found = listed(frames.chosen(lower(RULE.node, AS_OF, frames.layout)))
    assert found == [{"id": "c1", "customer": "Seoul", "retention": 1.5}]


def test_rows_of_pandas_keep_their_order_and_index() -> None:
    table = people().to_pandas().set_index(pd.Index(["x", "y", "z"], name="mine"))
    orders_frame = ORDERS.to_pandas()
    frames = Frames(
        customers=rows(table, id="id"),
        orders=rows(orders_frame, customer="customer", id="id", at="at", total="total"),
        currency="KRW",
    )
    test = lower(RULE.node, AS_OF, frames.layout)
    found = frames.answers({"rule": test})
    assert list(found.index) == ["x", "y", "z"]
    assert list(found["rule"]) == [True, False, False]
    assert list(frames.chosen(test).index) == ["x"]


@pytest.mark.parametrize("size", [1, 1000])
def test_rows_of_pyarrow_keep_their_order(size: int) -> None:
    names = [f"c{number * 7919 % size}" for number in range(size)]
    several = orders_table(*((name, f"o{name}", EARLIER) for name in sorted(names)))
    frames = with_orders(lambda table: table, several, customers=pa.table({"id": names}))
    found = frames.answers({"rule": lower(orders.any().node, AS_OF, frames.layout)})
    assert found["id"].to_pylist() == names
    assert all(found["rule"].to_pylist())


def test_lazy_frames_are_not_collected() -> None:
    def fail(frame: pl.DataFrame) -> pl.DataFrame:
        raise AssertionError("collected")

    def never(table: pa.Table) -> pl.LazyFrame:
        known = polars(table)
        return known.lazy().map_batches(fail, schema=known.schema)

    frames = with_orders(never, ORDERS, total="total")
    test = lower(RULE.node, AS_OF, frames.layout)
    assert isinstance(frames.answers({"rule": test}), pl.LazyFrame)
    with pytest.raises((AssertionError, pl.exceptions.PolarsError)):
        frames.chosen(test).collect()


def test_one_group_by_for_all_rules_of_a_collection() -> None:
    frames = with_orders(lambda table: polars(table).lazy(), ORDERS, total="total")
    rules = {
        "many": orders.count() >= 2,
        "much": orders.total.sum() >= won(30),
        "late": orders.placed_at.last().older_than(days(20)),
    }
    plan = frames.answers({key: lower(rule.node, AS_OF, frames.layout) for key, rule in rules.items()}).explain()
    assert plan.count("AGGREGATE") == 1
    assert plan.count("JOIN ON") + plan.count("LEFT JOIN:") == 1
    assert "FILTER" in plan


def test_a_window_reaches_the_scan(tmp_path: Any) -> None:
    polars(ORDERS).write_parquet(tmp_path / "orders.parquet")
    customers = polars(people()).lazy()
    scanned = pl.scan_parquet(tmp_path / "orders.parquet")
    frames = Frames(
        customers=rows(customers, id="id"),
        orders=rows(scanned, customer="customer", id="id", at="at", total="total"),
        currency="KRW",
    )
    plan = frames.answers({"rule": lower(orders.any().node, AS_OF, frames.layout)}).explain()
    scan = plan[plan.index("Parquet SCAN") :]
    assert "SELECTION" in scan
    assert "total" not in scan, "columns that no rule reads are not read"


def test_eager_and_lazy_polars_may_meet() -> None:
    frames = Frames(
        customers=rows(polars(people()), id="id"),
        orders=rows(polars(ORDERS).lazy(), customer="customer", id="id", at="at"),
    )
    found = frames.answers({"rule": lower((orders.count() >= 2).node, AS_OF, frames.layout)})
    assert isinstance(found, pl.DataFrame)
    assert found.sort("id")["rule"].to_list() == [True, False, False]


def test_a_key_that_is_the_column_with_the_id_is_refused() -> None:
    frames = with_orders(polars, ORDERS)
    with pytest.raises(ConfigurationError, match="'id' names the column"):
        frames.answers({"id": ALWAYS})


def test_keys_that_differ_in_capitals_alone_are_refused(make: Make) -> None:
    """DuckDB and Spark would answer with one of the two."""
    with pytest.raises(ConfigurationError, match="'vip' and 'VIP' are one column"):
        with_orders(make, ORDERS).answers({"vip": ALWAYS, "VIP": ALWAYS})


def test_many_customers_take_the_other_way_of_polars_and_answer_the_same() -> None:
    count = 100_000
    names = pa.array([f"c{number}" for number in range(count)])
    one_each = pa.table(
        {"customer": names, "id": names, "at": pa.repeat(pa.scalar(EARLIER, pa.timestamp("us", "UTC")), count)}
    )
    frames = with_orders(polars, one_each, customers=pa.table({"id": names}))
    assert not frames.is_small
    test = lower(all_of(orders.count() == 1, orders.placed_at.last() == EARLIER).node, AS_OF, frames.layout)
    assert frames.answers({"rule": test})["rule"].all()

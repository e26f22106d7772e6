"""What is missing inside of what is there: items of lists, ids of rows, types of columns without a value."""

from datetime import UTC, datetime

import polars as pl
import pyarrow as pa
import pytest

from retention.frames import Frames, rows
from retention.rules import customer, orders
from tests.frames.shop import Make, ids, of_customers, orders_table, people, polars, with_orders

EARLIER = datetime(2026, 2, 1, tzinfo=UTC)


def test_an_item_that_is_missing_is_no_label(make: Make) -> None:
    tags = pa.array([["vip", None, "vip"], [None], None], pa.list_(pa.string()))
    frames = of_customers(make, people(tags=tags), tags="tags")
    assert ids(frames, customer.tags.has("vip")) == {"c1"}
    assert ids(frames, ~customer.tags.has("vip")) == {"c2", "c3"}
    assert ids(frames, customer.tags.count() == 1) == {"c1"}
    assert ids(frames, customer.tags.count() == 0) == {"c2"}
    assert ids(frames, customer.tags.is_missing()) == {"c3"}


def test_lists_without_items_count_none(make: Make) -> None:
    tags = pa.array([[], ["a", "b"], [None, "a"]], pa.list_(pa.string()))
    frames = of_customers(make, people(tags=tags), tags="tags")
    assert ids(frames, customer.tags.count() == 0) == {"c1"}
    assert ids(frames, customer.tags.count() == 2) == {"c2"}


def test_a_row_without_an_id_is_picked(make: Make) -> None:
    table = orders_table(("c1", "o1", EARLIER), ("c2", "o2", EARLIER), items=pa.array([7, 7]))
    table = table.set_column(1, "id", pa.array([None, "o2"], pa.string()))
    frames = with_orders(make, table, item_count="items")
    assert ids(frames, orders.item_count.first() == 7) == {"c1", "c2"}
    assert ids(frames, orders.item_count.last() == 7) == {"c1", "c2"}
    assert ids(frames, orders.where(orders.item_count > 1).item_count.first() == 7) == {"c1", "c2"}


@pytest.mark.parametrize("cells", [[], [None]], ids=["no rows", "a guest"])
def test_orders_without_a_type_beside_ids_that_are_texts(cells: list[None]) -> None:
    nothing = pl.DataFrame({"customer": cells, "id": cells, "at": cells})
    frames = Frames(
        customers=rows(polars(people()), id="id"), orders=rows(nothing, customer="customer", id="id", at="at")
    )
    assert ids(frames, orders.none()) == {"c1", "c2", "c3"}
    assert ids(frames, orders.any()) == set()


def test_sums_of_more_than_64_bits_in_duckdb() -> None:
    import duckdb

    most = 2**63 - 1
    table = orders_table(
        ("c1", "o1", EARLIER), ("c1", "o2", EARLIER), ("c2", "o3", EARLIER), items=pa.array([most, most, most])
    )
    frames = with_orders(duckdb.from_arrow, table, item_count="items")
    assert ids(frames, orders.item_count.sum() >= 2**63) == {"c1"}
    assert ids(frames, orders.item_count.sum() < 2**63) == {"c2", "c3"}

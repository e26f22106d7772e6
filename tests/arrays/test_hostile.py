"""Cells that nobody should give: each is refused by its column and row, or is plainly missing."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from retention.arrays import As, Json, Listed, Naive, Separated, Snapshot
from retention.errors import ConfigurationError, FactError
from retention.rules import Rule, customer, orders
from retention.rules.backends.sets.lower import lower
from retention.spans import days
from tests.arrays.test_snapshot import NOW, SEOUL


def who(snapshot: Snapshot, rule: Rule) -> list[str]:
    return snapshot.chosen(lower(rule.node, NOW, snapshot.layout))


@pytest.mark.parametrize(
    "cells",
    [
        As([",a,,b,", ",", None], Separated()),
        As([["a", None, "b", float("nan")], [None], pd.NA], Listed()),
        As([np.array(["a", "b"], object), np.array([], object), None], Listed()),
        As(['["a", null, "b"]', "[null]", "null"], Json()),
    ],
)
def test_what_is_empty_or_missing_is_no_label(cells: Any) -> None:
    snapshot = Snapshot.of_columns(customers={"id": ["a", "b", "c"], "tags": cells})
    assert who(snapshot, customer.tags.count() == 2) == ["a"]
    assert who(snapshot, customer.tags.count() == 0) == ["b"]
    assert who(snapshot, customer.tags.is_missing()) == ["c"]


class Undecided:
    """Compares to nobody knows what."""

    def __eq__(self, other: object) -> Any:
        raise TypeError

    __hash__ = None  # type: ignore[assignment]


@pytest.mark.parametrize(
    ("customers", "told"),
    [
        ({"id": ["a", ["b"]]}, r"customers\.id\[1\]: is not text \(got list\)"),
        ({"id": ["a", Decimal("sNaN")]}, r"customers\.id\[1\]: is not text"),
        ({"id": ["a", "b"], "country": [None, Undecided()]}, r"customers\.country\[1\]: is not text"),
        ({"id": ["a", "b"], "country": [pd.NA, 1.5]}, r"customers\.country\[1\]: is not text"),
        ({"id": ["a", "b"], "tags": [None, [["a"]]]}, r"customers\.tags\[1\]: is not a list of texts \(got list\)"),
        ({"id": ["a", "b"], "tags": As(["[]", '[["a"]]'], Json())}, r"customers\.tags\[1\]: is not a list of texts"),
        ({"id": ["a", "b"], "tags": As(["[]", '[{"a": 1}]'], Json())}, r"customers\.tags\[1\]: .*got dict"),
        ({"id": ["a", "b"], "tags": As(["[]", "[" * 200_000], Json())}, r"customers\.tags\[1\]: is not a JSON array"),
        ({"id": 5}, r"customers\.id: is not a column \(got int\)"),
        ({"id": "ab"}, r"customers\.id: is not a column \(got str\)"),
        ({"id": np.zeros((2, 2), np.int64)}, r"customers\.id: is not a column"),
        ({"id": np.array(5)}, r"customers\.id: is not a column"),
    ],
)
def test_customers_that_cannot_be(customers: dict[str, Any], told: str) -> None:
    with pytest.raises(FactError, match=told):
        Snapshot.of_columns(customers=customers)


def test_a_number_that_signals_is_no_number() -> None:
    ordered = {"customer": ["a"] * 2, "at": [NOW] * 2, "item_count": [1, Decimal("sNaN")]}
    with pytest.raises(FactError, match=r"orders\.item_count\[1\]"):
        Snapshot.of_columns(customers={"id": ["a"]}, orders=ordered)


@pytest.mark.parametrize("cell", [[1], Decimal("sNaN"), np.array([1, 0])])
def test_what_cannot_be_hashed_is_no_flag(cell: Any) -> None:
    reviewed = {"customer": ["a"] * 2, "at": [NOW] * 2, "has_photo": [True, cell]}
    with pytest.raises(FactError, match=r"reviews\.has_photo\[1\]: is not a flag"):
        Snapshot.of_columns(customers={"id": ["a"]}, reviews=reviewed)


@pytest.mark.parametrize(
    "cells",
    [
        pd.Series([2**53 + 1, None], dtype="Int64"),
        pd.array([2**53 + 1, None], "Int64"),
        pd.Series([2**53 + 1, None], dtype="int64[pyarrow]"),
        pa.array([2**53 + 1, None]),
        pa.chunked_array([[2**53 + 1, None]]),
    ],
)
def test_whole_numbers_with_gaps_keep_every_digit(cells: Any) -> None:
    ordered = {"customer": ["a", "b"], "at": [NOW] * 2, "item_count": cells}
    snapshot = Snapshot.of_columns(customers={"id": ["a", "b"]}, orders=ordered)
    assert who(snapshot, orders.item_count.sum() == 2**53 + 1) == ["a"]
    assert who(snapshot, orders.where(orders.item_count.is_missing()).any()) == ["b"]


@pytest.mark.parametrize("unit", ["s", "ms", "h", "D"])
@pytest.mark.parametrize("form", [None, Naive(SEOUL)])
def test_times_far_outside_the_calendar_do_not_come_back_into_it(unit: str, form: Naive | None) -> None:
    around = {"s": 10**6, "ms": 1000, "h": 3_600_000_000, "D": 86_400_000_000}[unit]
    hour = int(NOW.timestamp()) * 10**6 // around
    cells = np.array([hour + 2**64 // around, 0], np.int64).view(f"M8[{unit}]")
    ordered = {"customer": ["a"] * 2, "at": cells if form is None else As(cells, form)}
    with pytest.raises(FactError, match="years 1 to 9999"):
        Snapshot.of_columns(customers={"id": ["a"]}, orders=ordered)


def test_dates_far_outside_the_calendar_do_not_come_back_into_it() -> None:
    cells = np.array([2**62 + 7], np.int64).view("M8[W]")
    with pytest.raises(FactError, match="years 1 to 9999"):
        Snapshot.of_columns(customers={"id": ["a"], "birthday": cells})


def test_coarse_times_inside_the_calendar_are_taken() -> None:
    cells = np.array(["0001-01-01", "9999-12-31", "NaT", "2026-02-28"], "M8[D]")
    ordered = {"customer": ["a", "b", "c", "d"], "at": cells}
    snapshot = Snapshot.of_columns(customers={"id": ["a", "b", "c", "d"]}, orders=ordered)
    assert len(snapshot.tables["orders"]) == 3
    assert who(snapshot, orders.within(days(2)).any()) == ["d"]


@pytest.mark.parametrize(
    "cells", [[np.nan] * 2, np.full(2, np.nan), pd.Series([np.nan] * 2), np.ma.array([0.0, 0.0], mask=True)]
)
def test_a_column_of_which_nothing_is_known_is_missing(cells: Any) -> None:
    for name in ("name", "joined_at", "birthday", "tags"):
        attribute: Any = getattr(customer, name)
        snapshot = Snapshot.of_columns(customers={"id": ["a", "b"], name: cells})
        assert who(snapshot, attribute.is_missing()) == ["a", "b"]


def test_what_can_be_read_but_once_is_no_column() -> None:
    """It would be an empty one."""
    with pytest.raises(FactError, match="Give a sequence"):
        Snapshot.of_columns({"id": (each for each in "abc")})


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    Snapshot.of_columns({"id": ["a"]}).save(tmp_path / "it")
    with pytest.raises(ConfigurationError, match="no whole snapshot"):
        Snapshot.open(tmp_path / "it" / "snapshot.json")

"""A study of two households, as tables and as files."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as arrow
from attrs import asdict
from pyarrow import parquet

from demo.complete_journey import Tables

_INSTANTS = {"transaction_timestamp", "start_date", "end_date", "redemption_date"}


def microseconds(instant: datetime) -> int:
    return int(instant.timestamp()) * 1_000_000


def tables() -> Tables:
    """A basket is (household, store, basket, product, quantity, value, instant)."""
    first, last = datetime(2017, 1, 2, 3, 4, 5, tzinfo=UTC), datetime(2017, 11, 30, 20, tzinfo=UTC)
    rows = [
        (7, 330, 100, 1, 2, 3.98, first),
        (7, 330, 100, 2, 9000, 20.1, first),
        (7, 331, 101, 1, 0, 0.0, last),
        (3, 330, 102, 9, 1, 1.29, last),
    ]
    columns: list[list[Any]] = [list(column) for column in zip(*rows, strict=True)]
    columns[6] = [microseconds(at) for at in columns[6]]
    names = ("household_id", "store_id", "basket_id", "product_id", "quantity", "sales_value", "transaction_timestamp")
    day = microseconds(datetime(2017, 3, 3, tzinfo=UTC))
    return Tables(
        transactions=dict(zip(names, columns, strict=True)),
        products={
            "product_id": [1, 2],
            "department": ["GROCERY", "FUEL"],
            "brand": ["Private", "National"],
            "product_category": [None, "COUPON/MISC ITEMS"],
            "product_type": [None, "GASOLINE-REG UNLEADED"],
        },
        demographics={
            "household_id": [7],
            "age": ["65+"],
            "income": ["35-49K"],
            "home_ownership": [None],
            "marital_status": ["Married"],
            "household_size": ["2"],
            "kids_count": ["0"],
        },
        campaigns={"campaign_id": [5], "household_id": [7]},
        campaign_descriptions={
            "campaign_id": [5],
            "campaign_type": ["Type A"],
            "start_date": [day],
            "end_date": [day],
        },
        coupon_redemptions={"household_id": [7], "coupon_upc": [51], "campaign_id": [5], "redemption_date": [day]},
    )


def write(given: Tables, folder: Path) -> None:
    """The tables as the study's package has them: one Parquet file each."""
    for name, table in asdict(given, recurse=False).items():
        columns = {column: _array(column, cells) for column, cells in table.items()}
        parquet.write_table(arrow.table(columns), folder / f"{name}.parquet")


def _array(name: str, cells: list[Any]) -> Any:
    if name in _INSTANTS:
        return arrow.array(cells, arrow.timestamp("us"))
    return arrow.array(cells) if any(cell is not None for cell in cells) else arrow.array(cells, arrow.string())

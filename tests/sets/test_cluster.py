"""End to end on a Spark cluster: partitioned Parquet in, a label for every customer out, the same as one by one."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.dataset as ds
import pytest

from retention.activity import Visit
from retention.cart import CART_KINDS, CartEvent
from retention.customer import Customer
from retention.frames import Frames, rows
from retention.money import won
from retention.order import Order, Refund
from retention.profile import Fact, Profile
from retention.segments import SegmentSet
from retention.segments.catalogue import dormant, frequent, high_value, new, not_seen, purchase_states
from retention.testing.tables import CUSTOMERS, flat

pytestmark = pytest.mark.no_cover

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

CUSTOMERS_ASKED = 2_000
AS_OF = datetime(2026, 3, 1, tzinfo=UTC)
COLUMNS = {
    CUSTOMERS: ("id", "joined_at"),
    "orders": ("id", "at", "total", "status"),
    "refunds": ("id", "at", "order_id", "amount"),
    "cart": ("id", "at", "kind"),
    "visits": ("id", "at", "channel"),
}


def people() -> list[Profile]:
    random = Random(3)
    return [a_customer(f"c{number:05}", random) for number in range(CUSTOMERS_ASKED)]


def a_customer(id: str, random: Random) -> Profile:
    def before(days: int) -> datetime:
        return AS_OF - timedelta(microseconds=random.randrange(-5, days) * 86_400_000_000 + random.randrange(3) - 1)

    facts: list[Fact] = [Visit(f"{id}v{each}", before(150)) for each in range(random.randrange(3))]
    for each in range(random.choice((0, 0, 1, 2, 3, 5))):
        at, total = before(200), won(random.choice((9_000, 120_000, 250_000)))
        refunds = [Refund(f"{id}r{each}", at + timedelta(days=1), won(3_000))] * random.randrange(2)
        facts.append(Order(f"{id}o{each}", at, total=total, refunds=refunds))
    for each in range(random.choice((0, 1, 2))):
        facts.append(CartEvent(f"{id}e{each}", before(12), kind=random.choice(CART_KINDS)))
    return Profile.build(Customer(id, joined_at=before(60) if random.random() < 0.9 else None), facts)


def write(profiles: list[Profile], folder: Path) -> None:
    """Every table as Parquet in one folder for each month in which its rows happened."""
    tables = flat(profiles)
    for name, columns in COLUMNS.items():
        names = columns if name == CUSTOMERS else ("customer", *columns)
        cells = {each: [_cell(row[each]) for row in tables[name]] for each in names}
        when = cells["joined_at" if name == CUSTOMERS else "at"]
        table = pa.table({**cells, "month": [each and f"{each:%Y-%m}" for each in when]})
        ds.write_dataset(table, folder / name, format="parquet", partitioning=["month"], partitioning_flavor="hive")


def _cell(value: Any) -> Any:
    return getattr(value, "minor", value)


def read(session: "SparkSession", folder: Path) -> Frames[Any]:
    frames = {name: session.read.parquet(str(folder / name)) for name in COLUMNS}
    collections: dict[str, Any] = {
        name: rows(frames[name], customer="customer", **{each: each for each in columns})
        for name, columns in COLUMNS.items()
        if name != CUSTOMERS
    }
    return Frames(customers=rows(frames[CUSTOMERS], id="id", joined_at="joined_at"), currency="KRW", **collections)


def test_a_cluster_labels_every_customer(spark_cluster: "SparkSession", tmp_path: Path) -> None:
    profiles = people()
    segments = SegmentSet([new(), high_value(won(500_000)), dormant(), not_seen(), frequent(), *purchase_states()])
    write(profiles, tmp_path)
    assert len(list((tmp_path / "orders").iterdir())) > 5, "partitions"
    labelled = segments.label(read(spark_cluster, tmp_path), AS_OF)
    found = {row["id"]: {key for key in segments.keys if row[key]} for row in labelled.toArrow().to_pylist()}
    assert found == {each.customer.id: segments.labels(each, AS_OF) for each in profiles}
    assert all(0 < sum(key in labels for labels in found.values()) < CUSTOMERS_ASKED for key in segments.keys)

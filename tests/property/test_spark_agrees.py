"""Rules on Spark against the reference (see ``tests/sets/agreement.py``), and cells that no fact can have."""

from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
import sqlalchemy as sa

from retention import Money
from retention.rules import customer
from retention.rules.backends.sets.storage import Aware, Form, Major
from retention.spans import EARLIEST, LATEST
from tests.counted import RecordProperty
from tests.sets.agreement import assert_agrees
from tests.sets.engines import SPARK
from tests.sets.frame_engine import as_spark_frame
from tests.sets.one_attribute import Asked, Attribute, in_frames, own

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def test_spark_agrees_with_the_reference(spark: "SparkSession", record_property: RecordProperty) -> None:
    assert_agrees(SPARK, spark).tell(SPARK.name, record_property)


def _asked(spark: "SparkSession", name: str, cells: dict[str, Any], form: Form, kept: pa.DataType) -> Asked:
    return in_frames(partial(as_spark_frame, spark), Attribute(name, cells, form, kept, sa.Null()))


@pytest.mark.parametrize("kept", [pa.float64(), pa.decimal128(14, 3)], ids=str)
def test_half_a_cent_goes_away_from_zero_on_spark(spark: "SparkSession", kept: pa.DataType) -> None:
    cells = {text: float(text) if kept == pa.float64() else Decimal(text) for text in ("0.125", "-0.125", "0.375")}
    if kept == pa.float64():
        cells |= {"nan": float("nan"), "endless": float("inf")}
    ask = _asked(spark, "wallet", cells, Major(), kept)
    found = {minor: ask(own.wallet == Money(minor, "USD")) for minor in (12, 13, -12, -13, 38)}
    assert found == {12: set(), 13: {"0.125"}, -12: set(), -13: {"-0.125"}, 38: {"0.375"}}
    assert ask(own.wallet.is_missing()) == cells.keys() & {"nan", "endless"}


def test_the_ends_of_the_calendar_on_spark(spark: "SparkSession") -> None:
    never = datetime(9999, 12, 31, tzinfo=UTC)
    cells = {"first": EARLIEST, "never": never, "last": LATEST, "none": None}
    ask = _asked(spark, "joined_at", cells, Aware(), pa.timestamp("us", "UTC"))
    at: Any = customer.joined_at
    for rule, who in (
        (at == never, {"never"}),
        (at >= never, {"never", "last"}),
        (at == LATEST, {"last"}),
        (at < LATEST, {"first", "never"}),
        (at <= EARLIEST, {"first"}),
    ):
        assert (rule.to_text(), ask(rule)) == (rule.to_text(), who)

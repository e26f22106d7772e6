"""Rules on Spark against the reference; see ``tests/sets/agreement.py``."""

from typing import TYPE_CHECKING

from tests.counted import RecordProperty
from tests.sets.agreement import assert_agrees
from tests.sets.engines import SPARK

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def test_spark_agrees_with_the_reference(spark: "SparkSession", record_property: RecordProperty) -> None:
    assert_agrees(SPARK, spark).tell(SPARK.name, record_property)

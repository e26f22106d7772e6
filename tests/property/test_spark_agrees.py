"""Rules on Spark against the reference; see ``tests/sets/agreement.py``."""

import os
from typing import TYPE_CHECKING

import pytest

from tests.counted import RecordProperty
from tests.sets.agreement import assert_agrees
from tests.sets.engines import SPARK

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@pytest.mark.skipif("RETENTION_THOROUGH" not in os.environ, reason="takes minutes: make thorough")
def test_spark_agrees_with_the_reference(spark: "SparkSession", record_property: RecordProperty) -> None:
    assert_agrees(SPARK, spark).tell(SPARK.name, record_property)

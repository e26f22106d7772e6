"""Columns that narwhals has no expression for: made by each library itself, or by Python where it must be."""

import hashlib
from collections.abc import Callable
from typing import Any, Final, TypeAlias

import narwhals as nw

from retention.rules.backends.frames.engines import Engine
from retention.rules.backends.frames.scope import Scope

Function: TypeAlias = Callable[[Any], Any]

_DTYPES: Final[dict[type, Any]] = {int: nw.Int64, str: nw.String}


def add_bucket(scope: Scope, text: str, salt: str) -> str:
    """The name of a new column: the first four bytes of ``sha256(salt + NUL + text)`` as a number."""
    if scope.engine is Engine.DUCKDB:
        return _add_duckdb_bucket(scope, text, salt)
    if scope.engine is Engine.SPARK:
        return _add_spark_bucket(scope, text, salt)

    def bucket(given: str) -> int:
        return int.from_bytes(hashlib.sha256(f"{salt}\0{given}".encode()).digest()[:4], "big")

    return add_mapped(scope, text, bucket, int)


def add_mapped(scope: Scope, column: str, function: Function, result: type[int] | type[str]) -> str:
    """The name of a new column: a Python function of every value that there is."""
    name = scope.names.new()
    if scope.engine is Engine.POLARS:
        import polars as pl  # the host's own frames are of it

        kept = {int: pl.Int64, str: pl.String}[result]

        def mapped(values: pl.Series) -> pl.Series:
            return pl.Series(_each(values, function), dtype=kept)

        native = nw.to_native(scope.frame)
        added = native.with_columns(
            pl.col(column).map_batches(mapped, return_dtype=kept, is_elementwise=True).alias(name)
        )
        scope.frame = nw.from_native(added)
    else:
        values = _each(scope.frame[column].to_list(), function)
        series = nw.new_series(name, values, _DTYPES[result], backend=scope.frame.implementation)
        scope.frame = scope.frame.with_columns(series)
    return name


def _each(values: Any, function: Function) -> list[Any]:
    return [None if each is None else function(each) for each in values]


def _add_duckdb_bucket(scope: Scope, text: str, salt: str) -> str:
    from duckdb import ColumnExpression, ConstantExpression, FunctionExpression, StarExpression

    name = scope.names.new()
    salted = FunctionExpression("||", ConstantExpression(salt + "\0"), ColumnExpression(text))
    digest = FunctionExpression("sha256", salted)
    start = FunctionExpression("substr", digest, ConstantExpression(1), ConstantExpression(8))
    number = FunctionExpression("||", ConstantExpression("0x"), start).cast("BIGINT")
    scope.frame = nw.from_native(nw.to_native(scope.frame).select(StarExpression(), number.alias(name)))
    return name


def _add_spark_bucket(scope: Scope, text: str, salt: str) -> str:
    from pyspark.sql import functions as spark

    name = scope.names.new()
    digest = spark.sha2(spark.concat(spark.lit(salt + "\0"), spark.col(text)), 256)
    number = spark.conv(spark.substring(digest, 1, 8), 16, 10).cast("long")
    scope.frame = nw.from_native(nw.to_native(scope.frame).withColumn(name, number))
    return name

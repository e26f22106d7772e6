"""Rules over data frames and clusters: Polars, DuckDB, PySpark, pandas, PyArrow and whatever else narwhals knows.

>>> import polars as pl
>>> from retention.frames import Frames, rows
>>> frames = Frames(
...     customers=rows(pl.DataFrame({"customer_id": ["c1"], "land": ["KR"]}), id="customer_id", country="land"),
... )
"""

from retention.errors import MissingExtra

try:
    from retention.rules.backends.frames.mapping import Frames, Rows, rows
except ModuleNotFoundError as missing:
    if missing.name != "narwhals":
        raise
    raise MissingExtra("retention.frames", "narwhals", "frames") from missing

from retention.rules.backends.sets.layout import As
from retention.rules.backends.sets.storage import (
    Aware,
    Decimals,
    Epoch,
    Json,
    Listed,
    Major,
    Minor,
    Naive,
    Separated,
    Stored,
)

__all__ = [
    "As",
    "Aware",
    "Decimals",
    "Epoch",
    "Frames",
    "Json",
    "Listed",
    "Major",
    "Minor",
    "Naive",
    "Rows",
    "Separated",
    "Stored",
    "rows",
]

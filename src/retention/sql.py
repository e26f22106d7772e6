"""Rules over the tables of a shop's own database: what to tell of them. Needs the extra ``sql``."""

from importlib.util import find_spec

from retention.errors import MissingExtra

if find_spec("sqlalchemy") is None:
    raise MissingExtra("retention.sql", "sqlalchemy", "sql")

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
from retention.rules.backends.sql.tables import Rows, Tables, rows

__all__ = [
    "As",
    "Aware",
    "Decimals",
    "Epoch",
    "Json",
    "Listed",
    "Major",
    "Minor",
    "Naive",
    "Rows",
    "Separated",
    "Stored",
    "Tables",
    "rows",
]

"""The words of the query language: what is kept for the grammar, units of time, months."""

import re
from collections.abc import Mapping
from typing import Final

from retention.rules.nodes import Function
from retention.spans import LocalPeriod

RESERVED: Final = frozenset({
    "and", "or", "not", "in", "is", "true", "false", "always", "never", "now", "today", "this", "start", "customer",
    "segment", "fraction",
})  # fmt: skip
"""Words that begin or join something; a column or collection of such a name is written in `backticks`."""

UNITS: Final[Mapping[str, int]] = {
    "microsecond": 1,
    "second": 1_000_000,
    "minute": 60_000_000,
    "hour": 3_600_000_000,
    "day": 86_400_000_000,
    "week": 7 * 86_400_000_000,
}
"""Exact units in microseconds."""

CALENDAR_UNITS: Final[Mapping[str, int]] = {"month": 1, "year": 12}
"""Calendar units in months."""

UNIT_NAMES: Final = frozenset({"calendar"}.union(*((name, f"{name}s") for name in (*UNITS, *CALENDAR_UNITS))))

PERIODS: Final[Mapping[str, LocalPeriod]] = {
    "week": LocalPeriod("week"),
    "month": LocalPeriod("month"),
    "year": LocalPeriod("year"),
}
MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

FUNCTIONS: Final[Mapping[str, Function]] = {
    "casefold": "casefold",
    "size": "size",
    "local_date": "local_date",
    "bucket": "bucket",
}
"""Functions of one value, written after it: ``customer.city.casefold()``."""

NARROWINGS: Final = ("within", "older_than", "since", "after", "before", "between", "first", "last", "nth", "all")
"""What makes fewer rows of rows."""

CONCLUSIONS: Final = ("count", "any", "none")
"""What makes a value or a rule of rows."""

OPERATORS: Final = (
    "and", "or", "in", "is", "contains", "starts", "ends", "has", "within", "older", "between", "before", "after", "on",
    "returns", "returned", "followed",
)  # fmt: skip
"""Words that follow a value."""

WORDS: Final = RESERVED.union(OPERATORS)
"""Words of the language, all in small letters."""

_SIMPLE: Final = re.compile(r"[^\W\d]\w*")


def is_bare(name: str) -> bool:
    """Whether a name can be written without backticks."""
    return name not in RESERVED and _SIMPLE.fullmatch(name) is not None


def singular(unit: str) -> str:
    """``day`` of ``days``."""
    return unit.removesuffix("s")

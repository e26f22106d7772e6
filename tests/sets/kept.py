"""Values as a host's tables keep them, form by form."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any, assert_never

from retention.rules.backends.sets.storage import (
    Aware,
    Decimals,
    Epoch,
    Form,
    Json,
    Listed,
    Major,
    Minor,
    Naive,
    Separated,
)
from retention.spans import TICK, local, resolve

_START = datetime(1970, 1, 1, tzinfo=UTC)
_UNITS = {"s": timedelta(seconds=1), "ms": timedelta(milliseconds=1), "us": TICK}


def kept(value: Any, form: Form | None) -> Any:
    """A value (of ``retention.testing.tables.flat``) as a column of that form has it; None stays None."""
    if value is None:
        return None
    match form:
        case Aware() | None:
            return value
        case Naive(zone):
            return wall(value, zone)
        case Epoch(unit):
            return (value - _START) // _UNITS[unit]
        case Minor():
            return value.minor
        case Major():
            return value.major
        case Decimals(places):
            return Decimal(int(value * 10**places)).scaleb(-places) if places else int(value)
        case Listed():
            return sorted(value)
        case Separated(by):
            return by.join(sorted(value))
        case Json():
            return json.dumps(sorted(value), ensure_ascii=len(value) > 1)
        case _:
            assert_never(form)


def wall(instant: datetime, zone: tzinfo) -> datetime:
    """What clocks in a zone show."""
    return local(instant, zone).replace(tzinfo=None, fold=0)


def is_exact(value: Any, form: Form | None) -> bool:
    """Whether a form keeps all there is of a value."""
    if value is None:
        return True
    match form:
        case Naive(zone):
            return bool(resolve(wall(value, zone), zone) == value)
        case Epoch(unit):
            return bool((value - _START) % _UNITS[unit] == timedelta(0))
        case Decimals(places):
            return bool((value * 10**places) % 1 == 0)
        case Separated(by):
            return not any(by in each for each in value)
        case Aware() | Minor() | Major() | Listed() | Json() | None:
            return True
        case _:
            assert_never(form)


def all_exact(values: Iterable[Any], form: Form | None) -> bool:
    """Whether a form keeps every one of the values."""
    return all(is_exact(each, form) for each in values)

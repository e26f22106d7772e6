"""What customers have no value of, and tests that are said again, where DuckDB calculates."""

from datetime import UTC, timedelta
from typing import Any

import pyarrow as pa
import pytest

from retention import won
from retention.frames import Frames, Naive, Stored
from retention.rules import Rule, customer, orders
from retention.rules.backends.sets.lower import lower
from retention.spans import EARLIEST, LATEST
from tests.frames.shop import AS_OF, LIBRARIES, instants, listed, of_customers, orders_table, people, with_orders

DUCKDB = LIBRARIES["DuckDB"]
_JOINED = AS_OF - timedelta(days=3)

_OF_AN_INSTANT: dict[str, Rule] = {
    "before": customer.joined_at < AS_OF,
    "until": customer.joined_at <= _JOINED,
    "from": customer.joined_at >= _JOINED,
    "after": customer.joined_at > _JOINED - timedelta(days=1),
    "at": customer.joined_at == _JOINED,
}


def _asked(told: Frames[Any], rules: dict[str, Rule]) -> Any:
    return told.answers({name: lower(rule.node, AS_OF, told.layout) for name, rule in rules.items()})


def _rows(told: Frames[Any], rules: dict[str, Rule]) -> list[dict[str, Any]]:
    return sorted(listed(_asked(told, rules)), key=lambda row: str(row["id"]))


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC"])
def test_an_instant_that_is_missing_is_in_no_order(unit: str, zone: str | None) -> None:
    stored = Stored() if zone else Stored(instants=Naive(UTC))
    joined = instants(_JOINED if zone else _JOINED.replace(tzinfo=None), None, None, unit=unit, zone=zone)
    told = of_customers(DUCKDB, people(joined=joined), stored, joined_at="joined")
    assert _rows(told, _OF_AN_INSTANT) == [{"id": f"c{n}", **dict.fromkeys(_OF_AN_INSTANT, n == 1)} for n in (1, 2, 3)]


@pytest.mark.parametrize("zone", [None, "UTC"])
def test_nobody_without_an_instant_is_at_an_end_of_the_calendar(zone: str | None) -> None:
    stored = Stored() if zone else Stored(instants=Naive(UTC))
    joined = instants(*(each.replace(tzinfo=UTC if zone else None) for each in (EARLIEST, LATEST)), None, zone=zone)
    told = of_customers(DUCKDB, people(joined=joined), stored, joined_at="joined")
    at = customer.joined_at
    rules: dict[str, Any] = {"to the last": at <= LATEST, "from the first": at >= EARLIEST, "the first": at == EARLIEST}
    found = [tuple(row.values())[1:] for row in _rows(told, rules)]
    assert found == [(True, True, True), (True, True, False), (False, False, False)]


def test_numbers_of_customers_without_rows_are_nought() -> None:
    table = orders_table(("c1", "o1", _JOINED), total=pa.array([7], pa.int64()))
    rules: dict[str, Rule] = {
        "none": orders.count() == 0,
        "at most one": orders.count() <= 1,
        "some": orders.count() >= 1,
        "little": orders.total.sum() < won(7),
        "much": orders.total.sum() >= won(7),
        "longer ago": orders.placed_at.last() < AS_OF,
    }
    assert _rows(with_orders(DUCKDB, table, total="total"), rules) == [
        {"id": "c1", **dict(zip(rules, (False, True, True, False, True, True), strict=True))},
        *(
            {"id": each, **dict(zip(rules, (True, True, False, True, False, False), strict=True))}
            for each in ("c2", "c3")
        ),
    ]


def test_a_test_that_is_said_again_is_calculated_once() -> None:
    told = of_customers(DUCKDB, people(land=pa.array(["KR", None, "JP"])), country="land")
    korean = customer.country == "KR"
    found = _asked(told, {"korean": korean, "not": ~korean, "both": korean & (customer.id == "c1")})
    assert found.sql_query().count("'KR'") == 1
    assert [tuple(row.values())[1:] for row in sorted(listed(found), key=lambda row: str(row["id"]))] == [
        (True, False, True),
        (False, True, False),
        (False, True, False),
    ]

"""Two bounds of one instant, which Polars is asked about together."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from retention.rules import Rule, customer
from tests.frames.shop import AS_OF, LIBRARIES, Make, ids, instants, of_customers, people

_DAY = timedelta(days=1)
FIRST, LAST = AS_OF - 2 * _DAY, AS_OF
JOINED = customer.joined_at
every_library = pytest.mark.parametrize("make", LIBRARIES.values(), ids=LIBRARIES)


@every_library
@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        pytest.param((JOINED > FIRST) & (JOINED < LAST), {"c2"}, id="between"),
        pytest.param((JOINED >= FIRST) & (JOINED < LAST), {"c1", "c2"}, id="from"),
        pytest.param((JOINED > FIRST) & (JOINED <= LAST), {"c2", "c3"}, id="until"),
        pytest.param((JOINED >= FIRST) & (JOINED <= LAST), {"c1", "c2", "c3"}, id="from and until"),
        pytest.param((JOINED > FIRST) & (JOINED >= FIRST) & (JOINED <= LAST), {"c2", "c3"}, id="two lower ones"),
        pytest.param(~((JOINED > FIRST) & (JOINED < LAST)), {"c1", "c3"}, id="neither"),
    ],
)
@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_which_ends_belong_to_it(make: Make, rule: Rule, expected: set[str], unit: str) -> None:
    joined = instants(FIRST, AS_OF - _DAY, LAST, unit=unit)
    assert ids(of_customers(make, people(joined=joined), joined_at="joined"), rule) == expected


@every_library
def test_nobody_without_an_instant_is_between_any(make: Make) -> None:
    joined: list[datetime | None] = [None, AS_OF - _DAY, None]
    frames = of_customers(make, people(joined=instants(*joined)), joined_at="joined")
    within = (JOINED > FIRST) & (JOINED < LAST)
    assert (ids(frames, within), ids(frames, ~within)) == ({"c2"}, {"c1", "c3"})


@every_library
@pytest.mark.parametrize("way", [1, -1], ids=["late", "early"])
def test_what_64_bits_of_nanoseconds_cannot_say_is_before_or_after_all_that_they_can(make: Make, way: int) -> None:
    most = way * (2**63 - 1_000)  # the very last is DuckDB's infinity
    joined = pa.array([most, None, 0], pa.int64()).cast(pa.timestamp("ns", "UTC"))
    frames = of_customers(make, people(joined=joined), joined_at="joined")
    beyond = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=way * (2**63 // 1000 + 1))
    first: Any = customer.joined_at
    rules = (first < beyond, first <= beyond, first == beyond, first >= beyond, first > beyond)
    before = [{"c1", "c3"}, {"c1", "c3"}, set(), set(), set()]
    assert [ids(frames, each) for each in rules] == (before if way > 0 else before[::-1])
    assert [ids(frames, ~each) for each in rules] == [{"c1", "c2", "c3"} - each for each in before][::way]
    between = (first >= AS_OF - 400 * 366 * _DAY) & (first <= AS_OF + 400 * 366 * _DAY)
    assert ids(frames, between) == {"c1", "c3"}

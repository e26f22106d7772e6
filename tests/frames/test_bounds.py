"""Two bounds of one instant, which Polars is asked about together."""

from datetime import datetime, timedelta

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

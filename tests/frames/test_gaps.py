"""pandas cannot tell what a column is of which it has nothing, and makes floats of whole numbers with gaps."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pytest

from retention import Segment, days, won
from retention.frames import Epoch, Frames, Naive, Separated, Stored, rows
from retention.rules import customer, orders

NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)
SALES = pd.DataFrame({"number": ["1"], "buyer": ["a"], "placed": [NOW - timedelta(days=3)], "won": [5]})
ATTRIBUTES: dict[str, Any] = {
    "country": "land",
    "birthday": "born",
    "tags": "labels",
    "joined_at": "created",
    "bought": "bought",
}


def nothing(*names: str) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series([], dtype=object) for name in names})


def members(segment: Segment, users: pd.DataFrame, sales: pd.DataFrame, **mapped: Any) -> list[Any]:
    stored = mapped.pop("stored", Stored())
    frames = Frames(
        customers=rows(users, id="id", **mapped),
        orders=rows(sales, customer="buyer", id="number", at="placed", total="won"),
        currency="KRW",
        stored=stored,
    )
    found: list[Any] = segment.filter(frames, NOW)["id"].tolist()
    return found


@pytest.mark.parametrize(
    ("sales", "bought"),
    [
        (SALES, ["a"]),
        (SALES[:0], []),
        (nothing("number", "buyer", "placed", "won"), []),
        (pd.DataFrame({"number": [], "buyer": [], "placed": [], "won": []}), []),
        (SALES.assign(buyer=pd.Series([None], dtype=object)), []),
    ],
    ids=["some", "sliced", "objects", "floats", "guests"],
)
def test_orders_of_nobody(sales: pd.DataFrame, bought: list[str]) -> None:
    users = pd.DataFrame({"id": ["a", "b"]})
    assert members(Segment("bought", orders.any()), users, sales) == bought
    assert members(Segment("spent", orders.total.sum() >= won(0)), users, sales) == ["a", "b"]


@pytest.mark.parametrize(
    "stored", [Stored(), Stored(instants=Naive(UTC), labels=Separated()), Stored(instants=Epoch())], ids=repr
)
def test_attributes_of_which_nothing_is_known(stored: Stored) -> None:
    missing = pd.Series([None, None], dtype=object)
    users = pd.DataFrame({"id": ["a", "b"], "land": missing, "born": missing, "labels": missing, "created": missing})
    mapped = {name: column for name, column in ATTRIBUTES.items() if column in users}
    nobody = (
        (customer.country == "KR")
        | customer.tags.has("vip")
        | customer.joined_at.within(days(9))
        | ~customer.birthday.is_missing()
    )
    sales = nothing("number", "buyer", "placed", "won")
    assert members(Segment("somebody", nobody & orders.none()), users, sales, stored=stored, **mapped) == []
    assert members(Segment("others", ~nobody & orders.none()), users, sales, stored=stored, **mapped) == ["a", "b"]


def test_whole_numbers_with_gaps_are_ids() -> None:
    sales = pd.DataFrame({"number": [1, 2], "buyer": [1, None], "placed": [NOW - timedelta(days=3)] * 2, "won": [5, 6]})
    assert str(sales["buyer"].dtype) == "float64"
    bought = Segment("bought", orders.any())
    assert members(bought, pd.DataFrame({"id": [1, 2]}), sales) == [1]
    assert members(bought, pd.DataFrame({"id": ["1", "2"]}), sales) == ["1"]
    assert members(bought, pd.DataFrame({"id": pd.Series([1, "b"], dtype=object)}).astype(str), sales) == ["1"]


@pytest.mark.parametrize("unit", ["ns", "us", "ms"])
@pytest.mark.parametrize("zone", ["UTC", "Asia/Seoul"])
def test_instants_of_any_unit_and_zone(unit: str, zone: str) -> None:
    joined = pd.Series([NOW - timedelta(days=2), None]).dt.tz_convert(zone).astype(f"datetime64[{unit}, {zone}]")
    users = pd.DataFrame({"id": ["a", "b"], "created": joined})
    new = Segment("new", customer.joined_at.within(days(3)) & orders.any())
    assert members(new, users, SALES, joined_at="created") == ["a"]

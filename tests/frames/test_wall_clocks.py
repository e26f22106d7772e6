"""Wall clock times of a zone that never changes its clocks, beside instants that are kept otherwise."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pyarrow as pa
import pytest

from retention.frames import As, Epoch, Naive
from retention.rules import orders
from tests.frames.shop import LIBRARIES, ids, instants, orders_table, with_orders

NOON = datetime(2026, 2, 1, 12, tzinfo=UTC)
SEOUL = timezone(timedelta(hours=9))
TICK = timedelta(microseconds=1)
LIBRARIES_OF_ZONES = {name: make for name, make in LIBRARIES.items() if name != "DuckDB"}  # which refuses it


@pytest.mark.parametrize("library", LIBRARIES_OF_ZONES)
@pytest.mark.parametrize("kept", ["aware", "epoch"])
def test_they_are_the_instants_at_which_clocks_show_them(library: str, kept: str) -> None:
    shown = (NOON + timedelta(hours=9)).replace(tzinfo=None)
    paid = instants(shown, shown + TICK, shown - TICK, zone=None)
    table = orders_table(*((f"c{number}", f"o{number}", NOON) for number in (1, 2, 3)), paid=paid)
    said: dict[str, Any] = {"paid_at": As("paid", Naive(SEOUL))}
    if kept == "epoch":
        seconds = pa.array([int(NOON.timestamp())] * 3)
        table = table.append_column("brought", seconds)
        said["delivered_at"] = As("brought", Epoch())
    frames = with_orders(LIBRARIES_OF_ZONES[library], table, **said)
    other = orders.placed_at if kept == "aware" else orders.delivered_at
    assert ids(frames, orders.where(orders.paid_at > other).any()) == {"c2"}
    assert ids(frames, orders.where(orders.paid_at < other).any()) == {"c3"}
    assert ids(frames, orders.where(orders.paid_at == other).any()) == {"c1"}

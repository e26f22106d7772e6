"""Which rows are found: against the plainest way to find them."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from retention.rules.backends.arrays.columns import Numbers, ends, spread
from retention.rules.backends.arrays.selections import (
    Places,
    as_places,
    everything,
    first_later,
    from_instant,
    group_heads,
    nth,
    through_instant,
)
from retention.rules.backends.arrays.table import Table
from retention.rules.backends.arrays.windows import Window
from retention.rules.backends.arrays.zones import DAY, FIRST, LAST, microseconds
from retention.rules.backends.sets.terms import AT, Constant, Is
from retention.rules.nodes import Comparison

Instants = list[list[int]]

histories = st.lists(st.lists(st.integers(-3, 20), max_size=30), max_size=8)


def table(histories: Instants, unit: int = 1) -> Table:
    rows = [(owner, at * unit) for owner, each in enumerate(histories) for at in each]
    owners = np.array([owner for owner, _ in rows], np.int32)
    at = Numbers(np.array([at for _, at in rows], np.int64))
    return Table.cluster(len(histories), owners, {"at": at})


def seen(places: Places) -> list[tuple[int, int]]:
    return list(zip(places.owners.tolist(), places.table.at[places.rows].tolist(), strict=True))


def wanted(histories: Instants, low: int, high: int) -> list[tuple[int, int]]:
    return [(owner, at) for owner, each in enumerate(histories) for at in sorted(each) if low <= at <= high]


@given(histories, st.integers(-5, 22), st.integers(-5, 22))
def test_a_window_on_stretches(history: Instants, low: int, high: int) -> None:
    found = from_instant(through_instant(everything(table(history)), np.array(high)), np.array(low))
    assert seen(as_places(found)) == wanted(history, low, high)
    assert found.counts.tolist() == [sum(low <= at <= high for at in each) for each in history]


@given(histories, st.integers(-5, 22))
def test_a_bound_for_each_customer(history: Instants, shift: int) -> None:
    bounds = np.array([shift - owner for owner in range(len(history))], np.int64)
    late = from_instant(everything(table(history)), bounds)
    early = through_instant(everything(table(history)), bounds - 1)
    assert (late.counts + early.counts).tolist() == [len(each) for each in history]
    assert all(at >= shift - owner for owner, at in seen(as_places(late)))


@given(histories, st.integers(-5, 22), st.integers(0, 30))
def test_a_window_that_leaves_few_rows(history: Instants, low: int, length: int) -> None:
    held = table(history, DAY // 2)
    window = Window(low * DAY // 2, (low + length) * DAY // 2)
    rows = window.few(held)
    if rows is not None:
        found = [(owner, at * 2 // DAY) for owner, at in seen(Places(held, rows))]
        assert found == wanted(history, low, low + length)
    inside = window.mask(held)
    kept = np.arange(len(held)) if inside is None else np.flatnonzero(inside)
    assert [(owner, at * 2 // DAY) for owner, at in seen(Places(held, kept))] == wanted(history, low, low + length)


def test_a_window_that_leaves_few_rows_lists_them() -> None:
    held = table([list(range(100)), [99]], DAY)
    rows = Window(98 * DAY, LAST).few(held)
    assert rows is not None
    assert seen(Places(held, rows)) == [(0, 98 * DAY), (0, 99 * DAY), (1, 99 * DAY)]
    assert Window(50 * DAY, LAST).few(held) is None
    assert Window(FIRST, 3 * DAY).few(held) is None
    later = Window(200 * DAY, LAST).few(held)
    assert later is not None
    assert not len(later)


@pytest.mark.parametrize(
    ("operator", "window"),
    [(">", (1, LAST)), (">=", (0, LAST)), ("<", (FIRST, -1)), ("<=", (FIRST, 0)), ("==", (0, 0))],
)
def test_constant_bounds_become_a_window(operator: Comparison, window: tuple[int, int]) -> None:
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    bound = Is(operator, AT, Constant(noon))
    found, rest = Window.of([bound])
    low, high = (edge if edge in (FIRST, LAST) else edge + microseconds(noon) for edge in window)
    assert (found, rest) == (Window(low, high), [])
    other = Is(operator, Constant(1), Constant(noon + timedelta(1)))
    assert Window.of([other]) == (Window(), [other])


@given(histories, st.sampled_from([-3, -2, -1, 1, 2, 3]), st.integers(-3, 20))
def test_the_row_at_a_position(history: Instants, position: int, low: int) -> None:
    held = everything(table(history))
    kept = [[at for at in sorted(each) if at >= low] for each in history]
    index = position - 1 if position > 0 else position
    found = [(owner, each[index]) for owner, each in enumerate(kept) if len(each) >= abs(position)]
    stretches = from_instant(held, np.array(low))
    assert seen(nth(stretches, position)) == found
    assert seen(nth(as_places(stretches), position)) == found


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 5))))
def test_stretches_one_after_the_other(stretches: list[tuple[int, int]]) -> None:
    starts = np.array([start for start, _ in stretches], np.int64)
    counts = np.array([count for _, count in stretches], np.int64)
    assert spread(starts, counts).tolist() == [row for start, count in stretches for row in range(start, start + count)]


@given(st.lists(st.lists(st.integers(0, 9), max_size=60), max_size=5), st.integers(-1, 10))
def test_the_first_later_in_each_stretch(stretches: list[list[int]], bound: int) -> None:
    at = np.array([each for stretch in stretches for each in sorted(stretch)], np.int64)
    offsets = ends(np.array([len(stretch) for stretch in stretches], np.int64))
    found = first_later(at, offsets[:-1], offsets[1:], np.array(bound)) - offsets[:-1]
    assert found.tolist() == [sum(each <= bound for each in stretch) for stretch in stretches]


@given(st.lists(st.integers(0, 4)).map(sorted))
def test_where_groups_begin(owners: list[int]) -> None:
    given_owners: NDArray[np.int64] = np.array(owners, np.int64)
    assert group_heads(given_owners).tolist() == [n for n in range(len(owners)) if n == 0 or owners[n] != owners[n - 1]]

"""Columns of labels, where those of each row lie, and of texts."""

from hashlib import sha256
from random import Random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from retention.rules.backends.arrays.columns import Labels, ends, joined, length, take
from retention.rules.backends.arrays.texts import encode

sets = st.lists(st.lists(st.sampled_from("abc"), unique=True, max_size=3), max_size=8)


def _labels(sets: list[list[str]]) -> Labels:
    codes, texts = encode([label for each in sets for label in each])
    return Labels(ends(np.array([len(each) for each in sets], np.int64)), codes, texts)


@given(sets)
def test_the_rows_that_have_a_label(several: list[list[str]]) -> None:
    column = _labels(several)
    for label in column.texts.words():
        assert column.holding(column.texts.find(label)).tolist() == [label in each for each in several]


@given(sets, sets, st.randoms())
def test_rows_keep_their_labels(one: list[list[str]], other: list[list[str]], random: Random) -> None:
    column = joined(_labels(one), _labels(other))
    rows = list(range(length(column)))
    random.shuffle(rows)
    moved = take(column, np.array(rows, np.intp))
    assert isinstance(moved, Labels)
    for label in moved.texts.words():
        assert moved.holding(moved.texts.find(label)).tolist() == [label in (one + other)[row] for row in rows]


def test_buckets_are_of_their_salt() -> None:
    _, texts = encode(["a", "가"])
    for salt in ("one", "other", "one"):
        expected = [int.from_bytes(sha256(f"{salt}\0{each}".encode()).digest()[:4], "big") for each in texts.words()]
        assert texts.buckets(salt).tolist() == expected

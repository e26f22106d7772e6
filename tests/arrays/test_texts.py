"""Dictionaries of texts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retention.errors import FactError
from retention.rules.backends.arrays.texts import NO_TEXT, Texts, encode, encode_numbers

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=4)
cells = st.lists(st.none() | words)


@given(cells)
def test_codes_lead_back_to_the_texts(given_cells: list[str | None]) -> None:
    codes, texts = encode(given_cells)
    assert texts.cells(codes) == given_cells
    assert texts.words() == sorted({each for each in given_cells if each is not None})


@given(cells, words)
def test_a_text_is_found_by_bisection(given_cells: list[str | None], word: str) -> None:
    _, texts = encode([*given_cells, "가", "a\0", "a"])
    every = texts.words()
    assert texts.find(word) == (every.index(word) if word in every else NO_TEXT)
    assert [texts[texts.find(each)] for each in every] == every


@given(cells, st.sets(words))
def test_more_words(given_cells: list[str | None], more: set[str]) -> None:
    codes, texts = encode(given_cells)
    grown, moved = texts.with_words(more)
    assert grown.words() == sorted({*texts.words(), *more})
    assert grown.cells(codes if moved is None else moved[codes]) == given_cells


@given(cells, cells)
def test_codes_in_another_dictionary(one: list[str | None], other: list[str | None]) -> None:
    codes, texts = encode(one)
    _, others = encode(other)
    there = texts.codes_in(others)[codes]
    assert others.cells(there) == [each if each in other else None for each in one]


@given(st.lists(st.integers(-(2**63), 2**63 - 1)) | st.lists(st.integers(95, 1005)))
def test_whole_numbers_are_their_digits(numbers: list[int]) -> None:
    codes, texts = encode_numbers(np.array(numbers, np.int64))
    assert texts.cells(codes) == list(map(str, numbers))
    assert texts.words() == sorted(set(map(str, numbers)))


def test_few_cells_of_a_large_dictionary() -> None:
    texts = Texts.of([f"{number:05}" for number in range(1000)])
    assert texts.cells(np.array([7, NO_TEXT], np.int32)) == ["00007", None]


def test_casefolding_and_buckets_are_kept() -> None:
    _, texts = encode(["ß", "SS", "ss", "a"])
    folded, codes = texts.folded()
    assert [folded[code] for code in codes] == ["ss" if each != "a" else "a" for each in texts.words()]
    assert texts.folded() is texts.folded()
    assert texts.buckets("salt") is texts.buckets("salt")


def test_what_is_no_text() -> None:
    with pytest.raises(FactError, match="is not text"):
        encode(["a", 1.5], "customers.country")
    with pytest.raises(FactError, match="surrogate"):
        encode(["\ud800"], "customers.country")
    _, texts = encode([None, float("nan"), "a"])
    assert texts.words() == ["a"]
    assert texts.find("\ud800") == NO_TEXT

"""Approved templates: the text that goes out is the approved one with its variables filled, and nothing else."""

import re
from collections.abc import Mapping
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retention.permission.content.approved import (
    Mismatch,
    alimtalk_problems,
    filled,
    mismatch,
    variables,
)
from retention.permission.messages import Button

SHIPPED = "#{고객명}님, 주문 #{번호}이 출발했습니다.\n#{고객명}님께 감사드립니다."
VALUES = {"고객명": "김민지", "번호": "A-1"}


def test_variables_and_filling() -> None:
    assert variables(SHIPPED) == ("고객명", "번호")
    assert filled(SHIPPED, VALUES) == "김민지님, 주문 A-1이 출발했습니다.\n김민지님께 감사드립니다."
    with pytest.raises(KeyError):
        filled(SHIPPED, {"고객명": "김민지"})
    assert filled("#{a}", {"a": r"\1 #{b}"}) == r"\1 #{b}"  # what is filled in is not read again


def test_the_approved_text_fits_with_its_values_and_without() -> None:
    text = filled(SHIPPED, VALUES)
    assert mismatch(SHIPPED, text, VALUES) is None
    assert mismatch(SHIPPED, text, {}) is None
    assert mismatch("감사합니다", "감사합니다", {}) is None


@pytest.mark.parametrize(
    ("text", "values", "why", "at"),
    [
        ("김민지님, 주문 A-1이 출발했습니다!\n김민지님께 감사드립니다.", VALUES, "different", "!"),
        ("김민지님, 주문 A-1이 출발했습니다.\n김민지님께 감사드립니다. 세일!", VALUES, "different", " 세일!"),
        ("김민지님, 주문 A-2이 출발했습니다.\n김민지님께 감사드립니다.", VALUES, "different", "2이"),
        ("김민지님, 주문 이 출발했습니다.\n김민지님께 감사드립니다.", {**VALUES, "번호": ""}, "unfilled", ""),
        ("김민지님, 주문 A-1이 출발했습니다.\n김민지님께 감사드립니다.", {"번호": "A-1"}, "unfilled", ""),
        (SHIPPED, VALUES, "unfilled", "#{고객명}"),
        ("김민지님, 주문 #{번호}이 출발했습니다.\n김민지님께 감사드립니다.", {}, "unfilled", "#{번호}"),
        ("김민지님, 주문 A-1이 출발했습니다.\n이수진님께 감사드립니다.", {}, "different", "이수진"),
        ("님, 주문 A-1이 출발했습니다.\n님께 감사드립니다.", {}, "different", ""),
        ("김민지님, 주문 A-1이 도착했습니다.\n김민지님께 감사드립니다.", {}, "different", "A-1"),
    ],
)
def test_a_text_that_is_not_the_approved_one(
    text: str, values: Mapping[str, str], why: Literal["unfilled", "different"], at: str
) -> None:
    assert mismatch(SHIPPED, text, values) == Mismatch(why, text.index(at))


PIECES = st.lists(st.sampled_from(["a", "b", "ab", "#{x}", "#{y}", "#{z}", " "]), max_size=6).map("".join)


@given(PIECES, st.fixed_dictionaries(dict.fromkeys("xyz", st.text("ab ", min_size=1, max_size=3))))
def test_what_was_filled_always_fits(approved: str, values: Mapping[str, str]) -> None:
    assert mismatch(approved, filled(approved, values), values) is None


@given(PIECES.filter(lambda each: all(each.count(f"#{{{name}}}") < 2 for name in "xyz")), st.text("ab ", max_size=8))
def test_without_values_it_fits_what_the_pattern_of_the_law_fits(approved: str, text: str) -> None:
    pattern = "".join(
        "(?:.|\n)+" if place % 2 else re.escape(each) for place, each in enumerate(re.split(r"#\{(.)\}", approved))
    )
    assert (mismatch(approved, text, {}) is None) == (re.fullmatch(pattern, text) is not None)


def test_many_variables_take_no_longer_than_few() -> None:
    approved = "a".join(f"#{{v{each}}}" for each in range(500)) + "!"
    assert mismatch(approved, "a" * 100_000, {}) is not None


def test_the_limits_of_alimtalk() -> None:
    """NHN Cloud, KakaoTalk Bizmessage: 1,000 characters, code of 20, 5 buttons of 14 characters."""
    fine = tuple(Button("가" * 14) for _ in range(5))
    assert alimtalk_problems("c" * 20, "가" * 1_000, fine) == ()
    found = alimtalk_problems("c" * 21, "가" * 1_001, (*fine, Button("가" * 15), Button("")))
    assert [each.code for each in found] == [
        "too-long",
        "template-code-length",
        "too-many-buttons",
        "button-label-length",
        "button-label-length",
    ]
    assert [each.code for each in alimtalk_problems("", "가", ())] == ["template-code-length"]

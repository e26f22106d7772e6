"""Labels: exactly ``(광고)`` at the start (Network Act art. 50(4), Decree annex 6), ``<ADV> `` in Singapore."""

from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retention.permission.content.labels import after_label, label_problem, names_sender, refuses_at_end

AD = "(광고)"


@pytest.mark.parametrize("text", ["(광고)봄상점 세일", "(광고) 봄상점", "(광고)", normalize("NFD", "(광고)봄상점")])
def test_the_label_to_the_letter(text: str) -> None:
    assert label_problem(text, AD) is None


@pytest.mark.parametrize(
    "text",
    [
        *(
            "(광 고)봄",
            "(광.고)봄",
            "[광고]봄",
            "(광/고)봄",
            '("광고")봄',
            "광고 봄",
            "（광고）봄",
            "【광고】봄",
            "<광고>봄",
            "( 광고 )봄",
        ),
        *(
            " (광고)봄",
            "\n(광고)봄",
            "\ufeff(광고)봄",
            "\u200b(광고)봄",
            "(광\u200b고)봄",
            "((광고))봄",
            "*(광고)*봄",
            "(광·고)봄",
            "광-고봄",
        ),
    ],
)
def test_look_alikes_are_errors_of_their_own(text: str) -> None:
    assert label_problem(text, AD) == "look-alike"


@pytest.mark.parametrize("text", ["", "봄상점 세일", "봄상점 (광고)", "[봄상점] 광고", "(AD) sale"])
def test_no_label(text: str) -> None:
    assert label_problem(text, AD) == "missing"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("<ADV> Spring sale", None),
        ("<ADV>Spring sale", "look-alike"),
        ("<adv> Spring sale", "look-alike"),
        ("[ADV] Spring sale", "look-alike"),
        (" <ADV> Spring sale", "look-alike"),
        ("ADV: sale", "look-alike"),
        ("Advance sale", "missing"),
        ("Spring sale", "missing"),
    ],
)
def test_singapore(text: str, problem: str | None) -> None:
    assert label_problem(text, "<ADV> ") == problem


@given(st.text(st.sampled_from(" \u200b\ufeff.[]()\"'/"), max_size=6), st.text(max_size=5))
def test_whatever_comes_before_it_spoils_it(before: str, after: str) -> None:
    text = f"{before}(광고){after}"
    assert label_problem(text, AD) == (None if not before else "look-alike")


@given(st.text(max_size=30))
def test_only_texts_that_begin_with_it_have_it(text: str) -> None:
    assert (label_problem(text, AD) is None) == normalize("NFC", text).startswith(AD)


def test_a_long_head_of_separators_costs_nothing() -> None:
    assert label_problem("(" * 1_000_000, AD) == "missing"


@pytest.mark.parametrize("text", ["(광고)봄상점 세일", "(광고) 봄상점", "(광고)[봄상점] 세일", "(광고)\n<봄상점>"])
def test_the_sender_is_named_after_the_label(text: str) -> None:
    assert names_sender(text, AD, "봄상점")


def test_a_sender_named_later_is_not_named_there() -> None:
    assert not names_sender("(광고) 세일 봄상점", AD, "봄상점")
    assert after_label("(광고)봄", AD) == "봄"
    assert after_label("봄", AD) == "봄"
    assert after_label("봄", None) == "봄"


WORDS = ("무료수신거부", "무료거부")


@pytest.mark.parametrize(
    "end",
    [
        *(
            "무료수신거부 080-123-4567",
            "무료수신거부080-123-4567",
            "무료수신거부:080-123-4567",
            "무료거부 080 123 4567",
        ),
        *(
            "[무료 수신거부] 0801234567",
            "(무료수신거부 080-123-4567)",
            "무료수신거부 080-123-4567\n",
            "무료수신거부 ０８０-123-4567",
        ),
    ],
)
def test_a_free_refusal_at_the_end(end: str) -> None:
    assert refuses_at_end(f"(광고)봄상점 세일\n{end}", "080-123-4567", WORDS)


@pytest.mark.parametrize(
    "end",
    [
        "",
        "수신거부 080-123-4567",
        "무료수신거부 080-123-4567 감사합니다",
        "무료수신거부 080-123-4568",
        "무료수신거부",
        "080-123-4567",
    ],
)
def test_anything_else_is_none(end: str) -> None:
    assert not refuses_at_end(f"(광고)봄상점 세일\n{end}", "080-123-4567", WORDS)


def test_an_empty_word_accepts_the_way_alone() -> None:
    assert refuses_at_end("Sale. Reply STOP to end", "Reply STOP to end", ("Opt out:", ""))
    assert not refuses_at_end("Sale. Reply STOP to end", "Reply STOP to end", ("Opt out:",))

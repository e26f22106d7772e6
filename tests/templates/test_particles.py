"""Korean particles, against tables written by hand: one word for each way in which a word can end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retention.templates.particles import PARTICLES, ending, with_particle

WITH = {"은/는": "은", "이/가": "이", "을/를": "을", "과/와": "과", "으로/로": "으로"}
WITHOUT = {"은/는": "는", "이/가": "가", "을/를": "를", "과/와": "와", "으로/로": "로"}
BOTH = {"은/는": "은(는)", "이/가": "이(가)", "을/를": "을(를)", "과/와": "와(과)", "으로/로": "(으)로"}

VOWEL = [
    *("김민지", "사과", "나무", "커피", "A", "B", "C", "X", "K"),
    *("VIPS", "S", "Apple Store", "Nike", "Center", "GS", "2", "4", "5"),
    *("9", "12", "1,000,002", "1.5", "50%", "100 %", "2m", "10cm", "500ml"),
    *("500 ml", "1L", "1000000000000", "사과(귤)", "사과 (1kg)", "'사과'", "“사과”", "사과!", "사과..."),
    *("사과 ", "[사과]", "(주)", "《나무》", "사과(봉지[대])"),
    *("5G", "1GB", "Point", "Event", "Bank", "Park", "camp", "disc", "iPad"),
    *("$10", "US$1,234.50", "€ 100", "£3"),
]
RIEUL = [
    *("서울", "말", "귤", "연필", "1", "7", "8", "11", "1,008", "L", "R"),
    *("URL", "HTML5-1", "Apple", "Google", "mail", "Hotel", "귤(1kg)", "'서울'", "3.1", "2026-01-01"),
]
CONSONANT = [
    *("수진", "책", "값", "10원", "12,900원", "0", "3", "6", "10"),
    *("100", "1,000", "10000", "100,000", "100000000", "0.0", "010-10", "M", "N"),
    *("FILM", "Kim", "iPhone", "King", "5kg", "100 g", "책(사과)", "1.0", "2.50"),
    *("Zone", "10000000000000000", "봄상점", "JOHN", "Home", "빵."),
    *("3M", "5g", "10KG", "¥5,000", "₩12", "¥ 2"),
]
UNKNOWN = [
    *("", " ", "🎉", "東京", "ก", "()", "...", "ㅋㅋ", "Ω", "*"),
    *("App", "Internet", "MacBook", "Mac", "Web", "Blog", "Check", "Scott"),  # 앱, 웹, but 블로그, 체크
]


@pytest.mark.parametrize("word", VOWEL)
def test_after_a_vowel(word: str) -> None:
    assert {pair: with_particle(word, pair) for pair in WITHOUT} == {
        pair: word + form for pair, form in WITHOUT.items()
    }


@pytest.mark.parametrize("word", CONSONANT)
def test_after_a_consonant(word: str) -> None:
    assert {pair: with_particle(word, pair) for pair in WITH} == {pair: word + form for pair, form in WITH.items()}


@pytest.mark.parametrize("word", RIEUL)
def test_after_rieul_the_way_is_as_after_a_vowel(word: str) -> None:
    expected = WITH | {"으로/로": "로"}
    assert {pair: with_particle(word, pair) for pair in WITH} == {pair: word + form for pair, form in expected.items()}


@pytest.mark.parametrize("word", UNKNOWN)
def test_after_what_nobody_can_read_both_are_written(word: str) -> None:
    assert {pair: with_particle(word, pair) for pair in BOTH} == {pair: word + form for pair, form in BOTH.items()}


def test_pairs_are_written_in_either_order() -> None:
    assert {pair for pair in PARTICLES if pair not in WITH} == {"는/은", "가/이", "를/을", "와/과", "로/으로"}
    for pair, forms in PARTICLES.items():
        assert PARTICLES["/".join(reversed(pair.split("/")))] == forms
    with pytest.raises(KeyError):
        with_particle("사과", "은/을")


FINALS = ["", *"ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"]


@given(st.integers(0, 18), st.integers(0, 20), st.sampled_from(FINALS), st.text(max_size=5))
def test_every_syllable_by_its_final_letter(first: int, middle: int, final: str, before: str) -> None:
    syllable = chr(ord("가") + (first * 21 + middle) * 28 + FINALS.index(final))
    assert ending(before + syllable) == {"": "vowel", "ㄹ": "rieul"}.get(final, "consonant")


def test_decomposed_syllables_are_read_as_composed() -> None:
    assert ending("\u1109\u1165\u110b\u116e\u11af") == "rieul"


SINO = dict(zip("0123456789", "영일이삼사오육칠팔구", strict=True))


def read(number: int) -> str:
    """A whole number as it is said, by the textbook: groups of four digits, each with its place."""
    if number == 0:
        return "영"
    groups = list[str]()
    for place in ("", "만", "억", "조", "경"):
        number, group = divmod(number, 10_000)
        said = ""
        for unit, digit in zip(("천", "백", "십", ""), f"{group:04}", strict=True):
            said += "" if digit == "0" else (SINO[digit] + unit)
        groups.append(said + place if group else "")
    return "".join(reversed(groups))


ROUND = st.builds(lambda digits, zeros: digits * 10**zeros, st.integers(1, 999), st.integers(0, 16))


@given(st.integers(0, 10**20 - 1) | ROUND)
def test_a_number_ends_as_its_reading(number: int) -> None:
    assert ending(str(number)) == ending(f"{number:,}") == ending(read(number))


def test_a_very_long_word_is_read_at_its_end() -> None:
    assert ending("(" * 1_000_000 + "서울") == "rieul"
    assert ending(")" * 1_000_000) is None

"""How long a text is: the vectors of 3GPP TS 23.038 / 23.040 and of CP949, and a second way of counting."""

import re
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retention.permission.content import UnencodableCharacter, mapped, measure, segments, unencodable

VECTORS = [
    ("", "GSM-7", 0, 1),
    ("a" * 160, "GSM-7", 160, 1),
    ("a" * 161, "GSM-7", 161, 2),
    ("a" * 306, "GSM-7", 306, 2),
    ("a" * 307, "GSM-7", 307, 3),
    ("€" * 80, "GSM-7", 160, 1),
    ("€" * 81, "GSM-7", 162, 2),
    ("a" * 152 + "€" + "a" * 153, "GSM-7", 307, 3),  # an escape pair is not split
    ("a" * 152 + "€" + "a" * 151, "GSM-7", 305, 2),
    ("가" * 70, "UCS-2", 70, 1),
    ("가" * 71, "UCS-2", 71, 2),
    ("가" * 134, "UCS-2", 134, 2),
    ("가" * 135, "UCS-2", 135, 3),
    ("😀" * 35, "UCS-2", 70, 1),
    ("😀" * 36, "UCS-2", 72, 2),
    ("a" * 66 + "😀" + "가" * 66, "UCS-2", 134, 3),  # a surrogate pair is not split: the naive ceiling says 2
    ("Ç", "GSM-7", 1, 1),
    ("ç", "UCS-2", 1, 1),  # only the capital is in the alphabet
    ("`", "UCS-2", 1, 1),
    ("’", "UCS-2", 1, 1),
    ("[]", "GSM-7", 4, 1),
]

TEXTS = st.text(st.sampled_from("ab€[]^Ç@\n가각뷁😀🎉ç’"), max_size=400)


@pytest.mark.parametrize(("text", "encoding", "units", "count"), VECTORS)
def test_sms_segments(text: str, encoding: str, units: int, count: int) -> None:
    found = segments(text)
    assert (found.encoding, found.units, found.count) == (encoding, units, count)
    assert measure(text, "sms segments") == count


GSM = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)


def test_the_default_alphabet_has_127_characters_and_the_escape() -> None:
    every = [chr(each) for each in range(0x10000) if not 0xD800 <= each < 0xE000]
    alone = [each for each in every if segments(each).encoding == "GSM-7"]
    assert len([each for each in alone if segments(each).units == 1]) == 127
    assert {each for each in alone if segments(each).units == 1} == GSM
    assert {each for each in alone if segments(each).units == 2} == set("\f^{}\\[~]|€")


def cut(text: str) -> int:
    """Parts cut one after the other, each as long as it can be: written without a running sum."""
    gsm = all(each in GSM or each in "\f^{}\\[~]|€" for each in text)

    def units(piece: str) -> int:
        return sum(1 + (each in "\f^{}\\[~]|€") for each in piece) if gsm else len(piece.encode("utf-16-be")) // 2

    if units(text) <= (160 if gsm else 70):
        return 1
    parts, most = 0, 153 if gsm else 67
    while text:
        end = next(size for size in range(min(most, len(text)), 0, -1) if units(text[:size]) <= most)
        text, parts = text[end:], parts + 1
    return parts


@given(TEXTS)
def test_segments_are_those_that_a_splitter_cuts(text: str) -> None:
    assert segments(text).count == cut(text)


@given(TEXTS, TEXTS)
def test_a_longer_text_is_never_fewer_segments(text: str, more: str) -> None:
    assert segments(text + more).count >= segments(text).count


@pytest.mark.parametrize(("text", "long"), [("뷁", 2), ("똠방각하", 8), ("abc", 3), ("가나", 4), ("12,900원", 8)])
def test_korean_bytes_are_those_of_cp949(text: str, long: int) -> None:
    assert measure(text, "bytes in cp949") == long


def test_the_codec_euc_kr_would_count_what_no_telephone_shows() -> None:
    assert len("뷁".encode("euc-kr")) == 8
    assert len("똠방각하".encode("euc-kr")) == 14


@pytest.mark.parametrize(
    ("text", "position", "character"),
    [("가격 ₩9,900", 3, "₩"), ("—", 0, "—"), ("축하 🎉", 3, "🎉"), ("a\ud800", 1, "\ud800")],
)
def test_what_cp949_lacks_is_refused_with_its_place(text: str, position: int, character: str) -> None:
    with pytest.raises(UnencodableCharacter) as caught:
        measure(text, "bytes in cp949")
    assert (caught.value.position, caught.value.character, caught.value.encoding) == (position, character, "cp949")
    assert f"at position {position}" in str(caught.value)
    found = unencodable(text, "cp949")
    assert found is not None
    assert found.position == position


@pytest.mark.parametrize("unit", ["bytes in utf-8", "sms segments"])
def test_half_of_a_surrogate_pair_is_nowhere_a_character(unit: Literal["bytes in utf-8", "sms segments"]) -> None:
    with pytest.raises(UnencodableCharacter, match=r"U\+D83D at position 1"):
        measure("a\ud83d", unit)


def test_the_error_shows_no_more_of_the_text_than_the_character() -> None:
    with pytest.raises(UnencodableCharacter) as caught:
        measure("김민지님 ₩", "bytes in cp949")
    assert "민지" not in str(caught.value)


def test_other_units() -> None:
    assert measure("가a😀", "characters") == 3
    assert measure("가a😀", "bytes in utf-8") == 8


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("₩12,900", "12,900원"),
        ("₩ 9900, 쿠폰", "9900원, 쿠폰"),
        ("-₩100.", "-100원."),
        ("₩", "￦"),
        ("₩0.5", "0.5원"),
        ("₩12,900.50.", "12,900.50원."),
        ("₩12,900부터", "12,900원부터"),
        ("₩3.5만", "￦3.5만"),
        ("₩ 3 억", "￦ 3 억"),
        ("₩5,000만 내면", "￦5,000만 내면"),  # 50 million won, or 5,000 won and no more
        ("₩3.5M, ₩3k", "￦3.5M, ￦3k"),
        ("₩12,900원", "￦12,900원"),
        ("₩1.2.3", "￦1.2.3"),
        ("₩-100", "￦-100"),
        ("5₩3, 5.₩3", "5￦3, 5.￦3"),
        ("가—나 – 다", "가-나 - 다"),
        ("“따옴표” …", "“따옴표” …"),  # CP949 has them
        ("a\u00a0b ©", "a b (c)"),
        ("🎉", "🎉"),  # stays, to be refused
    ],
)
def test_mapping_for_korea_replaces_only_what_is_missing(text: str, reads: str) -> None:
    assert mapped(text) == reads


@pytest.mark.parametrize(
    ("text", "reads"), [("It’s “on” — 5 …", 'It\'s "on" - 5 ...'), ("it’s 가", "it’s 가"), ("plain", "plain"), ("", "")]
)
def test_mapping_for_gsm_is_done_when_it_spares_ucs_2(text: str, reads: str) -> None:
    assert mapped(text, "gsm-7") == reads


@given(st.text(st.sampled_from("a가₩—–‘’“”…•©\u00a0\u22129,1 "), max_size=40))
def test_what_was_mapped_can_be_written(text: str) -> None:
    assert unencodable(mapped(text), "cp949") is None
    assert mapped(mapped(text)) == mapped(text)


@given(st.text(st.sampled_from("₩ 90.,만천a%"), max_size=12))
def test_an_amount_keeps_its_digits_and_its_place(text: str) -> None:
    """Put back in front of the digits that it stands behind, each sign stands where it was."""
    put_back = re.sub(r"([0-9](?:[0-9,]*[0-9])?(?:\.[0-9]+)?)원", r"₩\1", mapped(text)).replace("￦", "₩")
    assert put_back.replace("₩ ", "₩") == text.replace("₩ ", "₩")

"""Codes that people type, and the keys of those that are not stored."""

import pickle
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from retention.errors import ConfigurationError, FactError
from retention.loyalty.codes import COUPON_CODE, GIFT_CARD_CODE, REFERRAL_CODE, CodeKind, Keys, folded, spaced
from retention.loyalty.errors import ForgedCode

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
KINDS = (REFERRAL_CODE, COUPON_CODE, GIFT_CARD_CODE)
kinds = st.sampled_from(KINDS)


def a_code(kind: CodeKind, drawn: bytes) -> str:
    return kind.make(drawn)


codes = st.builds(lambda kind, drawn: (kind, kind.make(drawn)), kinds, st.binary(min_size=10, max_size=12))


@pytest.mark.parametrize(("kind", "bits"), [(REFERRAL_CODE, 50), (COUPON_CODE, 60), (GIFT_CARD_CODE, 80)])
def test_a_code_has_enough_randomness(kind: CodeKind, bits: int) -> None:
    assert kind.bits >= bits
    seen = []
    kind.make(lambda count: seen.append(count) or bytes(count))  # type: ignore[func-returns-value]
    assert seen[0] * 8 >= bits
    assert len({kind.make(number.to_bytes(-(-bits // 8), "big")) for number in range(500)}) == 500


@given(kinds, st.data())
def test_every_bit_counts(kind: CodeKind, data: st.DataObject) -> None:
    size = -(-kind.bits // 8)
    drawn = data.draw(st.binary(min_size=size, max_size=size))
    spare = size * 8 - kind.bits  # bits that the code has no room for are the first
    bit = data.draw(st.integers(0, kind.bits - 1))
    other = (int.from_bytes(drawn, "big") ^ 1 << bit).to_bytes(size, "big")
    assert kind.make(drawn) != kind.make(other)
    assert spare < 8


@given(codes)
def test_what_is_made_is_read_back(made: tuple[CodeKind, str]) -> None:
    kind, code = made
    assert kind.read(code) == kind.read(spaced(code)) == code
    assert set(code) <= set(ALPHABET)


@given(codes, st.data())
def test_it_may_be_typed_as_people_type(made: tuple[CodeKind, str], data: st.DataObject) -> None:
    kind, code = made
    likeness = {"0": "0oO", "1": "1iIlL"}
    typed = "".join(
        data.draw(st.sampled_from(likeness.get(each, each + each.lower()))) + data.draw(st.sampled_from(["", " ", "-"]))
        for each in code
    )
    assert kind.read(typed) == code


@given(codes, st.data())
def test_any_wrong_character_is_noticed(made: tuple[CodeKind, str], data: st.DataObject) -> None:
    kind, code = made
    place = data.draw(st.integers(0, len(code) - 1))
    wrong = data.draw(st.sampled_from(sorted(set(ALPHABET) - {code[place]})))
    with pytest.raises(ForgedCode, match="check character"):
        kind.read(code[:place] + wrong + code[place + 1 :])


@given(codes, st.data())
def test_any_two_exchanged_characters_are_noticed(made: tuple[CodeKind, str], data: st.DataObject) -> None:
    kind, code = made
    first, second = sorted(data.draw(st.tuples(*[st.integers(0, len(code) - 1)] * 2)))
    assume(code[first] != code[second])
    letters = list(code)
    letters[first], letters[second] = letters[second], letters[first]
    with pytest.raises(ForgedCode, match="check character"):
        kind.read("".join(letters))


def test_of_made_up_codes_one_in_32_has_the_right_check_character() -> None:
    passing = 0
    for check in ALPHABET:
        try:
            COUPON_CODE.read("7K3M9QPDA2ZX" + check)
            passing += 1
        except ForgedCode:
            pass
    assert passing == 1


@pytest.mark.parametrize("typed", ["", "short", "A" * 200, "7K3M-9QPD-A2ZX-!", "ÜÄÖ", "7K3M9QPDA2ZXU"])
def test_what_is_no_code_is_refused_and_never_told(typed: str) -> None:
    with pytest.raises(ForgedCode) as caught:
        COUPON_CODE.read(typed)
    assert caught.value.kind == "coupon code"
    assert not typed or typed not in str(caught.value)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_a_code_of_one_kind_is_none_of_another() -> None:
    for made in KINDS:
        for read in KINDS:
            if made is not read:
                with pytest.raises(ForgedCode, match="characters where"):
                    read.read(made.make(bytes(range(12))))


@pytest.mark.parametrize("entropy", [b"", bytes(7), "secret", None, 8, lambda count: bytes(count - 1)])
def test_too_little_entropy_is_refused(entropy: Any) -> None:
    with pytest.raises(FactError, match="8 random bytes"):
        COUPON_CODE.make(entropy)


def test_what_is_typed_is_text() -> None:
    with pytest.raises(FactError, match="is not text"):
        folded(b"SPRING")  # type: ignore[arg-type]


def test_a_code_is_found_under_the_current_key_and_former_ones() -> None:
    old, new = b"o" * 32, b"n" * 32
    before, after = Keys(old), Keys(new, former=(old,))
    assert after.hashes("CODE")[1:] == before.hashes("CODE")
    assert after.hashes("CODE")[0] == Keys(new).hashes("CODE")[0] != before.hashes("CODE")[0]
    assert len(before.hashes("CODE")[0]) == 64


def test_entropy_is_the_same_for_a_subject_and_no_hash_of_it() -> None:
    keys = Keys(b"k" * 32)
    assert keys.entropy("a") == keys.entropy("a") != keys.entropy("b")
    assert keys.entropy("a").hex() not in keys.hashes("a")


def test_keys_are_long_and_never_shown() -> None:
    keys = Keys(b"current-" * 4, former=[b"former--" * 4])
    assert "current-" not in repr(keys)
    assert "former--" not in repr(keys)
    for wrong in (b"short", "x" * 32, None):
        with pytest.raises(ConfigurationError, match="at least 32 bytes"):
            Keys(wrong)  # type: ignore[arg-type]
        with pytest.raises(ConfigurationError, match="at least 32 bytes"):
            Keys(bytes(32), former=(wrong,))  # type: ignore[arg-type]

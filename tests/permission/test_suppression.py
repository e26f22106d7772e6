"""Hard bounce, complaint, opt-out, erasure: what each stops, and the hash that is kept (GDPR art. 17)."""

from datetime import timedelta

import pytest

from retention.errors import ConfigurationError, FactError
from retention.permission import Medium, MessageKind, Person, Suppression, suppression_hash
from retention.permission.suppression import STOPS, normalised
from tests.permission.scene import NOON, ask, capabilities, codes, draft, person

KEY = bytes(range(32))


def with_suppression(reason: str, medium: Medium = Medium.SMS) -> Person:
    return person(suppressions=(Suppression(medium=medium, reason=reason, at=NOON),))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("reason", "code", "stopped"),
    [
        ("hard bounce", "hard-bounce", set(MessageKind)),
        ("erased", "erased", set(MessageKind)),
        ("complaint", "complaint", {MessageKind.MARKETING, MessageKind.SERVICE}),
        ("opt-out", "opt-out", {MessageKind.MARKETING}),
    ],
)
def test_what_each_reason_stops(reason: str, code: str, stopped: set[MessageKind]) -> None:
    answers = {kind: codes(ask(draft(kind=kind), with_suppression(reason))) for kind in MessageKind}
    assert answers == {kind: (code,) if kind in stopped else () for kind in MessageKind}


def test_every_reason_stops_something() -> None:
    assert all(MessageKind.MARKETING in kinds for kinds in STOPS.values())


def test_a_suppression_is_of_its_medium_and_kakao_is_one() -> None:
    assert codes(ask(draft(Medium.PUSH), with_suppression("hard bounce"))) == ()
    brand = ask(draft(Medium.BRAND_MESSAGE), with_suppression("opt-out", Medium.ALIMTALK))
    assert codes(brand) == ("opt-out",)


def test_a_suppression_holds_from_its_instant_and_is_told_once() -> None:
    twice = person(suppressions=with_suppression("hard bounce").suppressions * 2)
    assert codes(ask(to=twice)) == ("hard-bounce",)
    assert codes(ask(to=twice, now=NOON - timedelta(seconds=1))) == ()


def test_consent_does_not_lift_it_and_neither_does_a_request() -> None:
    asked = draft(asked_for=True)
    assert codes(ask(asked, with_suppression("hard bounce"), by=capabilities(Medium.SMS))) == ("hard-bounce",)


@pytest.mark.parametrize(
    ("medium", "spellings"),
    [
        (Medium.EMAIL, ["Mina@Shop.example", " mina@shop.example\n", "ｍina@shop.example"]),
        (Medium.SMS, ["+82 10-1234-5678", "010 1234 5678", "0082 (0)10 1234 5678", "+82(0)1012345678", "821012345678"]),
        (Medium.PUSH, ["AbC", "AbC "]),
    ],
)
def test_spellings_of_one_address_have_one_hash(medium: Medium, spellings: list[str]) -> None:
    found = {suppression_hash(medium, each, key=KEY, calling_code="82") for each in spellings}
    assert len(found) == 1
    assert all(len(each) == 64 for each in found)


def test_other_addresses_media_and_keys_have_others() -> None:
    hashes = {
        suppression_hash(Medium.EMAIL, "a@shop.example", key=KEY),
        suppression_hash(Medium.EMAIL, "b@shop.example", key=KEY),
        suppression_hash(Medium.PUSH, "a@shop.example", key=KEY),
        suppression_hash(Medium.EMAIL, "a@shop.example", key=KEY[::-1]),
        suppression_hash(Medium.PUSH, "ABC", key=KEY),
        suppression_hash(Medium.PUSH, "abc", key=KEY),
        suppression_hash(Medium.SMS, "+821012345678", key=KEY),
        suppression_hash(Medium.ALIMTALK, "+821012345678", key=KEY),
    }
    assert len(hashes) == 8


def test_the_hash_is_that_of_hmac_sha_256() -> None:
    # printf 'suppressed\0email\0a@shop.example' | openssl dgst -sha256 -mac hmac -macopt hexkey:000102…1f
    expected = "7bbc9d678afb70f7813f12519a1a1c6c1fb88398777224ad1a443016c8940904"
    assert suppression_hash(Medium.EMAIL, "A@shop.example", key=KEY) == expected


def test_a_short_key_and_an_empty_address_are_refused_and_not_repeated() -> None:
    with pytest.raises(ConfigurationError, match="32 bytes") as caught:
        suppression_hash(Medium.EMAIL, "a@shop.example", key=b"canary")
    assert "canary" not in str(caught.value)
    with pytest.raises(FactError, match="empty"):
        normalised(Medium.SMS, "call me")

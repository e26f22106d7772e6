"""Hard bounce, complaint, opt-out, erasure: what each stops, and the hash that is kept (GDPR art. 17)."""

import re
from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve

from retention.errors import ConfigurationError, FactError
from retention.permission import (
    Consent,
    Medium,
    MessageKind,
    Person,
    Suppression,
    calling_code,
    hash_of,
    suppression_hash,
)
from retention.permission.countries import CALLING_CODES
from retention.permission.jurisdictions.zones import ZONES
from retention.permission.suppression import STOPS, normalised
from tests.permission.scene import NOON, POLICY, ask, capabilities, codes, consent, draft, person

KEY = bytes(range(32))
HOUR = timedelta(hours=1)


def with_suppression(reason: str, medium: Medium = Medium.SMS) -> Person:
    return person(suppressions=(Suppression(medium=medium, reason=reason, at=NOON),))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("reason", "code", "stopped"),
    [
        ("hard bounce", "hard-bounce", set(MessageKind)),
        ("erased", "erased", {MessageKind.MARKETING, MessageKind.SERVICE}),
        ("complaint", "complaint", {MessageKind.MARKETING, MessageKind.SERVICE}),
        ("opt-out", "opt-out", {MessageKind.MARKETING}),
    ],
)
def test_what_each_reason_stops(reason: str, code: str, stopped: set[MessageKind]) -> None:
    answers = {kind: codes(ask(draft(kind=kind), with_suppression(reason))) for kind in MessageKind}
    assert answers == {kind: (code,) if kind in stopped else () for kind in MessageKind}


def test_who_was_erased_and_came_back_is_told_of_what_they_bought() -> None:
    back = with_suppression("erased")
    assert codes(ask(draft(kind=MessageKind.TRANSACTIONAL), back)) == ()
    assert codes(ask(draft(), back)) == ("erased",)


def test_every_reason_stops_something_but_the_one_that_lifts() -> None:
    assert [reason for reason, kinds in STOPS.items() if MessageKind.MARKETING not in kinds] == ["readmitted"]


@pytest.mark.parametrize(
    ("reason", "after", "medium", "code"),
    [
        ("hard bounce", HOUR, Medium.SMS, ()),
        ("hard bounce", timedelta(0), Medium.SMS, ()),
        ("hard bounce", -HOUR, Medium.SMS, ("hard-bounce",)),
        ("hard bounce", HOUR, Medium.EMAIL, ("hard-bounce",)),
        ("erased", HOUR, Medium.SMS, ()),
        ("complaint", HOUR, Medium.SMS, ("complaint",)),
        ("opt-out", HOUR, Medium.SMS, ("opt-out",)),
    ],
)
def test_staff_lift_what_is_no_refusal(reason: str, after: timedelta, medium: Medium, code: tuple[str, ...]) -> None:
    before = NOON - 2 * HOUR
    stopped = Suppression(medium=Medium.SMS, reason=reason, at=before)  # type: ignore[arg-type]
    lifted = Suppression(medium=medium, reason="readmitted", at=before + after)
    assert codes(ask(to=person(suppressions=(stopped, lifted)))) == code
    assert codes(ask(to=person(suppressions=(lifted, stopped)))) == code


def test_a_suppression_is_of_its_medium_and_kakao_is_one() -> None:
    assert codes(ask(draft(Medium.PUSH), with_suppression("hard bounce"))) == ()
    brand = ask(draft(Medium.BRAND_MESSAGE), with_suppression("opt-out", Medium.ALIMTALK))
    assert codes(brand) == ("opt-out",)


def test_a_suppression_holds_as_soon_as_it_is_known_and_is_told_once() -> None:
    twice = person(suppressions=with_suppression("hard bounce").suppressions * 2)
    assert codes(ask(to=twice)) == ("hard-bounce",)
    assert codes(ask(to=twice, now=NOON - timedelta(seconds=1))) == ("hard-bounce",)  # whatever the clocks say


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


@pytest.mark.parametrize(
    ("country", "spellings"),
    [
        ("KR", ["+821012345678", "010-1234-5678", "+82 (0)10 1234 5678", "+82 010 1234 5678", "0082 10 1234 5678"]),
        ("US", ["+1 415 555 2671", "(415) 555-2671", "1-415-555-2671"]),
        ("JP", ["+81 90 1234 5678", "090-1234-5678"]),
        ("GB", ["+44 7700 900123", "07700 900123", "+44 (0)7700 900123"]),
        ("AU", ["+61 412 345 678", "0412 345 678"]),
        ("DE", ["+49 1512 3456789", "01512 3456789"]),
        ("IT", ["+39 393 123 4567", "393 123 4567"]),
        ("IT", ["+39 06 1234 5678", "06 1234 5678", "0039 06 1234 5678"]),
        ("ES", ["+34 612 345 678", "612 345 678", "34612345678"]),
        ("DK", ["+45 45 12 34 56", "45 12 34 56", "4545123456"]),
        ("HU", ["+36 30 123 4567", "06 30 123 4567"]),
        ("LT", ["+370 612 34567", "8 612 34567", "0 612 34567"]),
        ("EE", ["+372 5123 4567", "5123 4567"]),
    ],
)
def test_a_number_has_one_hash_with_the_calling_code_of_its_country_and_without(
    country: str, spellings: list[str]
) -> None:
    """ITU-T E.164 and the national numbering plans."""
    code = calling_code(country)
    assert len({hash_of(Medium.SMS, each, key=KEY, calling_code=code) for each in spellings}) == 1
    assert normalised(Medium.SMS, spellings[0]) == normalised(Medium.SMS, spellings[1], calling_code=code)


@pytest.mark.parametrize("spelling", ["+49 170 1234567", "0049 170 1234567"])
def test_a_number_of_another_country_keeps_its_own_calling_code(spelling: str) -> None:
    assert normalised(Medium.SMS, spelling, calling_code="82") == "491701234567"


@pytest.mark.parametrize(
    ("country", "code"),
    [("KR", "82"), ("us", "1"), ("CA", "1"), ("UK", "44"), ("EL", "30"), ("KOR", None), ("", None), (None, None)],
)
def test_the_calling_code_of_a_country(country: str | None, code: str | None) -> None:
    assert calling_code(country) == code


def test_every_country_with_zones_has_a_calling_code() -> None:
    assert set(CALLING_CODES) == set(ZONES)
    assert all(re.fullmatch("[1-9][0-9]{0,2}", code) for code in CALLING_CODES.values())


@pytest.mark.parametrize("medium", [Medium.SMS, Medium.ALIMTALK, Medium.BRAND_MESSAGE, Medium.WHATSAPP])
@pytest.mark.parametrize("address", ["n/a", "", " ", "-", "+"])
def test_what_is_no_telephone_number_has_no_hash(medium: Medium, address: str) -> None:
    assert hash_of(medium, address, key=KEY, calling_code="82") is None


def test_the_hash_is_the_same_by_both_names_and_a_short_key_is_the_hosts_mistake() -> None:
    assert hash_of(Medium.EMAIL, "A@shop.example", key=KEY) == suppression_hash(Medium.EMAIL, "a@shop.example", key=KEY)
    assert hash_of(Medium.EMAIL, " ", key=KEY) is None
    with pytest.raises(ConfigurationError, match="32 bytes"):
        hash_of(Medium.EMAIL, "a@shop.example", key=b"short")


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


def test_an_opt_out_is_lifted_by_a_later_consent_to_marketing_by_that_medium_alone() -> None:
    stopped, later = with_suppression("opt-out").suppressions, NOON + timedelta(seconds=1)

    def found(**given: Any) -> tuple[str, ...]:
        line = consent(**{"at": later, **given})
        return codes(ask(to=person(suppressions=stopped, consents=(consent(), line)), now=later))

    assert found() == ()
    assert found(at=NOON) == found(medium="email") == found(purpose="night") == found(act="pending") == ("opt-out",)
    assert found(topic="news") == ("opt-out",), "it says nothing of the others"


def test_with_double_opt_in_an_opt_out_is_lifted_only_by_what_was_confirmed() -> None:
    """Whoever types the address of another into a form does not take back what the other said."""
    twice = evolve(POLICY, double_opt_in=True)
    stopped, asked_for = with_suppression("opt-out").suppressions, NOON + HOUR
    lines = (consent(at=NOON - 2 * HOUR), consent(at=NOON - HOUR, act="confirmed"), consent(at=asked_for))

    def found(*more: Consent) -> tuple[str, ...]:
        to = person(suppressions=stopped, consents=(*lines, *more))
        return codes(ask(to=to, policy=twice, now=asked_for + 2 * HOUR))

    assert found() == ("opt-out",)
    assert found(consent(at=asked_for + HOUR, act="confirmed")) == ()
    early = person(suppressions=stopped, consents=(*lines[:2], consent(at=NOON + HOUR, act="confirmed")))
    assert codes(ask(to=early, policy=twice, now=asked_for + HOUR)) == ("opt-out",), "it confirms what was asked before"


def test_mail_that_needs_no_consent_is_stopped_by_an_opt_out_until_it_is_lifted() -> None:
    twice = evolve(POLICY, double_opt_in=True, country="US")
    stopped = with_suppression("opt-out", Medium.EMAIL).suppressions
    given = consent(medium="email", at=NOON + HOUR)

    def found(*lines: Consent) -> tuple[str, ...]:
        to = person(country="US", suppressions=stopped, consents=lines)
        return codes(ask(draft(Medium.EMAIL), to=to, policy=twice, now=NOON + 3 * HOUR))

    assert "opt-out" in found()
    assert "opt-out" in found(given)
    assert "opt-out" not in found(given, evolve(given, act="confirmed", at=NOON + 2 * HOUR))

"""What a shop's store keeps is read again without a loss, by this version and every later one."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve, fields
from hypothesis import given
from hypothesis import strategies as st

from retention.activity import Event
from retention.conform import conform_customer, conform_event
from retention.customer import Customer
from retention.errors import FactError
from retention.loyalty.errors import DamagedRecord, NewerRecord
from retention.permission.person import Consent, Sent, Suppression
from retention.profile import Fact
from retention.schema import STANDARD
from retention.storage.shop import wire
from retention.storage.shop.forms import Json
from retention.storage.shop.records import ChannelState, Parcel, Shopper
from retention.testing.facts import customers, facts
from tests.storage.shop import documents

GOLDEN = Path(__file__).parents[2] / "golden" / "shop"

Form = tuple[Callable[[Any], Json], Callable[[Json], Any]]

FORMS: dict[str, Form] = {
    "customer": (wire.customer_to_json, wire.customer_from_json),
    "fact": (wire.fact_to_json, wire.fact_from_json),
    "shopper": (wire.shopper_to_json, wire.shopper_from_json),
    "parcel": (wire.parcel_to_json, wire.parcel_from_json),
    "consent": (wire.consent_to_json, wire.consent_from_json),
    "suppression": (wire.suppression_to_json, wire.suppression_from_json),
    "sent": (wire.sent_to_json, wire.sent_from_json),
    "receipt": (wire.receipt_to_json, wire.receipt_from_json),
    "channel": (wire.channel_to_json, wire.channel_from_json),
}
VALUES: Mapping[str, Mapping[str, Any]] = {
    "customer": {"customer": documents.SHOPPER.customer},
    "fact": {f"fact-{name}": each for name, each in documents.FACTS.items()},
    "shopper": {"shopper": documents.SHOPPER, "shopper-heard": documents.HEARD},
    "parcel": {"parcel": documents.PARCEL, "parcel-call": documents.CALL},
    "consent": {"consent": documents.LINE},
    "suppression": {"suppression": documents.SUPPRESSION},
    "sent": {"sent": documents.SENT},
    "receipt": {"receipt": documents.RECEIPT},
    "channel": {"channel": documents.STATE},
}
CASES = [(form, name) for form, several in VALUES.items() for name in several]


def _text(said: Json) -> str:
    return json.dumps(said, indent=2, ensure_ascii=False) + "\n"


@pytest.mark.parametrize(("form", "name"), CASES)
def test_version_1_is_written_as_ever(form: str, name: str) -> None:
    write, _ = FORMS[form]
    assert _text(write(VALUES[form][name])) == (GOLDEN / f"{name}.v1.json").read_text(encoding="utf-8")


@pytest.mark.parametrize(("form", "name"), CASES)
def test_version_1_is_read_as_ever(form: str, name: str) -> None:
    _, read = FORMS[form]
    found = read(json.loads((GOLDEN / f"{name}.v1.json").read_text(encoding="utf-8")))
    assert found == VALUES[form][name]
    assert _unsaid(found) == _unsaid(VALUES[form][name])


def _unsaid(value: Any) -> list[str]:
    """``==`` takes 1 for True and 1.0; the text of a value does not."""
    return [f"{each.name}={type(getattr(value, each.name))}" for each in fields(type(value))]


def test_every_collection_of_the_schema_has_its_golden_file() -> None:
    of_lines = {"purchases", "refunds"}  # parts of orders
    assert {each.collection for each in documents.FACTS.values()} == {*STANDARD.collections, "classes"} - of_lines


@pytest.mark.parametrize("name", documents.FACTS)
def test_the_golden_facts_say_something_in_every_field(name: str) -> None:
    fact = documents.FACTS[name]
    assert [each.name for each in fields(type(fact)) if getattr(fact, each.name) in (None, (), frozenset())] == {
        "points": ["expires_at"],
        "credit": ["available_at"],
    }.get(name, [])


def _again(name: str, value: object) -> Any:
    write, read = FORMS[name]
    return read(json.loads(json.dumps(write(value))))


@given(st.sampled_from(("KRW", "USD", "KWD")).flatmap(lambda currency: facts(documents.SCHEMA, currency)))
def test_a_fact_comes_back_as_it_was(fact: Fact) -> None:
    found = _again("fact", fact)
    if isinstance(fact, Event):  # a host's own instants are on any clock, and come back in UTC
        found, fact = (conform_event(each, documents.SCHEMA) for each in (found, fact))
    assert (found, type(found)) == (fact, type(fact))


@given(customers(documents.SCHEMA))
def test_a_customer_comes_back_as_they_were(customer: Customer) -> None:
    found, given = (conform_customer(each, documents.SCHEMA) for each in (_again("customer", customer), customer))
    assert found == given


@given(documents.shoppers)
def test_what_is_remembered_of_a_customer_comes_back_as_it_was(shopper: Shopper) -> None:
    found = _again("shopper", shopper)
    customers = [conform_customer(each.customer, documents.SCHEMA) for each in (found, shopper)]
    assert customers[0] == customers[1]
    assert evolve(found, customer=shopper.customer) == shopper


@given(documents.parcels)
def test_a_parcel_comes_back_as_it_was(parcel: Parcel) -> None:
    assert _again("parcel", parcel) == parcel


@given(documents.consents)
def test_a_consent_comes_back_as_it_was(consent: Consent) -> None:
    assert _again("consent", consent) == consent


@given(documents.suppressions)
def test_a_suppression_comes_back_as_it_was(suppression: Suppression) -> None:
    assert _again("suppression", suppression) == suppression


@given(documents.counted)
def test_what_caps_count_comes_back_as_it_was(sent: Sent) -> None:
    assert _again("sent", sent) == sent


@given(documents.receipts)
def test_a_receipt_comes_back_as_it_was(receipt: object) -> None:
    assert _again("receipt", receipt) == receipt


@given(documents.channels)
def test_the_state_of_a_channel_comes_back_as_it_was(state: ChannelState) -> None:
    assert _again("channel", state) == state


@pytest.mark.parametrize(("form", "name"), CASES)
def test_reading_changes_nothing_of_what_is_read(form: str, name: str) -> None:
    write, read = FORMS[form]
    said = write(VALUES[form][name])
    before = json.dumps(said)
    read(said)
    assert json.dumps(said) == before


@pytest.mark.parametrize("form", FORMS)
def test_a_newer_version_is_refused(form: str) -> None:
    write, read = FORMS[form]
    value = next(iter(VALUES[form].values()))
    with pytest.raises(NewerRecord) as caught:
        read({**write(value), "v": 2})
    assert (caught.value.version, caught.value.newest) == (2, 1)


_DAMAGES: Mapping[str, Json] = {
    "customer": {"joined_at": "today"},
    "fact": {"collection": "ordres"},
    "shopper": {"segments": {"vip": 1.5}},
    "parcel": {"status": "lost"},
    "consent": {"scope": "some"},
    "suppression": {"medium": "pigeon"},
    "sent": {"kind": "spam"},
    "receipt": {"status": "eaten"},
    "channel": {"at": None},
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("damage", [None, {"v": "1"}, {"colour": "red"}], ids=["its own", "version", "unknown field"])
def test_a_damaged_document_is_refused(form: str, damage: Json | None) -> None:
    write, read = FORMS[form]
    value = next(iter(VALUES[form].values()))
    with pytest.raises(DamagedRecord, match=form):
        read({**write(value), **(_DAMAGES[form] if damage is None else damage)})


@pytest.mark.parametrize("tagged", [{"vip": 1}, {"vip": None}, ["vip"], "vip", 0])
def test_tags_that_are_neither_given_nor_taken_are_refused(tagged: object) -> None:
    with pytest.raises(DamagedRecord, match="shopper"):
        wire.shopper_from_json({**wire.shopper_to_json(documents.SHOPPER), "tagged": tagged})


def test_a_receipt_of_before_there_were_reasons_is_of_a_hard_bounce() -> None:
    said = wire.receipt_to_json(documents.RECEIPT)
    del said["suppress_as"]
    assert wire.receipt_from_json(said).suppress_as == "hard bounce"
    with pytest.raises(DamagedRecord, match="receipt"):
        wire.receipt_from_json({**said, "suppress_as": "whim"})


@pytest.mark.parametrize("form", FORMS)
def test_an_empty_document_is_refused(form: str) -> None:
    with pytest.raises(DamagedRecord, match=form):
        FORMS[form][1]({})


def test_a_value_that_no_column_can_hold_is_refused_by_name() -> None:
    customer = Customer("c", attributes={"shoe": object()})
    with pytest.raises(FactError, match=r"Customer\.attributes\['shoe'\]"):
        wire.customer_to_json(customer)


def test_whole_numbers_of_other_libraries_are_kept() -> None:
    class Whole:
        def __index__(self) -> int:
            return 7

    said = wire.customer_to_json(Customer("c", attributes={"shoe": Whole()}))
    assert wire.customer_from_json(said).attributes == {"shoe": 7}


@pytest.mark.parametrize("form", wire.UPGRADES)
def test_every_older_version_has_a_step_to_the_next(form: str) -> None:
    assert sorted(wire.UPGRADES[form]) == list(range(1, wire.VERSION))
    assert form in FORMS

"""Customers: where their place and reach come from, and two records of one person."""

from datetime import UTC, date, datetime

from attrs import evolve
from hypothesis import given, settings

from retention.customer import Address, Contact, Customer
from retention.testing.facts import customers

EARLY, LATE = datetime(2020, 1, 1, tzinfo=UTC), datetime(2024, 1, 1, tzinfo=UTC)
SEOUL = Address(country="KR", region="서울", city="강남구", postal_code="06236", lines=["테헤란로 1"])
PARIS = Address(country="FR", city="Paris", postal_code="75001")


def test_the_place_is_that_of_the_first_address() -> None:
    customer = Customer("c", addresses=[SEOUL, PARIS])
    assert (customer.country, customer.region, customer.city, customer.postal_code) == ("KR", "서울", "강남구", "06236")


def test_a_given_place_is_not_completed_from_an_address() -> None:
    customer = Customer("c", country="JP", addresses=[SEOUL])
    assert (customer.country, customer.city) == ("JP", None)


def test_reach_comes_from_the_first_contact_of_its_kind() -> None:
    contacts = [Contact("kakao", "k"), Contact("email", "a@x.example"), Contact("email", "b@x.example")]
    customer = Customer("c", contacts=contacts)
    assert (customer.email, customer.phone) == ("a@x.example", None)
    assert Customer("c", email="z@x.example", contacts=contacts).email == "z@x.example"


def test_merge_keeps_this_id_the_earlier_start_and_both_records_labels() -> None:
    mine = Customer("1", joined_at=LATE, tags={"vip"}, name="A", attributes={"size": 42, "colour": None})
    theirs = Customer(
        "2", joined_at=EARLY, tags={"b2b"}, name="B", grade="gold", attributes={"size": 1, "colour": "red"}
    )
    merged = mine.merge(theirs)
    assert (merged.id, merged.joined_at, merged.name, merged.grade) == ("1", EARLY, "A", "gold")
    assert merged.tags == {"vip", "b2b"}
    assert merged.attributes == {"size": 42, "colour": "red"}


def test_merge_accepts_a_medium_only_if_both_records_do() -> None:
    mine, theirs = Customer("1", marketing={"email", "sms"}), Customer("2", marketing={"email", "push"})
    assert mine.merge(theirs).marketing == theirs.merge(mine).marketing == {"email"}
    assert mine.merge(Customer("2")).marketing == frozenset()


def test_merge_never_makes_a_place_of_two() -> None:
    merged = Customer("1", country="KR").merge(Customer("2", addresses=[PARIS]))
    assert (merged.country, merged.city) == ("KR", None)
    assert merged.addresses == (PARIS,)
    assert Customer("1").merge(Customer("2", addresses=[PARIS])).city == "Paris"


def test_merge_keeps_each_address_and_contact_once() -> None:
    mail = Contact("email", "a@x.example")
    merged = Customer("1", addresses=[SEOUL], contacts=[mail]).merge(
        Customer("2", addresses=[PARIS, SEOUL], contacts=[mail, Contact("phone", "1")])
    )
    assert merged.addresses == (SEOUL, PARIS)
    assert [each.kind for each in merged.contacts] == ["email", "phone"]
    assert merged.phone == "1"


def test_a_birthday_may_come_from_either() -> None:
    born = date(2000, 2, 29)
    assert Customer("1").merge(Customer("2", birthday=born)).birthday == born
    assert Customer("1", birthday=born).merge(Customer("2", birthday=date(1999, 1, 1))).birthday == born


@settings(max_examples=100, deadline=None)
@given(customers())
def test_merging_a_customer_with_itself_changes_nothing(customer: Customer) -> None:
    once = customer.merge(customer)
    assert evolve(once, addresses=customer.addresses, contacts=customer.contacts) == customer
    assert once.merge(customer) == once


@settings(max_examples=100, deadline=None)
@given(customers(), customers(), customers())
def test_merging_is_associative(a: Customer, b: Customer, c: Customer) -> None:
    assert a.merge(b).merge(c) == a.merge(b.merge(c))


@settings(max_examples=100, deadline=None)
@given(customers(), customers())
def test_merging_never_widens_marketing_and_never_loses_a_tag(a: Customer, b: Customer) -> None:
    merged = a.merge(b)
    assert merged.marketing <= a.marketing
    assert merged.marketing <= b.marketing
    assert merged.tags == a.tags | b.tags

"""The exact form in which facts keep what they are given."""

import pickle
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum, StrEnum
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given, settings

from retention.activity import Event, Search, View, Visit
from retention.cart import CartEvent
from retention.customer import Address, Contact, Customer
from retention.errors import FactError
from retention.money import Money, usd, won
from retention.order import Order, OrderLine, Refund
from retention.schema import STANDARD
from retention.testing.facts import HAPPENINGS, facts

AT = datetime(2024, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("given_number", "kept"),
    [
        (3, 3),
        (0.1, Fraction(1, 10)),
        (2.0, 2),
        (1e308, 10**308),
        (5e-324, Fraction(5, 10**324)),
        (Decimal("2.50"), Fraction(5, 2)),
        (Decimal("2.00"), 2),
        (Fraction(4, 2), 2),
        (Fraction(1, 3), Fraction(1, 3)),
    ],
)
def test_numbers_become_exact(given_number: Any, kept: int | Fraction) -> None:
    seconds = Visit("v", AT, seconds=given_number).seconds
    assert seconds == kept
    assert type(seconds) is type(kept)


class WholeNumber:
    """What other libraries have for an int."""

    def __index__(self) -> int:
        return 7


def test_whole_numbers_of_other_libraries_become_int() -> None:
    seconds: Any = WholeNumber()
    assert type(Visit("v", AT, seconds=seconds).seconds) is int


def test_instants_become_utc() -> None:
    seoul = datetime(2024, 3, 1, 21, tzinfo=ZoneInfo("Asia/Seoul"))
    order = Order("o", seoul, paid_at=seoul, refunds=[Refund("r", seoul, won(0))], total=won(1))
    for instant in (order.at, order.paid_at, order.refunds[0].at, order.settled_at, Event("x", "1", seoul).at):
        assert instant == AT
        assert instant is not None
        assert instant.tzinfo is UTC
    assert Customer("c", joined_at=seoul) == Customer("c", joined_at=AT)


class FineInstant(datetime):
    """What other libraries have for a datetime."""


class NotATime(datetime):
    def date(self) -> date:
        raise ValueError("no date")


def test_instants_of_other_libraries_become_plain_datetimes() -> None:
    fine = FineInstant(2024, 3, 1, 12, 0, 0, 5, tzinfo=timezone(timedelta(hours=1)))
    kept = Visit("v", fine).at
    assert type(kept) is datetime
    assert kept == datetime(2024, 3, 1, 11, 0, 0, 5, tzinfo=UTC)
    with pytest.raises(FactError, match=r"^Visit\.at: is not a datetime"):
        Visit("v", NotATime(2024, 3, 1, tzinfo=UTC))
    with pytest.raises(FactError, match=r"^Visit\.at: is a naive datetime"):
        Visit("v", FineInstant(2024, 3, 1))


class FineDate(date):
    """What other libraries have for a date."""


def test_dates_of_other_libraries_are_dates() -> None:
    assert Customer("c", birthday=FineDate(2000, 2, 29)).birthday == date(2000, 2, 29)


class Page(StrEnum):
    HOME = "home"


class Kind(str, Enum):  # noqa: UP042 - hosts have such enumerations
    ADDED = "added"


def test_text_of_enumerations_becomes_plain_text() -> None:
    page = Visit("v", AT, page=Page.HOME).page
    kind = CartEvent("c", AT, kind=Kind.ADDED).kind
    assert (type(page), page) == (str, "home")
    assert (type(kind), kind) == (str, "added")


def test_labels_are_taken_from_any_collection_of_text() -> None:
    vip = frozenset({"vip", "단골"})
    assert Customer("c", tags={"vip", "단골"}).tags == vip
    assert Customer("c", tags=["vip", "단골", "vip"]).tags == vip
    assert Customer("c", tags=iter(("vip", "단골"))).tags == vip
    assert Customer("c", tags=vip).tags is vip
    assert type(Customer("c", tags=set()).tags) is frozenset
    assert OrderLine("p", amount=won(1), tags={"sale"}).tags == {"sale"}


def test_text_may_be_in_any_script() -> None:
    assert Visit("방문", AT, page="커피 👩‍💻").page == "커피 👩‍💻"


def test_what_the_host_passes_in_is_copied() -> None:
    data = {"minutes": 30}
    event, customer = Event("rentals", "1", AT, data), Customer("c", attributes=data)
    data["minutes"] = 31
    assert event.data["minutes"] == 30
    assert customer.attributes["minutes"] == 30


def test_lines_may_come_from_a_generator() -> None:
    order = Order("o", AT, lines=(OrderLine("p", amount=won(each)) for each in (1, 2)))
    assert order.total == won(3)
    assert len(order.lines) == 2


def test_a_fact_has_the_columns_of_its_collection() -> None:
    for fact in HAPPENINGS:
        columns = set(STANDARD.collections[fact.collection].columns)
        assert {each.name for each in attrs.fields(fact)} == columns, fact
    assert {each.collection for each in HAPPENINGS} | {"orders", "purchases", "refunds"} == set(STANDARD.collections)
    assert all(hasattr(Order, name) for name in STANDARD.collections["orders"].columns)
    assert all(hasattr(Customer, name) for name in STANDARD.attributes)


PERSONAL = "s3cret"


@pytest.mark.parametrize(
    "fact",
    [
        Customer("c", name=PERSONAL, email=PERSONAL, phone=PERSONAL, city=PERSONAL, region=PERSONAL, notes=PERSONAL),
        Customer("c", postal_code=PERSONAL, gender=PERSONAL, attributes={"x": PERSONAL}),
        Customer("c", addresses=[Address(lines=[PERSONAL], city=PERSONAL)], contacts=[Contact("email", PERSONAL)]),
        Address(lines=[PERSONAL], city=PERSONAL, region=PERSONAL, postal_code=PERSONAL),
        Contact("email", PERSONAL),
        Search("s", AT, query=PERSONAL),
        Event("rentals", "1", AT, {"name": PERSONAL}),
    ],
)
def test_what_is_personal_is_not_in_the_repr(fact: object) -> None:
    assert PERSONAL not in repr(fact)
    assert repr(Customer("c", birthday=date(1990, 5, 3))) == repr(Customer("c"))


def test_facts_cannot_be_changed() -> None:
    visit: Any = Visit("v", AT)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        visit.page = "/"
    with pytest.raises(AttributeError):
        object.__setattr__(visit, "colour", "red")


@settings(max_examples=150, deadline=None)
@given(facts())
def test_a_fact_is_a_value(fact: Any) -> None:
    again = pickle.loads(pickle.dumps(fact))
    assert again == fact
    assert hash(again) == hash(fact)
    assert attrs.evolve(fact) == fact
    assert fact.at.tzinfo is UTC


def test_views_and_visits_are_different_facts() -> None:
    same: tuple[object, object] = (View("1", AT), Visit("1", AT))
    assert same[0] != same[1]


@pytest.mark.parametrize("amount", [won(0), usd("0.10"), Money(5, "KWD")])
def test_any_currency_will_do(amount: Money) -> None:
    assert Order("o", AT, total=amount).currency == amount.currency

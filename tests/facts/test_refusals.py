"""Facts that cannot be true are refused, by the name of the field, without the value."""

import copy
import pickle
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, cast

import pytest

from retention.activity import (
    ConsentEvent,
    CouponEvent,
    CreditEvent,
    Event,
    MessageEvent,
    PointsEvent,
    Referral,
    RestockRequest,
    Review,
    Search,
    SurveyAnswer,
    TicketEvent,
    View,
    Visit,
)
from retention.cart import CartEvent
from retention.customer import Address, Contact, Customer
from retention.errors import (
    CurrencyMismatch,
    FactError,
    NaiveInstant,
    ReferenceCycle,
    RuleSyntaxError,
    UnknownChoice,
    UnknownName,
)
from retention.money import usd, won
from retention.order import Order, OrderLine, Refund
from retention.profile import Profile
from retention.schema import STANDARD
from retention.spans import Duration, calendar_days, days, hours, months, years

AT = datetime(2024, 3, 1, 12, tzinfo=UTC)
NAIVE = AT.replace(tzinfo=None)
SECRET = "s3cret-" + "\ud800"  # half of a surrogate pair

BAD: list[tuple[str, Callable[[Any], object], Any]] = [
    # ids
    *[("Customer.id", Customer, bad) for bad in ("", None, 5, b"1", SECRET)],
    ("Order.id", lambda bad: Order(bad, AT), ""),
    ("OrderLine.product_id", lambda bad: OrderLine(bad, amount=won(1)), ""),
    ("OrderLine.id", lambda bad: OrderLine("p", amount=won(1), id=bad), ""),
    ("Refund.id", lambda bad: Refund(bad, AT, won(1)), ""),
    ("CartEvent.product_id", lambda bad: CartEvent("c", AT, kind="added", product_id=bad), ""),
    ("TicketEvent.ticket_id", lambda bad: TicketEvent("t", AT, kind="opened", ticket_id=bad), ""),
    ("Event.collection", lambda bad: Event(bad, "1", AT), ""),
    ("Event.id", lambda bad: Event("rentals", bad, AT), ""),
    ("Contact.kind", lambda bad: Contact(bad, "a"), ""),
    ("Contact.value", lambda bad: Contact("email", bad), ""),
    # instants and dates
    *[("Visit.at", lambda bad: Visit("v", bad), bad) for bad in (None, "2024-01-01", 0, date(2024, 1, 1))],
    ("Customer.joined_at", lambda bad: Customer("c", joined_at=bad), "2024-01-01"),
    ("Customer.birthday", lambda bad: Customer("c", birthday=bad), AT),
    ("Customer.birthday", lambda bad: Customer("c", birthday=bad), "1990-01-01"),
    # text
    *[("Visit.page", lambda bad: Visit("v", AT, page=bad), bad) for bad in (5, b"page", ["page"], SECRET)],
    ("Search.query", lambda bad: Search("s", AT, query=bad), SECRET),
    ("Order.status", lambda bad: Order("o", AT, status=bad), None),
    ("ConsentEvent.channel", lambda bad: ConsentEvent("c", AT, channel=bad, given=True), None),
    ("Address.city", lambda bad: Address(city=bad), 5),
    ("Address.lines", lambda bad: Address(lines=bad), "1 Main Street"),
    ("Address.lines", lambda bad: Address(lines=bad), 5),
    ("Address.lines", lambda bad: Address(lines=bad), [5]),
    # numbers
    *[
        ("OrderLine.quantity", lambda bad: OrderLine("p", amount=won(1), quantity=bad), bad)
        for bad in (-1, -0.5, Fraction(-1, 3), True, "2", None, float("nan"), float("inf"), 2j)
    ],
    *[
        ("View.seconds", lambda bad: View("v", AT, seconds=bad), bad)
        for bad in (-1, Decimal("NaN"), Decimal("-Infinity"), Decimal("1e999999"), Decimal("1e-999999"), False)
    ],
    ("SurveyAnswer.score", lambda bad: SurveyAnswer("s", AT, kind="nps", score=bad), "9"),
    *[("Review.rating", lambda bad: Review("r", AT, rating=bad), bad) for bad in (0, 6, 0.9, 5.1)],
    ("PointsEvent.amount", lambda bad: PointsEvent("p", AT, kind="spent", amount=bad), -5),
    ("PointsEvent.amount", lambda bad: PointsEvent("p", AT, kind="earned", amount=bad), None),
    # amounts
    *[("OrderLine.amount", lambda bad: OrderLine("p", amount=bad), bad) for bad in (None, 5, "5", won(-1))],
    ("Order.total", lambda bad: Order("o", AT, total=bad), won(-1)),
    ("Order.total", lambda bad: Order("o", AT, total=bad), None),
    ("Order.total", lambda bad: Order("o", AT, refunds=[Refund("r", AT, won(1))], total=bad), None),
    ("Order.discount", lambda bad: Order("o", AT, discount=bad), won(-1)),
    ("Order.discount", lambda bad: Order("o", AT, lines=[OrderLine("p", amount=won(1))], discount=bad), won(2)),
    ("Order.shipping", lambda bad: Order("o", AT, shipping=bad), 3000),
    ("Refund.amount", lambda bad: Refund("r", AT, bad), won(-1)),
    ("CouponEvent.amount", lambda bad: CouponEvent("c", AT, kind="issued", amount=bad), won(-1)),
    ("CreditEvent.amount", lambda bad: CreditEvent("c", AT, kind="issued", amount=bad), won(-1)),
    # flags
    *[
        ("ConsentEvent.given", lambda bad: ConsentEvent("c", AT, channel="sms", given=bad), bad)
        for bad in (1, "yes", None)
    ],
    ("Review.has_photo", lambda bad: Review("r", AT, has_photo=bad), 0),
    # labels, lists and mappings
    *[("Customer.tags", lambda bad: Customer("c", tags=bad), bad) for bad in ("vip", b"vip", {"vip": 1}, 5, [5], None)],
    ("Customer.marketing", lambda bad: Customer("c", marketing=bad), "email"),
    ("OrderLine.tags", lambda bad: OrderLine("p", amount=won(1), tags=bad), "sale"),
    ("OrderLine.tags", lambda bad: OrderLine("p", amount=won(1), tags=bad), frozenset({5})),
    *[("Order.lines", lambda bad: Order("o", AT, lines=bad), bad) for bad in ("lines", 5, None)],
    ("Order.lines[1]", lambda bad: Order("o", AT, lines=[OrderLine("p", amount=won(1)), bad]), "p2"),
    ("Order.lines", lambda bad: Order("o", AT, lines=bad), [OrderLine("p", amount=won(1), id="1")] * 2),
    ("Order.refunds[0]", lambda bad: Order("o", AT, refunds=[bad]), won(1)),
    ("Order.refunds", lambda bad: Order("o", AT, total=won(5), refunds=bad), [Refund("r", AT, won(1))] * 2),
    ("Customer.addresses", lambda bad: Customer("c", addresses=bad), "Seoul"),
    ("Customer.addresses[0]", lambda bad: Customer("c", addresses=[bad]), "Seoul"),
    ("Customer.contacts", lambda bad: Customer("c", contacts=bad), None),
    *[("Customer.attributes", lambda bad: Customer("c", attributes=bad), bad) for bad in (None, [1], {1: 2})],
    ("Event.data", lambda bad: Event("rentals", "1", AT, bad), [("minutes", 3)]),
    # what cannot be true together
    ("Order.refunds", lambda bad: Order("o", AT, total=won(5), refunds=[bad]), Refund("r", AT, won(6))),
    (
        "Order.refunds[0].at",
        lambda bad: Order("o", AT, total=won(5), refunds=[bad]),
        Refund("r", datetime(2024, 3, 1, 11, tzinfo=UTC), won(1)),
    ),
]


@pytest.mark.parametrize(("field", "build", "bad"), BAD, ids=[f"{each[0]}-{type(each[2]).__name__}" for each in BAD])
def test_a_bad_fact_is_refused_by_field_and_repair_without_its_value(
    field: str, build: Callable[[Any], object], bad: Any
) -> None:
    with pytest.raises(FactError) as caught:
        build(bad)
    assert caught.value.field == field
    assert str(caught.value).startswith(f"{field}: ")
    assert caught.value.hint
    assert caught.value.got in str(caught.value)
    assert "s3cret" not in str(caught.value) + repr(caught.value)


@pytest.mark.parametrize(
    "build",
    [
        lambda: Order("o", NAIVE),
        lambda: Order("o", AT, delivered_at=NAIVE),
        lambda: Refund("r", NAIVE, won(1)),
        lambda: Customer("c", joined_at=NAIVE),
        lambda: CartEvent("c", NAIVE, kind="added"),
        lambda: Event("rentals", "1", NAIVE),
        lambda: CouponEvent("c", AT, kind="issued", expires_at=NAIVE),
    ],
)
def test_a_naive_datetime_is_refused_with_the_repair(build: Callable[[], object]) -> None:
    with pytest.raises(NaiveInstant, match="tzinfo="):
        build()


LINES = [OrderLine("p", amount=won(10)), OrderLine("p", amount=won(10))]


@pytest.mark.parametrize(
    ("field", "build"),
    [
        ("Order.lines[1].amount", lambda: Order("o", AT, lines=[LINES[0], OrderLine("p", amount=usd(1))])),
        ("Order.total", lambda: Order("o", AT, lines=LINES, total=usd(1))),
        ("Order.discount", lambda: Order("o", AT, lines=LINES, discount=usd(1))),
        ("Order.shipping", lambda: Order("o", AT, total=won(1), shipping=usd(1))),
        ("Order.refunds[0].amount", lambda: Order("o", AT, lines=LINES, refunds=[Refund("r", AT, usd(0))])),
    ],
)
def test_the_amounts_of_an_order_are_of_one_currency(field: str, build: Callable[[], object]) -> None:
    with pytest.raises(CurrencyMismatch) as caught:
        build()
    assert (caught.value.field, caught.value.expected, caught.value.found) == (field, "KRW", "USD")


@pytest.mark.parametrize(
    ("build", "nearest"),
    [
        (lambda: CartEvent("c", AT, kind="add"), "added"),
        (lambda: CartEvent("c", AT, kind="checkout-started"), "checkout_started"),
        (lambda: MessageEvent("m", AT, kind="Open"), "opened"),
        (lambda: CouponEvent("c", AT, kind="redeem"), "redeemed"),
        (lambda: PointsEvent("p", AT, kind="earn", amount=1), "earned"),
        (lambda: CreditEvent("c", AT, kind="refund", amount=won(1)), "refunded"),
        (lambda: TicketEvent("t", AT, kind="reopen"), "reopened"),
        (lambda: Referral("r", AT, kind="invite"), "invited"),
        (lambda: RestockRequest("r", AT, product_id="p", status="canceled"), "cancelled"),
    ],
)
def test_an_unknown_kind_suggests_the_nearest(build: Callable[[], object], nearest: str) -> None:
    with pytest.raises(UnknownChoice) as caught:
        build()
    assert caught.value.nearest == nearest
    assert f"Did you mean {nearest!r}?" in str(caught.value)
    assert nearest in caught.value.known


@pytest.mark.parametrize("kind", [None, 5, ["added"], "xyzzy"])
def test_a_kind_like_none_of_the_known_lists_them(kind: Any) -> None:
    with pytest.raises(UnknownChoice, match="Known: added, checkout_started, cleared, removed") as caught:
        CartEvent("c", AT, kind=kind)
    assert caught.value.nearest is None
    assert ("got" in str(caught.value)) is not isinstance(kind, str)


@pytest.mark.parametrize(
    ("given", "repair"),
    [
        (Decimal("35000.00"), 'Write Money.of(value, "KRW")'),
        (35000.0, 'A float is not exact: write Money.of(str(value), "KRW")'),
        ("35,000", 'Write Money.of(value, "KRW"), or Money.parse(value, "KRW") if it has commas or a sign'),
        (None, 'Give an int, a str or a Decimal to Money.of(value, "KRW")'),
    ],
)
def test_an_amount_that_is_no_int_is_repaired_in_its_own_currency(given: Any, repair: str) -> None:
    with pytest.raises(FactError) as caught:
        won(given)
    assert caught.value.hint == repair


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: days(-3), "days(): is negative"),
        (lambda: months(-1), "months(): is negative"),
        (lambda: hours(9_000_000), "hours(): is more than a thousand years"),
        (lambda: years(1_001), "years(): is more than a thousand years"),
        (lambda: days(cast(Any, "30")), "days(): needs a whole number (got str). Write days(30)"),
        (lambda: years(cast(Any, 1.5)), "years(): needs a whole number (got float). Use months(18)"),
        (lambda: calendar_days(0), "calendar_days(): has no day"),
        (lambda: Duration(-1), "a span: is negative"),
    ],
)
def test_a_span_is_refused_in_the_unit_that_was_given(build: Callable[[], object], words: str) -> None:
    with pytest.raises(FactError) as caught:
        build()
    assert str(caught.value).startswith(words)


def test_what_the_schema_lacks_is_to_be_declared() -> None:
    with pytest.raises(UnknownName) as caught:
        Profile.build(Customer("c", attributes={"tier": "gold"}))
    assert caught.value.hint == "Declare it in the schema and give schema=..."
    with pytest.raises(UnknownName) as caught:
        Profile.build(Customer("c"), [Event("rentals", "1", AT)])
    assert caught.value.hint == "Declare it in the schema and give schema=..."
    with pytest.raises(UnknownName, match=r"Known: birthday, .*\. Declare it in the schema"):
        STANDARD.attribute("tier")


def test_a_fact_is_not_a_list_of_facts() -> None:
    with pytest.raises(FactError, match=r"Give a list: Profile\.build\(customer, \[order\]\)"):
        Profile.build(Customer("c"), cast(Any, Order("o", AT, total=won(1))))


def test_an_error_crosses_to_another_process_as_it_is() -> None:
    errors = (
        NaiveInstant("as_of"),
        UnknownName("collection", "order", ["orders"]),
        CurrencyMismatch("Order", "KRW", "USD"),
        RuleSyntaxError("no", source="a b", position=2),
        ReferenceCycle(("a", "b", "a")),
    )
    for error in errors:
        for again in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
            assert type(again) is type(error)
            assert str(again) == str(error)
            assert vars(again) == vars(error)


@pytest.mark.parametrize("much", [10**400, -(10**5000), Fraction(10**500, 3), Fraction(1, 10**500)], ids="abcd")
def test_a_number_that_nobody_could_write(much: int | Fraction) -> None:
    with pytest.raises(FactError, match=r"Visit\.seconds: has more than 400 digits \(got (int|Fraction)\)"):
        Visit("v", AT, seconds=much)


def test_numbers_beyond_64_bits_are_exact() -> None:
    assert Visit("v", AT, seconds=10**399).seconds == 10**399

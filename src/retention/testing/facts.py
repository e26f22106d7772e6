"""Hypothesis strategies for facts and profiles: good ones, as far from ordinary as good ones get.

Half of what may be missing is. Instants come from the days at which calendars misbehave, in several zones, whole spans
apart, so that many are equal and many lie on the edge of a window. Examples shrink toward few facts that say little.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any

from attrs import evolve, fields
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from retention.activity import (
    COUPON_KINDS,
    CREDIT_KINDS,
    MESSAGE_KINDS,
    POINTS_KINDS,
    REFERRAL_KINDS,
    RESTOCK_STATUSES,
    TICKET_KINDS,
    Activity,
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
from retention.cart import CART_KINDS, CartEvent
from retention.customer import Address, Contact, Customer
from retention.money import Money
from retention.order import Order, OrderLine, Refund
from retention.profile import Fact, Profile
from retention.schema import STANDARD, Kind, Schema
from retention.spans import TICK, local
from retention.testing.scenes import Scene, scenes

HAPPENINGS: tuple[type[CartEvent | Activity], ...] = (
    CartEvent,
    Visit,
    View,
    Search,
    MessageEvent,
    ConsentEvent,
    CouponEvent,
    PointsEvent,
    CreditEvent,
    Review,
    SurveyAnswer,
    TicketEvent,
    Referral,
    RestockRequest,
)
CURRENCIES = ("KRW", "USD", "KWD", "JPY", "CLF")

_STORABLE = st.characters(codec="utf-8", exclude_characters="\0")
_WORDS = ("a", "b", "KR", "coffee", "email", "vip", "커피", "İ", "ß", "👩‍💻", "")
_WORDS_OF: Mapping[tuple[type, str], tuple[str, ...]] = {
    (CartEvent, "kind"): CART_KINDS,
    (MessageEvent, "kind"): MESSAGE_KINDS,
    (CouponEvent, "kind"): COUPON_KINDS,
    (PointsEvent, "kind"): POINTS_KINDS,
    (CreditEvent, "kind"): CREDIT_KINDS,
    (TicketEvent, "kind"): TICKET_KINDS,
    (Referral, "kind"): REFERRAL_KINDS,
    (RestockRequest, "status"): RESTOCK_STATUSES,
}
_BIRTHDAYS = (date(1990, 5, 3), date(2000, 2, 29), date(1999, 12, 31), date(1, 1, 1), date(2001, 2, 28))
_LATER = (timedelta(0), TICK, timedelta(days=1), timedelta(days=7), timedelta(days=30))


_SCENE = st.shared(scenes(), key="retention.testing.facts: the scene")


@cache
def _instants_of(scene: Scene) -> SearchStrategy[datetime]:
    return scene.instants().map(lambda instant: local(instant, scene.zone))


def instants() -> SearchStrategy[datetime]:
    """Aware datetimes on the wall clock of one zone, on and around a clock change, a month's end or 29 February.

    All instants of one example lie around the same day in the same zone, so that windows and facts meet.
    """
    return _SCENE.flatmap(_instants_of)


def texts() -> SearchStrategy[str]:
    """Text of any script; words that rules and facts share are likelier."""
    return st.sampled_from(_WORDS) | st.text(_STORABLE, max_size=6)


def ids() -> SearchStrategy[str]:
    """Ids, not empty, few enough for sorting by ``(at, id)`` to matter."""
    return st.integers(0, 199).map("{:03}".format)


def numbers() -> SearchStrategy[int | float | Decimal | Fraction]:
    """Numbers from 0 up in every form in which a fact takes them."""
    exact: SearchStrategy[int | float | Decimal | Fraction] = st.integers(0, 1000)
    tenths = st.integers(0, 50).map(lambda each: each / 10)
    return exact | tenths | st.decimals(0, 9, places=2) | st.fractions(0, 9, max_denominator=7)


def money(currency: str = "KRW") -> SearchStrategy[Money]:
    """Amounts from 0 up."""
    minor = st.sampled_from((0, 1, 100, 500_000, 499_999)) | st.integers(0, 10**7)
    return st.builds(Money, minor, st.just(currency))


def labels() -> SearchStrategy[frozenset[str]]:
    """Tags, often none."""
    return st.frozensets(st.sampled_from(_WORDS), max_size=3)


@cache
def values(kind: Kind, currency: str = "KRW") -> SearchStrategy[Any]:
    """What a host may put into an attribute or a column of that kind."""
    by_kind: Mapping[Kind, SearchStrategy[Any]] = {
        Kind.NUMBER: numbers() | st.integers(-9, -1),
        Kind.AMOUNT: money(currency),
        Kind.TEXT: texts(),
        Kind.FLAG: st.booleans(),
        Kind.INSTANT: instants(),
        Kind.DATE: st.sampled_from(_BIRTHDAYS) | st.dates(),
        Kind.LABELS: labels(),
    }
    return by_kind[kind]


def _maybe(strategy: SearchStrategy[Any]) -> SearchStrategy[Any]:
    return st.none() | strategy


def _row(columns: Mapping[str, Kind], currency: str) -> SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional={name: _maybe(values(kind, currency)) for name, kind in columns.items()})


def customers(schema: Schema = STANDARD, currency: str = "KRW") -> SearchStrategy[Customer]:
    """Customers, of whom more is missing than known, with the host's own attributes."""
    own = {name: each.kind for name, each in schema.attributes.items() if name not in STANDARD.attributes}
    text = _maybe(texts())
    address = st.builds(Address, country=text, region=text, city=text, postal_code=text, lines=st.lists(texts()))
    contact = st.builds(Contact, st.sampled_from(("email", "phone", "kakao")), ids())
    return st.builds(
        Customer,
        ids(),
        joined_at=_maybe(instants()),
        birthday=_maybe(values(Kind.DATE)),
        tags=labels(),
        marketing=st.frozensets(st.sampled_from(("email", "sms", "kakao", "push"))),
        addresses=st.lists(address, max_size=2),
        contacts=st.lists(contact, max_size=2),
        attributes=_row(own, currency),
        **dict.fromkeys(("name", "email", "country", "city", "language", "gender", "grade", "notes"), text),
    )


def order_lines(currency: str = "KRW") -> SearchStrategy[OrderLine]:
    """Lines without ids of their own."""
    text = _maybe(texts())
    quantity = st.just(1) | numbers()
    said = {"sku": text, "category": text, "brand": text, "tags": labels()}
    return st.builds(OrderLine, ids(), amount=money(currency), quantity=quantity, **said)


@cache
def orders(currency: str = "KRW") -> SearchStrategy[Order]:
    """Orders with and without lines, totals, refunds and later instants."""
    text, amount, instant = _maybe(texts()), money(currency), _maybe(instants())
    said = {
        "shipping": _maybe(amount),
        "status": st.sampled_from(("placed", "paid", "delivered", "cancelled")),
        **dict.fromkeys(("channel", "coupon"), text),
        **dict.fromkeys(("paid_at", "delivered_at", "confirmed_at"), instant),
    }
    lines = st.lists(order_lines(currency), min_size=1, max_size=3)
    with_lines = st.builds(Order, ids(), instants(), lines=lines, total=_maybe(amount), **said)
    order = with_lines | st.builds(Order, ids(), instants(), total=amount, **said)
    tenths = st.integers(0, 10)
    return st.builds(_discounted, order, tenths).flatmap(_refunded)


def _discounted(order: Order, tenths: int) -> Order:
    """The order again with some tenths of what was charged taken off by a discount."""
    if not tenths:
        return order
    off = order.total.times(Fraction(tenths, 10), rounding="floor")
    return evolve(order, discount=off, total=order.total - off)


def _refunded(order: Order) -> SearchStrategy[Order]:
    """The order with up to two refunds, never more than the total, from the instant of the order on."""
    total = order.total

    def refund(shares: list[tuple[int, timedelta, str | None]]) -> Order:
        amounts = total.allocate((*(weight for weight, _, _ in shares), 1))
        refunds = [
            Refund(f"{order.id}-{number}", order.at + later, amount, reason)
            for number, ((_, later, reason), amount) in enumerate(zip(shares, amounts[:-1], strict=True))
        ]
        return evolve(order, refunds=refunds)

    return st.lists(_SHARES, max_size=2).map(refund)


_SHARES = st.tuples(st.integers(0, 3), st.sampled_from(_LATER), _maybe(texts()))


def happenings(fact: type[CartEvent | Activity], currency: str = "KRW") -> SearchStrategy[CartEvent | Activity]:
    """Facts of one class: ``happenings(Visit)``."""
    columns = STANDARD.collections[fact.collection].columns
    said = {each.name: _said(fact, each, columns[each.name].kind, currency) for each in fields(fact)}
    return st.builds(fact, **said | {"id": ids(), "at": instants()})


def _said(fact: type, field: Any, kind: Kind, currency: str) -> SearchStrategy[Any]:
    """What a field of a fact may say: one of its words, a rating, a number that is not negative, …"""
    if (fact, field.name) in _WORDS_OF:
        return st.sampled_from(_WORDS_OF[fact, field.name])
    if field.name.endswith("_id"):
        one: SearchStrategy[Any] = ids()
    elif field.name == "rating":
        one = st.integers(1, 5) | st.decimals(1, 5, places=1)
    else:
        one = numbers() if kind is Kind.NUMBER else values(kind, currency)
    return _maybe(one) if field.default is None else one


def events(schema: Schema, currency: str = "KRW") -> SearchStrategy[Event]:
    """Rows of the collections that the host declared. The schema has to have one."""
    kinds = {
        name: {each.name: each.kind for each in collection.columns.values() if each.name not in ("id", "at")}
        for name, collection in schema.collections.items()
        if name not in STANDARD.collections
    }
    return st.one_of(
        [st.builds(Event, st.just(name), ids(), instants(), _row(own, currency)) for name, own in kinds.items()]
    )


def facts(schema: Schema = STANDARD, currency: str = "KRW") -> SearchStrategy[Fact]:
    """Facts of every collection; about a third of them are orders."""
    others: list[SearchStrategy[Any]] = [happenings(each, currency) for each in HAPPENINGS]
    if schema.collections.keys() > STANDARD.collections.keys():
        others += [events(schema, currency)] * 4
    return st.integers(0, 2).flatmap({0: orders(currency), 1: st.one_of(others), 2: st.one_of(others)}.__getitem__)


def histories(schema: Schema = STANDARD, max_size: int = 8) -> SearchStrategy[tuple[Customer, list[Fact]]]:
    """A customer and facts in any order, no two of a collection with one id, all in one currency."""

    @cache
    def of(currency: str) -> SearchStrategy[tuple[Customer, list[Fact]]]:
        several = st.lists(facts(schema, currency), max_size=max_size, unique_by=_collection_and_id)
        return st.tuples(customers(schema, currency), several)

    return (st.just(schema.currency) if schema.currency else _CURRENCY).flatmap(of)


_CURRENCY = st.shared(st.sampled_from(CURRENCIES), key="retention.testing.facts: the currency")


def profiles(schema: Schema = STANDARD, max_size: int = 8) -> SearchStrategy[Profile]:
    """Profiles; those of one example are in one currency and around the same day in the same zone."""
    return histories(schema, max_size).map(lambda history: Profile.build(*history, schema=schema))


def _collection_and_id(fact: Fact) -> tuple[str, str]:
    return fact.collection, fact.id

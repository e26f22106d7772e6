"""Random profiles of a scene: what happens in them happens where the windows of the scene's rules open and close."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any, TypeAlias, TypeVar, assert_never

from hypothesis import strategies as st

from retention.activity import (
    COUPON_KINDS,
    MESSAGE_KINDS,
    POINTS_KINDS,
    ConsentEvent,
    CouponEvent,
    Event,
    MessageEvent,
    PointsEvent,
    Review,
    Visit,
)
from retention.cart import CART_KINDS, CartEvent
from retention.customer import Customer
from retention.money import Money
from retention.order import Order, OrderLine, Refund
from retention.profile import Fact, Profile
from retention.schema import STANDARD, Kind, Schema
from retention.testing.choices import Choices
from retention.testing.rules import vocabulary
from retention.testing.scenes import Scene

T = TypeVar("T")

_AMOUNTS = (1000, 500, 2000, 0, 10_000)
_NUMBERS: tuple[int | Fraction, ...] = (1, 2, 3, 0, 5, Fraction(5, 2))
_BORN = (date(2000, 2, 29), date(1999, 12, 31), date(2001, 3, 1), date(1990, 2, 28))


@st.composite
def profiles_of(draw: st.DrawFn, scene: Scene, schema: Schema = STANDARD) -> Profile:
    """A profile with up to a dozen facts in random order, their instants the scene's, often equal; much is missing."""
    return write_profile(Choices.drawn(draw), scene, schema)


def write_profile(choices: Choices, scene: Scene, schema: Schema) -> Profile:
    """See ``profiles_of``."""
    writer = _Historian(choices, schema, scene)
    makers = [choices.among(writer.makers) for _ in range(choices.below(choices.one_of(4, 13, 13, 13)))]
    facts = [make(writer, f"f{number:02}", writer.instant()) for number, make in enumerate(makers)]
    return Profile.build(writer.customer(), choices.shuffled(facts), schema=schema)


class _Historian:
    """Writes facts one by one."""

    def __init__(self, choices: Choices, schema: Schema, scene: Scene) -> None:
        self.choices = choices
        self.maybe = choices.maybe
        self.schema = schema
        self.scene = scene
        self.focus = scene.focus.date()
        self.currency = schema.currency or "KRW"
        self.own = {name: each for name, each in schema.collections.items() if name not in STANDARD.collections}
        self.makers: tuple[Maker, ...] = (*_STANDARD_MAKERS, *[_own] * (4 * bool(self.own)))

    def instant(self) -> datetime:
        return self.scene.choose_instant(self.choices)

    def usually(self, choose: Callable[[], T]) -> T | None:
        """Missing once in four times."""
        return None if self.choices.chance(4) else choose()

    def word(self, column: str) -> str:
        return self.choices.among(vocabulary(column))

    def maybe_word(self, column: str) -> str | None:
        return self.maybe(lambda: self.word(column))

    def labels(self, column: str) -> frozenset[str]:
        return self.choices.subset(vocabulary(column))

    def number(self) -> int | Fraction:
        return self.choices.among(_NUMBERS)

    def money(self, *more: int) -> Money:
        return Money(self.choices.among((*_AMOUNTS, *more)), self.currency)

    def date(self) -> date:
        return self.choices.among((self.focus, *_BORN))

    def customer(self) -> Customer:
        own = [each for each in self.schema.attributes.values() if each.name not in STANDARD.attributes]
        attributes = {each.name: self.cell(each.kind, each.name) for each in own if not self.choices.chance(4)}
        return Customer(
            self.choices.one_of("c1", "c2", "가"),
            joined_at=self.usually(self.instant),
            birthday=self.usually(self.date),
            tags=self.labels("tags"),
            marketing=self.labels("marketing"),
            attributes=attributes,
            country=self.maybe_word("country"),
            gender=self.maybe_word("gender"),
            grade=self.maybe_word("grade"),
            language=self.maybe_word("language"),
            name=self.maybe_word("name"),
        )

    def cell(self, kind: Kind, name: str) -> Any:
        """A value of a kind, as a host would put it into an attribute or a column of its own."""
        match kind:
            case Kind.NUMBER:
                return self.number()
            case Kind.AMOUNT:
                return self.money(-1000)
            case Kind.TEXT:
                return self.word(name)
            case Kind.FLAG:
                return self.choices.flag()
            case Kind.INSTANT:
                return self.instant()
            case Kind.DATE:
                return self.date()
            case Kind.LABELS:
                return self.labels(name)
            case _:
                assert_never(kind)

    def line(self) -> OrderLine:
        return OrderLine(
            self.word("product_id"),
            amount=self.money(),
            quantity=self.choices.one_of(1, 2, 5),
            category=self.maybe_word("category"),
            brand=self.maybe_word("brand"),
            tags=self.labels("tags"),
        )

    def refund(self, id: str, at: datetime, lines: list[OrderLine]) -> Refund:
        later = timedelta(days=self.choices.one_of(0, 1, 7))
        amount = Money(lines[0].amount.minor // 2, self.currency)
        return Refund(f"{id}-r", at + later, amount, self.maybe_word("reason"))


Maker: TypeAlias = Callable[[_Historian, str, datetime], Fact]


def _order(of: _Historian, id: str, at: datetime) -> Order:
    lines = [of.line() for _ in range(of.choices.below(3))]
    refunded = bool(lines) and of.choices.flag()
    return Order(
        id,
        at,
        lines=lines,
        total=None if lines else of.money(),
        status=of.word("status"),
        channel=of.maybe_word("channel"),
        paid_at=of.maybe(of.instant),
        delivered_at=of.maybe(of.instant),
        refunds=[of.refund(id, at, lines)] if refunded else [],
    )


def _cart(of: _Historian, id: str, at: datetime) -> CartEvent:
    kind, product = of.choices.among(CART_KINDS), of.maybe_word("product_id")
    return CartEvent(id, at, kind=kind, product_id=product, quantity=1, amount=of.maybe(of.money))


def _visit(of: _Historian, id: str, at: datetime) -> Visit:
    return Visit(id, at, channel=of.maybe_word("channel"), seconds=of.maybe(of.number))


def _message(of: _Historian, id: str, at: datetime) -> MessageEvent:
    return MessageEvent(id, at, kind=of.choices.among(MESSAGE_KINDS), channel=of.maybe_word("channel"))


def _coupon(of: _Historian, id: str, at: datetime) -> CouponEvent:
    kind, began = of.choices.among(COUPON_KINDS), of.maybe(of.instant)
    return CouponEvent(id, at, kind=kind, amount=of.money(), available_at=began, expires_at=of.maybe(of.instant))


def _points(of: _Historian, id: str, at: datetime) -> PointsEvent:
    kind = of.choices.among(POINTS_KINDS)
    return PointsEvent(id, at, kind=kind, amount=of.number(), expires_at=of.maybe(of.instant))


def _consent(of: _Historian, id: str, at: datetime) -> ConsentEvent:
    return ConsentEvent(id, at, channel=of.word("channel"), given=of.choices.flag())


def _review(of: _Historian, id: str, at: datetime) -> Review:
    rating = of.maybe(lambda: of.choices.one_of(1, 3, 5))
    return Review(id, at, rating=rating, has_photo=of.maybe(of.choices.flag))


def _own(of: _Historian, id: str, at: datetime) -> Event:
    name = of.choices.among(sorted(of.own))
    columns = [each for each in of.own[name].columns.values() if each.name not in ("id", "at")]
    return Event(name, id, at, {each.name: of.cell(each.kind, each.name) for each in columns if of.choices.flag()})


_STANDARD_MAKERS: tuple[Maker, ...] = (
    *[_order] * 5,
    *[_cart] * 3,
    *[_visit] * 3,
    _message,
    _coupon,
    _points,
    _consent,
    _review,
)

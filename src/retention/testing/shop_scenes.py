"""Customers, facts, messages and receipts that the contract of a shop's store is tested with."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any, Final, TypeVar

from attrs import evolve

from retention.activity import Event, MessageEvent, Visit
from retention.campaigns.effects import CallHook, SendMessage
from retention.campaigns.state import Run, State
from retention.channels.protocol import Receipt
from retention.customer import Address, Contact, Customer
from retention.loyalty.errors import Conflict
from retention.money import won
from retention.order import Order, OrderLine, Refund
from retention.permission.media import Medium, MessageKind
from retention.permission.messages import Button, Content, Draft
from retention.permission.person import Consent, Suppression
from retention.permission.verdicts import Reason
from retention.profile import Fact
from retention.storage.shop.port import ShopStore, Work
from retention.storage.shop.records import ChannelState, Parcel, Shopper

_T = TypeVar("_T")

NOW: Final = datetime(2026, 3, 1, 3, 0, 0, 1, UTC)  # a microsecond, so that a store that drops it is found
DAY: Final = timedelta(days=1)
LEASE: Final = timedelta(minutes=5)
TEXTS: Final = ("a", 'O\'Brien "\\" %s :x {y}', "대한민국 ₩", "👩‍💻 İß", "x" * 300, " \t\n ", "NULL", "_%", "-- ;")


def shopper(id: str, **said: Any) -> Shopper:
    """A customer; of a store's own fields what is said."""
    return Shopper(customer=Customer(id, email=f"{id}@example.com"), **said)


FULL: Final = Shopper(
    customer=Customer(
        "anna",
        joined_at=NOW - 400 * DAY,
        birthday=date(2000, 2, 29),
        name="안나",
        tags={"vip", "차"},
        marketing={"email"},
        addresses=[Address("KR", "서울", lines=["1 Road", ""])],
        contacts=[Contact("email", "anna@example.com"), Contact("kakao", "k-1")],
        attributes={"shoe_size": 240, "spent": won(5), "since": NOW, "likes": frozenset({"tea"}), "none": None},
    ),
    segments={"dormant": NOW - DAY, "vip": NOW},
    next_changes={"vip": NOW + DAY},
    states={
        "welcome": State(
            runs=(
                Run(
                    subject="o-1",
                    number=2,
                    version=3,
                    began_at=NOW,
                    step="wait",
                    since=NOW,
                    until=NOW + 2 * DAY,
                    fact="orders/o-1",
                    jumps={"wait": 1},
                ),
            ),
            next_date=NOW + 9 * DAY,
        )
    },
    definitions="d-1",
    known_at=NOW + 3 * DAY,
    not_before=NOW + timedelta(hours=1),
    tagged={"vip": True, "차": False},
    wrote={Medium.SMS: NOW - DAY},
)
"""A customer of whom everything is known."""


def order(id: str = "o-1", minor: int = 12_900) -> Order:
    return Order(id, NOW, lines=[OrderLine("tea", amount=won(minor), tags={"green"})], refunds=[_refund(id)])


def _refund(id: str) -> Refund:
    return Refund(f"{id}-r", NOW + DAY, won(100), "찻잔이 깨짐")


FACTS: Final[Sequence[Fact]] = (
    order(),
    Visit("v-1", NOW, page="/tea", seconds=1.5),
    MessageEvent("v-1", NOW, kind="opened"),
    Event("classes", "c-1", NOW, {"minutes": 30, "teacher": "김"}),
)
"""Facts of several collections, of which two share an id."""

CONSENT: Final = Consent(
    medium="email", act="given", at=NOW, source="form", method="double opt-in", wording="동의합니다"
)
WITHDRAWAL: Final = evolve(CONSENT, act="withdrawn", at=NOW + DAY, scope="all", wording=None)
COMPLAINT: Final = Suppression(medium=Medium.EMAIL, reason="complaint", at=NOW)
CHANNEL: Final = ChannelState(failures=3, open_until=NOW + DAY, tokens=0.1, at=NOW)


def message(key: str, customer: str = "anna") -> Parcel:
    """A message that is due now."""
    effect = SendMessage(
        key=key,
        campaign="welcome",
        version=1,
        step="send",
        kind=MessageKind.MARKETING,
        template="hello",
        channels=("mail", "sms"),
        planned_at=NOW,
        expires_at=NOW + 9 * DAY,
        topic="news",
        tags=frozenset({"news", "차"}),
        priority=2,
        on_unknown="hold",
        asked_for=False,
        data={"order": {"id": "o-1", "lines": [1, "둘"]}},
    )
    return Parcel(
        key=key,
        customer=customer,
        effect=effect,
        channel="mail",
        medium=Medium.EMAIL,
        draft=_draft(effect, customer),
        status="waiting",
        planned_at=NOW,
        due_at=NOW,
        reasons=(Reason("quiet-hours", "it is night"),),
    )


def _draft(effect: SendMessage, customer: str) -> Draft:
    return Draft(
        key=f"{effect.key}/mail",
        kind=effect.kind,
        channel="mail",
        customer=customer,
        recipient="r-1",
        address=f"{customer}@example.com",
        content=Content(
            text="(광고) 안녕 👋", subject="it's", html="<p>", variables={"name": "안나"}, buttons=(Button("열기"),)
        ),
        planned_at=effect.planned_at,
        expires_at=effect.expires_at,
        topic=effect.topic,
        tags=effect.tags,
        unsubscribe="https://shop.example/u/1",
        campaign="welcome",
        version=1,
        step="send",
    )


def call(key: str, customer: str = "anna") -> Parcel:
    """A call of a hook that is due now."""
    return Parcel(
        key=key,
        customer=customer,
        effect=CallHook(key=key, hook="ship", data={"box": 1}),
        channel="",
        medium=None,
        draft=None,
        status="waiting",
        planned_at=NOW,
        due_at=NOW,
    )


def receipt(provider_id: str = "p-1", after: timedelta = timedelta(0)) -> Receipt:
    return Receipt(provider_id=provider_id, status="delivered", at=NOW + after, suppress=True, code="250")


def sent(parcel: Parcel, provider_id: str | None = "p-1") -> Parcel:
    """The parcel as its channel took it."""
    return evolve(parcel, status="sent", sent_at=NOW + DAY, provider_id=provider_id, tries=1, reasons=())


# Work. ---------------------------------------------------------------------------------------------------------------


def stored(store: ShopStore, write: Callable[[Work], object]) -> None:
    """In a transaction of its own."""
    with store.work() as work:
        write(work)


def asked(store: ShopStore, read: Callable[[Work], _T]) -> _T:
    """In a transaction of its own."""
    with store.work() as work:
        return read(work)


def again(store: ShopStore, do: Callable[[Work], _T]) -> _T:
    """As the engine does it: as a whole, until nobody else was first."""
    while True:
        try:
            with store.work() as work:
                return do(work)
        except Conflict:
            continue


def claim(store: ShopStore, limit: int = 100, now: datetime = NOW) -> Sequence[Parcel]:
    return asked(store, lambda work: work.claim(now, limit, LEASE))


# Functions of a module, which can be sent to other processes. --------------------------------------------------------


def claim_all(store: ShopStore, number: int) -> list[str]:
    """The keys that one worker claims, ten at a time, until nothing is free; each is sent."""
    keys: list[str] = []
    while claimed := again(store, lambda work: work.claim(NOW, 10, LEASE)):
        ended = [sent(each) for each in claimed]
        keys += [each.key for each in again(store, partial(_finish, parcels=ended))]
    return keys


def _finish(work: Work, parcels: Sequence[Parcel]) -> Sequence[Parcel]:
    return work.finish(parcels)


def see_to_all(store: ShopStore, number: int) -> list[str]:
    """The ids of those whom one worker finds due, ten at a time, until nobody is left; each is due no more."""
    ids: list[str] = []
    while found := again(store, _see_to):
        ids += found
    return ids


def _see_to(work: Work) -> Sequence[str]:
    found = work.due(NOW, 10)
    work.keep([evolve(each, next_changes={}) for each in work.shoppers(found).values()])
    return found


def give_tags(store: ShopStore, number: int) -> None:
    """Ten tags to one customer, each on top of what is stored; the customer may have to be made."""
    for each in range(10):
        again(store, partial(_give, tag=f"{number}-{each}"))


def _give(work: Work, tag: str) -> None:
    known = work.shoppers(["anna"]).get("anna", shopper("anna"))
    customer = evolve(known.customer, tags=known.customer.tags | {tag})
    work.keep([evolve(known, customer=customer, segments={**known.segments, tag: NOW})])

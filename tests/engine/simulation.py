"""A shop in a simulated world: three customers, two workers, clocks that jump, and crashes at every point.

Everything comes from one seed. What happens to the shop (facts, consents, time) is the same with crashes and without;
what crashes do is stop a call at a random point, after which somebody makes the call again or another worker goes on.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from random import Random
from typing import Final, final

from attrs import frozen

from retention import Customer, Order, Segment, SegmentSet, days, hours, won
from retention.campaigns.campaign import Campaign
from retention.campaigns.entries import Enters, Happens
from retention.campaigns.steps import Call, GiveCoupon, GivePoints, Send, Tag, Wait
from retention.channels.protocol import Accepted, Outcome, Receipt, Rejected, Unknown
from retention.engine import Retention
from retention.loyalty import Account
from retention.loyalty.errors import Conflict
from retention.permission import (
    Cap,
    Capabilities,
    Consent,
    Draft,
    Medium,
    MessageKind,
    Outbound,
    Policy,
    Reason,
    Sender,
)
from retention.rules import orders
from retention.storage.shop.memory import MemoryShopStore
from retention.storage.shop.port import Work
from retention.storage.shop.records import Parcel
from tests.engine.shop import SEOUL, TEMPLATES, TOKENS

START: Final = datetime(2026, 3, 2, 9, tzinfo=SEOUL)
PEOPLE: Final = ("anna", "ben", "cleo")
POINTS: Final = ("before commit", "after commit", "conflict", "before the call", "reply lost", "after the reply")

_SEGMENTS = SegmentSet(
    [
        Segment("recent", orders.placed_at.last().within(days(2))),
        Segment("quiet", orders.placed_at.last().older_than(days(3))),
    ]
)

_CAMPAIGNS = (
    Campaign(
        "after-order",
        kind=MessageKind.MARKETING,
        entry=Happens(event=orders.any(), each="id"),
        steps=(
            Send("mail", template="miss-you", channels=("mail",), expires=days(2)),
            Wait("pause", hours(5)),
            Send("text", template="miss-you", channels=("text", "mail"), expires=days(2), on_unknown="hold"),
            GivePoints("points", amount=10, programme="mileage"),
        ),
        again="each crossing",
    ),
    Campaign(
        "back",
        kind=MessageKind.MARKETING,
        entry=Enters(segment="quiet"),
        steps=(
            Tag("tag", "quiet"),
            Call("crm", hook="crm"),
            GiveCoupon("coupon", coupon="BACK"),
            Send("query", template="miss-you", channels=("text",), expires=days(2), on_unknown="query"),
        ),
        goal=orders.within(hours(1)).any(),
        again="after exit",
        pause=hours(6),
        priority=5,
    ),
)
_POLICY = Policy(
    sender=Sender(name="가게", contact="02-123-4567", refusal="080-123-4567"),
    country="KR",
    caps=(Cap(key="few", limit=3, window=days(1), over="defer"),),
)


class Crash(BaseException):
    """The process is gone. Not an Exception, so that nothing mistakes it for the failure of a channel."""


@final
class Fate:
    """Where the next crash is, if any."""

    def __init__(self, random: Random, share: float) -> None:
        self.random = random
        self.share = share
        self.met: Counter[str] = Counter()

    def at(self, point: str) -> bool:
        if self.random.random() >= self.share:
            return False
        self.met[point] += 1
        return True


@final
class MortalStore:
    """A store whose user dies around its commits."""

    def __init__(self, store: MemoryShopStore, fate: Fate) -> None:
        self.store = store
        self.tenant = store.tenant
        self.fate = fate

    @contextmanager
    def work(self) -> Iterator[Work]:
        with self.store.work() as work:
            yield work
            if self.fate.at("conflict"):
                raise Conflict("somebody else was first")
            if self.fate.at("before commit"):
                raise Crash
        if self.fate.at("after commit"):
            raise Crash


@final
@frozen
class Taken:
    """A message that the provider took."""

    key: str
    recipient: str
    at: datetime
    claimed_at: datetime


@final
class Provider:
    """A channel and its provider, who remembers keys if ``idempotent``. It rejects, loses answers, and is not there."""

    def __init__(self, id: str, medium: Medium, fate: Fate, world: "World", *, idempotent: bool) -> None:
        self.id = id
        self.capabilities = Capabilities(
            medium=medium, batch=2, can_query=True, idempotent_for=timedelta(days=30) if idempotent else None
        )
        self.fate = fate
        self.world = world
        self.idempotent = idempotent
        self.taken: list[Taken] = []

    def validate_address(self, address: str) -> str:
        return address

    def check(self, draft: Draft) -> Sequence[Reason]:
        return ()

    def send(self, batch: Sequence[Outbound]) -> Sequence[Outcome]:
        if self.fate.at("before the call"):
            raise Crash
        outcomes = [self._send(each) for each in batch]
        if self.fate.at("after the reply"):
            raise Crash
        return outcomes

    def _send(self, message: Outbound) -> Outcome:
        if self.fate.at("rejected for now"):
            return Rejected(reason="busy", retry_after=timedelta(minutes=7))
        known = any(each.key == message.key for each in self.taken)
        if not (known and self.idempotent):
            self.taken.append(Taken(message.key, message.recipient, self.world.now, self.world.claimed_at))
        return Unknown("no reply") if self.fate.at("reply lost") else Accepted(message.key)

    def query(self, key: str) -> Outcome | None:
        return Accepted(key) if any(each.key == key for each in self.taken) else None

    def parse_webhook(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Sequence[Receipt]:
        return ()


@final
class World:
    """One run. ``run`` gives it all its time."""

    def __init__(self, seed: int, share: float) -> None:
        self.random = Random(seed)
        self.fate = Fate(Random(seed + 1), share)
        self.now = self.claimed_at = START
        self.store = MemoryShopStore()
        self.mail = Provider("mail", Medium.EMAIL, self.fate, self, idempotent=True)
        self.text = Provider("text", Medium.SMS, self.fate, self, idempotent=False)
        self.withdrawn: dict[tuple[str, str], datetime] = {}
        self.called: Counter[str] = Counter()
        self.workers = [self._worker(), self._worker()]
        self.orders = 0

    def _worker(self) -> Retention:
        return Retention(
            MortalStore(self.store, self.fate),
            zone=SEOUL,
            segments=_SEGMENTS,
            campaigns=_CAMPAIGNS,
            channels=[self.mail, self.text],
            policy=_POLICY,
            templates=TEMPLATES,
            secret=b"s" * 32,
            tokens=TOKENS,
            hooks={"crm": lambda key, customer, data: self.called.update([key])},
            clock=lambda: self.now,
            spread=lambda: 0.5,
        )

    def run(self, steps: int) -> None:
        for person in PEOPLE:
            self._surely(lambda engine, id=person: engine.handle(_customer(id)))  # type: ignore[misc]
            for medium in ("email", "sms"):
                self._agree(person, medium)
        for _ in range(steps):
            self._step()
        self.fate.share = 0
        for _ in range(11):  # quietly to the end: everything is due by then, or was given up
            self.now += timedelta(hours=11)
            self._surely(lambda engine: engine.wake())
            while self.workers[0].deliver():
                pass

    def _step(self) -> None:
        self.now += self.random.choice([timedelta(seconds=20), timedelta(minutes=40), timedelta(hours=7)])
        person = self.random.choice(PEOPLE)
        match self.random.choice(("order", "wake", "agree", "withdraw", "deliver", "deliver")):
            case "order":
                self.orders += 1
                order = Order(f"o{self.orders}", self.now, total=won(9_000))
                self._surely(lambda engine: engine.handle(person, order))
            case "wake":
                self._surely(lambda engine: engine.wake())
            case "agree":
                self._agree(person, self.random.choice(("email", "sms")))
            case "withdraw":
                medium = self.random.choice(("email", "sms"))
                self._surely(lambda engine: engine.consent(person, _line(medium, "withdrawn", self.now)))
                self.withdrawn[person, medium] = self.now
            case _:
                self._maybe(lambda engine: engine.deliver())

    def _agree(self, person: str, medium: str) -> None:
        self._surely(lambda engine: engine.consent(person, _line(medium, "given", self.now)))
        self.withdrawn.pop((person, medium), None)

    def _surely(self, call: Callable[[Retention], object]) -> None:
        """A call that the host makes again when its process died."""
        while not self._maybe(call):
            pass

    def _maybe(self, call: Callable[[Retention], object]) -> bool:
        """A call by either worker, which may die in it."""
        self.claimed_at = self.now
        try:
            call(self.fate.random.choice(self.workers))
        except Crash:
            return False
        return True

    # What is left. ---------------------------------------------------------------------------------------------------

    def parcels(self) -> list[Parcel]:
        with self.store.work() as work:
            return [parcel for id in PEOPLE for parcel in work.parcels_of(id)]

    def points(self) -> dict[str, int]:
        with self.store.work() as work:
            return {id: work.ledger.load(Account("mileage", id)).head.available for id in PEOPLE}

    def facts(self) -> dict[str, list[str]]:
        """The coupons of each customer."""
        with self.store.work() as work:
            found = work.facts(PEOPLE)
        return {id: sorted(each.id for each in found.get(id, ()) if each.collection == "coupons") for id in PEOPLE}


def _customer(id: str) -> Customer:
    number = PEOPLE.index(id)
    return Customer(id, email=f"{id}@example.com", phone=f"+82101234000{number}", country="KR")


def _line(medium: str, act: str, at: datetime) -> Consent:
    return Consent(medium=medium, act=act, at=at, source="page", method="click")  # type: ignore[arg-type]

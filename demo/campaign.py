"""Households that have stayed away are written to: a campaign with a holdout, its mails handed to a real SMTP server.

The study knows no addresses, names or consents, so these are generated: one household in ten wants no mails (the law of
the United States asks for no consent to e-mail, and honours every refusal). The households never got a mail. What they
bought afterwards is the study's, so the campaign cannot have changed it, and its lift has to say so.
"""

import asyncio
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from email import message_from_bytes, policy
from email.headerregistry import Address
from email.message import EmailMessage
from hashlib import sha256
from typing import Any, final

from aiosmtpd.smtp import SMTP
from attrs import evolve, frozen

from demo.complete_journey import SCHEMA, ZONE
from retention.campaigns import Campaign, Once, Send, State, Wait
from retention.campaigns.measuring import Bought, Lift, entered_of, lift
from retention.channels.smtp import SmtpChannel, SmtpServer
from retention.customer import Customer
from retention.engine import Retention, Tokens
from retention.order import Order
from retention.permission import Consent, Medium, MessageKind, Policy, Sender
from retention.profile import Profile, Row
from retention.rules import orders
from retention.segments import Segment
from retention.spans import days, local
from retention.storage import MemoryShopStore
from retention.storage.shop.records import Parcel, ParcelStatus
from retention.templates import Template, Templates

LAUNCH = datetime(2017, 10, 2, 10, tzinfo=ZONE)
WEEKS = 4
AWAY = Segment("away", orders.placed_at.last().older_than(days(28)), name="away for four weeks", schema=SCHEMA)

WIN_BACK = Campaign(
    "win-back",
    kind=MessageKind.MARKETING,
    entry=Once(at=LAUNCH, audience=AWAY),
    steps=(
        Send("we miss you", template="miss-you", channels=("email",), expires=days(2)),
        Wait("ten days", days(10)),
        Send("a last word", template="last-word", channels=("email",), expires=days(2)),
    ),
    goal=orders.within(days(10)).any(),
    holdout=0.2,
    schema=SCHEMA,
)
_TEXTS = Templates(
    [
        Template("miss-you", Medium.EMAIL, "Dear {{ customer.name }}, it has been a while.", subject="We miss you"),
        Template("last-word", Medium.EMAIL, "Dear {{ customer.name }}, shall we stop?", subject="A last word"),
    ]
)


@final
@frozen
class Outcome:
    """What became of the campaign. ``mails`` are those that the server was handed."""

    households: int
    refusing: int
    audience: int
    held_out: int
    statuses: Counter[ParcelStatus]
    refused: Counter[str]
    mails: Sequence[EmailMessage]
    lift: Lift


def run(profiles: Sequence[Profile], advance: Callable[[int, int | None], None]) -> Outcome:
    """Four weeks of autumn: what was known at the launch, then every basket of whoever came in, as it comes."""
    store = MemoryShopStore()
    with _mailbox() as mailbox:
        engine = _engine(store, mailbox.port)
        known = [past for each in profiles if (past := each.until(LAUNCH)).rows("orders")]
        for number, profile in enumerate(known, start=1):
            _introduce(engine, profile)
            advance(number, len(known))
        engine.wake(LAUNCH, limit=10 * len(known))
        states = {each.customer.id: state for each in known if (state := _state(store, each.customer.id))}
        statuses = _four_weeks(engine, [each for each in profiles if each.customer.id in states])
    messages = [parcel for id in states for parcel in _messages(store, id)]
    entered = list(entered_of(states.items()))
    return Outcome(
        households=len(known),
        refusing=sum(_refuses(each.customer.id) for each in known),
        audience=len(states),
        held_out=sum(each.held_out for each in entered),
        statuses=statuses,
        refused=Counter(reason.code for each in messages if each.status == "refused" for reason in each.reasons),
        mails=mailbox.mails,
        lift=lift(entered, _bought(profiles, set(states)), window=days(7 * WEEKS)),
    )


def _introduce(engine: Retention, profile: Profile) -> None:
    """The household as it was known at the launch, with an address that nobody has; one in ten wants no mails."""
    id = profile.customer.id
    person = Customer(id, name=f"household {id}", email=f"household-{id}@example.com", country="US", joined_at=LAUNCH)
    engine.handle(person, *map(_without_lines, profile.rows("orders")), now=LAUNCH - _MINUTE)
    if _refuses(id):
        refusal = Consent(medium="email", act="withdrawn", at=LAUNCH - _MINUTE, source="generated", method="demo")
        engine.consent(id, refusal, now=LAUNCH - _MINUTE)


def _four_weeks(engine: Retention, profiles: Sequence[Profile]) -> Counter[ParcelStatus]:
    """What comes is told at noon of its day; mails go out at once."""
    coming: dict[date, list[tuple[str, Order]]] = defaultdict(list)
    for profile in profiles:
        for order in profile.rows("orders"):
            if LAUNCH < order.at <= LAUNCH + timedelta(weeks=WEEKS):
                coming[local(order.at, ZONE).date()].append((profile.customer.id, _without_lines(order)))
    statuses: Counter[ParcelStatus] = Counter()
    for day in range(7 * WEEKS + 1):
        now = LAUNCH + timedelta(days=day)
        for id, order in coming[now.date() - timedelta(days=1)]:
            engine.handle(id, order, now=now)
        engine.wake(now, limit=10_000)
        while done := engine.deliver(now):
            statuses += done
    return statuses


def _without_lines(row: Row) -> Order:
    assert isinstance(row, Order), "they are rows of orders"
    return evolve(row, lines=())


def _refuses(household: str) -> bool:
    return int(sha256(f"refuses/{household}".encode()).hexdigest(), 16) % 10 == 0


def _state(store: MemoryShopStore, household: str) -> State | None:
    with store.work() as work:
        return work.shoppers([household])[household].states.get(WIN_BACK.key)


def _messages(store: MemoryShopStore, household: str) -> Sequence[Parcel]:
    with store.work() as work:
        return work.parcels_of(household)


def _bought(profiles: Sequence[Profile], audience: set[str]) -> Iterator[Bought]:
    for profile in profiles:
        for order in profile.rows("orders") if profile.customer.id in audience else ():
            assert isinstance(order, Order), "they are rows of orders"
            if order.total.minor:
                yield Bought(customer=profile.customer.id, order=order.id, at=order.at, amount=order.total)


def _engine(store: MemoryShopStore, port: int) -> Retention:
    mail = SmtpChannel(
        SmtpServer(host="127.0.0.1", port=port, security="none"),
        sender=Address("The shop", addr_spec="shop@shop.example"),
        clock=lambda: LAUNCH,
        secret=_SECRET,
    )
    return Retention(
        store,
        zone=ZONE,
        segments=[AWAY],
        campaigns=[WIN_BACK],
        channels=[mail],
        templates=_TEXTS,
        policy=Policy(
            sender=Sender(name="The shop", contact="help@shop.example", postal_address="1 Example Street, Example, NY"),
            country="US",
        ),
        schema=SCHEMA,
        secret=_SECRET,
        tokens=Tokens(url="https://shop.example/stop/", secrets={"demo": _SECRET}),
    )


_SECRET = b"of a demo, and of nothing else.."
_MINUTE = timedelta(minutes=1)


@final
class _Mailbox:
    """An SMTP server on loopback that keeps what it is handed."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.port = 0

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """aiosmtpd calls it for each mail."""
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


@contextmanager
def _mailbox() -> Iterator[_Mailbox]:
    mailbox, loop = _Mailbox(), asyncio.new_event_loop()
    server = loop.run_until_complete(loop.create_server(lambda: SMTP(mailbox, loop=loop), "127.0.0.1", 0))
    mailbox.port = server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield mailbox
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()

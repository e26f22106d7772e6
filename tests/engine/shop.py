"""A small Korean shop for tests of the engine."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from retention import Customer, Order, Segment, days, won
from retention.campaigns.campaign import Campaign
from retention.campaigns.entries import Enters
from retention.campaigns.steps import GiveCoupon, GivePoints, Send, Tag, Wait
from retention.channels.memory import MemoryChannel
from retention.engine import Retention
from retention.permission import Capabilities, Consent, Medium, MessageKind, Policy, Sender
from retention.rules import orders
from retention.shell.tokens import Tokens
from retention.storage.shop.memory import MemoryShopStore
from retention.storage.shop.port import ShopStore
from retention.storage.shop.records import ParcelStatus
from retention.templates import Template, Templates

SEOUL = ZoneInfo("Asia/Seoul")
NOON = datetime(2026, 1, 1, 12, tzinfo=SEOUL)
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
ANNA = Customer("anna", name="세라", email="sera@example.com", phone="+821012345678", joined_at=NOON, country="KR")

DORMANT = Segment("dormant", orders.placed_at.last().older_than(days(90)))
BUYERS = Segment("buyers", orders.any())

WIN_BACK = Campaign(
    "win-back",
    kind=MessageKind.MARKETING,
    entry=Enters(segment="dormant"),
    steps=(
        Tag("mark", "lapsing"),
        GivePoints("gift", amount=1000, programme="mileage"),
        Send("hello", template="miss-you", channels=("mail",), expires=days(3)),
        Wait("a week", days(7)),
        GiveCoupon("coupon", coupon="BACK10", valid_for=days(30)),
        Send("last", template="miss-you", channels=("mail",), expires=days(3)),
    ),
    goal=orders.within(days(7)).any(),
    again="after exit",
    pause=days(30),
)

MISSED = "{{ customer.name | default: '고객' }}님, 보고 싶어요"
TEMPLATES = Templates(
    [
        Template(
            "miss-you", Medium.EMAIL, "{{ customer.name | default: '고객' }}님, 보고 싶어요", subject="오랜만이에요"
        ),
        Template("miss-you", Medium.SMS, "{{ customer.name | default: '고객' }}님, 보고 싶어요"),
    ]
)
POLICY = Policy(sender=Sender(name="가게", contact="02-123-4567", refusal="080-123-4567"), country="KR")
TOKENS = Tokens(url="https://shop.example/stop/", secrets={"2026": b"k" * 32})


def mail(**capabilities: Any) -> MemoryChannel:
    return MemoryChannel("mail", Capabilities(medium=Medium.EMAIL, batch=100, **capabilities))


def text(**capabilities: Any) -> MemoryChannel:
    return MemoryChannel("text", Capabilities(medium=Medium.SMS, batch=100, **capabilities))


def shop(store: ShopStore | None = None, **given: Any) -> Retention:
    """The shop with these parts in the place of its own."""
    parts: dict[str, Any] = {
        "segments": [DORMANT, BUYERS],
        "campaigns": [WIN_BACK],
        "channels": [mail()],
        "policy": POLICY,
        "templates": TEMPLATES,
        "secret": b"s" * 32,
        "tokens": TOKENS,
        "spread": lambda: 0.5,
    }
    return Retention(store or MemoryShopStore(), zone=SEOUL, **(parts | given))


def agreed(at: datetime = NOON, medium: str = "email", **given: Any) -> Consent:
    parts: dict[str, Any] = {"act": "given", "source": "signup", "method": "checkbox"}
    return Consent(medium=medium, at=at, **(parts | given))


def order(id: str = "o1", at: datetime = NOON) -> Order:
    return Order(id, at, total=won(50_000))


def told(engine: Retention) -> None:
    """Anna signed up, agreed to e-mail, and ordered on New Year's Day."""
    engine.handle(ANNA, now=NOON)
    engine.consent("anna", agreed(), now=NOON)
    engine.handle("anna", order(), now=NOON)


def pass_days(engine: Retention, first: int, last: int) -> list[tuple[int, dict[ParcelStatus, int]]]:
    """Wake and deliver once a day; the days on which something became of messages, and what."""
    found = []
    for day in range(first, last + 1):
        engine.wake(NOON + day * DAY)
        done = engine.deliver(NOON + day * DAY)
        if done:
            found.append((day, {**done}))
    return found

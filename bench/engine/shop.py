"""A shop of thirty segments and ten campaigns, and a channel that does nothing."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from bench.bulk.variants import eighty
from retention.campaigns.campaign import Again, Campaign
from retention.campaigns.entries import Enters, Entry, Happens
from retention.campaigns.steps import Send, Step, Wait
from retention.channels.protocol import Accepted, Channel, Outcome, Receipt
from retention.engine import Retention
from retention.permission import Capabilities, Draft, Medium, MessageKind, Outbound, Policy, Reason, Sender
from retention.rules import cart, orders
from retention.segments.segment import Segment
from retention.shell.tokens import Tokens
from retention.spans import days, hours
from retention.storage.shop.port import ShopStore
from retention.templates import Template, Templates

SEOUL = ZoneInfo("Asia/Seoul")
TEMPLATES = Templates(
    [Template("hello", Medium.EMAIL, "{{ customer.name | default: '고객' }}님, 안녕하세요", subject="안녕하세요")]
)
POLICY = Policy(sender=Sender(name="가게", contact="02-123-4567", refusal="080-123-4567"), country="KR")
TOKENS = Tokens(url="https://shop.example/stop/", secrets={"2026": b"k" * 32})
_SEND = Send("hello", template="hello", channels=("mail",), expires=days(3))


class Nothing:
    """Takes every message and does nothing."""

    id = "mail"

    def __init__(self, batch: int) -> None:
        self.capabilities = Capabilities(medium=Medium.EMAIL, batch=batch)

    def validate_address(self, address: str) -> str:
        return address

    def check(self, draft: Draft) -> Sequence[Reason]:
        return ()

    def send(self, batch: Sequence[Outbound]) -> Sequence[Outcome]:
        return [Accepted(each.key) for each in batch]

    def parse_webhook(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Sequence[Receipt]:
        return ()


def thirty() -> list[Segment]:
    """Segments of which no two ask the same: the first thirty of those of the whole populations."""
    return [*eighty()][:30]


def thanks() -> Campaign:
    """A message after each order."""
    return _campaign("thanks", Happens(event=orders.any(), each="id"), (_SEND,), again="each crossing")


def ten() -> list[Campaign]:
    """Eight that begin with a segment, a message after each order, and one after a cart that was left."""
    waits = (Wait("a while", hours(4)), _SEND)
    begin = [_campaign(f"at {each.key}", Enters(segment=each.key), (_SEND,)) for each in thirty()[:8]]
    return [*begin, thanks(), _campaign("cart", Happens(event=cart.where(cart.kind == "added").any()), waits)]


def _campaign(key: str, entry: Entry, steps: Sequence[Step], again: Again = "never") -> Campaign:
    return Campaign(key, kind=MessageKind.MARKETING, entry=entry, steps=tuple(steps), again=again)


def retention(
    store: ShopStore, segments: Iterable[Segment], campaigns: Iterable[Campaign] = (), channel: Channel | None = None
) -> Retention:
    return Retention(
        store,
        zone=SEOUL,
        segments=segments,
        campaigns=campaigns,
        channels=[channel or Nothing(100)],
        policy=POLICY,
        templates=TEMPLATES,
        secret=b"s" * 32,
        tokens=TOKENS,
    )

"""A message and its own place in the caps."""

from datetime import datetime, timedelta
from typing import Any, Literal

import pytest
from attrs import evolve

from retention import CartEvent, Customer, days, hours
from retention.campaigns import Campaign, Happens, Send
from retention.channels.memory import MemoryChannel
from retention.channels.protocol import Accepted, Outcome, Receipt, Rejected, Unknown
from retention.permission import Cap, Capabilities, Medium, MessageKind
from retention.permission.messages import Outbound
from retention.rules import cart
from tests.engine.shop import ANNA, MINUTE, NOON, POLICY, agreed, shop, text


def _one_a_day(over: Literal["skip", "defer"] = "skip") -> Any:
    return evolve(POLICY, caps=(Cap(key="a-day", limit=1, window=days(1), over=over),))


def _when(kind: str, key: str, channels: tuple[str, ...], **given: Any) -> Campaign:
    return Campaign(
        key,
        kind=MessageKind.MARKETING,
        entry=Happens(event=cart.where(cart.kind == kind).any()),
        steps=(Send("s", template="miss-you", channels=channels, expires=hours(8)),),
        **given,
    )


@pytest.mark.parametrize("over", ["skip", "defer"])
@pytest.mark.parametrize("how", ["rejected", "failed later", "two channels"])
def test_a_message_goes_by_the_next_channel_though_one_a_day_is_all(how: str, over: Literal["skip", "defer"]) -> None:
    refused: dict[str, Outcome] = {} if how == "failed later" else {"sera@example.com": Rejected(reason="no")}
    fallback = () if how == "two channels" else ("text",)
    capabilities = Capabilities(medium=Medium.EMAIL, fallback=fallback, receipts=frozenset({"failed"}))
    post, phone = MemoryChannel("mail", capabilities, outcomes=refused), text()
    channels = ("mail", "text") if how == "two channels" else ("mail",)
    engine = shop(
        campaigns=[_when("added", "cart", channels)], segments=[], channels=[post, phone], policy=_one_a_day(over)
    )
    engine.handle(ANNA, now=NOON)
    for medium in ("email", "sms"):
        engine.consent("anna", agreed(NOON, medium), now=NOON)
    engine.handle("anna", CartEvent("e1", NOON, kind="added", cart_id="k"), now=NOON)
    engine.deliver(NOON)
    if how == "failed later":
        asked = engine.ask("anna", now=NOON)
        assert asked is not None
        (name,) = [each.provider_id for each in asked.messages]
        assert name is not None
        engine.report("mail", [Receipt(provider_id=name, status="failed", at=NOON)], now=NOON + MINUTE)
    engine.deliver(NOON + MINUTE)
    assert len(phone.delivered) == 1


class _Slow:
    """Forgets whether the first went out; another customer's takes three minutes."""

    id = "text"
    capabilities = Capabilities(medium=Medium.SMS, batch=1)

    def __init__(self) -> None:
        self.now = NOON
        self.given: list[str] = []

    def validate_address(self, address: str) -> str:
        return address

    def check(self, draft: object) -> tuple[()]:
        return ()

    def send(self, batch: list[Outbound]) -> list[Outcome]:
        (message,) = batch
        self.given.append(message.key.split("/")[1].split(":")[0])
        if self.given[-1] == "other":
            self.now += timedelta(minutes=3)
        return [Unknown("lost") if len(self.given) == 1 else Accepted(f"p-{len(self.given)}")]

    def parse_webhook(self, headers: object, body: bytes, *, now: datetime) -> tuple[()]:
        return ()


def test_a_message_in_doubt_keeps_its_place_when_a_worker_gives_it_back() -> None:
    slow = _Slow()
    campaigns = [
        _when("added", "one", ("text",)),
        _when("removed", "two", ("text",), priority=3),
        _when("cleared", "other", ("text",), priority=5),
    ]
    engine = shop(campaigns=campaigns, segments=[], channels=[slow], policy=_one_a_day(), clock=lambda: slow.now)
    for who in (ANNA, Customer("bob", phone="+821099998888", country="KR")):
        engine.handle(who)
        engine.consent(who.id, agreed(NOON, "sms"))
    engine.handle("anna", CartEvent("e1", NOON, kind="added", cart_id="k"))
    assert engine.deliver() == {"waiting": 1}
    slow.now += MINUTE
    engine.handle("bob", CartEvent("e2", slow.now, kind="cleared", cart_id="b"))
    assert engine.deliver() == {"sent": 1, "waiting": 1}
    engine.handle("anna", CartEvent("e3", slow.now, kind="removed", cart_id="k"))
    engine.deliver()
    assert slow.given == ["one", "other", "one"]
    asked = engine.ask("anna")
    assert asked is not None
    assert sorted((each.key.split(":")[0], each.status) for each in asked.messages) == [
        ("one", "sent"),
        ("two", "refused"),
    ]


@pytest.mark.parametrize("number", [3, 150])
def test_the_more_important_campaign_has_the_place_however_many_customers_there_are(number: int) -> None:
    """A worker claims a hundred at once."""
    campaigns = [_when("added", "a-letter", ("text",)), _when("added", "z-recall", ("text",), priority=10)]
    phone = text()
    engine = shop(campaigns=campaigns, segments=[], channels=[phone], policy=_one_a_day())
    for place in range(number):
        id = f"c{place}"
        engine.handle(evolve(ANNA, id=id, phone=f"+82101234{place:04d}"), now=NOON)
        engine.consent(id, agreed(NOON, "sms"), now=NOON)
        engine.handle(id, CartEvent("e1", NOON, kind="added", cart_id="k"), now=NOON)
    while engine.deliver(NOON):
        pass
    assert len(phone.delivered) == number
    assert {each.key.split("/")[1].split(":")[0] for each in phone.delivered} == {"z-recall"}

"""What becomes of a message that waits: the goal is reached, the customer moves, the law is another."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from attrs import evolve

from retention import CartEvent, days, hours
from retention.campaigns import Campaign, Happens, Send, SinceEntry, Wait
from retention.campaigns.state import Run
from retention.channels.memory import MemoryChannel
from retention.channels.protocol import Unknown
from retention.engine import Retention
from retention.permission import Medium, MessageKind, Person, Sender
from retention.rules import cart, customer, orders
from retention.storage.shop.memory import MemoryShopStore
from tests.engine.shop import ANNA, DAY, MINUTE, NOON, POLICY, agreed, mail, order, shop, text

NIGHT = NOON + timedelta(hours=10)  # texts wait for the morning
MORNING = NOON + timedelta(hours=21)
_ADDED = cart.where(cart.kind == "added").any()
_BOUGHT = SinceEntry(orders.any())


def remind(channel: str = "text", *tail: Any, data: dict[str, str] | None = None, **given: Any) -> Campaign:
    send = Send("remind", template="miss-you", channels=(channel,), expires=hours(40), data=data or {})
    parts: dict[str, Any] = {"entry": Happens(event=_ADDED), "goal": _BOUGHT, **given}
    return Campaign("cart", kind=MessageKind.MARKETING, steps=(send, *tail), **parts)


def added(id: str = "e1", at: Any = NIGHT, cart_id: str = "k-7") -> CartEvent:
    return CartEvent(id, at, kind="added", cart_id=cart_id)


def run_of(engine: Retention, at: datetime) -> Run:
    asked = engine.ask("anna", now=at)
    assert asked is not None
    (run,) = asked.campaigns["cart"].runs
    return run


_LATER = Wait("w", days(2))


@pytest.mark.parametrize(
    "campaign",
    [
        pytest.param(remind("text", _LATER), id="the run goes on"),
        pytest.param(remind("text"), id="it was the last step"),
        pytest.param(
            remind("text", _LATER, data={"subject": "Your cart"}, entry=Happens(event=_ADDED, each="cart_id")),
            id="the step calls something else the subject",
        ),
        pytest.param(remind("text", goal=None, leave=orders.any()), id="who buys leaves"),
    ],
)
def test_who_has_bought_meanwhile_is_not_reminded(campaign: Campaign) -> None:
    phone = text()
    engine = shop(campaigns=[campaign], segments=[], channels=[phone])
    engine.handle(ANNA, now=NOON)
    engine.consent("anna", agreed(NOON, "sms"), now=NOON)
    engine.handle("anna", added(), now=NIGHT)
    engine.handle("anna", order("o1", NIGHT + MINUTE), now=NIGHT + MINUTE)
    assert engine.deliver(MORNING) == {"cancelled": 1}
    assert phone.delivered == []


@pytest.mark.parametrize("tail", [(), (_LATER,)], ids=["finished", "open"])
def test_of_two_runs_the_goal_of_the_first_is_not_forgotten(tail: tuple[Wait, ...]) -> None:
    """The second begins before the first one's message may go, and is another matter."""
    engine = shop(
        campaigns=[remind("text", *tail, again="each crossing")],
        segments=[],
        channels=[text()],
    )
    engine.handle(ANNA, now=NOON)
    engine.consent("anna", agreed(NOON, "sms"), now=NOON)
    engine.handle("anna", added(), now=NIGHT)
    engine.handle("anna", order("o1", NIGHT + MINUTE), now=NIGHT + MINUTE)
    engine.handle("anna", added("e2", NIGHT + 2 * MINUTE), now=NIGHT + 2 * MINUTE)
    assert engine.deliver(MORNING) == {"cancelled": 1, "sent": 1}


def test_what_is_over_after_the_message_has_expired_ends_nothing() -> None:
    """Nobody listens for goals for ever."""
    engine = shop(campaigns=[remind("mail")], segments=[])
    engine.handle(ANNA, now=NOON)
    engine.consent("anna", agreed(NOON), now=NOON)
    engine.handle("anna", added(at=NOON), now=NOON)
    engine.handle("anna", order("o1", NOON + 2 * DAY), now=NOON + 2 * DAY)
    run = run_of(engine, NOON + 2 * DAY)
    assert (run.ended, run.over_at) == ("finished", None)


def test_a_goal_about_the_customer_is_reached_when_they_change() -> None:
    phone = text()
    campaign = remind("text", _LATER, goal=customer.tags.has("vip"))
    engine = shop(campaigns=[campaign], segments=[], channels=[phone])
    engine.handle(ANNA, now=NOON)
    engine.consent("anna", agreed(NOON, "sms"), now=NOON)
    engine.handle("anna", added(), now=NIGHT)
    engine.handle(evolve(ANNA, tags=frozenset({"vip"})), now=NIGHT + MINUTE)
    assert run_of(engine, NIGHT + MINUTE).ended == "goal"
    assert engine.deliver(MORNING) == {"cancelled": 1}


# Who moves, and a shop that does. -------------------------------------------------------------------------------------

_HERE = evolve(POLICY, senders={"US": Sender(name="Haneul", contact="1-800-555-0100", refusal="reply STOP")})


@pytest.mark.parametrize(
    ("first", "then", "words"), [("US", "KR", "(광고)가게"), ("KR", "US", "Haneul"), ("KR", "KR", "02-999-9999")]
)
def test_a_text_is_written_anew_for_the_law_that_holds_by_then(first: str, then: str, words: str) -> None:
    store, phone = MemoryShopStore(), text()
    engine = shop(store, campaigns=[remind()], segments=[], channels=[phone], policy=_HERE)
    engine.handle(evolve(ANNA, country=first), now=NOON)
    engine.consent("anna", agreed(NOON, "sms"), now=NOON)
    engine.handle("anna", added(), now=NIGHT)
    moved = evolve(_HERE, sender=evolve(POLICY.sender, contact="02-999-9999"))
    engine = shop(store, campaigns=[remind()], segments=[], channels=[phone], policy=moved)
    engine.handle(evolve(ANNA, country=then), now=NIGHT + MINUTE)
    for hour in range(40):
        engine.deliver(NIGHT + timedelta(hours=hour))
    (sent,) = phone.delivered
    assert words in sent.content.text


def test_a_text_is_written_for_where_the_host_says_that_the_customer_lives() -> None:
    phone = text()
    engine = shop(
        campaigns=[remind()],
        segments=[],
        channels=[phone],
        policy=evolve(_HERE, country="US"),
        person_of=lambda _: Person(country="KR"),
    )
    engine.handle(evolve(ANNA, country=None), now=NOON)
    engine.consent("anna", agreed(NOON, "sms"), now=NOON)
    engine.handle("anna", added(at=NOON), now=NOON)
    assert engine.deliver(NOON) == {"sent": 1}
    assert phone.delivered[0].content.text.startswith("(광고)")


# What may have gone out. ----------------------------------------------------------------------------------------------


def _in_doubt() -> tuple[Any, MemoryChannel]:
    post = MemoryChannel("mail", mail().capabilities, outcomes={"sera@example.com": Unknown("the line broke")})
    engine = shop(campaigns=[remind("mail", _LATER)], segments=[], channels=[post])
    engine.handle(ANNA, now=NOON)
    engine.consent("anna", agreed(NOON), now=NOON)
    engine.handle("anna", added(at=NOON), now=NOON)
    assert engine.deliver(NOON) == {"waiting": 1}
    return engine, post


def test_what_may_have_gone_out_is_not_sent_again_to_who_has_bought() -> None:
    engine, post = _in_doubt()
    engine.handle("anna", order("o1", NOON + MINUTE / 2), now=NOON + MINUTE / 2)
    assert engine.deliver(NOON + MINUTE) == {"held": 1}
    assert len(post.delivered) == 1
    (message,) = engine.ask("anna", now=NOON + MINUTE).messages
    assert [each.code for each in message.reasons] == ["in-doubt", "run-over"]


def test_what_may_have_gone_out_is_not_sent_again_to_an_address_that_is_theirs_no_more() -> None:
    engine, post = _in_doubt()
    engine.handle(evolve(ANNA, email="new@example.com"), now=NOON + MINUTE / 2)
    engine.suppress(Medium.EMAIL, "sera@example.com", "hard bounce", now=NOON + MINUTE / 2)
    assert engine.deliver(NOON + MINUTE) == {"held": 1}
    assert len(post.delivered) == 1
    (message,) = engine.ask("anna", now=NOON + MINUTE).messages
    assert [each.code for each in message.reasons] == ["in-doubt", "new-address"]


@pytest.mark.parametrize("channels", [("mail",), ("mail", "text")])
@pytest.mark.parametrize("left", [MINUTE, MINUTE / 2, MINUTE * 0])
def test_a_message_that_has_less_than_a_minute_left_has_expired_by_every_channel(
    channels: tuple[str, ...], left: timedelta
) -> None:
    steps = (Send("s", template="miss-you", channels=channels, expires=hours(1)),)
    engine = shop(campaigns=[evolve(remind(goal=None), steps=steps)], segments=[], channels=[mail(), text()])
    engine.handle(ANNA, now=NOON)
    for medium in ("email", "sms"):
        engine.consent("anna", agreed(NOON, medium), now=NOON)
    engine.handle("anna", added(at=NOON), now=NOON)
    assert engine.deliver(NOON + timedelta(hours=1) - left) == {"expired": 1}

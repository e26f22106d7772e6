"""What is given by mistake is told at the door, with how to give it."""

from collections.abc import Callable
from typing import Any

import pytest
from attrs import evolve

from retention import Order, Profile, days, won
from retention.campaigns import Call, Campaign, Happens, WaitFor
from retention.channels.protocol import Receipt
from retention.engine import Retention
from retention.errors import ConfigurationError, FactError
from retention.permission import MessageKind
from retention.rules import orders
from tests.engine.shop import ANNA, DAY, MINUTE, NOON, TOKENS, WIN_BACK, agreed, mail, order, shop

_RECEIPT = Receipt(provider_id="p", status="delivered", at=NOON)
_PROFILE = Profile.build(ANNA)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda engine: engine.introduce("anna", now=NOON), "customer: is not a customer"),
        (lambda engine: engine.report("mail", _RECEIPT, now=NOON), "receipts: is not a list"),
        (lambda engine: engine.report("mail", ["p"], now=NOON), r"receipts\[0\]: is not Receipt"),
        (lambda engine: engine.rehearse(_PROFILE, start=NOON, until=NOON + DAY), "history: is not a list"),
        (lambda engine: engine.rehearse(["anna"], start=NOON, until=NOON + DAY), "history: has something else"),
        (
            lambda engine: engine.rehearse([_PROFILE], start=NOON, until=NOON + DAY, consents={"anna": agreed()}),
            r"consents\['anna'\]: is not a list",
        ),
        (lambda engine: engine.members(None), "segment: is not text"),
    ],
)
def test_arguments_that_are_none(call: Callable[[Retention], Any], said: str) -> None:
    with pytest.raises(FactError, match=said):
        call(shop())


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"campaigns": WIN_BACK}, "campaigns is no list"),
        ({"campaigns": ["win-back"]}, "campaigns has a str among them"),
        ({"channels": mail()}, "channels is no list"),
        ({"channels": ["mail"]}, "a str among the channels is none"),
        ({"notices": [None]}, "notices has a NoneType among them"),
        ({"policy": "KR"}, "policy is no Policy"),
        ({"tokens": evolve(TOKENS, url="https://shop.example/stop")}, "no end of its own. End it with /: .*stop/"),
        ({"tokens": evolve(TOKENS, confirm_url="https://shop.example/c")}, "no end of its own"),
        ({"templates": []}, "templates is no Templates"),
        ({"channels": [mail(fallback=("txet",))]}, "falls back to 'txet', which is no other channel"),
        ({"channels": [mail(fallback=("mail",))]}, "falls back to 'mail', which is no other channel"),
    ],
)
def test_parts_that_are_none(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        shop(**given)


def test_campaigns_of_a_rehearsal_that_are_none() -> None:
    with pytest.raises(ConfigurationError, match="campaigns is no list"):
        shop().rehearse([_PROFILE], start=NOON, until=NOON + DAY, campaigns=WIN_BACK)  # type: ignore[arg-type]


@pytest.mark.parametrize("known", [True, False], ids=["known", "new"])
@pytest.mark.parametrize("newest_first", [True, False])
def test_facts_that_are_told_together_come_in_the_order_in_which_they_happened(newest_first: bool, known: bool) -> None:
    steps = (
        WaitFor("paid", event=orders.where(orders.total >= won(2)).any(), at_most=days(1), then="thank"),
        Call("thank", hook="thank"),
    )
    campaign = Campaign("two", kind=MessageKind.SERVICE, entry=Happens(event=orders.any()), steps=steps)
    engine = shop(campaigns=[campaign], segments=[], hooks={"thank": lambda key, customer, data: None})
    if known:
        engine.handle(ANNA, now=NOON)
    several = [order("o1", NOON), Order("o2", NOON + MINUTE, total=won(2))]
    handled = engine.handle(ANNA, *(several[::-1] if newest_first else several), now=NOON + 2 * MINUTE)
    assert next(note.code for _, note in handled.notes) == "entered"
    asked = engine.ask("anna", now=NOON + 2 * MINUTE)
    assert asked is not None
    assert [run.fact for run in asked.campaigns["two"].runs] == ["orders/o1"]

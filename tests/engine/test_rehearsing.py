"""A campaign on last year's events, before it is let loose."""

import pytest
from attrs import evolve

from retention import CartEvent, Customer, Order, Profile, Segment, days, won
from retention.campaigns.campaign import Campaign
from retention.campaigns.entries import Enters, Happens, Once, Recurring
from retention.campaigns.steps import Send, Wait
from retention.permission import Consent, MessageKind
from retention.rules import cart, orders
from tests.engine.shop import ANNA, BUYERS, DAY, DORMANT, NOON, WIN_BACK, agreed, mail, order, shop, text

HISTORY = [Profile.build(ANNA, [order(), Order("o2", NOON + 95 * DAY, total=won(9))])]
AGREED: dict[str, list[Consent]] = {"anna": [agreed()]}
WON_BACK_ONCE = evolve(WIN_BACK, again="never", pause=None)


def test_every_send_is_told_with_its_text() -> None:
    engine = shop()
    found = engine.rehearse(HISTORY, start=NOON, until=NOON + 300 * DAY, consents=AGREED)
    assert [(each.at, each.what, each.step) for each in found] == [
        (NOON + 90 * DAY, "sent", "hello"),
        (NOON + 185 * DAY, "sent", "hello"),
        (NOON + 192 * DAY, "sent", "last"),
    ], "the order on day 95 reached the goal before the second message"
    assert all(each.content is not None and "보고 싶어요" in each.content.text for each in found)


def test_nothing_is_sent_and_nothing_is_stored() -> None:
    engine = shop()
    engine.rehearse(HISTORY, start=NOON, until=NOON + 300 * DAY, consents=AGREED)
    assert engine.ask("anna") is None
    assert engine.shop.channels["mail"].delivered == []  # type: ignore[attr-defined]


def test_refusals_and_deferrals_come_with_their_reasons() -> None:
    nine = NOON.replace(hour=21, minute=30)
    history = [Profile.build(evolve(ANNA, joined_at=nine), [order(at=nine)])]
    campaign = evolve(WIN_BACK, steps=(Send("it", template="miss-you", channels=("text",), expires=days(3)),))
    engine = shop(channels=[text()], campaigns=[campaign])
    refused = engine.rehearse(history, start=nine, until=nine + 100 * DAY)
    assert [each.what for each in refused] == ["refused"]
    assert "consent-missing" in [each.code for each in refused[0].reasons]
    consents = {"anna": [agreed(nine, medium="sms")]}
    put_off = engine.rehearse(history, start=nine, until=nine + 100 * DAY, consents=consents)
    assert [(each.what, each.at) for each in put_off] == [
        ("deferred", nine + 90 * DAY),
        ("sent", (nine + 91 * DAY).replace(hour=8, minute=0)),
    ]
    assert put_off[0].until == put_off[1].at


def test_what_was_there_at_the_start_sets_off_nothing() -> None:
    engine = shop()
    late = NOON + 100 * DAY
    assert engine.rehearse(HISTORY[:1], start=late, until=late + 50 * DAY, consents=AGREED) == ()


def test_another_campaign_than_the_shops_and_many_customers() -> None:
    engine = shop(campaigns=[])
    people = [Profile.build(Customer(f"c{n}", email=f"c{n}@example.com"), [order()]) for n in range(5)]
    consents = {each.customer.id: [agreed()] for each in people[:2]}
    campaign = evolve(WIN_BACK, steps=WIN_BACK.steps[2:3])
    found = engine.rehearse(people, start=NOON, until=NOON + 91 * DAY, campaigns=[campaign], consents=consents)
    assert [(each.customer, each.what) for each in found] == [
        ("c0", "sent"), ("c1", "sent"), ("c2", "refused"), ("c3", "refused"), ("c4", "refused"),
    ]  # fmt: skip
    assert DORMANT.key in engine.shop.segments


def test_consents_come_at_their_instants() -> None:
    """At the first letter there is none, at the second there is, and afterwards it was withdrawn."""
    lines = [agreed(NOON + 91 * DAY), agreed(NOON + 99 * DAY, act="withdrawn")]
    campaign = evolve(WON_BACK_ONCE, goal=None)
    found = shop(campaigns=[campaign]).rehearse(
        HISTORY[:1], start=NOON, until=NOON + 200 * DAY, consents={"anna": lines}
    )
    assert [(each.at, each.what, each.step) for each in found] == [
        (NOON + 90 * DAY, "refused", "hello"),
        (NOON + 97 * DAY, "sent", "last"),
    ]


def test_consent_that_comes_with_an_event_comes_first() -> None:
    at = NOON + 5 * DAY
    once = Campaign(
        "news",
        kind=MessageKind.MARKETING,
        entry=Once(at=at, audience=BUYERS, fixed="dispatch"),
        steps=(Send("it", template="miss-you", channels=("mail",), expires=days(3)),),
    )
    history = [Profile.build(ANNA, [order(at=at)])]
    found = shop(campaigns=[once]).rehearse(history, start=NOON, until=NOON + 9 * DAY, consents={"anna": [agreed(at)]})
    assert [(each.at, each.what) for each in found] == [(at, "sent")]


@pytest.mark.parametrize(
    ("entry", "sent"),
    [
        (Once(at=NOON + 2 * DAY, audience=BUYERS), [2]),
        (Recurring(rule="FREQ=DAILY;COUNT=4", start=NOON, audience=BUYERS), [0, 1, 2, 3]),
        (Recurring(rule="FREQ=DAILY;INTERVAL=7", start=NOON - DAY, audience=BUYERS), [6, 13, 20]),
    ],
)
def test_audiences_are_due_when_they_are(entry: Once | Recurring, sent: list[int]) -> None:
    """Also those at the very start; of those before it nothing is told, nor of those after the end."""
    send = Send("it", template="miss-you", channels=("mail",), expires=days(3))
    campaign = Campaign(
        "news",
        kind=MessageKind.MARKETING,
        entry=entry,
        steps=(send,),
        again="never" if isinstance(entry, Once) else "each crossing",
    )
    history = [Profile.build(ANNA, [order(at=NOON - DAY)])]
    consents = {"anna": [agreed(NOON - DAY)]}
    found = shop(campaigns=[campaign]).rehearse(history, start=NOON, until=NOON + 20 * DAY, consents=consents)
    assert [(each.at, each.what) for each in found] == [(NOON + day * DAY, "sent") for day in sent]


def test_a_channel_that_did_not_take_a_message_is_told_of_beside_the_one_that_did() -> None:
    campaign = evolve(
        WON_BACK_ONCE, steps=(Send("it", template="miss-you", channels=("text", "mail"), expires=days(3)),)
    )
    engine = shop(channels=[mail(), text()], campaigns=[campaign])
    found = engine.rehearse(HISTORY[:1], start=NOON, until=NOON + 91 * DAY, consents=AGREED)
    assert [(each.what, each.channel) for each in found] == [("refused", "text"), ("sent", "mail")]
    assert {each.code for each in found[0].reasons} == {"consent-missing"}
    assert found[1].reasons == ()
    nobody = engine.rehearse(HISTORY[:1], start=NOON, until=NOON + 91 * DAY)
    assert [(each.what, {reason.channel for reason in each.reasons}) for each in nobody] == [
        ("refused", {"text", "mail"})
    ]


def test_how_fast_a_channel_is_does_not_matter() -> None:
    """One message a day is let through, and two are due at once."""
    steps = tuple(Send(f"it-{n}", template="miss-you", channels=("mail",), expires=days(3)) for n in range(2))
    engine = shop(channels=[mail(per_second=1 / 86_400)], campaigns=[evolve(WON_BACK_ONCE, steps=steps)])
    found = engine.rehearse(HISTORY[:1], start=NOON, until=NOON + 91 * DAY, consents=AGREED)
    assert [(each.at, each.what) for each in found] == [(NOON + 90 * DAY, "sent")] * 2


def test_who_joins_later_is_welcomed_and_was_in_no_audience_before() -> None:
    """As it would have been: nobody knew of her until then."""
    steps = (
        Wait("until she has agreed", days(1)),
        Send("it", template="miss-you", channels=("mail",), expires=days(3)),
    )
    campaigns = [
        Campaign("welcome", kind=MessageKind.MARKETING, entry=Enters(segment="new"), steps=steps),
        Campaign("news", kind=MessageKind.SERVICE, entry=Once(at=NOON - 8 * DAY, audience=orders.none()), steps=steps),
    ]
    engine = shop(campaigns=campaigns, segments=[Segment("new", orders.none())])
    found = engine.rehearse([Profile.build(ANNA)], start=NOON - 10 * DAY, until=NOON + 2 * DAY, consents=AGREED)
    assert [(each.campaign, each.at, each.what) for each in found] == [("welcome", NOON + DAY, "sent")]


def test_what_was_once_before_the_start_is_not_done_again() -> None:
    steps = (Send("it", template="miss-you", channels=("mail",), expires=days(300)),)
    news = Campaign("news", kind=MessageKind.MARKETING, entry=Once(at=NOON, audience=BUYERS), steps=steps)
    assert shop(campaigns=[news]).rehearse(HISTORY[:1], start=NOON + DAY, until=NOON + 9 * DAY, consents=AGREED) == ()


@pytest.mark.parametrize("cart_id", ["k" * 500, "k\u200b7", "k\n7", "\u3000"])
def test_whatever_a_cart_is_called_its_message_is_taken(cart_id: str) -> None:
    remind = Campaign(
        "cart",
        kind=MessageKind.MARKETING,
        entry=Happens(event=cart.any(), each="cart_id"),
        steps=(Send("it", template="miss-you", channels=("mail",), expires=days(3)),),
    )
    event = CartEvent("e1", NOON + DAY, kind="added", cart_id=cart_id)
    engine = shop(campaigns=[remind], segments=[])
    found = engine.rehearse([Profile.build(ANNA, [event])], start=NOON, until=NOON + 9 * DAY, consents=AGREED)
    assert [each.what for each in found] == ["sent"]
    engine.handle(ANNA, now=NOON)
    engine.consent("anna", agreed(), now=NOON)
    engine.handle("anna", event, now=NOON + DAY)
    assert engine.deliver(NOON + DAY) == {"sent": 1}

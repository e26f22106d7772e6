"""A campaign on last year's events, before it is let loose."""

from attrs import evolve

from retention import Customer, Order, Profile, days, won
from retention.campaigns.steps import Send
from retention.permission import Consent
from tests.engine.shop import ANNA, DAY, DORMANT, NOON, WIN_BACK, agreed, order, shop, text

HISTORY = [Profile.build(ANNA, [order(), Order("o2", NOON + 95 * DAY, total=won(9))])]
AGREED: dict[str, list[Consent]] = {"anna": [agreed()]}


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

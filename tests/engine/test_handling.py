"""Facts in: memberships, campaigns and rewards."""

from functools import partial

import pytest
from attrs import evolve

from retention import CartEvent, Customer, Event, Kind, Money, Segment, Visit, days
from retention.activity import TicketEvent
from retention.campaigns.campaign import Campaign
from retention.campaigns.entries import Enters, Happens, Once
from retention.campaigns.errors import CampaignError
from retention.campaigns.steps import AskStaff, Call, Send, Tag, Wait
from retention.errors import ConfigurationError, CurrencyMismatch, FactError, UnknownName
from retention.loyalty import Account
from retention.permission import MessageKind
from retention.rules import cart, customer, orders, tickets, visits
from retention.schema import STANDARD
from retention.storage.shop.memory import MemoryShopStore
from tests.engine.shop import (
    ANNA,
    BUYERS,
    DAY,
    DORMANT,
    MINUTE,
    NOON,
    WIN_BACK,
    agreed,
    order,
    pass_days,
    shop,
    told,
)


def test_a_first_order_enters_a_segment() -> None:
    engine = shop()
    engine.handle(ANNA, now=NOON)
    handled = engine.handle("anna", order(), now=NOON + MINUTE)
    assert [(key, way) for key, way, _ in handled.changes] == [("buyers", "entered")]


def test_the_same_fact_again_changes_nothing() -> None:
    engine = shop()
    engine.handle(ANNA, now=NOON)
    first = engine.handle("anna", order(), now=NOON)
    again = engine.handle("anna", order(), now=NOON + DAY)
    assert first.changes
    assert not again.changes
    asked = engine.ask("anna", now=NOON + DAY)
    assert asked is not None
    assert asked.since == {"buyers": NOON}


def test_amounts_are_in_one_currency_whether_rules_ask_about_them_or_not() -> None:
    engine = shop(segments=[Segment("seen", tickets.any())], campaigns=[])
    engine.handle(ANNA, order(), now=NOON)
    with pytest.raises(CurrencyMismatch):
        engine.handle("anna", CartEvent("c1", NOON, kind="added", amount=Money(100, "USD")), now=NOON)


@pytest.mark.parametrize("fact", [Event("clases", "c1", NOON), Event("classes", "c1", NOON, {"minutes": "many"})])
def test_what_a_profile_refuses_is_not_stored_though_no_rule_asks_about_it(fact: Event) -> None:
    schema = STANDARD.extend(collections={"classes": {"minutes": Kind.NUMBER}})
    engine = shop(segments=[BUYERS], campaigns=[], schema=schema)
    engine.handle(ANNA, now=NOON)
    for call in (partial(engine.handle, "anna"), partial(engine.introduce, ANNA)):
        with pytest.raises((UnknownName, FactError)):
            call(fact, now=NOON)
    asked = engine.ask("anna", now=NOON)
    assert asked is not None
    assert not [*asked.profile.facts()]


@pytest.mark.parametrize("asked_by", ["segment", "campaign"])
def test_what_was_given_in_advance_is_found_by_rules_that_came_later(asked_by: str) -> None:
    """Nobody asked about visits when this one was told of, so nobody looked when it would be."""
    store, seen = MemoryShopStore(), Segment("seen", visits.any())
    before = shop(store, segments=[BUYERS], campaigns=[])
    before.introduce(ANNA, Visit("v1", NOON + 5 * DAY, page="/"), now=NOON)
    entry = Enters(segment="seen") if asked_by == "segment" else Happens(event=visits.any())
    mark = Campaign("mark", kind=MessageKind.MARKETING, entry=entry, steps=(Tag("it", "visitor"),))
    segments = [BUYERS, *([seen] if asked_by == "segment" else [])]
    after = shop(store, segments=segments, campaigns=[mark])
    found = []
    for day in range(1, 9):
        while after.wake(NOON + day * DAY):
            pass
        asked = after.ask("anna", now=NOON + day * DAY)
        assert asked is not None
        found.append("visitor" in asked.profile.customer.tags)
    assert found == [False] * 4 + [True] * 4


def test_a_goal_that_time_has_brought_is_found_with_any_fact() -> None:
    calm = Campaign(
        "calm",
        kind=MessageKind.MARKETING,
        entry=Happens(event=cart.any()),
        steps=(Wait("ten days", days(10)), Tag("mark", "restless")),
        goal=cart.at.last().older_than(days(1)),
    )
    engine = shop(segments=[], campaigns=[calm])
    engine.handle(ANNA, CartEvent("c1", NOON, kind="added"), now=NOON)
    engine.handle("anna", TicketEvent("t1", NOON + 2 * DAY, kind="opened", ticket_id="t1"), now=NOON + 2 * DAY)
    asked = engine.ask("anna", now=NOON + 2 * DAY)
    assert asked is not None
    assert [each.ended for each in asked.campaigns["calm"].runs] == ["goal"]


def test_time_alone_enters_a_segment_at_its_exact_instant_and_a_campaign_begins() -> None:
    engine = shop()
    told(engine)
    assert pass_days(engine, 1, 89) == []
    assert pass_days(engine, 90, 120) == [(90, {"sent": 1}), (97, {"sent": 1})]
    asked = engine.ask("anna", now=NOON + 120 * DAY)
    assert asked is not None
    assert asked.since["dormant"] == NOON + 90 * DAY
    assert asked.segments == ["dormant", "buyers"]
    assert "lapsing" in asked.profile.customer.tags
    assert [asked.profile.cell(each, "code") for each in asked.profile.rows("coupons")] == ["BACK10"]


def test_a_machine_that_slept_for_weeks_does_what_was_due_at_its_instants() -> None:
    engine = shop()
    told(engine)
    engine.wake(NOON + 120 * DAY)
    asked = engine.ask("anna", now=NOON + 120 * DAY)
    assert asked is not None
    assert asked.since["dormant"] == NOON + 90 * DAY
    assert [each.planned_at for each in asked.messages] == [NOON + 90 * DAY, NOON + 97 * DAY]
    assert {each.status for each in asked.messages} == {"expired"}, "nobody wants them now"


def test_points_are_granted_once_whatever_is_repeated() -> None:
    store = MemoryShopStore()
    engine = shop(store)
    told(engine)
    for _ in range(3):
        engine.wake(NOON + 90 * DAY)
    with store.work() as work:
        assert work.ledger.load(Account("mileage", "anna")).head.available == 1000


def test_a_goal_that_is_reached_ends_the_run() -> None:
    engine = shop()
    told(engine)
    pass_days(engine, 90, 91)
    engine.handle("anna", order("o2", NOON + 92 * DAY), now=NOON + 92 * DAY)
    assert pass_days(engine, 92, 110) == []


def test_what_effects_make_of_a_customer_sets_off_other_campaigns() -> None:
    """A tag enters a segment, a coupon and a ticket are facts."""
    tagged = Segment("tagged", customer.tags.has("lapsing"))
    asks = Campaign(
        "asks", kind=MessageKind.SERVICE, entry=Enters(segment="tagged"), steps=(AskStaff("a", topic="t", words="w"),)
    )
    follows = Campaign(
        "follows", kind=MessageKind.SERVICE, entry=Happens(event=tickets.any()), steps=(Tag("b", "asked"),)
    )
    engine = shop(segments=[DORMANT, BUYERS, tagged], campaigns=[WIN_BACK, asks, follows])
    told(engine)
    engine.wake(NOON + 90 * DAY)
    asked = engine.ask("anna", now=NOON + 90 * DAY)
    assert asked is not None
    assert asked.profile.customer.tags == {"lapsing", "asked"}
    assert len(asked.profile.rows("tickets")) == 1


def test_a_campaign_that_leads_back_to_its_own_beginning_is_found_out() -> None:
    ring = Campaign(
        "ring",
        kind=MessageKind.SERVICE,
        entry=Happens(event=tickets.any(), each="id"),
        steps=(AskStaff("again", topic="t", words="w"),),
    )
    engine = shop(campaigns=[ring])
    engine.handle(ANNA, now=NOON)
    with pytest.raises(ConfigurationError, match="without end"):
        engine.handle("anna", TicketEvent("t1", NOON), now=NOON)
    asked = engine.ask("anna", now=NOON)
    assert asked is not None
    assert not asked.profile.rows("tickets"), "nothing is stored"


def test_a_fact_of_the_future_is_refused_and_a_clock_that_differs_is_not() -> None:
    engine = shop()
    engine.handle(ANNA, now=NOON)
    with pytest.raises(FactError, match="future"):
        engine.handle("anna", order(at=NOON + DAY), now=NOON)
    assert engine.handle("anna", order(at=NOON + MINUTE), now=NOON).changes


def test_a_delivery_told_in_advance_is_known_when_it_comes() -> None:
    arrived = Segment("arrived", orders.where(~orders.delivered_at.is_missing()).any())
    engine = shop(segments=[arrived], campaigns=[])
    engine.handle("anna", evolve(order(), delivered_at=NOON + 2 * DAY), now=NOON)
    engine.wake(NOON + 3 * DAY)
    asked = engine.ask("anna", now=NOON + 3 * DAY)
    assert asked is not None
    assert asked.since == {"arrived": NOON + 2 * DAY}


def test_a_new_definition_sets_off_nothing_and_a_later_change_does() -> None:
    store = MemoryShopStore()
    engine = shop(store, segments=[BUYERS], campaigns=[])
    told(engine)
    engine = shop(store)
    assert engine.wake(NOON + 100 * DAY) > 0
    asked = engine.ask("anna", now=NOON + 100 * DAY)
    assert asked is not None
    assert asked.since["dormant"] == NOON + 100 * DAY
    assert not asked.messages, "nobody became dormant: the shop began to ask"
    engine.handle("anna", order("o2", NOON + 101 * DAY), now=NOON + 101 * DAY)
    assert pass_days(engine, 191, 191) == [(191, {"sent": 1})]


def test_members_of_before_come_in_by_backfill() -> None:
    store = MemoryShopStore()
    told(shop(store, campaigns=[]))
    shop(store, campaigns=[]).wake(NOON + 91 * DAY)
    engine = shop(store, campaigns=[evolve(WIN_BACK, entry=Enters(segment="dormant", backfill=True))])
    engine.wake(NOON + 92 * DAY)
    assert engine.deliver(NOON + 92 * DAY) == {"sent": 1}
    assert pass_days(engine, 93, 95) == []


@pytest.mark.parametrize("fixed", ["launch", "dispatch"])
def test_an_audience_comes_in_once_at_its_hour(fixed: str) -> None:
    sale = Campaign(
        "sale",
        kind=MessageKind.MARKETING,
        entry=Once(at=NOON + 2 * DAY, audience=BUYERS, fixed=fixed),  # type: ignore[arg-type]
        steps=(Send("it", template="miss-you", channels=("mail",), expires=days(1)),),
    )
    engine = shop(campaigns=[sale])
    told(engine)
    engine.handle(Customer("ben", email="ben@example.com"), now=NOON)
    engine.consent("ben", agreed(), now=NOON)
    assert pass_days(engine, 1, 5) == [(2, {"sent": 1})]


def test_a_hook_is_called_until_it_does_not_raise() -> None:
    calls: list[tuple[str, str | None]] = []

    def crm(key: str, customer: str | None, data: object) -> None:
        calls.append((key, customer))
        if len(calls) == 1:
            raise OSError("down")

    campaign = evolve(WIN_BACK, steps=(Call("tell", hook="crm"),))
    engine = shop(campaigns=[campaign], hooks={"crm": crm})
    told(engine)
    assert pass_days(engine, 90, 92) == [(90, {"waiting": 1}), (91, {"sent": 1})]
    assert len(set(calls)) == 1, "the key is always the same"


def test_parts_that_do_not_fit_are_refused_when_the_shop_is_put_together() -> None:
    with pytest.raises(CampaignError, match="no segment 'dormant'"):
        shop(segments=[BUYERS])
    with pytest.raises(CampaignError, match="step 'hello': the shop has no channel 'mail'"):
        shop(channels=[])
    with pytest.raises(ConfigurationError, match="templates"):
        shop(templates=None)
    with pytest.raises(ConfigurationError, match="twice"):
        shop(campaigns=[WIN_BACK, WIN_BACK])


def test_what_nobody_knows_is_not_there() -> None:
    engine = shop()
    assert engine.ask("nobody") is None
    assert not engine.erase("nobody")
    assert engine.handle("nobody").customer == "nobody"


def test_a_run_of_a_newer_version_is_left_to_a_process_that_knows_it() -> None:
    store = MemoryShopStore()
    newer = evolve(WIN_BACK, version=2)
    told(shop(store, campaigns=[WIN_BACK, newer]))
    shop(store, campaigns=[WIN_BACK, newer]).wake(NOON + 90 * DAY)
    old = shop(store)
    assert old.wake(NOON + 97 * DAY) < 1000
    assert old.wake(NOON + 97 * DAY) == 0, "it does not look again at once"
    shop(store, campaigns=[WIN_BACK, newer]).wake(NOON + 97 * DAY + 61 * MINUTE)
    asked = old.ask("anna", now=NOON + 98 * DAY)
    assert asked is not None
    assert [each.planned_at for each in asked.messages] == [NOON + 90 * DAY, NOON + 97 * DAY]


def test_an_order_that_is_delivered_later_is_told_to_campaigns_then() -> None:
    review = Campaign(
        "review",
        kind=MessageKind.SERVICE,
        entry=Happens(event=orders.where(~orders.delivered_at.is_missing()).any(), each="id"),
        steps=(Tag("ask", "asked"),),
    )
    engine = shop(segments=[], campaigns=[review])
    engine.handle("anna", evolve(order(), delivered_at=NOON + 2 * DAY), now=NOON)
    assert engine.wake(NOON + DAY) == 1, "by definitions that are new"
    assert engine.wake(NOON + DAY) == 0
    engine.wake(NOON + 2 * DAY)
    asked = engine.ask("anna", now=NOON + 2 * DAY)
    assert asked is not None
    assert asked.profile.customer.tags == {"asked"}

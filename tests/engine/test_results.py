"""Results of a campaign out of what is stored, counted again by hand."""

from datetime import datetime, timedelta

import pytest
from attrs import evolve

from retention import Customer, Order, Refund, days, won
from retention.campaigns.arms import arm_of, is_held_out
from retention.campaigns.campaign import Campaign
from retention.campaigns.entries import Enters, Happens
from retention.campaigns.measuring import Result
from retention.campaigns.steps import Jump, Send, Split, Stop
from retention.channels.protocol import Receipt, Status
from retention.engine import CampaignResults, Retention
from retention.errors import ConfigurationError, CurrencyMismatch, UnknownChoice
from retention.money import Money
from retention.permission import MessageKind
from retention.rules import Orders, orders
from tests.engine.shop import DAY, MINUTE, NOON, agreed, shop

HOUR = timedelta(hours=1)
SPLIT = Split("words", (("short", 1, "brief"), ("long", 2, "letter")))
BRIEF = Send("brief", template="miss-you", channels=("mail",), expires=days(3))
LETTER = evolve(BRIEF, id="letter")
FLOW = (SPLIT, BRIEF, Jump("past", to="end", at_most=1), LETTER, Stop("end"))
BACK = Campaign("back:1", kind=MessageKind.MARKETING, entry=Enters(segment="buyers"), holdout=0.25, steps=FLOW)
PEOPLE = [f"c-{number:02}" for number in range(24)]
HELD_OUT = {each for each in PEOPLE if is_held_out(BACK, each)}
WRITTEN_TO = [each for each in PEOPLE if each not in HELD_OUT]
BUYERS = {each for each in PEOPLE if int(each[2:]) % 3 == 1}


def customer(id: str) -> Customer:
    return Customer(id, name=id, email=f"{id}@example.com", country="KR")


def come(engine: Retention, *people: str, at: datetime = NOON) -> None:
    """They sign up, agree, order, and are written to."""
    for id in people:
        engine.handle(customer(id), now=at)
        engine.consent(id, agreed(at), now=at)
        engine.handle(id, Order(f"{id}/first", at, total=won(9_000)), now=at)
    engine.deliver(at)


def buy(engine: Retention, *people: str, at: datetime = NOON + DAY) -> None:
    """For 50,000 won, of which 20,000 are given back an hour later."""
    for id in people:
        back = [Refund("r", at + HOUR, won(20_000))]
        engine.handle(id, Order(f"{id}/{at:%m%d}", at, total=won(50_000), refunds=back), now=at + HOUR)


def told_of(engine: Retention, status: Status, *people: str) -> None:
    for id in people:
        asked = engine.ask(id, now=NOON)
        assert asked is not None
        name = asked.messages[-1].provider_id
        assert name is not None
        engine.report("mail", [Receipt(provider_id=name, status=status, at=NOON + MINUTE)], now=NOON + HOUR)


def whole(
    engine: Retention, campaign: str = "back:1", at: datetime = NOON + 9 * DAY, since: datetime | None = None
) -> Result:
    return engine.results(campaign, window=days(7), now=at, since=since).whole


@pytest.fixture
def found() -> CampaignResults:
    engine = shop(campaigns=[BACK])
    come(engine, *PEOPLE)
    told_of(engine, "delivered", *WRITTEN_TO[:4])
    told_of(engine, "read", *WRITTEN_TO[3:6])
    told_of(engine, "clicked", WRITTEN_TO[5], WRITTEN_TO[6])
    told_of(engine, "complained", WRITTEN_TO[7])
    told_of(engine, "bounced", *WRITTEN_TO[8:10])
    buy(engine, *BUYERS)
    return engine.results("back:1", window=days(7), now=NOON + 9 * DAY)


def test_the_scene_has_somebody_of_every_kind() -> None:
    arms = {(arm_of("back:1", SPLIT, each)[0], each in BUYERS) for each in WRITTEN_TO}
    assert (len(arms), len(HELD_OUT & BUYERS) > 0, len(HELD_OUT - BUYERS) > 0) == (4, True, True)


def test_the_whole_counts_messages_receipts_and_what_was_bought(found: CampaignResults) -> None:
    buyers = len(BUYERS - HELD_OUT)
    assert found.whole == Result(
        campaign="back:1",
        step=None,
        sent=len(WRITTEN_TO),
        delivered=8,
        opened=4,
        clicked=2,
        converted=buyers,
        revenue=won(30_000 * buyers),
    )


def test_steps_add_up_to_the_whole(found: CampaignResults) -> None:
    assert {each.step for each in found.steps} == {"brief", "letter"}
    for name in ("sent", "delivered", "opened", "clicked", "converted"):
        assert sum(getattr(each, name) for each in found.steps) == getattr(found.whole, name)


def test_arms_are_those_that_customers_have_by_their_hash(found: CampaignResults) -> None:
    assert [(each.split, each.arm) for each in found.arms] == [("words", "short"), ("words", "long")]
    for each in found.arms:
        own = {id for id in WRITTEN_TO if arm_of("back:1", SPLIT, id)[0] == each.arm}
        assert (each.result.campaign, each.result.step, each.result.sent) == ("back:1", None, len(own))
        assert each.result.converted == each.lift.converted == len(own & BUYERS)
        assert (each.lift.heads, each.lift.held_out) == (len(own), len(HELD_OUT))
        assert each.result.revenue == won(30_000 * len(own & BUYERS))


def test_the_lift_is_over_who_was_held_out(found: CampaignResults) -> None:
    lift = found.lift
    assert (lift.heads, lift.held_out) == (len(WRITTEN_TO), len(HELD_OUT))
    assert (lift.converted, lift.held_out_converted) == (len(BUYERS - HELD_OUT), len(BUYERS & HELD_OUT))
    assert lift.rate.low is not None
    assert lift.rate.high is not None
    assert lift.rate.low < lift.rate.high
    assert (lift.rate.answer, lift.revenue.answer) == ("too small to say", "too small to say")
    assert lift.rate.detectable is not None
    assert lift.rate.detectable > 0.4


def test_the_lift_has_a_window_of_its_own() -> None:
    engine = shop(campaigns=[BACK])
    come(engine, *PEOPLE)
    buy(engine, *BUYERS, at=NOON + 8 * DAY)
    found = engine.results("back:1", window=days(7), lift_window=days(8), now=NOON + 9 * DAY)
    assert (found.whole.converted, found.lift.converted) == (0, len(BUYERS - HELD_OUT))


def test_a_campaign_that_did_nothing_yet_has_nothing() -> None:
    found = shop(campaigns=[BACK]).results("back:1", window=days(7), now=NOON)
    assert (found.whole.sent, found.whole.revenue, found.steps) == (0, None, ())
    assert [each.result for each in found.arms] == [found.whole, found.whole]
    assert (found.lift.heads, found.lift.rate.difference, found.lift.rate.answer) == (0, None, "too small to say")


def test_only_what_the_shop_has_is_measured() -> None:
    with pytest.raises(UnknownChoice, match="Did you mean 'back:1'"):
        shop(campaigns=[BACK]).results("back1", window=days(7), now=NOON)


def test_an_order_belongs_to_the_last_that_sells() -> None:
    everyone = evolve(BACK, holdout=0, steps=(BRIEF,))
    entry = Happens(event=orders.where(orders.total == won(1_000)).any())
    sale = Campaign("back", kind=MessageKind.MARKETING, entry=entry, steps=(LETTER,))
    receipt = evolve(sale, key="receipt", kind=MessageKind.TRANSACTIONAL)
    engine = shop(campaigns=[everyone, sale])
    _buy_twice(engine)
    assert (whole(engine).revenue, whole(engine, "back").revenue) == (won(1_000), won(30_000))
    engine = shop(campaigns=[everyone, receipt])
    _buy_twice(engine)
    assert whole(engine).revenue == won(31_000)  # a receipt sells nothing
    assert whole(engine, "receipt").revenue == won(30_000)  # unless it is what is asked about


def _buy_twice(engine: Retention) -> None:
    """Once for little, which is answered, and once for much."""
    come(engine, "c-00")
    engine.handle("c-00", Order("small", NOON + HOUR, total=won(1_000)), now=NOON + HOUR)
    engine.deliver(NOON + HOUR)
    buy(engine, "c-00")


def test_a_span_has_both_its_ends() -> None:
    engine = shop(campaigns=[BACK])
    early, late = WRITTEN_TO[0], WRITTEN_TO[1]
    come(engine, early)
    come(engine, late, at=NOON + DAY)
    buy(engine, early, at=NOON + 2 * DAY)
    assert whole(engine).sent == whole(engine, since=NOON).sent == whole(engine, at=NOON + DAY).sent == 2
    assert whole(engine, since=NOON + MINUTE).sent == whole(engine, at=NOON + DAY - MINUTE).sent == 1
    assert whole(engine, since=NOON + MINUTE).converted == whole(engine, at=NOON + 2 * DAY - MINUTE).converted == 0
    assert whole(engine, at=NOON + 2 * DAY).revenue == won(50_000)  # nothing was given back yet
    assert whole(engine).revenue == won(30_000)
    found = engine.results("back:1", window=days(7), since=NOON + MINUTE, now=NOON + 9 * DAY)
    assert (found.lift.heads, sum(each.lift.heads for each in found.arms)) == (1, 1)


def test_of_who_was_erased_it_counts_that_they_were_written_to() -> None:
    engine = shop(campaigns=[BACK])
    come(engine, *WRITTEN_TO[:3])
    told_of(engine, "read", WRITTEN_TO[0])
    buy(engine, *WRITTEN_TO[:3])
    engine.erase(WRITTEN_TO[0], now=NOON + 2 * DAY)
    found = engine.results("back:1", window=days(7), now=NOON + 9 * DAY)
    assert (found.whole.sent, found.whole.opened, found.whole.converted, found.lift.heads) == (3, 1, 2, 2)
    assert sum(each.result.sent for each in found.arms) == 2


def test_arms_of_other_weights_are_not_the_same_arms() -> None:
    older = evolve(BACK, steps=(evolve(SPLIT, arms=(("short", 9, "brief"), ("long", 1, "letter"))), *FLOW[1:]))
    same, newest = evolve(BACK, version=2), evolve(BACK, version=3, name="the same but for its name")
    engine = shop(campaigns=[older])
    first, second, third, fourth = WRITTEN_TO[:4]
    come(engine, first, second)
    for campaigns, who in (([older, same], third), ([older, same, newest], fourth)):
        engine = shop(engine.storage, campaigns=campaigns)
        come(engine, who)
    found = engine.results("back:1", window=days(7), now=NOON + DAY)
    assert (found.whole.sent, found.lift.heads) == (4, 4)
    assert sum(each.result.sent for each in found.arms) == sum(each.lift.heads for each in found.arms) == 2


def test_who_was_held_out_once_and_written_to_at_another_time_is_compared_with_nobody() -> None:
    held_out = sorted(HELD_OUT)[0]
    crossing = evolve(BACK, entry=Happens(event=orders.any(), each="id"), again="each crossing")
    engine = shop(campaigns=[crossing])
    come(engine, held_out)
    engine = shop(engine.storage, campaigns=[evolve(crossing, holdout=0, version=2)])
    buy(engine, held_out)
    with pytest.raises(ConfigurationError, match="held out at one time"):
        engine.results("back:1", window=days(7), now=NOON + 9 * DAY)
    found = engine.results("back:1", window=days(7), since=NOON + MINUTE, now=NOON + 9 * DAY)
    assert (found.lift.heads, found.lift.held_out) == (0, 0), "they first came in before that"


def test_who_first_came_in_by_another_subject_before_is_not_counted_again() -> None:
    crossing = evolve(BACK, entry=Happens(event=orders.any(), each="id"), again="each crossing")
    engine = shop(campaigns=[crossing])
    come(engine, *WRITTEN_TO[:2])
    buy(engine, WRITTEN_TO[0])
    early, late = (
        engine.results("back:1", window=days(7), since=NOON + gap, now=NOON + 9 * DAY) for gap in (-DAY, MINUTE)
    )
    assert (early.lift.heads, late.lift.heads) == (2, 0)


def test_two_currencies_are_not_added() -> None:
    engine = shop(campaigns=[BACK])
    come(engine, WRITTEN_TO[0])
    buy(engine, WRITTEN_TO[0])
    dollars = [Order(f"{day}", NOON + day * DAY, total=Money(100, "USD")) for day in (1, 2)]
    engine.handle(customer(WRITTEN_TO[1]), dollars[0], now=NOON + DAY)
    engine.handle(WRITTEN_TO[1], dollars[1], now=NOON + 2 * DAY)
    with pytest.raises(CurrencyMismatch):
        engine.results("back:1", window=days(7), now=NOON + 9 * DAY)


def test_what_a_campaign_makes_people_do_does_not_hide_it_by_coming_in_again() -> None:
    """Every order is a way in. Who was written to orders again, who was held out does not."""
    again = Campaign(
        "again",
        kind=MessageKind.MARKETING,
        entry=Happens(event=orders.any()),
        holdout=0.5,
        steps=(LETTER,),
        again="each crossing",
    )
    engine = shop(campaigns=[again])
    come(engine, *(f"p-{number:02}" for number in range(70)))
    written_to = [f"p-{number:02}" for number in range(70) if not is_held_out(again, f"p-{number:02}")]
    buy(engine, *written_to, at=NOON + 5 * DAY)
    found = engine.results("again", window=days(7), now=NOON + 9 * DAY)
    assert (found.lift.heads, found.lift.converted, found.lift.held_out_converted) == (*[len(written_to)] * 2, 0)
    assert found.lift.rate.answer == "more"
    since = engine.results("again", window=days(7), since=NOON + DAY, now=NOON + 9 * DAY)
    assert (since.lift.heads, since.lift.held_out) == (0, 0), "nobody came in for the first time since"


def test_the_host_says_which_orders_are_orders() -> None:
    engine = shop(campaigns=[BACK])
    come(engine, *PEOPLE)
    one, other = WRITTEN_TO[:2]
    engine.handle(one, Order("kept", NOON + DAY, total=won(1_000)), now=NOON + DAY)
    engine.handle(other, Order("gone", NOON + DAY, total=won(70_000), status="cancelled"), now=NOON + DAY)

    def whole_of(counting: Orders) -> Result:
        return engine.results("back:1", window=days(7), counting=counting, now=NOON + 2 * DAY).whole

    assert (whole_of(orders).converted, whole_of(orders).revenue) == (2, won(71_000))
    kept = whole_of(orders.where(orders.status != "cancelled"))
    assert (kept.converted, kept.revenue) == (1, won(1_000))
    with pytest.raises(ConfigurationError, match="no choice of orders"):
        whole_of(orders.any())  # type: ignore[arg-type]

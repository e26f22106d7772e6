"""The campaigns of the library, each over a customer's life: triggers in, effects and notes out."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from retention import CartEvent, ConsentEvent, Order, OrderLine, Segment, SegmentSet, days, won
from retention.activity import PointsEvent
from retention.campaigns import library
from retention.campaigns.campaign import Campaign
from retention.campaigns.effects import GrantPoints, SendMessage
from retention.campaigns.entries import Enters
from retention.campaigns.errors import CampaignError
from retention.campaigns.simulate import trace
from retention.campaigns.steps import Send
from retention.campaigns.triggers import FactArrived, SegmentEntered
from retention.permission.media import MessageKind
from retention.profile import Fact
from retention.rules import customer, orders, points, purchases
from retention.spans import TICK, months, shift
from tests.campaigns.lives import LIVES
from tests.campaigns.shop import PASSED, SEOUL, at, carted, codes, decided, order, profile, sends, told

TRACES = Path(__file__).parents[1] / "golden" / "campaigns" / "traces"
CAMPAIGNS: dict[str, Campaign] = {life.campaign.key: life.campaign for life in LIVES.values()}
KEYS = {
    "first_purchase_follow_up": "first-purchase",
    "cross_sell": "cross-sell-mill",
    "tier_change": "tier-gold",
    "consent_reconfirmation": "consent-sms",
}
KEPT = orders.where(orders.status != "cancelled")
BEANS, MILL = purchases.category == "beans", purchases.category == "mill"


@pytest.mark.parametrize("name", LIVES)
def test_the_trace_is_the_golden_one(name: str) -> None:
    assert f"{LIVES[name].trace()}\n" == (TRACES / f"{name}.txt").read_text(encoding="utf-8")


def test_every_golden_trace_has_its_life() -> None:
    assert {path.stem for path in TRACES.glob("*.txt")} == set(LIVES)


def test_every_campaign_of_the_library_has_a_life() -> None:
    assert {KEYS.get(name, name.replace("_", "-")) for name in library.__all__} == CAMPAIGNS.keys()


@pytest.mark.parametrize(
    "key",
    ["cart-recovery", "restock", "win-back", "review-request", "browse-abandonment", "birthday", "welcome"],
)
def test_what_sells_is_marketing(key: str) -> None:
    """law.md A1: abandoned cart, win-back, back in stock and reviews for points are marketing."""
    assert CAMPAIGNS[key].kind is MessageKind.MARKETING
    assert all(step.kind is None for step in CAMPAIGNS[key].steps if isinstance(step, Send))


def test_what_tells_of_the_customers_own_is_not() -> None:
    """law.md A1: expiry of points that the customer earned is information; K8: a duty to notify."""
    assert CAMPAIGNS["points-expiring"].kind is MessageKind.SERVICE
    assert CAMPAIGNS["tier-gold"].kind is MessageKind.SERVICE
    assert CAMPAIGNS["consent-sms"].kind is MessageKind.LEGAL_NOTICE


def test_only_restock_was_asked_for() -> None:
    asked = {key for key, each in CAMPAIGNS.items() for step in each.steps if isinstance(step, Send) if step.asked_for}
    assert asked == {"restock"}


@pytest.mark.parametrize("day", ["2026-03-02", "2026-03-31", "2026-01-01", "2027-03-30", "2028-02-29"])
@pytest.mark.parametrize("hour", [0, 10, 12, 23])
def test_consents_are_told_of_a_month_before_every_second_year(day: str, hour: int) -> None:
    """K8: Network Act art. 50(8), Decree 62-3: before the same date of every second year; 29 February is the 28th."""
    given = datetime.fromisoformat(day).replace(hour=hour, tzinfo=SEOUL)
    until = given.replace(year=given.year + 24)
    person = profile(ConsentEvent("n-1", given, channel="sms", given=True))
    sent = trace(library.consent_reconfirmation("sms"), person, given - TICK, until).effects
    assert len(sent) == 12
    for number, each in enumerate(sent, start=1):
        assert isinstance(each, SendMessage)
        due = shift(given, months(24 * number), 1, SEOUL)
        assert due - timedelta(days=33) < each.planned_at < due - timedelta(days=26)


def test_a_renewed_consent_has_two_years_of_its_own() -> None:
    """K8: from the day on which the consent was received."""
    (sent,) = LIVES["consent-renewed"].trace().effects
    assert isinstance(sent, SendMessage)
    assert sent.planned_at == datetime(2029, 5, 11, 10, tzinfo=SEOUL)


def test_a_consent_told_of_twice_at_one_instant_is_one() -> None:
    facts = [ConsentEvent(id, at(2), channel="sms", given=True) for id in ("n-1", "n-2")]
    made = decided(library.consent_reconfirmation("sms"), *told(facts), of=profile(*facts))
    assert codes(made[0]) == ["entered", "waits"]
    assert made[1].state.runs[0].ended is None


def test_consents_cannot_be_told_of_every_month() -> None:
    with pytest.raises(CampaignError, match="waits for no time"):
        library.consent_reconfirmation("sms", every=months(1))


# Orders that are none. -----------------------------------------------------------------------------------------------


def beans(id: str, placed: datetime, **more: Any) -> Order:
    return order(id, placed, lines=[OrderLine("beans-1", amount=won(10_000), category="beans")], **more)


AFTER_AN_ORDER = {
    "first-purchase": (library.first_purchase_follow_up(counting=KEPT), []),
    "repeat-nurture": (library.repeat_nurture(counting=KEPT), [beans("o-0", at(1))]),
    "cross-sell": (library.cross_sell("mill", BEANS, MILL, counting=KEPT), []),
    "review-request": (library.review_request(counting=KEPT), []),
}


@pytest.mark.parametrize("name", AFTER_AN_ORDER)
def test_an_order_that_was_cancelled_ends_what_it_began(name: str) -> None:
    made, before = AFTER_AN_ORDER[name]
    bought = beans("o-1", at(2), delivered_at=at(2))
    state = decided(made, (at(2), FactArrived(bought)), of=profile(*before, bought))[-1].state
    assert [run.ended for run in state.runs] == [None]
    cancelled, other = evolve(bought, status="cancelled"), order("o-9", at(2, 18))
    later = [decided(made, (at(3), FactArrived(cancelled)), of=profile(*before, cancelled), state=state)]
    later += [decided(made, (at(30), PASSED), of=profile(*before, cancelled), state=later[0][-1].state)]
    assert [run.ended for run in later[0][-1].state.runs] == ["left"]
    assert [sends(each) for each in later] == [[], []]
    if name == "cross-sell":  # whatever else was ordered
        known = profile(*before, cancelled, other)
        assert decided(made, (at(3), FactArrived(cancelled)), of=known, state=state)[-1].state.runs[0].ended == "left"


@pytest.mark.parametrize("name", AFTER_AN_ORDER)
def test_an_order_that_was_cancelled_at_once_begins_nothing(name: str) -> None:
    made, before = AFTER_AN_ORDER[name]
    cancelled = beans("o-1", at(2), delivered_at=at(2), status="cancelled")
    assert decided(made, *told([cancelled]), of=profile(*before, cancelled))[-1].state.runs == ()


def test_who_cancelled_the_first_order_is_thanked_for_the_next() -> None:
    made = library.first_purchase_follow_up(counting=KEPT)
    first, next_one = order("o-1", at(2)), order("o-2", at(12))
    cancelled, by_then = evolve(first, status="cancelled"), (at(25), PASSED)
    state = decided(made, (at(2), FactArrived(first)), of=profile(first))[-1].state
    state = decided(made, (at(3), FactArrived(cancelled)), of=profile(cancelled), state=state)[-1].state
    found = decided(made, *told([next_one]), by_then, of=profile(cancelled, next_one), state=state)
    assert sends(found) == ["first-order-thanks"]


UNTIL_AN_ORDER: dict[str, Callable[..., Campaign]] = {
    "welcome": library.welcome,
    "win-back": library.win_back,
    "browse-abandonment": library.browse_abandonment,
    "replenishment": library.replenishment,
}


@pytest.mark.parametrize(("status", "ended"), [("placed", "goal"), ("cancelled", None)])
@pytest.mark.parametrize("name", UNTIL_AN_ORDER)
def test_only_an_order_that_counts_is_the_goal(name: str, status: str, ended: str | None) -> None:
    made = UNTIL_AN_ORDER[name](counting=KEPT)
    assert isinstance(made.entry, Enters)
    bought = order("o-1", at(2, 13), status=status)
    steps = [(at(2), SegmentEntered(made.entry.segment)), *told([bought])]
    assert [run.ended for run in decided(made, *steps, of=profile(bought))[-1].state.runs] == [ended]


@pytest.mark.parametrize(("status", "ended"), [("placed", "goal"), ("cancelled", None)])
def test_only_an_order_that_counts_recovers_a_cart(status: str, ended: str | None) -> None:
    facts: list[Fact] = [carted("e-1", at(2)), order("o-1", at(2, 12, 30), status=status)]
    made = decided(library.cart_recovery(counting=KEPT), *told(facts), of=profile(*facts))
    assert [run.ended for run in made[-1].state.runs] == [ended]


# The wrong time, the wrong cart. -------------------------------------------------------------------------------------


def messages_of(name: str) -> list[tuple[str, str]]:
    sent = [each for each in LIVES[name].trace().effects if isinstance(each, SendMessage)]
    return [(each.template, f"{each.planned_at.astimezone(SEOUL):%m-%d %H:%M}") for each in sent]


def test_who_orders_before_the_morning_is_not_written_to() -> None:
    assert messages_of("replenishment-who-orders") == []
    assert messages_of("repeat-nurture-at-night") == [("time-for-more", "04-14 10:00")]


def test_an_order_split_in_two_has_not_been_ordered_again() -> None:
    facts = [order("o-0", at(1)), order("o-1", at(2)), order("o-2", at(2))]
    made = decided(library.repeat_nurture(), *told(facts), (at(30), PASSED), of=profile(*facts))
    assert sends(made) == ["time-for-more"]


def test_a_first_order_split_in_two_is_the_first() -> None:
    facts = [order("o-1", at(2)), order("o-2", at(2))]
    first, again = library.first_purchase_follow_up(), library.repeat_nurture()
    assert sends(decided(first, *told(facts), (at(8), PASSED), of=profile(*facts))) == ["first-order-thanks"]
    assert sends(decided(again, *told(facts), (at(30), PASSED), of=profile(*facts))) == []


def test_who_went_quiet_sooner_is_won_back_too() -> None:
    assert messages_of("win-back-sooner") == [("we-miss-you", "03-30 10:00"), ("come-back", "04-13 10:00")]


def test_a_cart_that_was_cleared_ends_its_own_run() -> None:
    runs = {run.subject: run.ended for run in LIVES["cart-recovery-two-carts"].trace().state.runs}
    assert runs == {"k-1": "left", "k-2": "finished"}


def test_a_cart_is_left_when_nothing_more_is_done_to_it() -> None:
    sent = [("cart-reminder", "03-03 13:58"), ("cart-last-call", "03-05 13:30")]
    assert messages_of("cart-recovery-still-busy") == sent


def test_a_cart_from_which_all_was_removed_is_empty() -> None:
    assert messages_of("cart-recovery-all-removed") == []


def test_a_cart_with_something_left_is_not_empty() -> None:
    facts = [
        CartEvent("e-1", at(3), kind="added", cart_id="k-1", quantity=3),
        CartEvent("e-2", at(3, 12, 5), kind="removed", cart_id="k-1", quantity=2),
        CartEvent("e-3", at(3, 12, 10), kind="removed", cart_id="k-2", quantity=1),
    ]
    made = decided(library.cart_recovery(), *told(facts), (at(3, 14), PASSED), of=profile(*facts))
    assert sends(made) == ["cart-reminder"]


def test_an_order_is_of_every_cart_that_was_there() -> None:
    facts: list[Fact] = [carted("e-1", at(3), "k-1"), order("o-1", at(3, 12, 9)), carted("e-2", at(3, 12, 10), "k-2")]
    made = decided(library.cart_recovery(), *told(facts), of=profile(*facts))
    assert {run.subject: run.ended for run in made[-1].state.runs} == {"k-1": "goal", "k-2": None}


def test_one_review_is_paid_for_once() -> None:
    granted = [each for each in LIVES["review-request-three-orders"].trace().effects if isinstance(each, GrantPoints)]
    assert [each.amount for each in granted] == [500]


def test_who_has_written_already_is_not_asked_for_a_review() -> None:
    assert LIVES["review-request-written-already"].trace().effects == ()


def test_what_they_looked_at_is_in_the_cart_by_now() -> None:
    facts = [carted("e-1", at(2, 22))]
    steps = [(at(2, 21), SegmentEntered("browsed-and-left")), *told(facts), (at(4), PASSED)]
    assert sends(decided(library.browse_abandonment(), *steps, of=profile(*facts))) == []


def test_points_that_come_to_expire_later_are_told_of_too() -> None:
    days_told = [day for _, day in messages_of("points-expiring-month-after-month")]
    assert days_told == ["04-02 10:00", "04-17 10:00", "05-02 10:00", "05-17 10:00", "06-01 10:00"]


def test_points_may_be_told_of_as_early_as_the_segment_says() -> None:
    early = SegmentSet([Segment("points-expiring", points.expiring(days(90)) > 0)])
    facts = [PointsEvent("p-1", at(2), kind="earned", amount=300, expires_at=at(1, month=8))]
    made = trace(library.points_expiring(every=days(45)), profile(*facts), at(1), at(1, month=9), segments=early)
    assert len(made.effects) == 2


def test_a_tier_that_was_lost_by_the_morning_is_not_told_of() -> None:
    gold = SegmentSet([Segment("gold", customer.grade == "gold")])
    entered = (at(2, 23), SegmentEntered("gold"))
    state = decided(library.tier_change("gold"), entered, of=profile(grade="gold"), segments=gold)[-1].state
    lost = decided(library.tier_change("gold"), (at(3), PASSED), of=profile(), state=state, segments=gold)
    kept = decided(library.tier_change("gold"), (at(3), PASSED), of=profile(grade="gold"), state=state, segments=gold)
    assert (sends(lost), sends(kept)) == ([], ["tier-reached"])


def test_a_product_asked_for_twice_is_told_of_once() -> None:
    assert [day for _, day in messages_of("restock-asked-twice")] == ["03-05 12:00", "03-15 12:00"]


def test_cross_sell_names_what_it_offers() -> None:
    made = library.cross_sell("cup", purchases.category == "tea", purchases.category == "cup", channels=["sms"])
    assert made.key == "cross-sell-cup"
    (step,) = [each for each in made.steps if isinstance(each, Send)]
    assert (dict(step.data), step.channels) == ({"offer": "cup"}, ("sms",))


def test_tier_change_may_advertise() -> None:
    assert library.tier_change("gold", kind=MessageKind.MARKETING, holdout=0.1).holdout == 0.1

"""What goal, leave and branches ask of a run's own facts."""

from typing import Any

import pytest
from attrs import evolve

from retention.campaigns.campaign import Campaign
from retention.campaigns.entries import Enters, Happens, Once
from retention.campaigns.errors import CampaignError
from retention.campaigns.own import OfEntry, SinceEntry
from retention.campaigns.steps import Branch, WaitFor
from retention.campaigns.triggers import FactArrived
from retention.profile import Fact
from retention.rules import cart, customer, orders, segment
from retention.segments.segment import Segment
from retention.segments.segment_set import SegmentSet
from retention.spans import days
from tests.campaigns.shop import ENTERED, PASSED, at, campaign, carted, decided, order, profile, send, sends, told, wait

ADDED = Happens(event=cart.where(cart.kind == "added").any(), each="cart_id")
CLEARED = cart.kind.last() == "cleared"
ORDERED = Happens(event=orders.any())
DELIVERED = Happens(event=orders.where(orders.delivered_at.is_present()).any())


def ended(made: Campaign, *facts: Fact, **more: Any) -> dict[str, str | None]:
    """How the runs of a life end, by subject."""
    found = decided(made, *told(facts), of=profile(*facts), **more)
    return {run.subject: run.ended for run in found[-1].state.runs}


def test_of_two_carts_what_is_done_to_one_is_not_done_to_the_other() -> None:
    facts = [carted("e-1", at(2), "k-1"), carted("e-2", at(2, 13), "k-2"), carted("e-3", at(2, 14), "k-1", "cleared")]
    for clearing in (SinceEntry(CLEARED), SinceEntry(Segment("cleared", CLEARED))):
        assert ended(campaign(wait("w"), entry=ADDED, leave=clearing), *facts) == {"k-1": "left", "k-2": None}


def test_a_fact_that_names_no_cart_is_of_every_cart() -> None:
    made = campaign(wait("w"), entry=ADDED, goal=SinceEntry(orders.any()), leave=SinceEntry(CLEARED))
    carts = carted("e-1", at(2), "k-1"), carted("e-2", at(2, 13), "k-2")
    assert ended(made, *carts, order("o-1", at(2, 14))) == {"k-1": "goal", "k-2": "goal"}
    assert ended(made, *carts, carted("e-3", at(2, 14), None, "cleared")) == {"k-1": "left", "k-2": "left"}


def test_what_happened_before_the_run_is_not_of_it() -> None:
    made = campaign(wait("w"), goal=SinceEntry(orders.any()))
    before, after = order("o-1", at(1)), order("o-2", at(2, 18))
    found = decided(made, (at(2), ENTERED), *told([after]), of=profile(before, after))
    assert [each.state.runs[0].ended for each in found] == [None, "goal"]


def test_what_began_the_run_is_of_it() -> None:
    made = campaign(wait("w"), entry=ORDERED, again="never", goal=SinceEntry(orders.count() >= 2))
    assert ended(made, order("o-1", at(2))) == {"": None}
    assert ended(made, order("o-1", at(2)), order("o-2", at(2, 13))) == {"": "goal"}


def test_a_run_began_when_it_happened_however_late_somebody_tells() -> None:
    """A cart and an order of yesterday, told of in one night."""
    bought = order("o-1", at(1, 12, 30))
    made = campaign(wait("w"), entry=ADDED, goal=SinceEntry(orders.any()))
    facts: list[Fact] = [carted("e-1", at(1)), bought]
    found = decided(made, *[(at(2, 2), FactArrived(each)) for each in facts], of=profile(*facts))
    assert [run.ended for run in found[-1].state.runs] == ["goal"]


def test_a_run_that_a_delivery_began_did_not_begin_with_the_order() -> None:
    made = campaign(wait("w"), entry=DELIVERED, goal=SinceEntry(orders.count() >= 2))
    first, between = order("o-1", at(2), delivered_at=at(5)), order("o-2", at(3))
    known = profile(first, between)
    state = decided(made, (at(5), FactArrived(first)), of=known)[-1].state
    assert [run.ended for run in state.runs] == [None]
    later = order("o-3", at(6))
    state = decided(made, (at(6), FactArrived(later)), of=known.adding(later), state=state)[-1].state
    assert [run.ended for run in state.runs] == ["goal"]


def test_other_orders_are_not_of_a_run_of_one_order() -> None:
    made = campaign(wait("w"), entry=evolve(ORDERED, each="id"), goal=SinceEntry(orders.count() >= 2))
    assert ended(made, order("o-1", at(2)), order("o-2", at(2, 13))) == {"o-1": None, "o-2": None}


def test_of_its_entry_is_the_one_fact_as_it_is_by_now() -> None:
    made = campaign(wait("w"), entry=ORDERED, leave=OfEntry(orders.where(orders.status != "cancelled").none()))
    first, other = order("o-1", at(2)), order("o-2", at(2, 13))
    assert ended(made, first, other) == {"": None}
    state = decided(made, (at(2), FactArrived(first)), of=profile(first))[-1].state
    cancelled = evolve(first, status="cancelled")
    state = decided(made, (at(2, 14), FactArrived(cancelled)), of=profile(cancelled, other), state=state)[-1].state
    assert [run.ended for run in state.runs] == ["left"]


def test_a_branch_may_ask_of_the_run() -> None:
    way = Branch("which", when=((SinceEntry(orders.any()), "bought"),), otherwise="not-bought")
    made = campaign(wait("w"), way, send("not-bought"), wait("later", 9), send("bought"))
    before, since = order("o-1", at(1)), order("o-2", at(2, 13))
    assert sends(decided(made, (at(2), ENTERED), (at(4), PASSED), of=profile(before))) == ["not-bought"]
    assert sends(decided(made, (at(2), ENTERED), (at(4), PASSED), of=profile(before, since))) == ["bought"]


def test_a_run_may_be_asked_about_a_segment_of_the_shop() -> None:
    """Of the run's own facts, too: an old order makes nobody a buyer since."""
    buyers = SegmentSet([Segment("buyers", orders.any())])
    made = campaign(wait("w"), goal=SinceEntry(segment("buyers")))
    (found,) = decided(made, (at(2), ENTERED), of=profile(order("o-1", at(1))), segments=buyers)
    assert found.state.runs[0].ended is None


def test_only_a_run_that_a_fact_began_has_one_to_ask_of() -> None:
    with pytest.raises(CampaignError, match="no fact begins its runs") as raised:
        campaign(entry=Enters(segment="x"), leave=OfEntry(orders.none()))
    assert "SinceEntry" in str(raised.value)


def test_only_goal_leave_and_branches_ask_of_a_run() -> None:
    asked: Any = SinceEntry(orders.any())
    for entry in (Once(at=at(2), audience=asked), Happens(event=asked), Happens(event=orders.any(), such_as=asked)):
        with pytest.raises(CampaignError, match="a SinceEntry stands where") as raised:
            campaign(entry=entry, again="never")
        assert "Only goal, leave and Branch" in str(raised.value)
    with pytest.raises(CampaignError, match="a SinceEntry stands where"):
        campaign(WaitFor("w", event=asked, at_most=days(1)))


def test_what_it_asks_is_held_to_the_schema() -> None:
    unfinished: Any = customer.grade
    with pytest.raises(CampaignError, match="stands where a rule or a segment is needed"):
        campaign(goal=SinceEntry(unfinished))

"""Who comes in, and who comes in again."""

from datetime import date, datetime, time
from typing import Any

import pytest

from retention import ConsentEvent, Order, Segment, won
from retention.campaigns.effects import CallHook
from retention.campaigns.entries import Enters, Happens, Leaves, Once, OnDate, Recurring
from retention.campaigns.state import State
from retention.campaigns.steps import Call, WaitFor
from retention.campaigns.triggers import Chosen, FactArrived, SegmentEntered, SegmentLeft
from retention.rules import cart, customer, orders, visits
from retention.spans import days, months
from tests.campaigns.shop import (
    ENTERED,
    NEW_YORK,
    PASSED,
    SEOUL,
    at,
    campaign,
    carted,
    codes,
    decided,
    order,
    profile,
    send,
    sends,
    told,
    wait,
)

ADDED = cart.where(cart.kind == "added").any()


def test_entering_and_leaving_a_segment() -> None:
    enters, leaves = campaign(send("a")), campaign(send("a"), entry=Leaves("dormant"))
    left = SegmentLeft("dormant")
    assert [len(decided(enters, (at(2), each))[0].effects) for each in (ENTERED, left, SegmentEntered("x"))] == [
        1,
        0,
        0,
    ]
    assert [len(decided(leaves, (at(2), each))[0].effects) for each in (ENTERED, left, SegmentLeft("x"))] == [0, 1, 0]


@pytest.mark.parametrize(
    ("more", "days_in"),
    [
        ({"again": "never"}, [1]),
        ({"again": "after entry", "pause": days(5)}, [1, 6, 11, 16]),
        ({"again": "after exit", "pause": days(5)}, [1, 8, 15]),  # it lasts two days
        ({"again": "each crossing"}, [1, 3, 5, 7, 9, 11, 13, 15]),
    ],
)
def test_coming_in_again(more: dict[str, Any], days_in: list[int]) -> None:
    made = campaign(send("a"), wait("w", 2), **more)
    found = decided(made, *((at(day), ENTERED) for day in range(1, 17)))
    assert [day for day, each in enumerate(found, start=1) if each.effects] == days_in
    assert [each.state.runs[0].number for each in found][-1] == len(days_in)


def test_why_nobody_comes_in_is_told() -> None:
    made = campaign(send("a"), wait("w", 2), again="after exit", pause=days(1))
    found = decided(made, (at(1), ENTERED), (at(2), ENTERED), (at(3), ENTERED), (at(3, 13), ENTERED))
    assert [codes(each)[-1] for each in found] == ["waits", "already-open", "not-again", "not-again"]
    assert codes(decided(campaign(send("a"), again="never"), (at(1), ENTERED), (at(2), ENTERED))[1]) == ["not-again"]


def test_the_same_trigger_twice_changes_nothing() -> None:
    made = campaign(send("a"))
    once, twice = decided(made, (at(1), ENTERED), (at(1), ENTERED))
    assert (twice.state, twice.effects, codes(twice)) == (once.state, (), ["seen"])


def test_the_same_fact_twice_changes_nothing_ever() -> None:
    made = campaign(send("a"), entry=Happens(event=ADDED))
    facts = [carted("e-1", at(1)), carted("e-2", at(2)), carted("e-3", at(3))]
    found = decided(
        made, *told(facts), *((at(9 + i), FactArrived(each)) for i, each in enumerate(facts)), of=profile(*facts)
    )
    assert [len(each.effects) for each in found] == [1, 1, 1, 0, 0, 0]
    assert found[-1].state == found[2].state


def test_a_fact_that_was_refused_is_not_let_in_later() -> None:
    made = campaign(send("a"), wait("w"), entry=Happens(event=ADDED))
    facts = [carted("e-1", at(1)), carted("e-2", at(1, 13))]
    found = decided(made, *told(facts), (at(5), FactArrived(facts[1])), of=profile(*facts))
    assert [codes(each) for each in found[1:]] == [["already-open"], ["finished", "seen"]]


def test_one_run_per_cart() -> None:
    made = campaign(send("a"), wait("w"), entry=Happens(event=ADDED, each="cart_id"), again="never")
    facts = [carted("e-1", at(1), "k-1"), carted("e-2", at(1, 13), "k-2"), carted("e-3", at(1, 14), "k-1")]
    found = decided(made, *told(facts), of=profile(*facts))
    assert [len(each.effects) for each in found] == [1, 1, 0]
    assert [(run.subject, run.fact) for run in found[-1].state.runs] == [("k-1", "cart/e-1"), ("k-2", "cart/e-2")]


def test_a_fact_without_a_subject_begins_nothing() -> None:
    made = campaign(send("a"), entry=Happens(event=ADDED, each="cart_id"))
    fact = carted("e", at(1), None)
    (found,) = decided(made, *told([fact]), of=profile(fact))
    assert (codes(found), found.state) == (["no-subject"], State())


def test_the_event_is_asked_of_this_one_fact() -> None:
    made = campaign(send("a"), entry=Happens(event=(orders.count() >= 2) & (customer.country == "KR")))
    facts = [order("o-1", at(1)), order("o-2", at(2))]
    assert sends(decided(made, *told(facts), of=profile(*facts, country="KR"))) == []
    one = campaign(send("a"), entry=Happens(event=orders.any() & (customer.country == "KR")))
    assert sends(decided(one, *told(facts[:1]), of=profile(*facts, country="KR"))) == ["a"]
    assert sends(decided(one, *told(facts[:1]), of=profile(*facts, country="JP"))) == []


def test_such_as_is_asked_of_all_that_is_known() -> None:
    made = campaign(send("a"), entry=Happens(event=orders.any(), such_as=orders.count() == 1))
    facts = [order("o-1", at(1)), order("o-2", at(2))]
    found = decided(made, *told(facts), of=profile(*facts))
    assert [codes(each)[0] for each in found] == ["entered", "not-such"]


def test_facts_of_other_kinds_do_not_happen() -> None:
    made = campaign(send("a"), entry=Happens(event=cart.none()))
    fact = order("o", at(1))
    assert decided(made, *told([fact]), of=profile(fact))[0].notes == ()


def test_an_order_happens_when_it_comes_to_satisfy_the_event() -> None:
    delivered = campaign(send("a"), entry=Happens(event=orders.where(orders.delivered_at.is_present()).any()))
    placed, came = order("o", at(1)), order("o", at(1), delivered_at=at(4))
    found = decided(delivered, (at(1), FactArrived(placed)), of=profile(placed))
    found += decided(delivered, (at(4), FactArrived(came)), of=profile(came), state=found[-1].state)
    assert [len(each.effects) for each in found] == [0, 1]
    assert found[-1].state.runs[0].news == at(4)


def test_an_order_that_is_told_of_again_does_not_happen_again() -> None:
    made = campaign(send("a"), entry=Happens(event=orders.any()))
    first, second = order("o-1", at(1)), order("o-2", at(2))
    paid = order("o-1", at(1), paid_at=at(3))
    steps = [(at(1), FactArrived(first)), (at(2), FactArrived(second)), (at(3), FactArrived(paid))]
    assert [len(each.effects) for each in decided(made, *steps, of=profile(paid, second))] == [1, 1, 0]


def test_an_order_that_is_first_told_of_when_paid_happens() -> None:
    made = campaign(send("a"), entry=Happens(event=orders.any()))
    paid = order("o-1", at(1), paid_at=at(3))
    assert sends(decided(made, (at(3), FactArrived(paid)), of=profile(paid))) == ["a"]


def test_what_is_yet_to_come_has_not_happened() -> None:
    made = campaign(send("a"), entry=Happens(event=orders.any()))
    fact = order("o-1", at(2))
    assert decided(made, (at(1), FactArrived(fact)), of=profile(fact))[0].effects == ()


def test_templates_can_read_what_began_it() -> None:
    made = campaign(send("a", data={"x": 1}), Call("c", hook="h"), entry=Happens(event=ADDED, each="cart_id"))
    fact = carted("e-1", at(1))
    (found,) = decided(made, *told([fact]), of=profile(fact))
    data = {"id": "e-1", "at": "2026-03-01T03:00:00Z", "kind": "added", "cart_id": "k-1"}
    message, call = found.effects
    assert dict(message.data) == {"subject": "k-1", "fact": data, "x": 1}  # type: ignore[union-attr]
    assert isinstance(call, CallHook)
    assert call.data["fact"] == data


def test_templates_read_orders_with_their_lines() -> None:
    from retention import OrderLine

    bought = Order("o-1", at(1), lines=[OrderLine("tea", amount=won(900), quantity=3, tags={"b", "a"})])
    made = campaign(send("a"), entry=Happens(event=orders.any()))
    fact = decided(made, *told([bought]), of=profile(bought))[0].effects[0].data["fact"]  # type: ignore[union-attr]
    assert fact["total"] == {"minor": 900, "currency": "KRW"}
    assert fact["lines"] == [{"product_id": "tea", "quantity": 3, "amount": {"minor": 900, "currency": "KRW"}}]


def test_a_fact_that_was_forgotten_is_no_trouble() -> None:
    made = campaign(wait("w"), send("a"), entry=Happens(event=ADDED, each="cart_id"))
    fact = carted("e-1", at(1))
    first = decided(made, *told([fact]), of=profile(fact))[0]
    (found,) = decided(made, (at(2), PASSED), of=profile(), state=first.state)
    assert dict(found.effects[0].data) == {"subject": "k-1"}  # type: ignore[union-attr]


def test_backfill_lets_in_who_was_never_here() -> None:
    backfilled = campaign(send("a"), entry=Enters(segment="dormant", backfill=True))
    chosen = Chosen("backfill")
    assert sends(decided(backfilled, (at(2), chosen))) == ["a"]
    assert sends(decided(backfilled, (at(2), ENTERED), (at(3), chosen))) == ["a"]
    assert sends(decided(backfilled, (at(2), chosen), (at(9), chosen))) == ["a"]
    assert sends(decided(backfilled, (at(2), Chosen("2026-03-02T03:00:00Z")))) == []
    assert sends(decided(campaign(send("a")), (at(2), chosen))) == []


def test_an_audience_is_fixed_at_launch_or_at_dispatch() -> None:
    fixed: Any
    for fixed, found in (("launch", ["a"]), ("dispatch", [])):
        made = campaign(send("a"), entry=Once(at=at(2), audience=visits.any(), fixed=fixed), again="never")
        assert sends(decided(made, (at(2), Chosen("2026-03-02T03:00:00Z")))) == found
    dispatched = campaign(send("a"), entry=Once(at=at(2), audience=orders.any(), fixed="dispatch"), again="never")
    bought = profile(order("o", at(1)))
    assert sends(decided(dispatched, (at(2), Chosen("2026-03-02T03:00:00Z")), of=bought)) == ["a"]


def test_an_occurrence_comes_once() -> None:
    weekly = Recurring(rule="FREQ=WEEKLY", start=at(2), audience=orders.any())
    made = campaign(send("a"), entry=weekly)
    first, second = Chosen("2026-03-02T03:00:00Z"), Chosen("2026-03-09T03:00:00Z")
    steps = [(at(2), first), (at(2, 13), first), (at(9), second), (at(10), first), (at(11), second)]
    found = decided(made, *steps)
    assert [len(each.effects) for each in found] == [1, 0, 1, 0, 0]


BIRTHDAY = OnDate(attribute="birthday", at=time(9))


def birthdays(entry: OnDate, born: date | None, start: datetime, *nows: datetime, **more: Any) -> list[datetime | None]:
    made = campaign(send("a"), entry=entry)
    found = decided(made, *((each, PASSED) for each in (start, *nows)), of=profile(birthday=born, **more))
    return [effect.planned_at for each in found for effect in each.effects]  # type: ignore[union-attr]


def test_a_birthday_returns_every_year() -> None:
    start, end = datetime(2026, 1, 1, tzinfo=SEOUL), datetime(2029, 1, 1, tzinfo=SEOUL)
    nine = [datetime(year, 5, 3, 9, tzinfo=SEOUL) for year in (2026, 2027, 2028)]
    assert birthdays(BIRTHDAY, date(1990, 5, 3), start, end) == nine
    assert birthdays(BIRTHDAY, date(1990, 5, 3), start, *nine, end) == nine
    assert birthdays(BIRTHDAY, None, start, end) == []


def test_29_february_returns_on_the_28th() -> None:
    start, end = datetime(2027, 1, 1, tzinfo=SEOUL), datetime(2029, 1, 1, tzinfo=SEOUL)
    days_of = [(2027, 2, 28), (2028, 2, 29)]
    assert birthdays(BIRTHDAY, date(2000, 2, 29), start, end) == [datetime(*day, 9, tzinfo=SEOUL) for day in days_of]


def test_before_a_birthday() -> None:
    start, end = datetime(2026, 1, 1, tzinfo=SEOUL), datetime(2027, 1, 1, tzinfo=SEOUL)
    week, month = (OnDate(attribute="birthday", at=time(9), before=each) for each in (days(7), months(1)))
    assert birthdays(week, date(1990, 1, 3), start, end) == [datetime(2026, 12, 27, 9, tzinfo=SEOUL)]
    assert birthdays(month, date(1990, 3, 31), start, end) == [datetime(2026, 2, 28, 9, tzinfo=SEOUL)]


def test_a_birthday_whose_hour_is_skipped() -> None:
    early = OnDate(attribute="birthday", at=time(2, 30))
    start, end = datetime(2026, 3, 1, tzinfo=NEW_YORK), datetime(2026, 4, 1, tzinfo=NEW_YORK)
    assert birthdays(early, date(1990, 3, 8), start, end) == [datetime(2026, 3, 8, 3, tzinfo=NEW_YORK)]


def test_an_anniversary_of_joining_begins_a_year_later() -> None:
    yearly = OnDate(attribute="joined_at", at=time(9))
    joined = datetime(2026, 3, 1, 1, tzinfo=SEOUL)  # at nine that day it has not returned yet
    end = datetime(2027, 12, 1, tzinfo=SEOUL)
    assert birthdays(yearly, None, joined, end, joined_at=joined) == [datetime(2027, 3, 1, 9, tzinfo=SEOUL)]


def test_a_birthday_that_was_corrected() -> None:
    made = campaign(send("a"), entry=BIRTHDAY, again="after entry", pause=days(300))
    first = decided(made, (at(1), PASSED), of=profile(birthday=date(1990, 3, 5)))[0]
    assert first.state.next_date == at(5, 9)
    (found,) = decided(made, (at(5, 9), PASSED), of=profile(birthday=date(1990, 3, 20)), state=first.state)
    assert (found.effects, found.state.next_date) == ((), at(20, 9))
    given = decided(made, (at(1), PASSED), (at(5, 9), PASSED), of=profile(birthday=date(1990, 3, 5)))
    (found,) = decided(made, (at(6), PASSED), of=profile(birthday=date(1990, 3, 20)), state=given[-1].state)
    (found,) = decided(made, (at(20, 9), PASSED), of=profile(birthday=date(1990, 3, 20)), state=found.state)
    assert codes(found) == ["not-again"]


def test_a_customer_who_moves_has_one_birthday() -> None:
    made = campaign(send("a"), entry=BIRTHDAY)
    born = profile(birthday=date(1990, 3, 5))
    in_seoul = decided(made, (at(1), PASSED), of=born)[0]
    nine = at(5, 9).astimezone(NEW_YORK)
    found = decided(made, (nine, PASSED), (at(6, zone=NEW_YORK), PASSED), of=born, state=in_seoul.state)
    assert [len(each.effects) for each in found] == [1, 0]


def test_only_such_customers_have_a_birthday() -> None:
    made = campaign(send("a"), entry=OnDate(attribute="birthday", at=time(9), such_as=orders.any()))
    born = profile(birthday=date(1990, 3, 5))
    found = decided(made, (at(1), PASSED), (at(5, 9), PASSED), of=born)
    assert codes(found[1]) == ["not-such"]
    assert found[1].state.next_date == datetime(2027, 3, 5, 9, tzinfo=SEOUL)


def test_who_was_held_out_counts_as_having_come_in() -> None:
    made = campaign(send("a"), holdout=1, again="after entry", pause=days(5))
    found = decided(made, (at(1), ENTERED), (at(2), ENTERED), (at(6), ENTERED))
    assert [codes(each) for each in found] == [["held-out"], ["not-again"], ["held-out"]]
    assert found[-1].state.runs[0].number == 2


def test_what_began_a_run_does_not_end_its_first_wait() -> None:
    made = campaign(WaitFor("w", event=ADDED, at_most=days(1)), send("a"), entry=Happens(event=ADDED), again="never")
    fact = carted("e-1", at(1))
    found = decided(made, *told([fact]), (at(1, 13), FactArrived(fact)), of=profile(fact))
    assert sends(found) == []


def test_a_consent_begins_by_channel() -> None:
    from retention.rules import consents

    made = campaign(send("a"), entry=Happens(event=consents.where(consents.given).any(), each="channel"), again="never")
    facts = [
        ConsentEvent("1", at(1), channel="sms", given=True),
        ConsentEvent("2", at(2), channel="email", given=False),
    ]
    found = decided(made, *told(facts), of=profile(*facts))
    assert [run.subject for run in found[-1].state.runs] == ["sms"]


def test_segments_may_be_the_audience() -> None:
    entry = Once(at=at(2), audience=Segment("buyer", orders.any()), fixed="dispatch")
    assert sends(decided(campaign(send("a"), entry=entry, again="never"), (at(2), Chosen("x")))) == []

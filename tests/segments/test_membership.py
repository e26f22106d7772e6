"""What entered and left which segment, when exactly, and why."""

from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve

from retention.errors import FactError, NaiveInstant
from retention.money import won
from retention.order import Order, Refund
from retention.rules import customer, orders, purchases, segment, visits
from retention.segments import ByDefinition, ByEvent, ByTime, Change, KnownFact, Segment, SegmentSet, changes, redefined
from retention.spans import days, today
from tests.segments.shop import NOW, SEOUL, TICK, ago, order, profile, purchase, visit

dormant = Segment("dormant", orders.at.last().older_than(days(90)))
bought = Segment("bought", orders.any())
standing = SegmentSet([bought, dormant])


def test_an_event_and_then_time() -> None:
    first = order(ago(200))
    person = profile(first)
    assert changes(standing, person, ago(300), NOW) == (
        Change("bought", "entered", ago(200), ByEvent((KnownFact("orders", first.id),))),
        Change("dormant", "entered", ago(110), ByTime()),
    )


def test_coming_back_leaves_the_segment_because_of_the_order() -> None:
    back = order(ago(50))
    found = changes(SegmentSet([dormant]), profile(order(ago(200)), back), ago(120), NOW)
    assert found == (
        Change("dormant", "entered", ago(110), ByTime()),
        Change("dormant", "left", ago(50), ByEvent((KnownFact("orders", back.id),))),
    )


def test_the_earlier_instant_is_outside_and_the_later_inside() -> None:
    person = profile(order(ago(200)))
    entered = ago(110)
    assert [each.at for each in changes(SegmentSet([dormant]), person, entered - TICK, entered)] == [entered]
    assert changes(SegmentSet([dormant]), person, entered, NOW) == ()
    assert changes(SegmentSet([dormant]), person, entered - days(5).timedelta, entered - TICK) == ()
    assert changes(SegmentSet([dormant]), person, entered, entered) == ()


def test_changes_that_were_undone_are_there() -> None:
    once = SegmentSet([Segment("once", orders.count() == 1)])
    found = changes(once, profile(order(ago(9)), order(ago(8))), ago(10), NOW)
    assert [(each.direction, each.at) for each in found] == [("entered", ago(9)), ("left", ago(8))]


def test_changes_at_one_instant_come_in_the_order_of_the_set() -> None:
    both = SegmentSet([Segment("z", orders.any()), Segment("a", orders.count() >= 1)])
    assert [each.segment for each in changes(both, profile(order(ago(1))), ago(2), NOW)] == ["z", "a"]


def test_time_is_the_cause_even_when_something_happens_at_that_instant() -> None:
    person = profile(order(ago(100)), visit(ago(10)))
    found = changes(SegmentSet([dormant]), person, ago(20), NOW)
    assert found == (Change("dormant", "entered", ago(10), ByTime()),)


def test_only_facts_of_what_the_rule_reads_are_causes() -> None:
    coffee = purchase(ago(3), "coffee")
    rule = SegmentSet([Segment("coffee", purchases.where(purchases.product_id == "coffee").any())])
    (change,) = changes(rule, profile(coffee, visit(ago(3))), ago(5), NOW)
    assert isinstance(change.cause, ByEvent)
    assert [each.collection for each in change.cause.facts] == ["purchases"]


def test_several_facts_of_one_instant_are_all_named() -> None:
    two = (visit(ago(3)), visit(ago(3)))
    (change,) = changes(SegmentSet([Segment("seen", visits.count() >= 2)]), profile(*two), ago(5), NOW)
    assert change.cause == ByEvent(
        tuple(KnownFact("visits", each.id) for each in sorted(two, key=lambda each: each.id))
    )


def test_a_delivery_and_a_refund_are_facts_of_their_own() -> None:
    parcel = Order(
        "parcel",
        ago(20),
        total=won(10_000),
        delivered_at=ago(15),
        refunds=(Refund("back", ago(5), won(4_000)),),
    )
    shop = SegmentSet(
        [
            Segment("delivered", orders.where(orders.delivered_at.is_present()).any()),
            Segment("refunded", orders.refunded.sum() >= won(1)),
        ]
    )
    assert changes(shop, profile(parcel), ago(30), NOW) == (
        Change("delivered", "entered", ago(15), ByEvent((KnownFact("orders", "parcel", "delivered_at"),))),
        Change("refunded", "entered", ago(5), ByEvent((KnownFact("refunds", "back"),))),
    )


def test_references_are_followed() -> None:
    regular = Segment("regular", segment("bought") & ~segment("dormant"))
    found = changes(SegmentSet([bought, dormant, regular]), profile(order(ago(200))), ago(300), NOW)
    assert [(each.segment, each.direction) for each in found] == [
        ("bought", "entered"),
        ("regular", "entered"),
        ("dormant", "entered"),
        ("regular", "left"),
    ]


def test_calendar_words_are_read_in_the_zone_of_the_later_instant() -> None:
    seen = SegmentSet([Segment("seen-today", visits.within(today()).any())])
    person = profile(visit(datetime(2026, 3, 14, 14, tzinfo=UTC)))  # 23:00 in Seoul
    before = datetime(2026, 3, 14, tzinfo=UTC)
    in_seoul = changes(seen, person, before, NOW)
    assert [each.at for each in in_seoul] == [
        datetime(2026, 3, 14, 14, tzinfo=UTC),
        datetime(2026, 3, 14, 15, tzinfo=UTC),
    ]
    in_utc = changes(seen, person, before, datetime(2026, 3, 15, 12, tzinfo=UTC))
    assert [each.at for each in in_utc] == [datetime(2026, 3, 14, 14, tzinfo=UTC), datetime(2026, 3, 15, tzinfo=UTC)]
    assert all(each.at.tzinfo is UTC for each in (*in_seoul, *in_utc))


def test_instants_are_checked() -> None:
    with pytest.raises(NaiveInstant, match="before"):
        changes(standing, profile(), datetime(2026, 1, 1), NOW)
    with pytest.raises(NaiveInstant, match="after"):
        changes(standing, profile(), NOW, datetime(2026, 1, 1))
    with pytest.raises(FactError, match="earlier"):
        changes(standing, profile(), NOW, NOW - timedelta(days=1))


def test_the_end_of_the_calendar_is_no_obstacle() -> None:
    last = datetime.max.replace(tzinfo=UTC)
    assert changes(standing, profile(order(ago(1))), NOW, last)[-1].segment == "dormant"


def test_an_edited_definition_moves_customers_at_once() -> None:
    old = SegmentSet([dormant, bought])
    stricter = evolve(dormant, rule=orders.at.last().older_than(days(60)))
    korean = Segment("korean", customer.country.is_missing())
    new = SegmentSet([stricter, korean])
    person = profile(order(ago(70)))
    at = NOW.astimezone(UTC)
    assert redefined(old, new, person, NOW) == (
        Change("dormant", "entered", at, ByDefinition(dormant.rule, stricter.rule)),
        Change("korean", "entered", at, ByDefinition(None, korean.rule)),
        Change("bought", "left", at, ByDefinition(bought.rule, None)),
    )
    assert redefined(new, old, person, NOW)[0].direction == "left"
    assert redefined(old, old, person, NOW) == ()


def test_an_edit_that_moves_nobody_is_no_change() -> None:
    old = SegmentSet([dormant])
    new = SegmentSet([evolve(dormant, rule=orders.at.last().older_than(days(60)))])
    assert redefined(old, new, profile(order(ago(100))), NOW.astimezone(SEOUL)) == ()

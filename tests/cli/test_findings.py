"""What is found in a population."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest

from retention.cart import CartEvent
from retention.cli.findings import due, find, life, orders_of, overlaps, without_facts
from retention.cli.phases import Phases
from retention.cli.screen import Screen
from retention.customer import Customer
from retention.money import won
from retention.order import Order
from retention.profile import Profile
from retention.rules import cart, customer, orders
from retention.segments import Segment, SegmentSet
from retention.spans import days

AS_OF = datetime(2024, 3, 31, tzinfo=UTC)
SET = SegmentSet(
    [
        Segment("any", orders.any()),
        Segment("twice", orders.count() >= 2),
        Segment("recent", orders.at.last().within(days(30))),
        Segment("carts", cart.any()),
        Segment("french", customer.country == "FR"),
    ]
)


def shopper(id: str, *ages: int, country: str | None = None) -> Profile:
    placed = [Order(f"{id}-{age}", AS_OF - timedelta(days=age), total=won(1000)) for age in ages]
    return Profile.build(Customer(id, country=country), placed)


PEOPLE = [shopper("a", 50, 40), shopper("b", 10), shopper("c", 28, 5), shopper("d", 24), shopper("e", 23)]


def test_overlaps_leave_out_a_segment_inside_another() -> None:
    (found,) = overlaps(SET, SET.count(PEOPLE, AS_OF))
    assert (found.one.key, found.other.key) == ("twice", "recent")
    assert (found.only_one, found.both, found.only_other) == (1, 1, 3)
    assert found.alike == pytest.approx(1 / 5)


def test_segments_that_ask_for_facts_that_nobody_has() -> None:
    assert without_facts(SET, PEOPLE) == {"carts": frozenset({"cart"}), "french": frozenset({"country"})}
    somebody = Profile.build(Customer("f", country="KR"), [CartEvent("1", AS_OF, kind="added")])
    assert without_facts(SET, [*PEOPLE, somebody]) == {}


def test_what_is_due_lies_after_the_instant_and_up_to_the_other() -> None:
    heard: list[int] = []
    found = due(tuple(SET), PEOPLE, AS_OF, AS_OF + timedelta(days=7), progress=lambda done, total: heard.append(done))
    assert [(each.customer, each.segment.key, each.enters, each.at) for each in found] == [
        ("d", "recent", False, AS_OF + timedelta(days=6)),
        ("e", "recent", False, AS_OF + timedelta(days=7)),
    ]
    assert heard == [5]
    assert due(tuple(SET), PEOPLE, AS_OF, AS_OF + timedelta(days=6) - timedelta(microseconds=1)) == []


def test_findings_look_a_week_ahead() -> None:
    found = find(SET, PEOPLE, AS_OF, Screen(StringIO()), Phases())
    assert (found.as_of, found.until) == (AS_OF, AS_OF + timedelta(days=7))
    assert [(each.customer, each.at) for each in found.due] == [
        ("d", AS_OF + timedelta(days=6)),
        ("e", AS_OF + timedelta(days=7)),
    ]


def test_a_life_has_orders_and_memberships_in_slots() -> None:
    found = life(SET, shopper("a", 40, 30, 30 - 1), AS_OF, 4)
    assert (found.start, found.end) == (AS_OF - timedelta(days=40), AS_OF)
    assert found.orders == (1, 2, 0, 0)
    assert {lane.segment.key: lane.shares for lane in found.lanes} == {
        "any": (1.0, 1.0, 1.0, 1.0),
        "twice": (0.0, 1.0, 1.0, 1.0),
        "recent": (1.0, 1.0, 1.0, 1.0),
    }
    assert [(change.segment, change.direction) for change in found.changes] == [("twice", "entered")]


def test_a_membership_that_ends_within_a_slot_fills_a_part_of_it() -> None:
    found = life(SET, shopper("a", 40), AS_OF, 4)
    lanes = {lane.segment.key: lane.shares for lane in found.lanes}
    assert lanes["recent"] == pytest.approx((1.0, 1.0, 1.0, 0.0))
    half = life(SET, shopper("a", 48), AS_OF, 4)
    assert {lane.segment.key: lane.shares for lane in half.lanes}["recent"] == pytest.approx((1.0, 1.0, 0.5, 0.0))


def test_the_life_of_someone_who_did_nothing_is_empty() -> None:
    found = life(SET, shopper("z"), AS_OF, 4)
    assert (found.orders, found.lanes, found.changes) == ((0, 0, 0, 0), (), ())


def test_the_orders_of_a_profile() -> None:
    assert [order.id for order in orders_of(PEOPLE[0])] == ["a-50", "a-40"]

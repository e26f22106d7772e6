"""Journeys: everybody is at exactly one stage."""

import pickle
from collections.abc import Callable

import pytest

from retention.errors import ConfigurationError, RuleError, UnknownName
from retention.money import won
from retention.profile import Profile
from retention.rules import orders, segment, visits
from retention.segments import Journey, Segment, SegmentSet
from retention.segments.catalogue import customer_journey, value_journey
from retention.spans import days
from tests.segments.shop import NOW, TICK, ago, cart_event, order, profile

simple = Journey([("gone", orders.at.last().older_than(days(90))), ("buyer", orders.any())], otherwise="visitor")


def test_the_first_stage_that_holds_wins() -> None:
    assert simple.stage(profile(order(ago(90))), NOW) == "gone"
    assert simple.stage(profile(order(ago(90) + TICK)), NOW) == "buyer"
    assert simple.stage(profile(), NOW) == "visitor"


def test_stages_are_disjoint_rules() -> None:
    for person in (profile(order(ago(90))), profile(order(ago(1))), profile()):
        held = [name for name in simple.names if simple.rule(name).matches(person, as_of=NOW)]
        assert held == [simple.stage(person, NOW)]


def test_stages_are_segments() -> None:
    stages = SegmentSet(simple.segments("stage:"))
    assert stages.keys == ("stage:gone", "stage:buyer", "stage:visitor")
    assert stages.labels(profile(order(ago(1))), NOW) == {"stage:buyer"}


def test_the_next_stage_comes_when_it_comes() -> None:
    person = profile(order(ago(80)))
    at = simple.next_change(person, NOW)
    assert at == ago(80) + days(90).timedelta
    assert simple.stage(person, at - TICK) == "buyer"
    assert simple.stage(person, at) == "gone"
    assert simple.next_change(profile(), NOW) is None


def test_count_has_every_stage() -> None:
    told: list[tuple[int, int | None]] = []
    people = [profile(order(ago(1))), profile(), profile()]
    found = simple.count(people, NOW, progress=lambda done, total: told.append((done, total)))
    assert found == {"gone": 0, "buyer": 1, "visitor": 2}
    assert list(found) == ["gone", "buyer", "visitor"]
    assert told == [(3, 3)]


def test_stages_may_be_a_mapping_and_segments() -> None:
    seen = Segment("seen", visits.any(), name="Seen")
    journey = Journey({"seen": seen}, otherwise="unseen")
    assert journey.stages == (("seen", seen.as_rule()),)
    assert journey == Journey([("seen", seen.as_rule())], "unseen")
    assert hash(journey) == hash(Journey([("seen", seen)], "unseen"))


def test_a_journey_travels_between_processes() -> None:
    away = pickle.loads(pickle.dumps(simple))
    assert away == simple
    assert away.stage(profile(order(ago(90))), NOW) == "gone"


def test_a_journey_of_one_stage_holds_everybody() -> None:
    assert Journey([], otherwise="customer").stage(profile(), NOW) == "customer"


def test_names_are_unique_and_known() -> None:
    with pytest.raises(ConfigurationError, match="buyer"):
        Journey([("buyer", orders.any())], otherwise="buyer")
    with pytest.raises(UnknownName) as caught:
        simple.rule("byer")
    assert caught.value.nearest == "buyer"


def test_a_reference_has_no_set_to_be_resolved_in() -> None:
    with pytest.raises(RuleError, match="'vip'"):
        Journey([("gone", segment("vip"))], otherwise="other")


VALUE: list[tuple[str, Callable[[], Profile]]] = [
    ("vip", lambda: profile(order(ago(400), won(1_000_000)))),
    ("lapsed", lambda: profile(order(ago(90), won(999_999)))),
    ("lapsed", lambda: profile(order(ago(200)), order(ago(100)))),
    ("repeat", lambda: profile(order(ago(200)), order(ago(90) + TICK))),
    ("first-purchase", lambda: profile(order(ago(0)))),
    ("new-arrival", lambda: profile(joined=ago(1000))),
]


@pytest.mark.parametrize(("stage", "person"), VALUE)
def test_value_journey(stage: str, person: Callable[[], Profile]) -> None:
    assert value_journey().stage(person(), NOW) == stage


def test_value_journey_is_in_the_order_of_the_catalogue() -> None:
    assert value_journey().names == ("vip", "lapsed", "repeat", "first-purchase", "new-arrival")
    opened = value_journey(won(5_000), lapsed_after=days(10), repeat_from=3)
    assert opened.stage(profile(order(ago(9), won(5_000))), NOW) == "vip"
    assert opened.stage(profile(order(ago(9), won(2_000)), order(ago(8), won(2_000))), NOW) == "first-purchase"


def test_cancelled_orders_can_be_left_out() -> None:
    kept = value_journey(counting=orders.where(orders.status != "cancelled"))
    assert kept.stage(profile(order(ago(1), status="cancelled")), NOW) == "new-arrival"


def test_customer_journey_is_in_the_order_of_the_catalogue() -> None:
    journey = customer_journey()
    assert journey.names == ("advocate", "retained", "purchased", "interested", "aware")
    assert journey.stage(profile(), NOW) == "aware"
    assert journey.stage(profile(cart_event(ago(3))), NOW) == "interested"
    assert journey.stage(profile(order(ago(3))), NOW) == "purchased"
    assert journey.stage(profile(order(ago(400)), order(ago(365) + TICK)), NOW) == "retained"
    assert journey.stage(profile(order(ago(400)), order(ago(365))), NOW) == "purchased"

"""Segments of the catalogue that divide customers: the twelve states of buying, the stages of the journey."""

from collections.abc import Callable

import pytest

from retention.activity import Referral, Search, SurveyAnswer, View
from retention.errors import ConfigurationError
from retention.rules import orders
from retention.segments import SegmentSet, catalogue
from retention.spans import days
from tests.segments.happenings import review, view
from tests.segments.shop import NOW, ago, cart_event, fresh_id, order, profile, visit

# The twelve ----------------------------------------------------------------------------------------------------------

TWELVE = catalogue.purchase_states()
KEPT = orders.where(orders.status != "cancelled")


def test_there_are_twelve() -> None:
    assert [each.key for each in TWELVE] == [
        "never-bought-left-a-cart",
        "never-bought-joined-and-left",
        "never-bought-long-gone",
        "bought-once-left-a-cart",
        "bought-once-slipping",
        "bought-once-long-gone",
        "bought-again-left-a-cart",
        "bought-again-slipping",
        "bought-again-long-gone",
        "bought-often-left-a-cart",
        "bought-often-slipping",
        "bought-often-long-gone",
    ]
    assert TWELVE[4].name == "Bought once, slipping"


@pytest.mark.parametrize(
    ("count", "bought"),
    [(0, "never-bought"), (1, "bought-once"), (2, "bought-again"), (3, "bought-often"), (7, "bought-often")],
)
@pytest.mark.parametrize(
    ("state", "back"), [("left-a-cart", 3), ("joined-and-left", 3), ("slipping", 45), ("long-gone", 90)]
)
def test_each_of_the_twelve(count: int, bought: str, state: str, back: int) -> None:
    happened = cart_event(ago(back)) if state == "left-a-cart" else visit(ago(back))
    joined = ago(back) if state == "joined-and-left" else ago(1000)
    person = profile(happened, *(order(ago(500 + n)) for n in range(count)), joined=joined)
    exists = (state == "joined-and-left") == (bought == "never-bought") or state in {"left-a-cart", "long-gone"}
    assert SegmentSet(TWELVE).labels(person, NOW) == ({f"{bought}-{state}"} if exists else set())


def test_an_order_that_does_not_count_ends_no_state() -> None:
    left = profile(cart_event(ago(3)), order(ago(2), status="cancelled"))
    looked = profile(view(ago(3)), order(ago(2), status="cancelled"))
    for counting, of_cart, of_look in (
        (KEPT, {"never-bought-left-a-cart"}, {"browsed-and-left"}),
        (orders, set(), set()),
    ):
        assert SegmentSet(catalogue.purchase_states(counting=counting)).labels(left, NOW) == of_cart
        standard = catalogue.standard_segments(counting=counting)
        assert standard.labels(left, NOW) == of_cart
        assert standard.labels(looked, NOW) == of_look


def test_often_and_the_edges_are_open() -> None:
    opened = SegmentSet(catalogue.purchase_states(often=5, last_visit=(days(10), days(20)), gone_after=days(21)))
    person = profile(visit(ago(15)), *(order(ago(500 + n)) for n in range(4)))
    assert opened.labels(person, NOW) == {"bought-again-slipping"}
    assert opened.labels(profile(visit(ago(21))), NOW) == {"never-bought-long-gone"}
    assert (
        opened["bought-again-slipping"].description == "Has ordered 2 to 4 times; visited last 10 days to 20 days ago."
    )
    assert TWELVE[7].description == "Has ordered 2 times; visited last 30 days to 60 days ago."
    with pytest.raises(ConfigurationError, match="three"):
        catalogue.purchase_states(often=2)


# Journeys in the catalogue --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stage", "facts"),
    [
        ("interested", lambda: [view(ago(9))]),
        ("interested", lambda: [Search(fresh_id(), ago(9), query="beans")]),
        ("aware", lambda: [visit(ago(9))]),
        ("aware", lambda: [review(ago(9), 5)]),
        ("purchased", lambda: [order(ago(9)), review(ago(8), 4)]),
        ("advocate", lambda: [order(ago(9)), review(ago(8), 5)]),
        ("advocate", lambda: [order(ago(9)), Referral(fresh_id(), ago(3), kind="joined", code="F")]),
        ("advocate", lambda: [order(ago(9)), Referral(fresh_id(), ago(3), kind="ordered", code="F")]),
        ("purchased", lambda: [order(ago(9)), Referral(fresh_id(), ago(3), kind="invited", code="F")]),
        ("advocate", lambda: [order(ago(9)), SurveyAnswer(fresh_id(), ago(3), kind="nps", score=9)]),
        ("purchased", lambda: [order(ago(9)), SurveyAnswer(fresh_id(), ago(3), kind="nps", score=8)]),
        ("purchased", lambda: [order(ago(9)), SurveyAnswer(fresh_id(), ago(3), kind="csat", score=10)]),
    ],
)
def test_customer_journey(stage: str, facts: Callable[[], list[View]]) -> None:
    assert catalogue.customer_journey().stage(profile(*facts()), NOW) == stage

"""The parts of a report as people see them."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest

from retention.cli import pages
from retention.cli.findings import Due, Life, Overlap
from retention.cli.screen import Screen
from retention.customer import Customer
from retention.profile import Profile
from retention.rules import orders
from retention.segments import ByDefinition, ByEvent, ByTime, Change, KnownFact, Segment, SegmentSet

AS_OF = datetime(2024, 3, 31, tzinfo=UTC)
BIG = Segment("big", orders.count() >= 9, name="Big")
NEW = Segment("new", orders.count() == 1, name="New")


@pytest.fixture
def out() -> StringIO:
    return StringIO()


def shown(out: StringIO) -> list[str]:
    return out.getvalue().splitlines()[3:]  # after the empty line, the title and its rule


def test_overlaps_are_drawn_to_scale_and_the_others_listed(out: StringIO) -> None:
    first, second = Overlap(BIG, NEW, 1, 2, 1), Overlap(NEW, BIG, 30, 10, 0)
    pages.overlaps_page(Screen(out, width=44), [first, second], "customers")
    assert shown(out) == [
        "  " + "░" * 10 + "█" * 20 + "▒" * 10,
        "  ░ only Big 1   █ both 2   ▒ only New 1",
        "  66.7 % of the customers in Big are in New",
        "too; 66.7 % the other way round.",
        "",
        "one  other  both  of the one  of the other",
        "New  Big      10      25.0 %       100.0 %",
    ]


def test_without_an_overlap_nothing_is_said(out: StringIO) -> None:
    pages.overlaps_page(Screen(out), [], "customers")
    assert out.getvalue() == ""


def test_what_is_due_is_counted_and_told_by_customer_and_minute(out: StringIO) -> None:
    at = AS_OF + timedelta(hours=1)
    found = [Due(at, "7", BIG, True), Due(at, "7", NEW, False), Due(at, "8", NEW, True)]
    pages.due_page(Screen(out), found, AS_OF, AS_OF + timedelta(days=7), "customers")
    assert shown(out) == [
        "segment  enter  leave",
        "Big          1      ·",
        "New          1      1",
        "",
        "the first of them",
        "Sun 31 Mar 2024 01:00  7  enters Big; leaves New",
        "Sun 31 Mar 2024 01:00  8  enters New",
        "",
        "3 changes, 2 customers: only they need to be looked at again, and only then.",
    ]


def test_when_nothing_is_due_it_says_so(out: StringIO) -> None:
    pages.due_page(Screen(out), [], AS_OF, AS_OF, "customers")
    assert shown(out) == ["No membership changes by time alone."]


def test_a_life_is_told_with_the_causes_of_its_changes(out: StringIO) -> None:
    profile = Profile.build(Customer("7", attributes={}))
    facts = (KnownFact("orders", "A1"), KnownFact("visits", "V1"), KnownFact("visits", "V2"))
    causes = (ByTime(), ByEvent(facts[:1]), ByEvent(facts), ByDefinition(None, BIG.rule))
    past = tuple(Change("big", "entered", AS_OF, cause) for cause in causes)
    life = Life(profile, AS_OF - timedelta(days=30), AS_OF, (0,) * 30, (), past)
    pages.life_page(Screen(out), SegmentSet([BIG]), life, UTC, "customer")
    assert shown(out) == [
        "        01 Mar 2024        31 Mar 2024",
        "orders",
        "In no segment so far.",
        "",
        "latest changes",
        "Sun 31 Mar 2024 00:00  entered  Big  because time passed",
        "Sun 31 Mar 2024 00:00  entered  Big  because of orders A1",
        "Sun 31 Mar 2024 00:00  entered  Big  because of orders A1 +2",
        "Sun 31 Mar 2024 00:00  entered  Big  because its definition changed",
    ]


@pytest.mark.parametrize(("count", "words"), [(0, "0 orders"), (1, "1 order"), (2, "2 orders"), (1200, "1,200 orders")])
def test_one_and_several(count: int, words: str) -> None:
    assert pages.several(count, "order") == words


def test_a_share_of_nothing_is_nothing() -> None:
    assert (pages.percent(0, 0), pages.percent(1, 8)) == ("0.0 %", "12.5 %")

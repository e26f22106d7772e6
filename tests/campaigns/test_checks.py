"""A campaign that cannot run is refused when it is made."""

from datetime import UTC, datetime, time
from typing import Any

import pytest

from retention import Kind
from retention.campaigns.campaign import Campaign, Migration
from retention.campaigns.entries import Enters, Happens, Leaves, Once, OnDate, Recurring
from retention.campaigns.errors import CampaignError
from retention.campaigns.steps import (
    AskStaff,
    Branch,
    Call,
    GiveCoupon,
    GivePoints,
    Jump,
    Split,
    Stop,
    Tag,
    Wait,
    WaitFor,
    WaitUntil,
)
from retention.permission.media import MessageKind
from retention.rules import cart, customer, orders, purchases, refunds, surveys
from retention.schema import STANDARD
from retention.spans import calendar_days, days, hours, months, this_month
from tests.campaigns.shop import SEOUL, campaign, send, wait

EVENT = orders.any()
START = datetime(2026, 3, 2, 10, tzinfo=SEOUL)


def refused(*steps: Any, **more: Any) -> CampaignError:
    with pytest.raises(CampaignError) as caught:
        campaign(*steps, **more)
    assert caught.value.campaign == more.get("key", "test")
    assert caught.value.hint
    return caught.value


def test_a_sound_campaign_is_made() -> None:
    made = campaign(
        send("a"),
        Wait("w", days(1)),
        Branch("b", when=((EVENT, "c"),), otherwise=None),
        Split("s", (("x", 1, "c"), ("y", 2, None))),
        Stop("stop"),
        WaitFor("c", event=EVENT, at_most=days(2), then="d"),
        WaitUntil("u", at=time(9)),
        Jump("d", to="a", at_most=3),
        GiveCoupon("e", coupon="k"),
        GivePoints("p", amount=5, programme="points"),
        Tag("t", "vip"),
        AskStaff("ask", topic="vip", words="call"),
        Call("call", hook="crm", data={"list": [1, None, {"x": True}]}),
    )
    assert len(made.steps) == 13


@pytest.mark.parametrize("key", ["", " x", "x ", "a\nb", "x" * 129, "\ud800", "a\0"])
def test_a_key_that_cannot_be_stored(key: str) -> None:
    with pytest.raises(CampaignError, match="cannot be stored"):
        campaign(key=key)
    assert refused(send("a"), send(key)).step is None
    assert "tag" in refused(tags=frozenset({key})).problem


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"kind": "marketing"}, "to the law"),
        ({"version": 0}, "version"),
        ({"version": True}, "version"),
        ({"holdout": 1.01}, "holdout"),
        ({"holdout": -0.1}, "holdout"),
        ({"holdout": float("nan")}, "holdout"),
        ({"holdout": True}, "holdout"),
        ({"priority": 1.5}, "priority"),
        ({"entry": "dormant"}, "nobody can come in"),
        ({"again": "sometimes"}, "no way to come in again"),
        ({"again": "after entry"}, "needs a pause"),
        ({"again": "after exit"}, "needs a pause"),
        ({"again": "never", "pause": days(1)}, "knows no pause"),
        ({"again": "each crossing", "pause": days(1)}, "knows no pause"),
        ({"goal": True}, "where a rule or a segment is needed"),
        ({"leave": cart.kind == "added"}, "where a rule or a segment is needed"),
    ],
)
def test_what_cannot_be_meant(more: dict[str, Any], words: str) -> None:
    assert words in refused(**more).problem


@pytest.mark.parametrize("share", [0, 0.5, 1])
def test_a_holdout_may_be_nobody_and_everybody(share: float) -> None:
    assert campaign(holdout=share).holdout == share


def test_a_flow_has_steps() -> None:
    with pytest.raises(CampaignError, match="has no steps"):
        Campaign("x", kind=MessageKind.SERVICE, entry=Leaves("x"), steps=())
    assert "not a step" in refused(send("a"), "stop").problem


def test_a_step_that_is_not_there() -> None:
    error = refused(send("hello"), wait("w"), Jump("j", to="helo", at_most=1))
    assert (error.step, error.nearest) == ("j", "hello")
    assert "Did you mean 'hello'?" in str(error)
    assert refused(Branch("b", when=((EVENT, "x"),), otherwise=None)).step == "b"
    assert refused(Branch("b", when=((EVENT, None),), otherwise="x")).step == "b"
    assert refused(Split("s", (("a", 1, "x"), ("b", 1, None)))).step == "s"
    assert refused(WaitFor("w", event=EVENT, at_most=days(1), then="x")).step == "w"
    assert refused(WaitFor("w", event=EVENT, at_most=days(1), otherwise="x")).step == "w"


def test_two_steps_of_one_id() -> None:
    assert refused(send("a"), wait("w"), send("a")).problem.endswith("its id comes twice")


def test_a_step_that_no_way_leads_to() -> None:
    assert refused(send("a"), Stop("stop"), send("b")).step == "b"
    assert refused(Branch("b", when=((EVENT, "x"),), otherwise="x"), send("lost"), send("x")).step == "lost"


@pytest.mark.parametrize(
    "steps",
    [
        (send("a"), Branch("b", when=((EVENT, "a"),), otherwise=None), Stop("s")),
        (send("a"), Branch("b", when=((EVENT, None),), otherwise="a"), Stop("s")),
        (WaitUntil("a", at=time(9)), Split("b", (("x", 1, "a"), ("y", 1, None))), Stop("s")),
        (send("a"), Jump("j", to="a", at_most=2), Branch("b", when=((EVENT, "j"),), otherwise=None), Stop("s")),
    ],
)
def test_a_ring_in_which_nobody_waits(steps: tuple[Any, ...]) -> None:
    error = refused(*steps)
    assert "for ever at one instant" in error.problem
    assert " -> " in error.problem


@pytest.mark.parametrize(
    "steps",
    [
        (send("a"), wait("w"), Branch("b", when=((EVENT, "a"),), otherwise=None), Stop("s")),
        (WaitFor("a", event=EVENT, at_most=days(1), then="a", otherwise="a"),),
        (send("a"), Jump("j", to="a", at_most=2)),
        (send("a"), wait("w"), Jump("j", to="a", at_most=2), Branch("b", when=((EVENT, "w"),), otherwise=None)),
    ],
)
def test_a_ring_that_waits_or_is_counted(steps: tuple[Any, ...]) -> None:
    assert campaign(*steps).steps == steps


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (send("x", channels=()), "no channel"),
        (send("x", channels="email"), "no channel"),
        (send("x", channels=("sms", "sms")), "twice"),
        (send("x", expires=hours(0)), "too late at once"),
        (send("x", expires=months(1)), "too late at once"),
        (send("x", template=" "), "is empty"),
        (send("x", data={"at": START}), "cannot be stored"),
        (send("x", data={"n": float("inf")}), "cannot be stored"),
        (send("x", data={"n": (1, 2)}), "cannot be stored"),
        (Call("x", hook="h", data={"set": {1}}), "cannot be stored"),
        (Call("x", hook=""), "is empty"),
        (Wait("x", days(0)), "for no time"),
        (Wait("x", months(0)), "for no time"),
        (Wait("x", "1 day"), "for no time"),  # type: ignore[arg-type]
        (WaitFor("x", event=EVENT, at_most=days(0)), "for no time"),
        (WaitFor("x", event=customer.country == "KR", at_most=days(1)), "nothing that happens"),
        (WaitUntil("x", at=time(9, tzinfo=UTC)), "no local time"),
        (WaitUntil("x", at=time(9), weekdays=frozenset()), "no day of the week"),
        (WaitUntil("x", at=time(9), weekdays=frozenset({7})), "no day of the week"),
        (Branch("x", when=(), otherwise=None), "no rule"),
        (Split("x", (("a", 1, None),)), "fewer than two"),
        (Split("x", (("a", 1, None), ("a", 1, None))), "told apart"),
        (Split("x", (("a", 1, None), ("b", 0, None))), "no weight"),
        (Split("x", (("a", 1, None), ("b", True, None))), "no weight"),
        (GivePoints("x", amount=0, programme="p"), "no points"),
        (GivePoints("x", amount=2**63, programme="p"), "more points than can be kept"),
        (GivePoints("x", amount=1, programme=""), "is empty"),
        (GivePoints("x", amount=1, programme="p", valid_for=days(0)), "never be used"),
        (GiveCoupon("x", coupon="k", valid_for=days(0)), "never be used"),
        (Tag("x", ""), "is empty"),
        (AskStaff("x", topic="", words="w"), "is empty"),
        (Jump("x", to="first", at_most=0), "no bound"),
        (Jump("x", to="first", at_most=1_001), "no bound"),
    ],
)
def test_a_step_that_cannot_be_meant(step: Any, words: str) -> None:
    error = refused(send("first"), step)
    assert words in error.problem
    assert error.step == "x"


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"entry": Enters(segment=" ")}, "names no segment"),
        ({"entry": Leaves("")}, "names no segment"),
        ({"entry": Once(at=START.replace(tzinfo=None), audience=EVENT), "again": "never"}, "instant with a zone"),
        ({"entry": Once(at=START, audience=EVENT, fixed="now"), "again": "never"}, "fix an audience"),  # type: ignore[arg-type]
        ({"entry": Once(at=START, audience=EVENT)}, "happens once"),
        ({"entry": Once(at=START, audience=7), "again": "never"}, "a rule or a segment"),  # type: ignore[arg-type]
        ({"entry": Recurring(rule="FREQ=DAILY", start=START, audience=EVENT), "again": "never"}, "once in a life"),
        ({"entry": OnDate(attribute="birthday", at=time(9)), "again": "never"}, "once in a life"),
        ({"entry": OnDate(attribute="birthdate", at=time(9))}, "no date 'birthdate'"),
        ({"entry": OnDate(attribute="country", at=time(9))}, "no date"),
        ({"entry": OnDate(attribute="birthday", at=time(9, tzinfo=UTC))}, "local time of day"),
        ({"entry": OnDate(attribute="birthday", at=time(9), before=hours(1))}, "whole days"),
        ({"entry": OnDate(attribute="birthday", at=time(9), before=calendar_days(7))}, "whole days"),
        ({"entry": OnDate(attribute="birthday", at=time(9), before=this_month())}, "whole days"),
        ({"entry": Happens(event=customer.country == "KR")}, "nothing that happens"),
        ({"entry": Happens(event=cart.any(), each="cart")}, "no column 'cart'"),
        (
            {"entry": Happens(event=purchases.any(), each="product_id")},
            "no column 'product_id'",
        ),  # of an order, no line
        ({"entry": Happens(event=refunds.any(), each="order_id")}, "no column 'order_id'"),  # it is the order's id
        ({"entry": Happens(event=cart.any() | surveys.any(), each="cart_id")}, "no column 'cart_id'"),  # not of both
        ({"entry": Happens(event=cart.kind == "added")}, "rule or a segment"),  # type: ignore[arg-type]
    ],
)
def test_a_way_in_that_cannot_be_meant(more: dict[str, Any], words: str) -> None:
    assert words in refused(**more).problem


def test_a_split_by_the_name_of_the_holdout_would_not_be_random() -> None:
    assert "not be random" in refused(Split("holdout", (("a", 1, None), ("b", 1, None)))).problem


def test_the_nearest_name_is_told() -> None:
    assert refused(entry=OnDate(attribute="birthdate", at=time(9))).nearest == "birthday"
    assert refused(entry=Happens(event=cart.any(), each="cartid")).nearest == "cart_id"
    assert refused(again="after exits").nearest == "after exit"


def test_a_date_of_the_hosts_own() -> None:
    shop = STANDARD.extend(attributes={"wedding": Kind.DATE})
    assert campaign(entry=OnDate(attribute="wedding", at=time(9)), schema=shop)
    assert refused(entry=OnDate(attribute="wedding", at=time(9))).nearest is None


def test_a_rule_that_the_schema_cannot_serve() -> None:
    shop = STANDARD.extend(collections={"rentals": {"bike": Kind.TEXT}})
    from retention.rules import Collection, TextField
    from retention.rules.nodes import Events

    class Rentals(Collection):
        bike = TextField()

    event = Rentals(Events("rentals")).any()
    assert campaign(entry=Happens(event=event, each="bike"), schema=shop)
    assert "rentals" in refused(entry=Happens(event=event)).problem
    assert refused(Branch("b", when=((event, None),), otherwise=None)).step == "b"


@pytest.mark.parametrize(
    "migrates",
    [
        (Migration(version=2, steps={}),),
        (Migration(version=0, steps={}),),
        (Migration(version=1, steps={}), Migration(version=1, steps={})),
        (Migration(version=1, steps={"old": "helo"}),),
    ],
)
def test_a_migration_that_leads_nowhere(migrates: tuple[Migration, ...]) -> None:
    refused(version=2, migrates=migrates)
    assert campaign(version=2, migrates=(Migration(version=1, steps={"old": "hello"}),))


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("FREQ=SOMETIMES", "no RRULE"),
        ("weekly", "no RRULE"),
        ("", "no RRULE"),
        ("FREQ=DAILY\nEXDATE:20260303", "no RRULE"),
        ("FREQ=DAILY;UNTIL=20270101T000000", "no RRULE"),
        ("FREQ=DAILY;BYHOUR=25", "no RRULE"),
        ("FREQ=SECONDLY", "within a minute"),
        ("FREQ=DAILY;BYHOUR=1;BYMINUTE=0;BYSECOND=0,30", "within a minute"),
        ("FREQ=SECONDLY;COUNT=10001", "more than 10,000"),
        ("FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30", "do not go together"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "never happens"),
        ("FREQ=DAILY;UNTIL=20200101T000000Z", "never happens"),
    ],
)
def test_a_recurrence_that_is_none(rule: str, words: str) -> None:
    error = refused(entry=Recurring(rule=rule, start=START, audience=EVENT))
    assert words in error.problem


@pytest.mark.parametrize("rule", ["FREQ=WEEKLY;BYDAY=TU", "RRULE:FREQ=DAILY;UNTIL=20271231T000000Z", "FREQ=HOURLY"])
def test_a_recurrence(rule: str) -> None:
    assert campaign(entry=Recurring(rule=rule, start=START, audience=EVENT))


def test_a_recurrence_needs_a_start_with_a_zone() -> None:
    naive = Recurring(rule="FREQ=DAILY", start=datetime(2026, 3, 2), audience=EVENT)
    assert "instant with a zone" in refused(entry=naive).problem

"""What each step does, and when."""

from datetime import UTC, datetime, time, timedelta
from typing import get_args

import pytest

from retention import won
from retention.campaigns.arms import arm_of, holdout_salt, is_held_out
from retention.campaigns.decide import is_indifferent
from retention.campaigns.effects import CallHook, GrantPoints, IssueCoupon, OpenTicket, SendMessage, SetTag
from retention.campaigns.entries import Happens
from retention.campaigns.state import Run, State
from retention.campaigns.steps import (
    AskStaff,
    Branch,
    Call,
    GiveCoupon,
    GivePoints,
    Jump,
    Split,
    Step,
    Stop,
    Tag,
    Wait,
    WaitFor,
    WaitUntil,
)
from retention.campaigns.triggers import FactArrived, SegmentLeft
from retention.errors import ConfigurationError, NaiveInstant
from retention.permission.media import MessageKind
from retention.rules import cart, customer, orders, segment, visits
from retention.segments.segment import Segment
from retention.segments.segment_set import SegmentSet
from retention.spans import days, hours, months
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
    wait,
)


def test_a_message_says_all_that_the_gate_asks() -> None:
    made = campaign(
        send("hello", channels=("sms", "email"), expires=hours(6), data={"offer": "tea"}, on_unknown="hold"),
        kind=MessageKind.SERVICE,
        version=3,
        topic="news",
        tags=frozenset({"soft"}),
        priority=7,
    )
    (found,) = decided(made, (at(2), ENTERED))
    assert found.effects == (
        SendMessage(
            key="test:3:hello::1:0:1ba0b3acef5343135312",
            campaign="test",
            version=3,
            step="hello",
            kind=MessageKind.SERVICE,
            template="hello",
            channels=("sms", "email"),
            planned_at=at(2),
            expires_at=at(2, 18),
            topic="news",
            tags=frozenset({"soft"}),
            priority=7,
            on_unknown="hold",
            asked_for=False,
            data={"subject": "", "offer": "tea"},
        ),
    )
    assert codes(found) == ["entered", "finished"]
    assert found.state.runs[0].ended_at == at(2)
    assert "tea" not in repr(found.effects)


def test_a_step_may_have_a_kind_and_topic_of_its_own() -> None:
    made = campaign(send("a", kind=MessageKind.TRANSACTIONAL, topic="order", asked_for=True), topic="news")
    (found,) = decided(made, (at(2), ENTERED))[0].effects
    assert isinstance(found, SendMessage)
    assert (found.kind, found.topic, found.asked_for) == (MessageKind.TRANSACTIONAL, "order", True)


def test_other_effects() -> None:
    made = campaign(
        GiveCoupon("coupon", coupon="tea", valid_for=months(1)),
        GiveCoupon("for-ever", coupon="tea"),
        GivePoints("points", amount=100, programme="mileage", valid_for=days(1)),
        GivePoints("more", amount=1, programme="mileage"),
        Tag("tag", "vip"),
        Tag("untag", "new", remove=True),
        AskStaff("ask", topic="vip", words="call them"),
        Call("call", hook="crm", data={"score": 1}),
    )
    made_of = decided(made, (at(31, month=1), ENTERED))[0].effects
    assert made_of == (
        IssueCoupon(key="test:1:coupon::1:0:1ba0b3acef5343135312", coupon="tea", expires_at=at(28, month=2)),
        IssueCoupon(key="test:1:for-ever::1:0:1ba0b3acef5343135312", coupon="tea", expires_at=None),
        GrantPoints(
            key="test:1:points::1:0:1ba0b3acef5343135312", programme="mileage", amount=100, expires_at=at(1, month=2)
        ),
        GrantPoints(key="test:1:more::1:0:1ba0b3acef5343135312", programme="mileage", amount=1, expires_at=None),
        SetTag(key="test:1:tag::1:0:1ba0b3acef5343135312", tag="vip", remove=False),
        SetTag(key="test:1:untag::1:0:1ba0b3acef5343135312", tag="new", remove=True),
        OpenTicket(key="test:1:ask::1:0:1ba0b3acef5343135312", topic="vip", words="call them"),
        CallHook(key="test:1:call::1:0:1ba0b3acef5343135312", hook="crm", data={"subject": "", "score": 1}),
    )


def test_parts_of_a_key_stay_apart() -> None:
    made = campaign(send("a"), entry=Happens(event=cart.any(), each="cart_id"))
    fact = carted("e", at(2), "k:1")
    (found,) = decided(made, (at(2), FactArrived(fact)), of=profile(fact, id="c:1"))
    assert found.effects[0].key.rpartition(":")[0] == "test:1:a:k%3A1:1:0"
    assert "c:1" not in found.effects[0].key, "keys outlive erasure"


def test_a_wait_ends_at_its_instant_and_not_before() -> None:
    made = campaign(wait("w", 2), send("a"))
    before, until, after = decided(made, (at(2), ENTERED), (at(4, 11, 59), PASSED), (at(4), PASSED))
    assert before.state.next_due == until.state.next_due == at(4)
    assert (sends([before]), sends([until]), sends([after])) == ([], [], ["a"])
    assert after.state.next_due is None
    assert until.notes == ()


def test_a_late_look_decides_as_of_when_it_was_due() -> None:
    made = campaign(wait("w"), send("a"), wait("v"), send("b"))
    found = decided(made, (at(2), ENTERED), (at(20), PASSED))
    planned = [each.planned_at for each in found[1].effects if isinstance(each, SendMessage)]
    assert planned == [at(3), at(4)]
    assert found[1].state.runs[0].ended_at == at(4)


def test_months_keep_the_customers_clocks() -> None:
    made = campaign(Wait("w", months(1)), send("a"))
    start = datetime(2026, 2, 20, 9, tzinfo=NEW_YORK)
    due = decided(made, (start, ENTERED))[0].state.next_due
    assert due == datetime(2026, 3, 20, 9, tzinfo=NEW_YORK)  # the clocks went forward on 8 March
    exact = campaign(Wait("w", days(28)), send("a"))
    assert decided(exact, (start, ENTERED))[0].state.next_due == datetime(2026, 3, 20, 10, tzinfo=NEW_YORK)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        (datetime(2026, 3, 2, 8, 59, tzinfo=SEOUL), datetime(2026, 3, 2, 9, tzinfo=SEOUL)),
        (datetime(2026, 3, 2, 9, 0, 1, tzinfo=SEOUL), datetime(2026, 3, 3, 9, tzinfo=SEOUL)),
        (datetime(2026, 3, 6, 10, tzinfo=SEOUL), datetime(2026, 3, 9, 9, tzinfo=SEOUL)),  # from Friday to Monday
        (datetime(2026, 3, 7, 1, tzinfo=SEOUL), datetime(2026, 3, 9, 9, tzinfo=SEOUL)),
        (datetime(2026, 3, 5, 20, tzinfo=NEW_YORK), datetime(2026, 3, 6, 9, tzinfo=NEW_YORK)),
    ],
)
def test_a_wait_until_a_time_on_workdays(now: datetime, until: datetime) -> None:
    made = campaign(WaitUntil("w", at=time(9), weekdays=frozenset(range(5))), send("a"))
    assert decided(made, (now, ENTERED))[0].state.next_due == until


def test_no_wait_at_the_very_instant() -> None:
    made = campaign(WaitUntil("w", at=time(9), weekdays=frozenset({0})), send("a"))
    assert sends(decided(made, (at(2, 9), ENTERED))) == ["a"]


def test_clocks_that_go_forward_and_back() -> None:
    """2:30 does not exist on 8 March 2026 in New York, and 1:30 comes twice on 1 November."""
    gap = campaign(WaitUntil("w", at=time(2, 30)), send("a"))
    fold = campaign(WaitUntil("w", at=time(1, 30)), send("a"))
    spring = datetime(2026, 3, 8, 1, tzinfo=NEW_YORK)
    autumn = datetime(2026, 11, 1, 0, 30, tzinfo=NEW_YORK)
    assert decided(gap, (spring, ENTERED))[0].state.next_due == datetime(2026, 3, 8, 7, tzinfo=UTC)  # 3:00 there
    assert decided(fold, (autumn, ENTERED))[0].state.next_due == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    between = datetime(2026, 11, 1, 5, 45, tzinfo=UTC).astimezone(NEW_YORK)  # 1:45, the first time
    assert decided(fold, (between, ENTERED))[0].state.next_due == datetime(2026, 11, 2, 6, 30, tzinfo=UTC)


WAITING = campaign(
    WaitFor("w", event=orders.where(orders.total >= won(5_000)).any(), at_most=days(2), then="yes", otherwise="no"),
    send("yes"),
    Stop("stop"),
    send("no"),
)


def test_waiting_for_something_that_comes() -> None:
    bought = order("o", at(3))
    found = decided(WAITING, (at(2), ENTERED), (at(3), FactArrived(bought)), of=profile(bought))
    assert sends(found) == ["yes"]
    assert codes(found[1]) == ["came", "finished"]


def test_waiting_for_something_that_does_not_come() -> None:
    cheap, late = order("o", at(3), total=won(1)), order("p", at(5))
    facts = (cheap, late)
    told = ((at(3), FactArrived(cheap)), (at(4), PASSED), (at(5), FactArrived(late)))
    found = decided(WAITING, (at(2), ENTERED), *told, of=profile(*facts))
    assert [codes(each) for each in found] == [["entered", "waits"], [], ["timed-out", "finished"], []]
    assert sends(found) == ["no"]


def test_what_comes_at_the_last_instant_is_too_late() -> None:
    bought = order("o", at(4))
    for steps in ([(at(4), FactArrived(bought))], [(at(4), PASSED), (at(4), FactArrived(bought))]):
        assert sends(decided(WAITING, (at(2), ENTERED), *steps, of=profile(bought))) == ["no"]


def test_what_happened_before_the_wait_does_not_end_it() -> None:
    early = order("o", at(1))
    found = decided(WAITING, (at(2), ENTERED), (at(3), FactArrived(early)), of=profile(early))
    assert codes(found[1]) == []


def test_an_orders_payment_is_news() -> None:
    paid = campaign(WaitFor("w", event=orders.where(orders.paid_at.is_present()).any(), at_most=days(9)), send("a"))
    before, after = order("o", at(1)), order("o", at(1), paid_at=at(3))
    found = decided(paid, (at(2), ENTERED), (at(2, 13), FactArrived(before)), of=profile(before))
    assert sends(found) == []
    found = decided(paid, (at(2), ENTERED), (at(3), FactArrived(after)), of=profile(after))
    assert sends(found) == ["a"]
    placed = campaign(WaitFor("w", event=orders.any(), at_most=days(9)), send("a"))
    assert sends(decided(placed, (at(2), ENTERED), (at(3), FactArrived(after)), of=profile(after))) == []


def test_of_two_carts_each_waits_for_its_own() -> None:
    made = campaign(
        WaitFor("w", event=cart.where(cart.kind == "cleared").any(), at_most=days(9)),
        send("a"),
        entry=Happens(event=cart.where(cart.kind == "added").any(), each="cart_id"),
        again="never",
    )
    one, two = carted("e-1", at(2), "k-1"), carted("e-2", at(2, 13), "k-2")
    cleared = carted("e-3", at(3), "k-2", kind="cleared")
    steps = [(each.at.astimezone(SEOUL), FactArrived(each)) for each in (one, two, cleared)]
    last = decided(made, *steps, of=profile(one, two, cleared))[-1]
    assert [effect.key for effect in last.effects] == ["test:1:a:k-2:1:0:1ba0b3acef5343135312"]
    assert [run.ended for run in last.state.runs] == [None, "finished"]


def test_a_fact_without_the_column_speaks_of_every_run() -> None:
    made = campaign(
        WaitFor("w", event=orders.any(), at_most=days(9)),
        send("a"),
        entry=Happens(event=cart.any(), each="cart_id"),
        again="never",
    )
    one, two, bought = carted("e-1", at(2), "k-1"), carted("e-2", at(2, 13), "k-2"), order("o", at(3))
    steps = [(each.at.astimezone(SEOUL), FactArrived(each)) for each in (one, two, bought)]
    assert sends(decided(made, *steps, of=profile(one, two, bought))) == ["a", "a"]


def test_an_id_is_the_facts_own() -> None:
    made = campaign(
        WaitFor("w", event=orders.where(orders.delivered_at.is_present()).any(), at_most=days(9)),
        send("a"),
        entry=Happens(event=orders.any(), each="id"),
        again="never",
    )
    first, other = order("o-1", at(2)), order("o-2", at(2, 13))
    came = order("o-2", at(2, 13), delivered_at=at(4))
    steps = [(at(2), FactArrived(first)), (at(2, 13), FactArrived(other)), (at(4), FactArrived(came))]
    last = decided(made, *steps, of=profile(first, came))[-1]
    assert [effect.key for effect in last.effects] == ["test:1:a:o-2:1:0:1ba0b3acef5343135312"]


BRANCHED = campaign(
    Branch("b", when=((orders.count() >= 2, "twice"), (orders.any(), "once")), otherwise=None),
    send("never"),
    Stop("stop"),
    send("once"),
    Stop("stop-2"),
    send("twice"),
)


@pytest.mark.parametrize(("count", "step"), [(0, "never"), (1, "once"), (2, "twice")])
def test_the_first_rule_that_holds_leads_on(count: int, step: str) -> None:
    bought = [order(f"o-{number}", at(1)) for number in range(count)]
    found = decided(BRANCHED, (at(2), ENTERED), of=profile(*bought))
    assert sends(found) == [step]
    assert "branch" in codes(found[0])


def test_a_branch_asks_about_the_instant_at_which_it_was_due() -> None:
    made = campaign(wait("w"), *BRANCHED.steps)
    bought = order("o", at(3, 13))
    assert sends(decided(made, (at(2), ENTERED), (at(9), PASSED), of=profile(bought))) == ["never"]


def test_arms_are_shared_by_weight_and_for_ever() -> None:
    split = Split("s", (("a", 1, "x"), ("b", 3, None)))
    found = [arm_of("test", split, f"c-{number}") for number in range(4_000)]
    assert abs(found.count(("a", "x")) - 1_000) < 100  # 4 standard deviations are 110
    assert found.count(("a", "x")) + found.count(("b", None)) == 4_000
    assert [arm_of("test", split, f"c-{number}") for number in range(20)] == found[:20]
    assert [arm_of("other", split, f"c-{number}") for number in range(20)] != found[:20]
    assert found[:6] == [("b", None), ("b", None), ("b", None), ("b", None), ("a", "x"), ("b", None)]


def test_an_arm_is_told_and_taken() -> None:
    made = campaign(Split("s", (("a", 1, "x"), ("b", 1, "y"))), send("x"), Stop("stop"), send("y"))
    for number in range(12):
        (found,) = decided(made, (at(2), ENTERED), of=profile(id=f"c-{number}"))
        name, step = arm_of("test", made.steps[0], f"c-{number}")  # type: ignore[arg-type]
        assert sends([found]) == [step]
        assert [note.words for note in found.notes if note.code == "arm"] == [name]


def test_arms_are_those_of_the_rule_language() -> None:
    rule = customer.bucket("test/s") < 0.5
    split = Split("s", (("a", 1, None), ("b", 1, None)))
    for number in range(50):
        someone = profile(id=f"c-{number}")
        assert (arm_of("test", split, someone.customer.id)[0] == "a") == rule.matches(someone, at(1))


def test_who_is_held_out_is_sent_nothing_and_counted() -> None:
    made = campaign(send("a"), holdout=0.3)
    held = 0
    for number in range(1_000):
        someone = profile(id=f"c-{number}")
        (found,) = decided(made, (at(2), ENTERED), of=someone)
        if is_held_out(made, someone.customer.id):
            held += 1
            assert (found.effects, codes(found), found.state.runs[0].ended) == ((), ["held-out"], "held out")
        else:
            assert sends([found]) == ["a"]
        assert is_held_out(made, someone.customer.id) == (customer.bucket(holdout_salt("test")) < 0.3).matches(
            someone, at(1)
        )
    assert 240 < held < 360


def test_names_that_hold_a_slash_are_drawn_apart() -> None:
    """By one and the same number each arm of the one would be an arm of the other."""
    arms = (("x", 1, None), ("y", 1, None))
    ids = [f"c-{number}" for number in range(400)]

    def drawn(campaign: str, step: str) -> list[str]:
        return [arm_of(campaign, Split(step, arms), each)[0] for each in ids]

    alike = sum(one == other for one, other in zip(drawn("a/b", "c"), drawn("a", "b/c"), strict=True))
    assert 150 < alike < 250
    assert holdout_salt("a/b") != holdout_salt("a%2Fb")


def test_a_jump_is_bounded_and_its_messages_are_different() -> None:
    made = campaign(send("a"), wait("w"), Jump("j", to="a", at_most=2), send("last"))
    found = decided(made, (at(2), ENTERED), (at(30), PASSED))
    assert sends(found) == ["a", "a", "a", "last"]
    keys = [effect.key for each in found for effect in each.effects]
    assert keys == [f"test:1:a::1:{lap}:1ba0b3acef5343135312" for lap in range(3)] + [
        "test:1:last::1:2:1ba0b3acef5343135312"
    ]


def test_going_back_without_a_jump_makes_new_keys_too() -> None:
    made = campaign(send("a"), wait("w"), Branch("b", when=((orders.none(), "a"),), otherwise=None), Stop("s"))
    found = decided(made, (at(2), ENTERED), (at(6), PASSED))
    assert len({effect.key for each in found for effect in each.effects}) == len(sends(found)) == 5


def test_a_campaign_is_not_indifferent_while_a_run_is_under_way() -> None:
    made, came = campaign(wait("w"), goal=orders.any()), FactArrived(order("o-1", at(2, 18)))
    under_way = decided(made, (at(2), ENTERED))[-1].state
    assert [is_indifferent(made, state, came, now=at(2, 18)) for state in (State(), under_way)] == [True, False]


def test_the_goal_and_the_end_are_asked_before_each_step() -> None:
    made = campaign(wait("w"), send("a"), goal=orders.any(), leave=visits.any())
    bought = order("o", at(2, 20))
    (_, late) = decided(made, (at(2), ENTERED), (at(9), PASSED), of=profile(bought))
    assert (late.effects, late.state.runs[0].ended, late.state.runs[0].ended_at) == ((), "goal", at(3))


def test_the_goal_ends_a_run_as_soon_as_it_is_known() -> None:
    made = campaign(wait("w", 9), send("a"), goal=orders.within(hours(1)).any())
    bought = order("o", at(3))
    found = decided(made, (at(2), ENTERED), (at(3), FactArrived(bought)), (at(20), PASSED), of=profile(bought))
    assert sends(found) == []
    assert found[1].state.runs[0].ended_at == at(3)


def test_a_message_that_is_late_is_not_sent_to_who_bought_meanwhile() -> None:
    made = campaign(wait("w"), send("a"), goal=orders.any())
    bought = order("o", at(5))
    found = decided(made, (at(2), ENTERED), (at(5), FactArrived(bought)), of=profile(bought))
    assert (sends(found), found[1].state.runs[0].ended) == ([], "goal")


def test_leave_ends_a_run() -> None:
    made = campaign(wait("w"), send("a"), leave=Segment("buyer", orders.any()))
    bought = order("o", at(2, 20))
    found = decided(made, (at(2), ENTERED), (at(2, 20), FactArrived(bought)), of=profile(bought))
    assert (codes(found[1]), found[1].state.runs[0].ended) == (["left"], "left")


def test_a_goal_that_holds_already_ends_at_once() -> None:
    made = campaign(send("a"), goal=orders.any())
    (found,) = decided(made, (at(2), ENTERED), of=profile(order("o", at(1))))
    assert (codes(found), found.effects) == (["entered", "goal"], ())


def test_rules_may_refer_to_segments() -> None:
    shop = SegmentSet([Segment("buyer", orders.any()), Segment("fan", segment("buyer") & (orders.count() >= 2))])
    made = campaign(wait("w"), send("a"), goal=segment("fan"))
    bought = [order("o", at(1)), order("p", at(2, 20))]
    found = decided(made, (at(2), ENTERED), (at(3), PASSED), of=profile(*bought), segments=shop)
    assert found[1].state.runs[0].ended == "goal"
    with pytest.raises(ConfigurationError, match="segments="):
        decided(made, (at(2), ENTERED), of=profile(*bought))


def test_a_run_learns_of_segments_too() -> None:
    made = campaign(wait("w"), send("a"), leave=orders.none())
    bought = order("o", at(1))
    refunded = profile()
    first = decided(made, (at(2), ENTERED), of=profile(bought))[0]
    (found,) = decided(made, (at(2, 20), SegmentLeft("other")), of=refunded, state=first.state)
    assert codes(found) == ["left"]


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(NaiveInstant):
        decided(campaign(send("a")), (datetime(2026, 3, 2), ENTERED))


def test_the_next_due_is_the_soonest() -> None:
    run = Run(subject="", number=1, version=1, began_at=at(1), step="a", until=at(9))
    assert State(runs=(run,), next_date=at(5)).next_due == at(5)
    assert State(runs=(run,)).next_due == at(9)
    assert State().next_due is None


def test_every_step_is_tried_here() -> None:
    assert {each.__name__ for each in get_args(Step)} <= globals().keys() | {"Send", "Wait"}


def test_a_long_hop_is_no_different_from_many_short_ones() -> None:
    made = campaign(send("a"), wait("w"), WaitUntil("u", at=time(9)), Jump("j", to="a", at_most=5))
    hops = [(at(2) + timedelta(hours=number), PASSED) for number in range(300)]
    short = decided(made, (at(2), ENTERED), *hops)
    long = decided(made, (at(2), ENTERED), hops[-1])
    assert [effect for each in short for effect in each.effects] == [effect for each in long for effect in each.effects]
    assert short[-1].state == long[-1].state

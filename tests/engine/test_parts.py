"""The pure parts of the shell: rates, the breaker, delays, tokens, what an event can touch."""

from datetime import timedelta

import pytest
from attrs import evolve

from retention import Segment, SegmentSet, days
from retention.campaigns import GivePoints
from retention.campaigns.effects import CallHook
from retention.channels import Accepted, Rejected
from retention.engine import Claim, ForgedToken, Tokens
from retention.errors import ConfigurationError
from retention.loyalty import Account
from retention.permission import Cap, Capabilities, Medium
from retention.rules import cart, customer, orders, purchases
from retention.shell import gauge, outcomes
from retention.shell.shop import Shop
from retention.storage.shop.memory import MemoryShopStore
from retention.storage.shop.records import ChannelState, Parcel
from tests.engine.shop import ANNA, DAY, MINUTE, NOON, POLICY, SEOUL, WIN_BACK, mail, order, shop, told
from tests.engine.test_sending import thanks

SECOND = timedelta(seconds=1)
FAST = Capabilities(medium=Medium.SMS, per_second=2)


# Rates and the breaker. -----------------------------------------------------------------------------------------------


def test_a_bucket_gives_what_one_second_gives_and_fills_again() -> None:
    state, taken = gauge.take(ChannelState(), FAST, NOON, 5)
    assert taken == 2
    assert gauge.take(state, FAST, NOON, 5)[1] == 0
    assert gauge.take(state, FAST, NOON + SECOND / 2, 5)[1] == 1
    assert gauge.take(state, FAST, NOON + 60 * SECOND, 5)[1] == 2, "it holds no more"
    assert gauge.take(state, FAST, NOON - SECOND, 5)[1] == 0, "a clock that goes back fills nothing"


def test_a_slow_channel_has_one_token_at_least() -> None:
    slow = Capabilities(medium=Medium.SMS, per_second=0.1)
    state, taken = gauge.take(ChannelState(), slow, NOON, 3)
    assert taken == 1
    due = gauge.refilled(state, slow, NOON, 2)
    assert NOON + 10 * SECOND <= due < NOON + 11 * SECOND
    assert gauge.take(state, slow, due, 3)[1] == 1


def test_a_channel_without_a_rate_takes_all() -> None:
    plain = Capabilities(medium=Medium.SMS)
    assert gauge.take(ChannelState(), plain, NOON, 500) == (ChannelState(), 500)


def test_the_breaker_opens_after_five_failures_in_a_row_and_one_success_closes_it() -> None:
    state = ChannelState()
    for _ in range(4):
        state = gauge.noted(state, NOON, failed=True)
    assert not gauge.is_open(state, NOON)
    opened = gauge.noted(state, NOON, failed=True)
    assert gauge.is_open(opened, NOON + MINUTE - SECOND)
    assert not gauge.is_open(opened, NOON + MINUTE)
    assert gauge.noted(opened, NOON, failed=False) == ChannelState()
    closed = gauge.noted(state, NOON, failed=False)
    assert not gauge.is_open(gauge.noted(closed, NOON, failed=True), NOON)


# Delays. --------------------------------------------------------------------------------------------------------------


def test_delays_double_up_to_an_hour_and_a_random_share_of_them_is_waited() -> None:
    assert [outcomes.delay(tries, 1.0) for tries in (1, 2, 3)] == [30 * SECOND, MINUTE, 2 * MINUTE]
    assert outcomes.delay(9, 1.0) == outcomes.delay(999, 1.0) == timedelta(hours=1)
    assert outcomes.delay(1, 0.5) == 15 * SECOND
    assert outcomes.delay(5, 0.0) == timedelta(0)


def test_a_hook_that_fails_is_given_up_after_three_days() -> None:
    effect = CallHook(key="k", hook="crm")
    parcel = Parcel(
        key="k", customer="anna", effect=effect, channel="", medium=None, draft=None, status="sending",
        planned_at=NOON, due_at=NOON,
    )  # fmt: skip
    failed = outcomes.failed_call(parcel, OSError("sera@example.com"), NOON + 2 * DAY, 1.0)
    assert (failed.status, failed.tries) == ("waiting", 1)
    assert "sera" not in str(failed.reasons)
    assert outcomes.failed_call(parcel, OSError(), NOON + 3 * DAY, 1.0).status == "dead"


# Tokens. --------------------------------------------------------------------------------------------------------------

OLD, NEW = b"o" * 32, b"n" * 32
CLAIM = Claim("세라/1", Medium.SMS, None, NOON)


def test_the_last_secret_signs_and_all_are_believed() -> None:
    before = Tokens(url="u", secrets={"old": OLD})
    after = Tokens(url="u", secrets={"old": OLD, "new": NEW})
    assert after.read(before.token(CLAIM)) == CLAIM
    assert Tokens(url="u", secrets={"new": NEW}).read(after.token(CLAIM)) == CLAIM
    with pytest.raises(ForgedToken):
        before.read(after.token(CLAIM))


def test_a_token_in_another_spelling_is_none() -> None:
    tokens = Tokens(url="u", secrets={"a": OLD})
    name, payload, signature = tokens.token(CLAIM).split(".")
    for forged in (
        f"{name}.{payload}.{signature}=", f"{name}.{payload}.{signature} ", f"{name}.{payload}", f"{name}..{signature}",
        f"{name}.{payload}.{signature[:-2]}", "", "." * 3, "세라", "a" * 5000, f"{payload}.{payload}.{signature}",
    ):  # fmt: skip
        with pytest.raises(ForgedToken):
            tokens.read(forged)


def test_a_short_secret_is_refused_and_none_too() -> None:
    with pytest.raises(ConfigurationError, match="shorter than 32"):
        Tokens(url="u", secrets={"a": b"short"})
    with pytest.raises(ConfigurationError, match="need a secret"):
        Tokens(url="u", secrets={})


# What an event can touch. ---------------------------------------------------------------------------------------------


def test_only_rules_that_read_what_arrived_are_asked() -> None:
    segments = SegmentSet(
        [
            Segment("buyers", orders.any()),
            Segment("coffee", purchases.where(purchases.category == "coffee").any()),
            Segment("carts", cart.any()),
            Segment("koreans", customer.country == "KR"),
            Segment("both", orders.any() & (customer.country == "KR")),
        ]
    )
    found = Shop(zone=SEOUL, segments=segments, secret=b"")
    assert found.touched(["cart"]) == ("carts",)
    assert found.touched(["orders"]) == ("buyers", "coffee", "both")
    assert found.touched(["customer"]) == ("koreans", "both")
    assert found.touched(["visits"]) == ()


def test_what_is_not_touched_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    contains = Segment.contains

    def watched(self: Segment, *arguments: object) -> bool:
        asked.append(self.key)
        return contains(self, *arguments)  # type: ignore[arg-type]

    engine = shop(segments=[Segment("buyers", orders.any()), Segment("carts", cart.any())], campaigns=[])
    engine.handle(ANNA, now=NOON)
    monkeypatch.setattr(Segment, "contains", watched)
    engine.handle("anna", order(), now=NOON)
    assert asked == ["buyers"]


# Effects. -------------------------------------------------------------------------------------------------------------


def test_points_of_a_campaign_expire_as_it_says() -> None:
    store = MemoryShopStore()
    gift = GivePoints("gift", amount=1000, programme="mileage", valid_for=days(30))
    engine = shop(store, campaigns=[evolve(WIN_BACK, steps=(gift,))])
    told(engine)
    engine.wake(NOON + 90 * DAY)
    with store.work() as work:
        (lot,) = work.ledger.load(Account("mileage", "anna")).head.open
    assert lot.validity.expires_at == NOON + 120 * DAY


def test_the_more_important_message_takes_the_last_place() -> None:
    low, high = (evolve(thanks("mail"), key=key, priority=priority) for key, priority in (("a", 0), ("z", 100)))
    mailbox = mail()
    policy = evolve(POLICY, caps=(Cap(key="one", limit=1, window=days(1)),))
    engine = shop(campaigns=[low, high], channels=[mailbox], policy=policy)
    told(engine)
    assert engine.deliver(NOON) == {"sent": 1, "refused": 1}
    assert mailbox.delivered[0].key.startswith("shop/z:")


def test_a_channel_that_works_again_is_used_again() -> None:
    mailbox = mail()
    engine = shop(campaigns=[thanks("mail")], channels=[mailbox])
    told(engine)
    mailbox.outcomes["sera@example.com"] = Rejected(reason="busy", retry_after=MINUTE)
    assert engine.deliver(NOON) == {"waiting": 1}
    mailbox.outcomes["sera@example.com"] = Accepted("m")
    assert engine.deliver(NOON + 2 * MINUTE) == {"sent": 1}

"""Messages and what came of them, by campaign and step."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retention import Money, won
from retention.campaigns.measuring import Bought, Engagement, Result, SentMessage, entered_of, results
from retention.campaigns.state import Run, State
from retention.errors import CurrencyMismatch
from retention.spans import days
from tests.campaigns.shop import at


def sent(key: str, day: int = 1, *, who: str = "c-1", campaign: str = "cart", step: str = "remind") -> SentMessage:
    return SentMessage(key=key, customer=who, campaign=campaign, step=step, at=at(day))


def bought(order: str, day: int, amount: int = 1_000, *, who: str = "c-1", hour: int = 12) -> Bought:
    return Bought(customer=who, order=order, at=at(day, hour), amount=won(amount))


def test_all_of_it() -> None:
    messages = [sent("1"), sent("2", 2, step="last"), sent("3", who="c-2"), sent("4", who="c-3", campaign="birthday")]
    engagements = [
        Engagement("1", "clicked"),
        Engagement("2", "opened"),
        Engagement("2", "delivered"),
        Engagement("3", "delivered"),
    ]
    orders = [bought("o-1", 3, 500), bought("o-2", 4, 700), bought("o-3", 2, 900, who="c-2")]
    birthday, cart, remind, last = (
        each
        for each in results(messages, engagements, orders, window=days(7))
        if (each.campaign, each.step) != ("birthday", None)
    )
    assert birthday == Result(
        campaign="birthday", step="remind", sent=1, delivered=0, opened=0, clicked=0, converted=0, revenue=None
    )
    assert cart == Result(
        campaign="cart", step=None, sent=3, delivered=3, opened=2, clicked=1, converted=2, revenue=won(2_100)
    )
    assert (remind.step, remind.sent, remind.converted, remind.revenue) == ("remind", 2, 1, won(900))
    assert (last.step, last.sent, last.converted, last.revenue) == ("last", 1, 1, won(1_200))


def test_the_window_ends_at_its_very_end() -> None:
    def revenue(order: Bought) -> Money | None:
        return results([sent("1")], [], [order], window=days(3))[0].revenue

    assert revenue(bought("o", 4)) == won(1_000)
    assert revenue(bought("o", 4, hour=13)) is None
    assert revenue(bought("o", 1)) is None  # at the very instant of the message, so not because of it
    assert revenue(bought("o", 1, hour=13)) == won(1_000)
    assert revenue(bought("o", 2, who="c-2")) is None


def test_what_comes_twice_counts_once() -> None:
    whole = results([sent("1"), sent("1")], [Engagement("1", "opened")] * 2, [bought("o", 2)] * 2, window=days(7))[0]
    assert (whole.sent, whole.opened, whole.revenue) == (1, 1, won(1_000))


def test_two_currencies_are_not_added() -> None:
    orders = [bought("o", 2), Bought(customer="c-1", order="p", at=at(2), amount=Money(5, "USD"))]
    with pytest.raises(CurrencyMismatch):
        results([sent("1")], [], orders, window=days(7))


_days = st.integers(1, 28)
_who = st.sampled_from(["a", "b"])
_sent = st.builds(
    lambda day, who, campaign, key: sent(f"{key}", day, who=who, campaign=campaign),
    _days, _who, st.sampled_from(["x", "y"]), st.integers(0, 99),
)  # fmt: skip
_bought = st.builds(lambda order, day, who: bought(f"{order}", day, who=who, hour=13), st.integers(0, 99), _days, _who)


@given(st.lists(_sent, max_size=9), st.lists(_bought, max_size=9), st.integers(1, 9))
def test_every_order_belongs_to_one_message_or_none(sends: list[SentMessage], orders: list[Bought], span: int) -> None:
    """Against the definition, read one order at a time."""
    messages = list({each.key: each for each in sends}.values())
    owed = {}
    for order in {each.order: each for each in orders}.values():
        before = [each for each in messages if each.customer == order.customer and each.at < order.at]
        last = max(before, key=lambda each: (each.at, each.key), default=None)
        if last is not None and order.at - last.at <= timedelta(days=span):
            owed[order.order] = last.campaign
    wholes = {each.campaign: each for each in results(sends, [], orders, window=days(span)) if each.step is None}
    for campaign, whole in wholes.items():
        minor = 0 if whole.revenue is None else whole.revenue.minor
        assert minor == 1_000 * list(owed.values()).count(campaign)
    assert sum(each.sent for each in wholes.values()) == len(messages)


def test_who_came_in_is_read_from_states() -> None:
    run = Run(subject="k", number=1, version=1, began_at=at(1), step="s", ended="held out", ended_at=at(1))
    open_run = Run(subject="", number=1, version=1, began_at=at(2), step="s", until=at(9))
    found = list(entered_of([("c-1", State(runs=(run,))), ("c-2", State(runs=(open_run,))), ("c-3", State())]))
    assert [(each.customer, each.at, each.held_out) for each in found] == [("c-1", at(1), True), ("c-2", at(2), False)]

"""Why, and why not."""

from datetime import date, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from retention.activity import Search, Visit
from retention.cart import CartEvent
from retention.customer import Customer
from retention.errors import CurrencyMismatch, NaiveInstant, UnsupportedRule
from retention.money import usd, won
from retention.order import Order, OrderLine
from retention.profile import Profile
from retention.rules import at_least, cart, customer, orders, purchases, searches, visits
from retention.rules.backends.explain import explain
from retention.rules.backends.explanation import Explanation, Observation, Witness
from retention.rules.backends.observations import instant_text, number_text
from retention.rules.nodes import FALSE, TRUE, Ago, Attribute, Compare, IsIn, Reference
from retention.rules.rule import Rule
from retention.spans import days, months, utc
from retention.testing.backends import Question, ask

SEOUL = ZoneInfo("Asia/Seoul")


def at(month: int, day: int, hour: int = 0, minute: int = 0, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=SEOUL)


NOW = at(3, 1, 9)
PROFILE = Profile.build(
    Customer(
        "c-17",
        joined_at=at(11, 3, 10, year=2025),
        country="KR",
        name="김하늘",
        email="sky@example.com",
        phone="+82-10-1234-5678",
        postal_code="04524",
        notes="left at the door",
        birthday=date(1990, 3, 9),
        tags=frozenset({"vip"}),
    ),
    [
        Order("o-1", at(1, 5, 11), lines=[OrderLine("bean", amount=won(18_000), category="coffee")]),
        Order("o-2", at(2, 20, 9, 30), lines=[OrderLine("cup", amount=won(20_000), category="ware")]),
        CartEvent("k-1", at(2, 26, 11), kind="added", quantity=2),
        CartEvent("k-2", at(2, 26, 11, 5), kind="removed"),
        Visit("v-1", at(2, 26, 10, 50)),
        Search("s-1", at(2, 26, 10, 51), query="gift for Jiwoo"),
    ],
)
NEW = customer.joined_at.within(days(7))
LEFT = cart.at.last().between(days(1), days(7)) & orders.after(cart.at.last()).none()


def explained(rule: Rule) -> Explanation:
    return explain(rule.node, PROFILE, NOW)


# The tree. ------------------------------------------------------------------------------------------------------------


def test_a_tree_reads_from_the_verdict_to_the_rows() -> None:
    rule = at_least(2, NEW.named("new"), LEFT.named("left a cart"), orders.total.sum() >= won(500_000))
    assert str(explained(rule)) == "\n".join(
        (
            "as of 2026-03-01 09:00 KST",
            "✗ at least 2 of",
            "│ since 2025-11-10 10:00",
            "│ would be true with 462,000원 more in orders.total.sum()",
            "├─ ✗ new: customer.joined_at within 7 days        2025-11-03 10:00",
            "│    since 2025-11-10 10:00",
            "├─ ✓ left a cart: all of",
            "│  │ since 2026-02-27 11:05, until 2026-03-05 11:05",
            "│  ├─ ✓ cart.at.last() between 1 day and 7 days ago  2026-02-26 11:05",
            "│  │    cart k-2 (2026-02-26 11:05)",
            "│  │    since 2026-02-27 11:05, until 2026-03-05 11:05",
            "│  │    would be false with 1 more of cart",
            "│  └─ ✓ orders.after(cart.at.last()).none()          0",
            "│       would be false with 1 more of orders.after(cart.at.last())",
            "└─ ✗ orders.total.sum() >= 500000 KRW             38,000원",
            "     orders o-2 (2026-02-20 09:30), orders o-1 (2026-01-05 11:00)",
            "     would be true with 462,000원 more in orders.total.sum()",
        )
    ) or str(explained(rule)).splitlines()

"""The demo's programme on a study of one household: its baskets earn, pay and expire, and the books agree."""

from datetime import datetime, timedelta
from io import StringIO

from demo import loyalty, loyalty_page
from demo.complete_journey import SCHEMA, ZONE
from retention.cli.screen import Screen
from retention.customer import Customer
from retention.loyalty.coupons.held import account_of
from retention.loyalty.ledger.entries import Bucket, EntryKind
from retention.money import usd
from retention.order import Order, OrderLine
from retention.profile import Profile

WEEK = timedelta(days=7)


def _profile(baskets: list[tuple[datetime, int]]) -> Profile:
    orders = [
        Order(f"b-{number}", at, lines=[OrderLine("p-1", amount=usd(dollars), category="COFFEE")])
        for number, (at, dollars) in enumerate(baskets)
    ]
    return Profile.build(Customer("7", joined_at=orders[0].at), orders, schema=SCHEMA)


def _weekly() -> Profile:
    """Every Tuesday but in July: $130 until June, $10 afterwards."""
    first = datetime(2017, 1, 3, 18, tzinfo=ZONE)
    weeks = [first + number * WEEK for number in range(52)]
    return _profile([(at, 130 if at.month < 7 else 10) for at in weeks if at.month != 7])


def test_a_year_of_one_household() -> None:
    told: list[tuple[int, int | None]] = []
    ledger, (member,) = loyalty.run([_weekly()], lambda done, total: told.append((done, total)))
    assert told == [(1, 1)]
    assert member.standing.tier == "member"  # silver until the summer is out of the window
    points = {entry.kind for entry in ledger.entries(member.points)}
    assert {EntryKind.EARN, EntryKind.ACTIVATE, EntryKind.REDEEM, EntryKind.EXPIRE} <= points
    coupons = ledger.head(account_of(loyalty.COMEBACK, customer="7"), now=loyalty.END)
    assert coupons.totals[Bucket.ISSUED] == -1  # the July away
    assert coupons.totals[Bucket.EXPIRED] == 1  # and no basket of $25 afterwards


def test_a_higher_tier_earns_more() -> None:
    ledger, (member,) = loyalty.run([_weekly()], lambda done, total: None)
    earned = [entry.amount for entry in ledger.entries(member.points) if entry.kind is EntryKind.EARN]
    assert earned[0] == 130  # a member's
    assert 195 in earned  # a gold one's, half as much again


def test_a_coupon_pays_part_of_the_basket_that_brings_a_household_back() -> None:
    start = datetime(2017, 3, 1, 18, tzinfo=ZONE)
    ledger, (member,) = loyalty.run([_profile([(start, 30), (start + 4 * WEEK, 30)])], lambda done, total: None)
    earned = [entry.amount for entry in ledger.entries(member.points) if entry.kind is EntryKind.EARN]
    assert earned == [30, 25]
    assert ledger.head(account_of(loyalty.COMEBACK, customer="7"), now=loyalty.END).totals[Bucket.SPENT] == 1


def test_the_page_says_what_became_of_it() -> None:
    ledger, members = loyalty.run([_weekly()], lambda done, total: None)
    out = StringIO()
    assert loyalty_page.show(Screen(out), ledger, members)
    printed = out.getvalue()
    for words in ("1 households'", "balance before", "issued in", "December 2017", "every month sums to 0"):
        assert words in printed


def test_books_that_do_not_agree_are_told_of() -> None:
    ledger, members = loyalty.run([_weekly()], lambda done, total: None)
    short = ledger.store.totals

    def one_off(programme: str) -> dict[str, dict[Bucket, int]]:
        found = {unit: dict(totals) for unit, totals in short(programme).items()}
        for totals in found.values():
            totals[Bucket.SPENT] += programme == "points"
        return found

    ledger.store.totals = one_off  # type: ignore[method-assign]
    out = StringIO()
    assert not loyalty_page.show(Screen(out), ledger, members)
    assert "✗  The ledger: the books of points do not agree" in out.getvalue()

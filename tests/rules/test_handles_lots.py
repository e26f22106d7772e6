"""Points, credit and coupons: what is left of lots, as one row adds and another takes, while they can be used."""

from datetime import UTC, datetime, timedelta

import pytest

from retention.activity import CouponEvent, CreditEvent, PointsEvent
from retention.customer import Customer
from retention.money import won
from retention.profile import Fact, Profile
from retention.rules import Rule, coupons, credits, points
from retention.spans import days, months

NOW = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def _holds(rule: Rule, *facts: Fact, at: datetime = NOW) -> bool:
    return rule.matches(Profile.build(Customer("c-1"), facts), at)


def _points(kind: str, amount: int, begins: timedelta | None = None, ends: timedelta | None = None) -> PointsEvent:
    return PointsEvent(
        f"{kind} {amount}",
        NOW - 9 * DAY,
        kind=kind,
        amount=amount,
        available_at=None if begins is None else NOW + begins,
        expires_at=None if ends is None else NOW + ends,
    )


def test_nobody_has_nothing() -> None:
    assert _holds((points.balance() == 0) & (credits.balance() == won(0)) & (coupons.held() == 0))


@pytest.mark.parametrize(
    ("event", "balance"),
    [
        (_points("earned", 10), 10),
        (_points("adjusted", 10), 10),
        (_points("adjusted", -10), -10),
        (_points("spent", 10), -10),
        (_points("expired", 10), -10),
        (_points("earned", 10, begins=DAY), 0),
        (_points("earned", 10, begins=timedelta(0)), 10),
        (_points("earned", 10, ends=timedelta(0)), 0),
        (_points("earned", 10, ends=DAY), 10),
    ],
)
def test_a_row_counts_by_its_kind_while_its_lot_can_be_used(event: PointsEvent, balance: int) -> None:
    assert _holds(points.balance() == balance, event)


def test_what_expires_is_what_is_left_of_lots_that_end_in_the_span_its_end_included() -> None:
    rows = _points("earned", 10, ends=7 * DAY), _points("spent", 4, ends=7 * DAY), _points("earned", 5)
    assert _holds(points.expiring(days(7)) == 6, *rows)
    assert _holds(points.expiring(days(6)) == 0, *rows)
    assert _holds(points.expiring(months(1)) == 6, *rows)
    assert _holds(points.expiring(days(7)) == 0, *rows, at=NOW + 7 * DAY)


def test_credit_goes_the_way_its_kind_says() -> None:
    plus = [CreditEvent(kind, NOW, kind=kind, amount=won(100)) for kind in ("issued", "refunded")]
    minus = [CreditEvent(kind, NOW, kind=kind, amount=won(10)) for kind in ("spent", "expired", "revoked")]
    assert _holds(credits.balance() == won(170), *plus, *minus)
    assert _holds(credits.expiring(days(9)) == won(0), *plus, *minus)


def test_coupons_are_counted() -> None:
    def event(number: int, kind: str, code: str, ends: timedelta) -> CouponEvent:
        return CouponEvent(f"{number}", NOW, kind=kind, code=code, expires_at=NOW + ends)

    rows = (
        event(1, "issued", "A", DAY),
        event(2, "issued", "A", 9 * DAY),
        event(3, "redeemed", "A", DAY),
        event(4, "released", "A", DAY),
        event(5, "issued", "B", 9 * DAY),
        event(6, "revoked", "B", 9 * DAY),
        event(7, "issued", "C", -DAY),
    )
    assert _holds(coupons.held() == 2, *rows)
    assert _holds(coupons.where(coupons.code == "B").held() == 0, *rows)
    assert _holds(coupons.expiring(days(1)) == 1, *rows)


def test_an_issue_may_be_of_several_uses() -> None:
    rows = [
        CouponEvent("1", NOW, kind="issued", code="A", uses=3),
        CouponEvent("2", NOW, kind="redeemed", code="A", uses=2),
    ]
    assert _holds(coupons.held() == 1, *rows)


def test_the_flip_is_foreseen() -> None:
    profile = Profile.build(Customer("c-1"), [_points("earned", 10, begins=DAY, ends=9 * DAY)])
    rule = points.balance() >= 10
    assert rule.next_change(profile, NOW) == NOW + DAY
    assert rule.next_change(profile, NOW + DAY) == NOW + 9 * DAY


def test_rules_about_lots_are_written_and_read_again() -> None:
    for rule in (points.balance() >= 10, credits.expiring(days(3)) > won(5), coupons.held() == 1):
        assert Rule.from_text(rule.to_text()) == rule
        assert Rule.from_json(rule.to_json()) == rule

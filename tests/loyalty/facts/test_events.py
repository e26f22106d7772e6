"""What rows the ledger's entries make, one kind after the other."""

from fractions import Fraction

from retention.activity import Referral
from retention.loyalty import (
    Account,
    Adjust,
    Command,
    Earn,
    Expire,
    Fixed,
    Ledger,
    Place,
    Redeem,
    Refund,
    Refunded,
    Return,
    Revoke,
    Transfer,
    Void,
)
from retention.loyalty.facts import coupon_events, coupon_id, credit_events, points_events, referral_event
from retention.loyalty.referrals import Referred
from retention.loyalty.reports import history
from retention.storage.memory import MemoryLedgerStore
from tests.loyalty.lives import ANNA, BEGIN, DAY, validity


def _after(account: Account, *commands: Command) -> Ledger:
    ledger = Ledger(store=MemoryLedgerStore())
    for number, command in enumerate(commands):
        ledger.run(account, command, now=BEGIN + number * DAY)
    return ledger


def _earn(amount: int, order: str = "o-1", *, lasting: int | None = 30) -> Earn:
    lot = validity(BEGIN, 0, lasting)
    terms = Fixed(units=amount, payable=100)
    return Earn(key=f"{order}:base", rule="base", order=order, terms=terms, validity=lot)


def _points(ledger: Ledger) -> list[tuple[str, object, str | None]]:
    events = points_events(ANNA, history(ledger, ANNA, now=BEGIN + 9 * DAY))
    return [(each.kind, each.amount, each.code) for each in events]


def test_points_that_were_earned_spent_and_given_back() -> None:
    ledger = _after(
        ANNA,
        _earn(100),
        Redeem(key="r", order="o-2", amount=40),
        Return(key="b", order="o-2", share=Fraction(1, 4)),
        Expire(key="x", amount=5, reason="because", actor="staff"),
    )
    assert _points(ledger) == [
        ("earned", 100, "base"),
        ("spent", 40, None),
        ("adjusted", 10, None),
        ("expired", 5, None),
    ]


def test_what_is_held_and_released_makes_no_row() -> None:
    ledger = _after(
        ANNA,
        _earn(100),
        Place(key="p", hold="h", amount=30, until=BEGIN + 5 * DAY),
        Void(key="v", hold="h"),
    )
    assert _points(ledger) == [("earned", 100, "base")]


def test_a_debt_and_its_payment_belong_to_no_lot() -> None:
    ledger = _after(
        ANNA,
        _earn(100),
        Redeem(key="r", order="o-2", amount=70),
        Refund(key="f", order="o-1", refunded=Refunded(100)),
        Adjust(key="a", amount=80, validity=validity(BEGIN + 3 * DAY, 0, 9), reason="because", actor="staff"),
    )
    events = list(points_events(ANNA, history(ledger, ANNA, now=BEGIN + 4 * DAY)))
    rows = [(each.kind, each.amount, each.expires_at is None) for each in events]
    assert rows == [
        ("earned", 100, False),
        ("spent", 70, False),
        ("adjusted", -30, False),  # taken back of the lot
        ("adjusted", -70, True),  # owed
        ("adjusted", 80, False),
        ("adjusted", -70, False),  # what pays the debt leaves its lot …
        ("adjusted", 70, True),  # … and the debt is gone
    ]
    assert [each.code for each in events[2:4]] == ["base", "base"]  # the rule whose points were taken back
    assert len({each.id for each in events}) == len(events)


def test_credit_says_by_its_kind_which_way_it_went() -> None:
    account = Account("credit", "anna", "KRW")
    ledger = _after(
        account,
        _earn(5_000),
        Redeem(key="r", order="o-2", amount=2_000),
        Return(key="b", order="o-2", share=Fraction(1, 2)),
        Revoke(key="x", amount=500, reason="because", actor="staff"),
    )
    ledger.move(account, Transfer(key="t", amount=100, to=Account("credit", "ben", "KRW")), now=BEGIN + 4 * DAY)
    events = credit_events(account, history(ledger, account, now=BEGIN + 9 * DAY))
    assert [(each.kind, each.amount and each.amount.minor) for each in events] == [
        ("issued", 5_000),
        ("spent", 2_000),
        ("refunded", 1_000),
        ("revoked", 500),
        ("revoked", 100),
    ]
    ben = Account("credit", "ben", "KRW")
    (arrived,) = credit_events(ben, history(ledger, ben, now=BEGIN + 9 * DAY))
    assert (arrived.kind, arrived.expires_at) == ("issued", BEGIN + 31 * DAY)


def test_coupons_are_named_by_their_id_and_counted_in_uses() -> None:
    account = Account("coupons", "spring/anna", "uses")
    ledger = _after(
        account,
        _earn(3),
        Redeem(key="r", order="o-2", amount=2),
        Return(key="b", order="o-2", share=Fraction(1)),
        Revoke(key="x", amount=1, reason="because", actor="staff"),
    )
    events = coupon_events(account, history(ledger, account, now=BEGIN + 40 * DAY))
    assert [(each.kind, each.code, each.uses) for each in events] == [
        ("issued", "spring", 3),
        ("redeemed", "spring", 2),
        ("released", "spring", 2),
        ("revoked", "spring", 1),
        ("expired", "spring", 2),
    ]


def test_the_id_of_a_coupon_is_read_from_any_of_its_accounts() -> None:
    for name in ("spring", "spring/anna", "spring#0004106", "spring/an#na"):
        assert coupon_id(Account("coupons", name, "uses")) == "spring"


def test_a_referral_is_a_row_of_who_referred() -> None:
    referred = Referred(referrer="anna", friend="ben", order="o-1", at=BEGIN)
    assert referral_event(referred) == Referral("o-1", BEGIN, kind="ordered")

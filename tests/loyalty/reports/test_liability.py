"""The liability reconciles to 0, in every month and with the totals of the store (invariant 10); breakage."""

from datetime import UTC, date, timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from retention.loyalty.checkout import Taken
from retention.loyalty.coupons import Coupon, PercentOff, redeem
from retention.loyalty.ledger.commands import Earn, Merge, Place, Redeem, Refund, Transfer
from retention.loyalty.ledger.entries import Bucket
from retention.loyalty.ledger.head import Account
from retention.loyalty.ledger.ledger import Ledger
from retention.loyalty.ledger.settle import settled
from retention.loyalty.ledger.terms import Fixed, Refunded
from retention.loyalty.reports import IssueMonth, Liability, breakage, histories, history, liability, until
from retention.storage.memory import MemoryLedgerStore
from tests.loyalty.lives import ANNA, BEGIN, DAY, Life, Step, all_steps, live, lives, validity

BEN = Account("mileage", "ben")


@given(all_steps(), all_steps(), st.sampled_from((None, "merge", "transfer")))
def test_it_sums_to_zero_by_month_and_agrees_with_the_store(
    ours: list[Step], theirs: list[Step], move: str | None
) -> None:
    ledger = live(ours).ledger
    one, other = live([], ledger=ledger), live(theirs, BEN, ledger)
    now = max(live(ours).now, other.now)
    if move == "merge":
        ledger.move(one.account, Merge(key="m", to=BEN), now=now)
    elif available := ledger.head(one.account, now=now).available:
        ledger.move(one.account, Transfer(key="m", amount=available, to=BEN), now=now)
    ledger.settle_due("mileage", now=now)
    found = liability(histories(ledger, "mileage", now=now))
    for report in found:
        for month in (*report.months, report.whole):
            assert sum(month.buckets.values()) == 0
            moved = month.buckets[Bucket.MERGED]
            assert month.issued == month.spent + month.expired + moved + month.debts + month.outstanding
        assert report.owed >= 0
        assert report.differences(ledger.store.totals("mileage")[report.unit]) == {}
    heads = [ledger.head(account, now=now) for account in (ANNA, BEN)]
    expected = sum(head.balance + head.pending_total + head.held for head in heads)
    assert sum(report.outstanding - report.owed for report in found) == expected


@given(lives(), st.integers(0, 80))
def test_it_can_be_asked_of_the_past(life: Life, days: int) -> None:
    then = BEGIN + timedelta(days=days)
    known = [head for at, head in life.heads if at <= then]
    found = liability([(life.account, until(life.entries(max(life.now, then)), then))])
    expected = 0
    if known:
        head = settled(known[-1], then)
        expected = head.balance + head.pending_total + head.held
    assert sum(each.outstanding - each.owed for each in found) == expected


def _ledger() -> Ledger:
    """Of January 100, of which 60 were used, 30 expired and 10 taken back; of February 80, of which 20 are held."""
    ledger = Ledger(store=MemoryLedgerStore())

    def earn(order: str, amount: int, pending: int, lasting: int | None) -> Earn:
        return Earn(
            key=f"{order}:base",
            rule="base",
            order=order,
            terms=Fixed(units=amount, payable=100),
            validity=validity(BEGIN, pending, lasting),
        )

    ledger.run(ANNA, earn("o-1", 90, 0, 5), now=BEGIN)
    ledger.run(ANNA, earn("o-2", 10, 0, 5), now=BEGIN)
    ledger.run(ANNA, earn("o-3", 80, 31, None), now=BEGIN)
    ledger.run(ANNA, Redeem(key="r", amount=60, order="o-4"), now=BEGIN)
    ledger.run(ANNA, Refund(key="f", order="o-2", refunded=Refunded(100)), now=BEGIN + DAY)
    now = BEGIN + 33 * DAY
    ledger.run(ANNA, Place(key="p", hold="h", amount=20, until=now + DAY), now=now)
    return ledger


def test_it_prints_as_a_table_by_month() -> None:
    (found,) = liability(histories(_ledger(), "mileage", now=BEGIN + 33 * DAY))
    assert str(found) == (
        "issued in  issued  used  expired  moved  pending  available  held  debts  outstanding\n"
        "2026-01        90    60       30\n"
        "2026-02        80                                        60    20                  80\n"
        "all           170    60       30                         60    20                  80"
    )


def test_each_unit_has_a_report() -> None:
    ledger = _ledger()
    account = Account("mileage", "anna's stamps", "stamps")
    ledger.run(
        account,
        Earn(key="k", rule="r", order="o-1", terms=Fixed(units=3), validity=validity(BEGIN, 0, None)),
        now=BEGIN,
    )
    found = liability(histories(ledger, "mileage", now=BEGIN + 33 * DAY, page=1))
    assert [(each.unit, each.outstanding) for each in found] == [("points", 80), ("stamps", 3)]


def test_uses_of_a_coupon_are_nothing_that_is_owed() -> None:
    ledger = _ledger()
    coupon = Coupon("spring", PercentOff("10"), zone=UTC, limit=300)
    assert redeem(ledger, [coupon], customer="anna", order="o-1", now=BEGIN) == Taken()
    now = BEGIN + 33 * DAY
    accounts = [*histories(ledger, "coupons", now=now), *histories(ledger, "mileage", now=now)]
    assert "uses" in {account.unit for account, _ in accounts}
    assert [each.unit for each in liability(accounts)] == ["points"]


def test_a_difference_is_told_by_bucket() -> None:
    (found,) = liability(histories(_ledger(), "mileage", now=BEGIN + 33 * DAY))
    changed = {**found.whole.buckets, Bucket.SPENT: found.whole.buckets[Bucket.SPENT] + 7}
    assert found.differences(changed) == {Bucket.SPENT: 7}


def test_breakage_estimates_open_months_by_those_that_are_over() -> None:
    (found,) = liability(histories(_ledger(), "mileage", now=BEGIN + 33 * DAY))
    broken = breakage(found)
    assert broken.rate == Fraction(30, 90)
    assert [(each.month, each.rate, each.expected) for each in broken.months] == [
        (date(2026, 1, 1), Fraction(1, 3), 0),
        (date(2026, 2, 1), Fraction(0), 26),  # a third of 80
    ]
    assert broken.expected == 26
    assert "33.3%" in str(broken)


def test_what_was_used_cannot_expire_however_much_did_before() -> None:
    def month(number: int, **buckets: int) -> IssueMonth:
        return IssueMonth(
            month=date(2026, number, 1), buckets={Bucket(name): amount for name, amount in buckets.items()}
        )

    over = month(1, issued=-100, spent=10, expired=90)
    rather_used = month(2, issued=-100, spent=80, available=15, held=5)
    broken = breakage(Liability("points", (over, rather_used)))
    assert [each.expected for each in broken.months] == [0, 20]  # not the 90 that nine of ten would be


def test_nothing_is_estimated_before_a_month_is_over() -> None:
    entries = history(_ledger(), ANNA, now=BEGIN + 33 * DAY)
    (found,) = liability([(ANNA, until(entries, BEGIN + 2 * DAY))])
    assert breakage(found).rate is None
    assert breakage(found).expected == 0


@given(lives())
def test_no_more_is_expected_to_expire_than_is_outstanding(life: Life) -> None:
    for report in liability([(life.account, life.entries())]):
        for month in breakage(report).months:
            assert 0 <= month.expected <= max(0, month.outstanding)

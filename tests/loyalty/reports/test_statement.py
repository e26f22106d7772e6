"""The statement: a running balance that ends at the ledger's, and that no later event rewrites."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retention.errors import FactError
from retention.loyalty.errors import ClockWentBackwards
from retention.loyalty.ledger.commands import Adjust, Earn, Place, Redeem, Refund, Return
from retention.loyalty.ledger.entries import EntryKind, Validity
from retention.loyalty.ledger.head import Account
from retention.loyalty.ledger.ledger import Ledger
from retention.loyalty.ledger.terms import Fixed, Refunded
from retention.loyalty.reports import ENGLISH, Statement, history, known_at, statement
from retention.storage.memory import MemoryLedgerStore
from tests.loyalty.lives import ANNA, BEGIN, DAY, Life, lives, validity

SEOUL = ZoneInfo("Asia/Seoul")


def _of(life: Life, first: date, last: date) -> Statement:
    return statement(life.account, life.entries(), first, last, zone=UTC)


@given(lives())
def test_a_statement_of_the_whole_life_ends_at_the_balance_and_what_is_held(life: Life) -> None:
    found = _of(life, BEGIN.date(), life.now.date())
    head = life.ledger.head(life.account, now=life.now)
    assert (found.opening, found.opening_pending) == (0, 0)
    assert found.closing == head.balance + head.held
    assert found.closing_pending == head.pending_total


@given(lives())
def test_each_line_goes_on_from_the_balance_before_it(life: Life) -> None:
    found = _of(life, BEGIN.date() + DAY, life.now.date() + DAY)
    before = found.opening
    for line in found.lines:
        assert line.balance == before + line.amount
        before = line.balance
    assert before == found.closing


@given(lives(), st.integers(0, 60))
def test_two_statements_that_follow_on_each_other_meet(life: Life, days: int) -> None:
    cut = BEGIN.date() + timedelta(days=days)
    one, other = _of(life, BEGIN.date(), cut), _of(life, cut + DAY, cut + 400 * DAY)
    assert (one.closing, one.closing_pending) == (other.opening, other.opening_pending)


@given(lives(), st.integers(0, 60))
def test_what_was_printed_at_a_day_s_end_stays_as_it_is(life: Life, days: int) -> None:
    last = BEGIN.date() + timedelta(days=days)
    end = datetime(last.year, last.month, last.day, tzinfo=UTC) + DAY
    by_then = [entry for entry in life.entries() if known_at(entry) < end]
    printed = statement(life.account, by_then, BEGIN.date(), last, zone=UTC)
    assert printed == _of(life, BEGIN.date(), last)


def _ledger() -> Ledger:
    return Ledger(store=MemoryLedgerStore())


def _earn(order: str, amount: int, valid: Validity, at: datetime | None = None) -> Earn:
    return Earn(key=f"{order}:base", rule="base", order=order, terms=Fixed(units=amount), validity=valid, at=at)


def test_a_late_event_is_added_where_it_was_told_under_the_date_on_which_it_happened() -> None:
    ledger, day = _ledger(), BEGIN
    ledger.run(ANNA, _earn("o-1", 100, validity(day, 0, None)), now=day)
    january = statement(ANNA, history(ledger, ANNA, now=day + 31 * DAY), date(2026, 1, 1), date(2026, 1, 31), zone=UTC)
    ledger.run(ANNA, Redeem(key="s", amount=30, order="o-2", at=day + 10 * DAY), now=day + 40 * DAY)
    entries = list(history(ledger, ANNA, now=day + 60 * DAY))
    assert statement(ANNA, entries, date(2026, 1, 1), date(2026, 1, 31), zone=UTC) == january
    february = statement(ANNA, entries, date(2026, 2, 1), date(2026, 2, 28), zone=UTC)
    assert (february.opening, february.closing) == (100, 70)
    assert [(line.late, line.at.date(), line.amount) for line in february.lines] == [(True, date(2026, 1, 11), -30)]
    assert "used (late)" in str(february)


def test_an_expiry_that_nobody_looked_at_is_not_late() -> None:
    ledger = _ledger()
    ledger.run(ANNA, _earn("o-1", 100, validity(BEGIN, 0, 9)), now=BEGIN)
    ledger.run(ANNA, _earn("o-2", 5, validity(BEGIN + 40 * DAY, 0, None)), now=BEGIN + 40 * DAY)
    found = statement(ANNA, history(ledger, ANNA, now=BEGIN + 40 * DAY), date(2026, 1, 1), date(2026, 1, 31), zone=UTC)
    assert [(line.kind, line.amount, line.late) for line in found.lines] == [
        (EntryKind.EARN, 100, False),
        (EntryKind.EXPIRE, -100, False),
    ]


def test_entries_of_one_command_are_one_line_and_holds_are_none() -> None:
    ledger = _ledger()
    for number in range(3):
        ledger.run(ANNA, _earn(f"o-{number}", 10, validity(BEGIN, 0, 20 + number)), now=BEGIN)
    ledger.run(ANNA, Place(key="p", hold="h", amount=5, until=BEGIN + 9 * DAY), now=BEGIN)
    ledger.run(ANNA, Redeem(key="r", amount=25, order="o-9"), now=BEGIN + DAY)
    ledger.run(ANNA, Return(key="b", order="o-9", share=Fraction(1)), now=BEGIN + 2 * DAY)
    found = statement(ANNA, history(ledger, ANNA, now=BEGIN + 3 * DAY), date(2026, 1, 1), date(2026, 1, 4), zone=UTC)
    assert [(line.kind, line.amount, line.balance) for line in found.lines] == [
        (EntryKind.EARN, 10, 10),
        (EntryKind.EARN, 10, 20),
        (EntryKind.EARN, 10, 30),
        (EntryKind.REDEEM, -25, 5),
        (EntryKind.RETURN, 25, 30),
    ]


def test_a_day_is_a_local_day() -> None:
    ledger, night = _ledger(), datetime(2026, 1, 31, 20, tzinfo=UTC)  # five in the morning of 1 February in Seoul
    ledger.run(ANNA, _earn("o-1", 100, Validity(date(2026, 2, 1), night)), now=night)
    entries = list(history(ledger, ANNA, now=night))
    assert not statement(ANNA, entries, date(2026, 1, 1), date(2026, 1, 31), zone=SEOUL).lines
    (line,) = statement(ANNA, entries, date(2026, 2, 1), date(2026, 2, 1), zone=SEOUL).lines
    assert (line.kind, line.amount, line.pending) == (EntryKind.EARN, 100, 0)


def test_it_prints_for_the_customer() -> None:
    ledger = _ledger()
    ledger.run(ANNA, _earn("o-1", 1_200, validity(BEGIN, 7, 30)), now=BEGIN)
    ledger.run(ANNA, Redeem(key="r", amount=1_000, order="o-2"), now=BEGIN + 9 * DAY)
    ledger.run(ANNA, Refund(key="f", order="o-1", refunded=Refunded(0)), now=BEGIN + 9 * DAY)
    found = statement(ANNA, history(ledger, ANNA, now=BEGIN + 30 * DAY), date(2026, 1, 1), date(2026, 1, 31), zone=UTC)
    assert str(found) == (
        "date        event           order  amount  pending  balance\n"
        "2026-01-01  balance before                                0\n"
        "2026-01-01  earned          o-1             +1,200        0\n"
        "2026-01-08  available now          +1,200   -1,200    1,200\n"
        "2026-01-10  used            o-2    -1,000               200\n"
        "2026-01-31  balance after                               200"
    )


def test_credit_prints_as_money_and_in_other_words() -> None:
    ledger, account = _ledger(), Account("credit", "anna", "KRW")
    gift = Adjust(key="g", amount=5_000, reason="사과", actor="hana", validity=validity(BEGIN, 0, None))
    ledger.run(account, gift, now=BEGIN)
    found = statement(account, history(ledger, account, now=BEGIN), date(2026, 1, 1), date(2026, 1, 1), zone=UTC)
    text = found.text({**ENGLISH, "adjust": "조정", "balance": "잔액"})
    assert "+5,000원" in text
    assert "조정" in text
    assert "잔액" in text


def test_a_statement_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(FactError, match="before the first day"):
        statement(ANNA, [], date(2026, 2, 1), date(2026, 1, 1), zone=UTC)


def test_every_kind_of_entry_has_words() -> None:
    assert {kind.value for kind in EntryKind} <= ENGLISH.keys()


def test_a_clock_that_is_a_little_behind_reads_the_same_history() -> None:
    ledger = _ledger()
    ledger.run(ANNA, _earn("o-1", 100, validity(BEGIN, 0, 9)), now=BEGIN)
    behind = BEGIN - timedelta(seconds=10)
    assert ledger.head(ANNA, now=behind).balance == 100
    assert list(history(ledger, ANNA, now=behind)) == list(history(ledger, ANNA, now=BEGIN))
    with pytest.raises(ClockWentBackwards):
        list(history(ledger, ANNA, now=BEGIN - timedelta(minutes=2)))

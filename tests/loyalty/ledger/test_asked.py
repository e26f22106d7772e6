"""What is no command of the ledger is told at once, with the call that was meant; nothing is stored."""

from datetime import UTC
from typing import Any

import pytest

from retention import Order, OrderLine, won
from retention import Refund as MoneyBack
from retention.errors import FactError
from retention.loyalty.coupons import Coupon, FreeShipping, Issued
from retention.loyalty.ledger.commands import Adjust, Earn, Merge, Redeem, Transfer
from retention.loyalty.ledger.entries import Validity
from retention.loyalty.ledger.ledger import Ledger
from retention.loyalty.ledger.terms import Fixed
from retention.loyalty.programme import Programme, Refused
from retention.loyalty.programme.reasons import Reason, Why
from retention.loyalty.reports import histories
from retention.storage.memory import MemoryLedgerStore
from tests.loyalty.ledger.scenes import ANN, BEGIN, BOB, DAY

WEEK = Validity(BEGIN.date(), BEGIN, BEGIN + 7 * DAY)
GIFT = Adjust(key="gift", amount=9, reason="gift", actor="desk", validity=WEEK)
EARN = Earn(key="earn", rule="base", order="order", terms=Fixed(units=5), validity=WEEK)
SPEND = Redeem(key="spend", amount=4, order="order")
MOVE, MERGE = Transfer(key="move", amount=1, to=BOB), Merge(key="merge", to=BOB)
FREE = Coupon("free", FreeShipping(), zone=UTC)
ISSUED = Issued(coupon=FREE, subject="order", validity=WEEK, customer="ann")

NO_COMMANDS: dict[str, tuple[object, str]] = {
    "a refund of money": (MoneyBack("r-1", BEGIN, won(1)), "programme.refund(order, refund) makes the command"),
    "an order": (Order("o-1", BEGIN, lines=[OrderLine("p-1", amount=won(1))]), "programme.earn(order, profile)"),
    "a refusal": (Refused((Reason(Why.BELOW_MINIMUM, "at least 1,000 points"),)), "at least 1,000 points"),
    "what earn returns": ((EARN,), "one by one"),
    "a coupon to be issued": (ISSUED, "Use issue("),
    "a transfer": (MOVE, "Use ledger.move("),
    "a merge": (MERGE, "Use ledger.move("),
    "nothing": (None, "one of the commands"),
}


@pytest.fixture
def ledger() -> Ledger:
    ledger = Ledger(store=MemoryLedgerStore())
    ledger.run(ANN, GIFT, now=BEGIN)
    return ledger


def hint_of(call: Any, *given: object) -> str:
    with pytest.raises(FactError) as caught:
        call(*given, now=BEGIN)
    assert caught.value.field in ("command", "commands", "account", "programme")
    return caught.value.hint


@pytest.mark.parametrize("case", NO_COMMANDS)
def test_what_is_no_command_is_told_with_the_call_that_was_meant(ledger: Ledger, case: str) -> None:
    given, words = NO_COMMANDS[case]
    assert words in hint_of(ledger.run, ANN, given)
    assert words in hint_of(ledger.preview, ANN, given)
    assert words in hint_of(ledger.run_together, [(BOB, GIFT), (ANN, given)])
    assert ledger.head(ANN, now=BEGIN).version == 1
    assert ledger.head(BOB, now=BEGIN).version == 0


def test_a_command_on_one_account_is_no_move(ledger: Ledger) -> None:
    assert "Use ledger.run(" in hint_of(ledger.move, ANN, SPEND)
    assert "one by one" in hint_of(ledger.move, ANN, [MERGE])


@pytest.mark.parametrize("given", ["c-1", None, ("mileage", "c-1")])
def test_what_is_no_account_is_told(ledger: Ledger, given: object) -> None:
    hints = [hint_of(call, given, GIFT) for call in (ledger.run, ledger.preview)]
    hints += [hint_of(ledger.move, given, MOVE), hint_of(ledger.head, given)]
    hints.append(hint_of(ledger.run_together, [(given, GIFT)]))
    assert all("programme.account" in each for each in hints)


@pytest.mark.parametrize("given", [GIFT, [GIFT], [(ANN, GIFT, BEGIN)], {ANN: GIFT}])
def test_what_is_sent_together_is_pairs(ledger: Ledger, given: object) -> None:
    assert "[(account, command), ...]" in hint_of(ledger.run_together, given)


def test_a_programme_is_asked_for_by_its_name(ledger: Ledger) -> None:
    mileage = Programme("mileage", zone=UTC, currency="KRW")
    for call in (lambda each, now: histories(ledger, each, now=now), ledger.settle_due):
        assert hint_of(call, mileage) == "Give programme.name"
        assert hint_of(call, 7)
    assert [account for account, _ in histories(ledger, mileage.name, now=BEGIN)] == [ANN]


def test_a_result_says_whether_it_is_news(ledger: Ledger) -> None:
    first = ledger.run(ANN, EARN, now=BEGIN)
    again = ledger.run(ANN, EARN, now=BEGIN)
    other = Earn(key="another key", rule=EARN.rule, order=EARN.order, terms=EARN.terms, validity=WEEK)
    already = ledger.run(ANN, other, now=BEGIN)
    assert [each.fresh for each in (first, again, already)] == [True, False, False]
    assert (again.replayed, already.already) == (True, True)

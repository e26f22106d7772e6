"""What cannot be meant is refused by a typed error that says what and why, and nothing happens but settlement."""

from collections.abc import Callable
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from attrs import evolve

from retention.errors import CurrencyMismatch, FactError, NaiveInstant, RetentionError, UnknownChoice
from retention.loyalty import errors
from retention.loyalty.ledger import commands as c
from retention.loyalty.ledger.entries import Quota, Validity
from retention.loyalty.ledger.head import Account
from retention.loyalty.ledger.terms import ByLines, Fixed, Line, Refunded
from retention.money import LARGEST
from tests.loyalty.ledger.scenes import ANN, BEGIN, BOB, CHO, DAY, TICK
from tests.loyalty.ledger.shelf import Shelf

NOW = BEGIN + DAY
LOT = Validity(BEGIN.date(), BEGIN, BEGIN + 9 * DAY)
SHORT = Validity(BEGIN.date(), BEGIN, BEGIN + DAY / 2)
TERMS = ByLines(lines=(Line("tea", 1000, Fraction(1, 10)), Line("pot", 500, Fraction(1, 10))), payable=1600)
NAIVE = datetime(2026, 1, 30)
DESK: dict[str, Any] = {"reason": "because", "actor": "desk"}


def busy() -> Shelf:
    """An account in the midst of things, with an expiry that nobody has looked at yet."""
    shelf = Shelf()
    for command in (
        c.Adjust(key="gift", amount=100, validity=LOT, **DESK),
        c.Adjust(key="short", amount=5, validity=SHORT, **DESK),
        c.Earn(key="earn", rule="base", order="order", terms=TERMS, validity=LOT),
        c.Redeem(key="spend", amount=10, order="order"),
        c.Place(key="place", hold="open", amount=10, until=BEGIN + 5 * DAY, order="order"),
        c.Place(key="place-2", hold="ended", amount=10, until=BEGIN + 5 * DAY),
        c.Void(key="void", hold="ended"),
        c.Redeem(key="spend-2", amount=7, order="returned"),
        c.Return(key="back", order="returned", share=Fraction(3, 4)),
        c.Place(key="place-3", hold="late", amount=10, until=BEGIN + 5 * DAY, order="late"),
        c.Redeem(key="spend-3", amount=7, order="late"),
        c.Return(key="back-2", order="late", share=Fraction(1, 4)),
        c.Refund(key="early", order="unearned", refunded=Refunded(1601)),
        c.Refund(key="early-2", order="unearned-line", refunded=Refunded(lines={"cup": 1})),
        c.Place(key="place-4", hold="short", amount=5, until=BEGIN + DAY / 4),
    ):
        shelf.run(ANN, command, BEGIN)
    shelf.run(BOB, c.Adjust(key="gift", amount=9, validity=LOT, **DESK), BEGIN)
    shelf.run(BOB, c.Place(key="place", hold="open", amount=9, until=BEGIN + 9 * DAY), BEGIN)
    shelf.move(CHO, c.Merge(key="merge", to=BOB), BEGIN)
    return shelf


Make = Callable[[], Any]

UNMADE: dict[str, tuple[type[RetentionError], str, Make]] = {
    "negative": (FactError, "Redeem.amount", lambda: c.Redeem(key="new", amount=-1, order="o")),
    "zero": (FactError, "Redeem.amount", lambda: c.Redeem(key="new", amount=0, order="o")),
    "true": (FactError, "Redeem.amount", lambda: c.Redeem(key="new", amount=True, order="o")),
    "float": (FactError, "Redeem.amount", lambda: c.Redeem(key="new", amount=1.0, order="o")),  # type: ignore[arg-type]
    "text": (FactError, "Redeem.amount", lambda: c.Redeem(key="new", amount="1", order="o")),  # type: ignore[arg-type]
    "huge": (FactError, "64 bits", lambda: c.Redeem(key="new", amount=LARGEST + 1, order="o")),
    "hold of 0": (FactError, "Place.amount", lambda: c.Place(key="new", hold="h", amount=0, until=NOW)),
    "hold without end": (FactError, "Place.until", lambda: c.Place(key="new", hold="h", amount=1, until=None)),  # type: ignore[arg-type]
    "capture of 0": (FactError, "Capture.amount", lambda: c.Capture(key="new", hold="h", amount=0)),
    "capture of a float": (FactError, "Capture.amount", lambda: c.Capture(key="new", hold="h", amount=1.5)),  # type: ignore[arg-type]
    "adjust by 0": (FactError, "Adjust.amount", lambda: c.Adjust(key="new", amount=0, **DESK)),
    "adjust by true": (FactError, "Adjust.amount", lambda: c.Adjust(key="new", amount=True, validity=LOT, **DESK)),
    "adjust too low": (FactError, "Adjust.amount", lambda: c.Adjust(key="new", amount=-LARGEST - 1, **DESK)),
    "give without a lot": (FactError, "Adjust.validity", lambda: c.Adjust(key="new", amount=1, **DESK)),
    "take into a lot": (FactError, "Adjust.validity", lambda: c.Adjust(key="new", amount=-1, validity=LOT, **DESK)),
    "no reason": (FactError, "Revoke.reason", lambda: c.Revoke(key="new", amount=1, reason="", actor="desk")),
    "nobody": (FactError, "Expire.actor", lambda: c.Expire(key="new", amount=1, reason="r", actor="")),
    "no key": (FactError, "Void.key", lambda: c.Void(key="", hold="h")),
    "key is a number": (FactError, "Void.key", lambda: c.Void(key=7, hold="h")),  # type: ignore[arg-type]
    "naive": (NaiveInstant, "Redeem.at", lambda: c.Redeem(key="new", amount=1, order="o", at=NAIVE)),
    "no instant": (FactError, "Redeem.at", lambda: c.Redeem(key="new", amount=1, order="o", at="now")),  # type: ignore[arg-type]
    "share of 0": (FactError, "Return.share", lambda: c.Return(key="new", order="o", share=Fraction(0))),
    "share above 1": (FactError, "Return.share", lambda: c.Return(key="new", order="o", share=Fraction(5, 4))),
    "share of 5000 digits": (
        FactError,
        "Return.share",
        lambda: c.Return(key="new", order="o", share=Fraction(1, 10**5000)),
    ),
    "rate of 5000 digits": (FactError, "Line.rate", lambda: Line("tea", 1, Fraction(1, 10**5000))),
    "huge rate": (FactError, "Line.rate", lambda: Line("tea", 1, Fraction(10**100))),
    "reason with a NUL": (FactError, "Redeem.reason", lambda: c.Redeem(key="new", amount=1, order="o", reason="a\0b")),
    "key with a NUL": (FactError, "Void.key", lambda: c.Void(key="k\0", hold="h")),
    "account with a NUL": (FactError, "Account.id", lambda: Account("mileage", "a\0b")),
    "refund of nothing named": (FactError, "Refunded.lines", lambda: Refunded(0, None)),  # type: ignore[arg-type]
    "refund of lines as a number": (FactError, "Refunded.lines", lambda: Refunded(0, 5)),  # type: ignore[arg-type]
    "share as a float": (FactError, "Return.share", lambda: c.Return(key="new", order="o", share=0.5)),  # type: ignore[arg-type]
    "unknown policy": (
        UnknownChoice,
        "forgive",
        lambda: c.Refund(key="new", order="o", refunded=Refunded(1), uncovered="forgiven"),  # type: ignore[arg-type]
    ),
    "refund of a number": (FactError, "Refund.refunded", lambda: c.Refund(key="new", order="o", refunded=5)),  # type: ignore[arg-type]
    "refund below 0": (FactError, "Refunded.anywhere", lambda: Refunded(-1)),
    "refund of shipping below 0": (FactError, "Refunded.shipping", lambda: Refunded(shipping=-1)),
    "refund of half a won": (FactError, "Refunded.lines", lambda: Refunded(lines={"tea": 0.5})),  # type: ignore[dict-item]
    "refund of a line without a name": (FactError, "Refunded.lines", lambda: Refunded(lines={"": 5})),
    "refund beyond 64 bits": (FactError, "Refunded.anywhere", lambda: Refunded(LARGEST) + Refunded(1)),
    "terms that are none": (
        FactError,
        "Earn.terms",
        lambda: c.Earn(key="new", rule="r", order="o", terms=5, validity=LOT),  # type: ignore[arg-type]
    ),
    "a quota twice": (
        FactError,
        "Earn.quotas",
        lambda: c.Earn(key="k", rule="r", order="o", terms=TERMS, validity=LOT, quotas=(Quota("q", 1), Quota("q", 2))),
    ),
    "quota below 0": (FactError, "Quota.most", lambda: Quota("q", -1)),
    "units below 0": (FactError, "Fixed.units", lambda: Fixed(units=-1)),
    "cap below 0": (FactError, "Fixed.cap", lambda: Fixed(units=1, cap=-1)),
    "line below 0": (FactError, "Line.amount", lambda: Line("tea", -1, Fraction(1))),
    "rate as a float": (FactError, "Line.rate", lambda: Line("tea", 1, 0.01)),  # type: ignore[arg-type]
    "rate below 0": (FactError, "Line.rate", lambda: Line("tea", 1, Fraction(-1))),
    "a line twice": (FactError, "ByLines.lines", lambda: ByLines(lines=(TERMS.lines[0],) * 2, payable=9_000)),
    "lines above the order": (FactError, "ByLines.payable", lambda: evolve(TERMS, payable=1499)),
    "unknown rounding": (UnknownChoice, "half_up", lambda: evolve(TERMS, rounding="halfup")),  # type: ignore[arg-type]
    "expired before it begins": (FactError, "Validity.expires_at", lambda: Validity(NOW.date(), NOW, NOW)),
    "naive lot": (NaiveInstant, "Validity.available_at", lambda: Validity(NOW.date(), NAIVE)),
    "available on another day": (FactError, "Validity.day", lambda: Validity(NOW.date(), NOW + 30 * DAY)),
    "available two days before": (FactError, "Validity.day", lambda: Validity(NOW.date(), NOW - 2 * DAY)),
    "day with a time": (FactError, "Validity.day", lambda: Validity(NOW, NOW)),
    "account without a name": (FactError, "Account.id", lambda: Account("mileage", "")),
    "account is a number": (FactError, "Account.id", lambda: Account("mileage", 7)),  # type: ignore[arg-type]
    "transfer to a name": (FactError, "Transfer.to", lambda: c.Transfer(key="new", amount=1, to="bob")),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("case", UNMADE)
def test_what_cannot_be_meant_cannot_be_made(case: str) -> None:
    kind, words, make = UNMADE[case]
    with pytest.raises(kind) as caught:
        make()
    assert type(caught.value) is kind
    assert words in str(caught.value)
    assert caught.value.hint


def spend(amount: int, **more: Any) -> c.Redeem:
    return c.Redeem(key="new", amount=amount, order=more.pop("order", "new"), **more)


def earn(**more: Any) -> c.Earn:
    return c.Earn(**{"key": "new", "rule": "r", "order": "o", "terms": TERMS, "validity": LOT, **more})


def money(refunded: Refunded, order: str = "order") -> c.Refund:
    return c.Refund(key="new", order=order, refunded=refunded)


def share(order: str, part: Fraction, **more: Any) -> c.Return:
    return c.Return(key="new", order=order, share=part, **more)


HUGE = Fixed(units=LARGEST)
WON = Account("mileage", "bob", "KRW")

REFUSED: dict[str, tuple[type[RetentionError], str, c.Command | c.Move]] = {
    "more than there is": (errors.InsufficientBalance, "Ask for", spend(1_000)),
    "more than there is, held": (
        errors.InsufficientBalance,
        "Ask for",
        c.Place(key="new", hold="new", amount=1_000, until=NOW + DAY),
    ),
    "more than there is, taken": (errors.InsufficientBalance, "Ask for", c.Adjust(key="new", amount=-1_000, **DESK)),
    "more than there is, moved": (errors.InsufficientBalance, "Ask for", c.Transfer(key="new", amount=1_000, to=BOB)),
    "more than the hold": (errors.InsufficientBalance, "10", c.Capture(key="new", hold="open", amount=11)),
    "more than the lot": (
        errors.InsufficientBalance,
        LOT.id,
        c.Revoke(key="new", amount=900, lot=LOT.id, **DESK),
    ),
    "unknown lot": (errors.UnknownLot, "nowhere", c.Expire(key="new", amount=1, lot="nowhere", **DESK)),
    "lot that has expired": (errors.UnknownLot, SHORT.id, c.Revoke(key="new", amount=1, lot=SHORT.id, **DESK)),
    "unknown hold": (errors.UnknownHold, "nothing", c.Capture(key="new", hold="nothing")),
    "hold that was voided": (errors.HoldResolved, "voided", c.Void(key="new", hold="ended")),
    "hold that timed out unseen": (errors.HoldResolved, "timed out", c.Capture(key="new", hold="short")),
    "hold under a used id": (
        errors.HoldResolved,
        "new id",
        c.Place(key="new", hold="ended", amount=1, until=NOW + DAY),
    ),
    "hold that is open": (errors.HoldResolved, "open", c.Place(key="new", hold="open", amount=1, until=NOW + DAY)),
    "hold that is over": (FactError, "Place.until", c.Place(key="new", hold="new", amount=1, until=NOW)),
    "key with another payload": (errors.KeyReused, "gift", evolve(spend(1), key="gift")),
    "key of another kind": (errors.KeyReused, "void", c.Capture(key="void", hold="ended")),
    "key of a command, moved": (errors.KeyReused, "gift", c.Transfer(key="gift", amount=1, to=BOB)),
    "refund over the order": (errors.OverRefund, "1600", money(Refunded(1601))),
    "refund of more shipping than there is": (errors.OverRefund, "1600", money(Refunded(shipping=1601))),
    "refund of no line": (FactError, "tea, pot", money(Refunded(lines={"cup": 1}))),
    "earning what was refunded over": (errors.OverRefund, "1601", earn(order="unearned")),
    "earning what has no such line": (FactError, "tea, pot", earn(order="unearned-line")),
    "return of nothing": (errors.NothingSpent, "nothing spent", share("new", Fraction(1))),
    "return over the whole": (errors.OverReturn, "returned", share("returned", Fraction(1, 2))),
    "return into a lot to come": (
        FactError,
        "Return.extended",
        share("order", Fraction(1), extended=Validity(NOW.date(), NOW + TICK)),
    ),
    "spending on what was returned": (errors.NothingSpent, "returned", spend(1, order="returned")),
    "holding for what was returned": (
        errors.NothingSpent,
        "returned",
        c.Place(key="new", hold="new", amount=1, until=NOW + DAY, order="returned"),
    ),
    "capturing for what was returned": (errors.NothingSpent, "late", c.Capture(key="new", hold="late")),
    "tomorrow": (FactError, "Redeem.at", spend(1, at=NOW + TICK)),
    "moved tomorrow": (FactError, "Transfer.at", c.Transfer(key="new", amount=1, to=BOB, at=NOW + TICK)),
    "too much to be stored": (errors.AmountTooLarge, "issued", earn(terms=HUGE)),
    "to itself": (FactError, "itself", c.Transfer(key="new", amount=1, to=ANN)),
    "into itself": (FactError, "itself", c.Merge(key="new", to=ANN)),
    "another currency": (CurrencyMismatch, "KRW", c.Transfer(key="new", amount=1, to=WON)),
    "merged into another currency": (CurrencyMismatch, "KRW", c.Merge(key="new", to=WON)),
    "to a closed account": (errors.AccountClosed, "bob", c.Transfer(key="new", amount=1, to=CHO)),
    "one hold open in both": (errors.HoldResolved, "both", c.Merge(key="new", to=BOB)),
}


def send(shelf: Shelf, who: Account, command: c.Command | c.Move, now: datetime) -> object:
    if isinstance(command, c.Transfer | c.Merge):
        return shelf.move(who, command, now)
    return shelf.run(who, command, now)


@pytest.mark.parametrize("case", REFUSED)
def test_a_refused_command_changes_nothing(case: str) -> None:
    kind, words, command = REFUSED[case]
    shelf, before = busy(), busy()
    with pytest.raises(kind) as caught:
        send(shelf, ANN, command, NOW)
    assert type(caught.value) is kind
    assert words in str(caught.value)
    assert caught.value.hint
    assert shelf == before


def test_settlement_is_there_all_the_same() -> None:
    shelf = busy()
    with pytest.raises(errors.InsufficientBalance):
        shelf.run(ANN, spend(1_000), NOW)
    assert shelf.head(ANN).at == BEGIN
    assert [lot.id for lot in shelf.at(ANN, NOW).open] == [LOT.id]


@pytest.mark.parametrize(
    "command",
    [spend(1), earn(), money(Refunded(1)), c.Void(key="new", hold="open"), c.Merge(key="new", to=ANN)],
    ids=lambda each: type(each).__name__,
)
def test_a_closed_account_takes_no_commands(command: c.Command | c.Move) -> None:
    shelf, before = busy(), busy()
    with pytest.raises(errors.AccountClosed, match="bob") as caught:
        send(shelf, CHO, command, NOW)
    assert (caught.value.account, caught.value.merged_into) == ("cho", "bob")
    assert shelf == before


@pytest.mark.parametrize("back", [TICK, timedelta(days=3)])
def test_now_does_not_go_backwards(back: timedelta) -> None:
    shelf, before = busy(), busy()
    for command in (spend(1), c.Transfer(key="new", amount=1, to=BOB)):
        with pytest.raises(errors.ClockWentBackwards) as caught:
            send(shelf, ANN, command, BEGIN - back)
        assert (caught.value.now, caught.value.last) == (BEGIN - back, BEGIN)
    with pytest.raises(errors.ClockWentBackwards):
        shelf.settle(ANN, BEGIN - back)
    assert shelf == before


def test_now_is_an_instant() -> None:
    with pytest.raises(NaiveInstant, match="now"):
        busy().run(ANN, spend(1), NAIVE)


def test_sums_are_refused_beyond_what_a_database_holds() -> None:
    shelf = Shelf()
    shelf.run(ANN, c.Adjust(key="all", amount=LARGEST, validity=LOT, **DESK), BEGIN)
    before = shelf.copy()
    with pytest.raises(errors.AmountTooLarge, match="issued"):
        shelf.run(ANN, c.Adjust(key="one", amount=1, validity=LOT, **DESK), BEGIN)
    assert shelf == before
    shelf.run(BOB, c.Adjust(key="all", amount=LARGEST, validity=LOT, **DESK), BEGIN)
    before = shelf.copy()
    with pytest.raises(errors.AmountTooLarge):
        shelf.move(ANN, c.Transfer(key="one", amount=1, to=BOB), BEGIN)
    assert shelf == before


def test_shares_add_up_to_one_that_can_be_kept() -> None:
    shelf = Shelf()
    shelf.run(ANN, c.Adjust(key="gift", amount=9, validity=LOT, **DESK), BEGIN)
    shelf.run(ANN, c.Redeem(key="spend", amount=9, order="order"), BEGIN)
    shelf.run(ANN, c.Return(key="first", order="order", share=Fraction(1, 3**100)), BEGIN)
    before = shelf.copy()
    with pytest.raises(FactError, match=r"Return\.share"):
        shelf.run(ANN, c.Return(key="second", order="order", share=Fraction(1, 7**110)), BEGIN)
    assert shelf == before

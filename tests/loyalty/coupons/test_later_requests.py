"""What a later request can do, which has the coupons, the customer's id and the order's id: never nothing, silently."""

from datetime import timedelta
from typing import Any

import pytest

from retention.errors import FactError
from retention.loyalty import checkout
from retention.loyalty.checkout import Part, Taken
from retention.loyalty.coupons import (
    Entered,
    Held,
    NotApplied,
    PercentOff,
    Used,
    WhyNot,
    cancel,
    issue,
    mint,
    parts,
    redeem,
    release,
    reserve,
    revoke,
    wallet,
)
from retention.loyalty.coupons.held import Issued, account_of
from retention.loyalty.ledger.entries import Bucket
from retention.loyalty.ledger.ledger import Ledger
from retention.loyalty.programme.dates import During, Expiry
from tests.loyalty.coupons.shop import NOW, a_coupon, a_ledger

TEN = PercentOff("10")
GIVEN = a_coupon("given", TEN, issued=True, valid=Expiry(days=7))
CARD = a_coupon("card", TEN, codes="CARD", valid=Expiry(days=7))
BOTH = a_coupon("both", TEN, limit=5, per_customer=1)
SAID: dict[str, Any] = {"customer": "mina", "order": "o1"}
UNTIL = NOW + timedelta(minutes=15)
WEEK = NOW + timedelta(days=6)


@pytest.fixture
def ledger() -> Ledger:
    """Mina was given a coupon."""
    made = a_ledger()
    window = GIVEN.window(NOW)
    assert window is not None
    issue(made, Issued(coupon=GIVEN, subject="mina:o0", validity=window, customer="mina"), now=NOW)
    return made


def totals(ledger: Ledger) -> tuple[int, int, int]:
    """Of Mina's coupons: to be used, reserved, used."""
    head = ledger.head(account_of(GIVEN, customer="mina"), now=NOW)
    return head.available, head.held, head.totals[Bucket.SPENT]


def why(answer: Taken | tuple[NotApplied, ...]) -> list[WhyNot]:
    return [] if isinstance(answer, Taken) else [each.why for each in answer]


def test_an_issued_coupon_is_known_by_its_definition_and_the_customer(ledger: Ledger) -> None:
    reserve(ledger, wallet(ledger, [GIVEN], "mina", now=NOW), until=UNTIL, now=NOW, **SAID)
    assert totals(ledger) == (0, 1, 0)
    assert redeem(ledger, [GIVEN], now=NOW, **SAID) == Taken()
    assert totals(ledger) == (0, 0, 1)
    cancel(ledger, [GIVEN], now=WEEK, **SAID)
    assert len(wallet(ledger, [GIVEN], "mina", now=WEEK)) == 1


def test_it_is_reserved_and_released_by_its_definition_too(ledger: Ledger) -> None:
    assert reserve(ledger, [GIVEN], until=UNTIL, now=NOW, **SAID) == Taken(UNTIL)
    release(ledger, [GIVEN], now=NOW, **SAID)
    assert totals(ledger) == (1, 0, 0)


def test_who_has_none_is_told_so(ledger: Ledger) -> None:
    nobody: dict[str, Any] = {"customer": "nobody", "order": "o2", "now": NOW}
    assert why(redeem(ledger, [GIVEN], **nobody)) == [WhyNot.NOT_ISSUED]
    assert why(reserve(ledger, [GIVEN], until=UNTIL, **nobody)) == [WhyNot.NOT_ISSUED]
    assert totals(ledger) == (1, 0, 0)


def test_what_became_of_the_one_they_had(ledger: Ledger) -> None:
    late = NOW + timedelta(days=9)
    assert why(redeem(ledger, [GIVEN], now=late, **SAID)) == [WhyNot.OVER]
    soon = a_coupon("soon", TEN, issued=True, valid=During.month(2026, 5))
    window = soon.window(NOW)
    assert window is not None
    issue(ledger, Issued(coupon=soon, subject="mina", validity=window, customer="mina"), now=NOW)
    assert why(redeem(ledger, [soon], now=NOW, **SAID)) == [WhyNot.NOT_YET]


def test_a_revoked_one_is_used_up_as_far_as_anybody_is_told(ledger: Ledger) -> None:
    account = account_of(GIVEN, customer="mina")
    revoke(ledger, account, key="fraud-1", reason="fraud", actor="staff-3", now=NOW)
    assert why(redeem(ledger, [GIVEN], now=NOW, **SAID)) == [WhyNot.USED_BY_CUSTOMER]


def test_a_unique_code_is_known_by_what_was_typed(ledger: Ledger) -> None:
    issued = mint(CARD, at=NOW, entropy=bytes(range(8)))
    typed = Entered(CARD, issued.code)
    assert why(redeem(ledger, [typed], now=NOW, **SAID)) == [WhyNot.UNKNOWN_CODE]
    issue(ledger, issued, now=NOW)
    assert redeem(ledger, [typed], now=NOW, **SAID) == Taken()
    assert why(redeem(ledger, [typed], customer="jun", order="o2", now=NOW)) == [WhyNot.USED_UP]
    cancel(ledger, [typed], now=WEEK, **SAID)
    assert ledger.head(issued.account, now=WEEK).available == 1


def test_a_shared_code_is_its_coupon(ledger: Ledger) -> None:
    spring = a_coupon("spring", TEN, code="SPRING", limit=1)
    assert parts([Entered(spring)], customer="mina") == parts([spring], customer="mina") != ()


def test_a_coupon_with_unique_codes_is_nothing_without_one(ledger: Ledger) -> None:
    assert why(reserve(ledger, [CARD], until=UNTIL, now=NOW, **SAID)) == [WhyNot.NOT_ISSUED]
    assert why(redeem(ledger, [CARD], now=NOW, **SAID)) == [WhyNot.NOT_ISSUED]
    for undo in (release, cancel):
        with pytest.raises(FactError, match="used by a code of its own: card"):
            undo(ledger, [CARD], now=NOW, **SAID)


def test_nobody_redeems_or_gives_back_what_is_anothers(ledger: Ledger) -> None:
    held = wallet(ledger, [GIVEN], "mina", now=NOW)
    thief: dict[str, Any] = {"customer": "thief", "order": "o1", "now": NOW}
    assert why(redeem(ledger, held, **thief)) == [WhyNot.NOT_THEIRS]
    for undo in (release, cancel):
        with pytest.raises(FactError, match="issued to another customer: given"):
            undo(ledger, held, **thief)
    with pytest.raises(FactError, match="issued to another customer: given"):
        parts(held, customer="thief")
    assert totals(ledger) == (1, 0, 0)


@pytest.mark.parametrize(
    ("coupons", "problem"),
    [
        ((), "coupons: are none"),
        (GIVEN, "coupons: are not a list"),
        (
            [NotApplied("given", WhyNot.OVER, "its time is over")],
            r"coupons\[0\]: is no coupon: given: its time is over",
        ),
        ([GIVEN, "given"], r"coupons\[1\]: is no coupon"),
    ],
)
def test_what_is_no_coupon_is_refused(ledger: Ledger, coupons: Any, problem: str) -> None:
    for call in (redeem, release, cancel):
        with pytest.raises(FactError, match=problem):
            call(ledger, coupons, now=NOW, **SAID)
    with pytest.raises(FactError, match=problem):
        reserve(ledger, coupons, until=UNTIL, now=NOW, **SAID)


def test_the_wallet_of_the_next_request_does_not_redeem_nothing(ledger: Ledger) -> None:
    reserve(ledger, wallet(ledger, [GIVEN], "mina", now=NOW), until=UNTIL, now=NOW, **SAID)
    with pytest.raises(FactError, match="no longer in the wallet"):
        redeem(ledger, wallet(ledger, [GIVEN], "mina", now=NOW), now=NOW, **SAID)


def test_parts_are_the_accounts_in_which_a_use_counts(ledger: Ledger) -> None:
    found = parts([BOTH, GIVEN, a_coupon("free", TEN)], customer="mina")
    assert [each.account.id for each in found] == ["both", "both/mina", "given/mina"]
    assert parts((), customer="mina") == ()


def test_parts_can_be_kept_as_text_and_numbers(ledger: Ledger) -> None:
    """What redeems and cancels needs no definition of a coupon any more, once it was reserved."""
    found = parts([BOTH, GIVEN], customer="mina")
    assert checkout.reserve(ledger, found, order="o1", until=UNTIL, now=NOW) == Taken(UNTIL)
    kept = [Part(each.account, each.amount) for each in found]
    assert checkout.redeem(ledger, kept, order="o1", now=NOW) == Taken()
    assert totals(ledger) == (0, 0, 1)
    checkout.cancel(ledger, kept, order="o1", now=WEEK)
    assert ledger.head(kept[-1].account, now=WEEK).available == 1
    assert ledger.head(account_of(BOTH), now=WEEK).available == 5


def test_issuing_again_is_replayed_and_another_day_is_already_given(ledger: Ledger) -> None:
    window, moved = GIVEN.window(NOW), GIVEN.window(WEEK)
    assert window is not None
    assert moved is not None
    first = Issued(coupon=GIVEN, subject="mina:o0", validity=window, customer="mina")
    again = issue(ledger, first, now=NOW)
    assert (again.replayed, again.already) == (True, False)
    other = issue(ledger, Issued(coupon=GIVEN, subject="mina:o0", validity=moved, customer="mina"), now=WEEK)
    assert (other.replayed, other.already) == (False, True)
    assert totals(ledger)[0] == 1


def test_held_and_its_definition_are_the_same_use(ledger: Ledger) -> None:
    held: list[Used] = list(wallet(ledger, [GIVEN], "mina", now=NOW))
    assert isinstance(held[0], Held)
    assert parts(held, customer="mina") == parts([GIVEN], customer="mina")

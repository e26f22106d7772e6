"""Several accounts pay for one order: all or nothing, once, and back."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from retention import won
from retention.errors import CurrencyMismatch, FactError
from retention.loyalty import checkout
from retention.loyalty.checkout import NotTaken, Part, Short, Taken
from retention.loyalty.codes import GIFT_CARD_CODE, Keys
from retention.loyalty.credit import StoreCredit, given_back, usable
from retention.loyalty.errors import ForgedCode, LedgerBusy
from retention.loyalty.gift_cards import GiftCard, GiftCards
from retention.loyalty.ledger.commands import Adjust
from retention.loyalty.ledger.entries import Bucket, Validity
from retention.loyalty.ledger.head import Account
from retention.loyalty.ledger.ledger import Ledger
from retention.loyalty.ledger.store import Batch
from retention.loyalty.programme.dates import Expiry
from retention.money import Money, usd
from retention.storage.memory import MemoryLedgerStore

SEOUL = ZoneInfo("Asia/Seoul")
NOW = datetime(2026, 4, 10, 3, tzinfo=UTC)
UNTIL = NOW + timedelta(minutes=15)
CREDIT = StoreCredit(currency="KRW", zone=SEOUL, expiry=Expiry(months=12))
CARDS = GiftCards(keys=Keys(b"k" * 32), currency="KRW", zone=SEOUL, expiry=Expiry(months=60))
CODE = CARDS.make(bytes(range(10)))
POINTS = Account("points", "mina")


@pytest.fixture
def ledger() -> Ledger:
    """Mina has 3,000 won of credit, a gift card of 10,000 won and 500 points."""
    made = Ledger(store=MemoryLedgerStore())
    granted = CREDIT.granted(won(3_000), key="sorry-1", at=NOW, reason="late parcel", actor="staff-3")
    made.run(CREDIT.account("mina"), granted, now=NOW)
    made.run(*CARDS.activation(made, CODE, won(10_000), sale="o0", at=NOW), now=NOW)
    lot = Validity(NOW.date(), NOW)
    made.run(POINTS, Adjust(key="gift", amount=500, reason="gift", actor="staff-3", validity=lot), now=NOW)
    return made


def card(ledger: Ledger, now: datetime = NOW) -> GiftCard:
    found = CARDS.find(ledger, CODE, now=now)
    assert found is not None
    return found


def balances(ledger: Ledger, now: datetime = NOW) -> tuple[int, int, int]:
    credit = ledger.head(CREDIT.account("mina"), now=now).balance
    return credit, card(ledger, now).balance.minor, ledger.head(POINTS, now=now).balance


def parts(ledger: Ledger, credit: int = 2_000, gift: int = 10_000, points: int = 100) -> list[Part]:
    return [CREDIT.part("mina", won(credit)), card(ledger).part(won(gift)), Part(POINTS, points)]


def test_an_order_is_paid_from_all_of_them_at_once(ledger: Ledger) -> None:
    wanted = parts(ledger)
    assert checkout.reserve(ledger, wanted, order="o1", until=UNTIL, now=NOW) == Taken(UNTIL)
    assert balances(ledger) == (1_000, 0, 400)
    assert checkout.redeem(ledger, wanted, order="o1", now=NOW) == Taken()
    assert checkout.redeem(ledger, wanted, order="o1", now=NOW) == Taken()
    assert balances(ledger) == (1_000, 0, 400)
    checkout.cancel(ledger, wanted, order="o1", now=NOW)
    checkout.cancel(ledger, wanted, order="o1", now=NOW)
    assert balances(ledger) == (3_000, 10_000, 500)


def test_if_one_is_short_nothing_is_taken(ledger: Ledger) -> None:
    wanted = parts(ledger, points=501, credit=3_001)
    short = (Short(wanted[0], 3_000), Short(wanted[2], 500))
    assert checkout.reserve(ledger, wanted, order="o1", until=UNTIL, now=NOW) == NotTaken(short)
    assert checkout.redeem(ledger, wanted, order="o1", now=NOW) == NotTaken(short)
    assert balances(ledger) == (3_000, 10_000, 500)


def test_a_failed_order_keeps_nothing(ledger: Ledger) -> None:
    wanted = parts(ledger)
    checkout.reserve(ledger, wanted, order="o1", until=UNTIL, now=NOW)
    checkout.release(ledger, wanted, order="o1", now=NOW)
    checkout.release(ledger, wanted, order="o1", now=NOW)
    assert balances(ledger) == (3_000, 10_000, 500)
    checkout.reserve(ledger, wanted, order="o2", until=UNTIL, now=NOW)
    assert balances(ledger, UNTIL) == (3_000, 10_000, 500)


def test_what_was_given_back_in_part_comes_back_whole_when_the_order_is_cancelled(ledger: Ledger) -> None:
    wanted = [CREDIT.part("mina", won(3_000))]
    checkout.redeem(ledger, wanted, order="o1", now=NOW)
    ledger.run(CREDIT.account("mina"), given_back("o1", "r1", Fraction(1, 4)), now=NOW)
    assert balances(ledger)[0] == 750
    assert checkout.reserve(ledger, wanted, order="o1", until=UNTIL, now=NOW) == NotTaken(
        (Short(wanted[0], 0, "cancelled"),)
    )
    checkout.cancel(ledger, wanted, order="o1", now=NOW)
    checkout.cancel(ledger, wanted, order="o1", now=NOW)
    assert balances(ledger)[0] == 3_000


def test_two_parts_of_one_account_are_one(ledger: Ledger) -> None:
    wanted = [CREDIT.part("mina", won(2_000))] * 2
    assert isinstance(checkout.redeem(ledger, wanted, order="o1", now=NOW), NotTaken)
    assert checkout.redeem(ledger, [CREDIT.part("mina", won(1_500))] * 2, order="o2", now=NOW) == Taken()
    assert balances(ledger)[0] == 0


def test_an_order_without_parts_needs_nothing(ledger: Ledger) -> None:
    assert checkout.reserve(ledger, [], order="o1", until=UNTIL, now=NOW) == Taken()
    assert checkout.redeem(ledger, [], order="o1", now=NOW) == Taken()


def test_somebody_who_always_comes_first_is_told(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    from retention.loyalty.errors import Conflict

    def commit(_: object, __: Batch) -> None:
        raise Conflict("first")

    monkeypatch.setattr(MemoryLedgerStore, "commit", commit)
    with pytest.raises(LedgerBusy):
        checkout.redeem(ledger, parts(ledger), order="o1", now=NOW)


# Store credit. -------------------------------------------------------------------------------------------------------


def test_credit_expires_as_the_shop_says(ledger: Ledger) -> None:
    last = datetime(2027, 4, 10, 15, tzinfo=UTC)  # the 10th of April ends in Seoul
    assert balances(ledger, last - timedelta(microseconds=1))[0] == 3_000
    assert balances(ledger, last)[0] == 0


def test_a_refund_is_paid_as_credit_once(ledger: Ledger) -> None:
    refund = CREDIT.refunded(won(4_000), order="o1", refund="r1", at=NOW)
    for _ in range(2):
        ledger.run(CREDIT.account("mina"), refund, now=NOW)
    assert ledger.run(CREDIT.account("jun"), refund, now=NOW).already
    assert CREDIT.balance(ledger.head(CREDIT.account("mina"), now=NOW)) == won(7_000)


def test_refunds_of_two_orders_may_have_one_id(ledger: Ledger) -> None:
    for customer, order in (("mina", "o1"), ("jun", "o2"), ("mina", "o3")):
        refund = CREDIT.refunded(won(4_000), order=order, refund="1", at=NOW)
        assert ledger.run(CREDIT.account(customer), refund, now=NOW).amount == 4_000
    for order in ("o4", "o5"):
        checkout.redeem(ledger, [CREDIT.part("mina", won(1_000))], order=order, now=NOW)
        back = given_back(order, "1", Fraction(1))
        assert ledger.run(CREDIT.account("mina"), back, now=NOW).amount == 1_000


def test_how_much_credit_can_pay(ledger: Ledger) -> None:
    head = ledger.head(CREDIT.account("mina"), now=NOW)
    assert (usable(head, won(2_000)), usable(head, won(5_000)), usable(head, won(0))) == (
        won(2_000),
        won(3_000),
        won(0),
    )


def test_another_currency_is_refused(ledger: Ledger) -> None:
    head = ledger.head(CREDIT.account("mina"), now=NOW)
    dollars = StoreCredit(currency="USD", zone=SEOUL)
    for wrong in (
        lambda: CREDIT.part("mina", usd(1)),
        lambda: CREDIT.refunded(usd(1), order="o1", refund="r1", at=NOW),
        lambda: usable(head, usd(1)),
        lambda: dollars.balance(head),
        lambda: card(ledger).part(usd(1)),
        lambda: CARDS.activation(ledger, CODE, usd(1), sale="o9", at=NOW),
        lambda: card(ledger).to_credit(dollars, "mina"),
        lambda: ledger.head(dollars.account("mina"), now=NOW),
        lambda: GiftCards(keys=CARDS.keys, currency="USD", zone=SEOUL).find(ledger, CODE, now=NOW),
    ):
        with pytest.raises(CurrencyMismatch):
            wrong()
    assert balances(ledger) == (3_000, 10_000, 500)


@pytest.mark.parametrize("amount", [won(0), won(-1), 5, None])
def test_amounts_are_money_above_0(ledger: Ledger, amount: Money) -> None:
    for wrong in (
        lambda: CREDIT.part("mina", amount),
        lambda: CREDIT.granted(amount, key="k", at=NOW, reason="r", actor="a"),
        lambda: card(ledger).part(amount),
        lambda: CARDS.activation(ledger, CODE, amount, sale="o9", at=NOW),
    ):
        with pytest.raises(FactError, match="is not money above 0"):
            wrong()


def test_a_currency_that_nobody_knows_is_refused() -> None:
    with pytest.raises(FactError, match="currency"):
        StoreCredit(currency="KWR", zone=SEOUL)
    with pytest.raises(ValueError, match=r"StoreCredit\.expiry"):
        StoreCredit(currency="KRW", zone=SEOUL, expiry=30)  # type: ignore[arg-type]


# Gift cards. ---------------------------------------------------------------------------------------------------------


def test_a_card_is_found_by_its_code_as_typed(ledger: Ledger) -> None:
    found = CARDS.find(ledger, CODE.lower().replace("0", "o"), now=NOW)
    assert found == card(ledger)
    assert found.balance == won(10_000)
    assert found.expires_at == datetime(2031, 4, 10, 15, tzinfo=UTC)
    assert (card(ledger, found.expires_at).balance, card(ledger, found.expires_at).expired) == (won(0), won(10_000))


def test_a_card_is_activated_once_for_a_sale(ledger: Ledger) -> None:
    ledger.run(*CARDS.activation(ledger, CODE, won(10_000), sale="o0", at=NOW), now=NOW)
    other = CARDS.make(b"another one")
    account, again = CARDS.activation(ledger, other, won(10_000), sale="o0", at=NOW)
    assert ledger.run(account, again, now=NOW).already
    assert card(ledger).balance == won(10_000)


def test_a_code_that_was_never_activated_is_no_card(ledger: Ledger) -> None:
    assert CARDS.find(ledger, CARDS.make(b"never sold"), now=NOW) is None


def test_a_forged_code_touches_no_store() -> None:
    nothing = Ledger(store=None)  # type: ignore[arg-type]
    forged = CODE[:-1] + ("0" if CODE[-1] != "0" else "1")
    for typed in (forged, CODE[:-1], "", "hello"):
        with pytest.raises(ForgedCode) as caught:
            CARDS.find(nothing, typed, now=NOW)
        assert not typed or typed not in str(caught.value)
        with pytest.raises(ForgedCode):
            CARDS.activation(nothing, typed, won(1), sale="o1", at=NOW)


def test_nothing_that_is_kept_or_shown_tells_the_code(ledger: Ledger) -> None:
    found = card(ledger)
    said = repr((CARDS, found, found.account, CARDS.activation(ledger, CODE, won(1), sale="o1", at=NOW)))
    stored = repr(list(ledger.entries(found.account))) + repr(ledger.store.accounts("gift-cards"))
    assert CODE not in said + stored
    assert "k" * 32 not in said
    assert len(found.account.id) == 64


def test_a_card_is_found_after_its_key_was_changed(ledger: Ledger) -> None:
    rotated = GiftCards(keys=Keys(b"n" * 32, former=(b"k" * 32,)), currency="KRW", zone=SEOUL)
    assert rotated.find(ledger, CODE, now=NOW) == card(ledger)
    ledger.run(*rotated.activation(ledger, CODE, won(5_000), sale="o1", at=NOW), now=NOW)
    for cards in (CARDS, rotated):
        found = cards.find(ledger, CODE, now=NOW)
        assert found is not None
        assert found.balance == won(15_000)
    new = CARDS.make(b"sold after")
    ledger.run(*rotated.activation(ledger, new, won(1), sale="o2", at=NOW), now=NOW)
    assert (rotated.find(ledger, new, now=NOW) is None, CARDS.find(ledger, new, now=NOW)) == (False, None)
    forgotten = GiftCards(keys=Keys(b"n" * 32), currency="KRW", zone=SEOUL)
    assert forgotten.find(ledger, CODE, now=NOW) is None


def test_what_is_left_goes_to_store_credit(ledger: Ledger) -> None:
    checkout.redeem(ledger, [card(ledger).part(won(4_000))], order="o1", now=NOW)
    found = card(ledger)
    ledger.move(found.account, found.to_credit(CREDIT, "mina"), now=NOW)
    assert balances(ledger)[:2] == (9_000, 0)
    with pytest.raises(FactError, match="is not money above 0"):
        card(ledger).to_credit(CREDIT, "mina")
    checkout.cancel(ledger, [found.part(won(4_000))], order="o1", now=NOW)
    assert card(ledger).balance == won(4_000)
    assert ledger.head(found.account, now=NOW).totals[Bucket.MERGED] == 6_000


def test_a_card_that_is_topped_up_goes_to_the_same_customers_credit_again(ledger: Ledger) -> None:
    for sale, amount in (("o1", 10_000), ("o2", 10_000), ("o3", 500)):  # as much as before, and another amount
        found = card(ledger)
        for _ in range(2):
            ledger.move(found.account, found.to_credit(CREDIT, "mina"), now=NOW)
        assert card(ledger).balance == won(0)
        ledger.run(*CARDS.activation(ledger, CODE, won(amount), sale=sale, at=NOW), now=NOW)
    assert balances(ledger)[:2] == (33_000, 500)


def test_a_code_has_80_bits() -> None:
    assert GIFT_CARD_CODE.read(CODE) == CODE
    assert len(CODE) == 17

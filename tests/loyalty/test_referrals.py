"""Referrals: who brought whom, and what both get for it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from retention import Address, Contact, Customer, Order, Profile, Refund, won
from retention.errors import CurrencyMismatch, FactError
from retention.loyalty.codes import REFERRAL_CODE
from retention.loyalty.errors import PolicyError
from retention.loyalty.ledger.commands import Command
from retention.loyalty.ledger.head import Account
from retention.loyalty.ledger.ledger import Ledger
from retention.loyalty.programme.dates import Expiry, Pending
from retention.loyalty.referrals import NotReferred, Referrals, Referred, WhyNotReferred, addresses, emails, phones
from retention.money import Money, usd
from retention.storage.memory import MemoryLedgerStore

SEOUL = ZoneInfo("Asia/Seoul")
NOW = datetime(2026, 4, 10, 3, tzinfo=UTC)
DELIVERED = NOW + timedelta(days=2)
DUE = datetime(2026, 4, 25, 15, tzinfo=UTC)  # the 26th begins in Seoul
FRIENDS = Referrals(referrer=2_000, friend=1_000, zone=SEOUL, minimum=won(10_000))
MINA = Customer("mina", email="mina@example.com", phone="010-1234-5678")
JUN = Customer("jun", email="jun@example.com", phone="010-9999-5678")


def an_order(order: str = "o1", total: int = 30_000, at: datetime = NOW, **said: object) -> Order:
    return Order(order, at, total=won(total), **said)  # type: ignore[arg-type]


def link(friend: Customer = JUN, *orders: Order, referrer: Customer = MINA, **said: object) -> Referred | NotReferred:
    placed = orders or (an_order(),)
    return FRIENDS.link(referrer, Profile.build(friend, placed), placed[-1], **said)  # type: ignore[arg-type]


def why(found: Referred | NotReferred) -> str:
    return str(found) if isinstance(found, NotReferred) else "linked"


@pytest.fixture
def ledger() -> Ledger:
    return Ledger(store=MemoryLedgerStore())


def linked() -> Referred:
    found = link()
    assert isinstance(found, Referred)
    return found


def balance(ledger: Ledger, customer: str, now: datetime = DUE) -> int:
    return ledger.head(Account("points", customer), now=now).balance


def test_a_first_order_is_linked() -> None:
    assert link() == Referred(referrer="mina", friend="jun", order="o1", at=NOW)
    code = FRIENDS.code(bytes(range(7)))
    assert REFERRAL_CODE.read(code.lower()) == code


def test_nobody_refers_themselves() -> None:
    assert why(link(Customer("mina"))) == "self"


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        ("mina@example.com", "MINA@Example.com "),
        ("mina@example.com", "mina+shop@example.com"),
        ("mi.na@gmail.com", "mina@googlemail.com"),
        ("mina@example.com", "mina@example.com"),
    ],
)
def test_nobody_refers_another_account_of_their_own_by_mail(mine: str, theirs: str) -> None:
    assert why(link(Customer("jun", email=theirs), referrer=Customer("mina", email=mine))) == "same email"


def test_dots_tell_mailboxes_apart_but_at_gmail() -> None:
    assert why(link(Customer("jun", email="mi.na@example.com"))) == "linked"


@pytest.mark.parametrize("theirs", ["+82 10-1234-5678", "01012345678", "010.1234.5678", "0082 10 1234 5678"])
def test_nobody_refers_another_account_of_their_own_by_telephone(theirs: str) -> None:
    assert why(link(Customer("jun", contacts=[Contact("phone", theirs)]))) == "same phone"


@pytest.mark.parametrize("zero", ["\N{FULLWIDTH DIGIT ZERO}", "\N{ARABIC-INDIC DIGIT ZERO}", "\N{SUBSCRIPT ZERO}"])
def test_a_telephone_number_is_the_same_in_other_digits(zero: str) -> None:
    theirs = "010-1234-5678".translate({ord("0") + digit: chr(ord(zero) + digit) for digit in range(10)})
    assert why(link(Customer("jun", phone=theirs))) == "same phone"


HOME = Address(country="KR", city="서울", postal_code="06236", lines=["테헤란로 152", "7층"])


@pytest.mark.parametrize(
    ("theirs", "answer"),
    [
        (Address(country="KR", city="Seoul", postal_code="062-36", lines=["테헤란로152, 7층"]), "same address"),
        (Address(postal_code="06236", lines=["테헤란로 152", "8층"]), "linked"),
        (Address(postal_code="06237", lines=["테헤란로 152", "7층"]), "linked"),
        (Address(postal_code="06236"), "linked"),
        (Address(lines=["테헤란로 152", "7층"]), "linked"),
    ],
)
def test_one_address_is_one_household(theirs: Address, answer: str) -> None:
    referrer = Customer("mina", addresses=[HOME])
    assert why(link(Customer("jun", addresses=[theirs]), referrer=referrer)) == answer


def test_a_second_friend_at_one_address_counts_no_more() -> None:
    first, second = (Customer(each, addresses=[HOME]) for each in ("bora", "jun"))
    assert why(link(second, brought=[first])) == "same address"
    assert why(link(second, brought=[second])) == "linked"  # asked again


def test_only_the_first_order_counts() -> None:
    earlier = an_order("o0", at=NOW - timedelta(days=300))
    assert why(link(JUN, earlier, an_order())) == "not first order"
    later = Profile.build(JUN, [an_order(), an_order("o2", at=NOW + timedelta(days=1))])
    assert isinstance(FRIENDS.link(MINA, later, an_order()), Referred)


def test_an_order_below_the_minimum_says_what_is_missing() -> None:
    found = link(JUN, an_order(total=9_000))
    assert isinstance(found, NotReferred)
    assert (found.why, found.missing) == ((WhyNotReferred.BELOW_MINIMUM,), won(1_000))


@pytest.mark.parametrize("minimum", [None, won(0)])
def test_an_order_that_costs_nothing_counts_for_nobody(minimum: Money | None) -> None:
    open_to_all = Referrals(referrer=2_000, friend=1_000, zone=SEOUL, minimum=minimum)
    for total, answer in ((0, NotReferred((WhyNotReferred.BELOW_MINIMUM,), won(1))), (1, linked())):
        order = an_order(total=total)
        assert open_to_all.link(MINA, Profile.build(JUN, [order]), order) == answer
    assert open_to_all.rewards(linked(), an_order(total=0, delivered_at=DELIVERED)) == ()


def test_all_that_speaks_against_it_is_said() -> None:
    friend = Customer("jun", email="mina@example.com", phone="010-1234-5678")
    found = link(friend, an_order("o0", at=NOW - timedelta(days=1)), an_order(total=1))
    assert why(found) == "same email, same phone, not first order, below minimum"


def test_both_are_rewarded_when_the_return_window_is_over(ledger: Ledger) -> None:
    assert FRIENDS.rewards(linked(), an_order()) == ()
    rewards = FRIENDS.rewards(linked(), an_order(delivered_at=DELIVERED))
    for _ in range(2):
        ledger.run_together(rewards, now=DELIVERED)
    before = DUE - timedelta(microseconds=1)
    assert (balance(ledger, "mina", before), balance(ledger, "jun", before)) == (0, 0)
    assert (balance(ledger, "mina"), balance(ledger, "jun")) == (2_000, 1_000)


def test_the_due_instant_is_frozen_with_the_reward(ledger: Ledger) -> None:
    order = an_order(delivered_at=DELIVERED)
    ledger.run_together(FRIENDS.rewards(linked(), order), now=DELIVERED)
    longer = Referrals(referrer=9, friend=9, zone=SEOUL, after=Pending(days=90, event="delivered"), name="other")
    assert longer.rewards(linked(), order)[0][1].validity.available_at > DUE
    assert balance(ledger, "mina") == 2_000


def test_a_friend_is_rewarded_for_one_referrer_only(ledger: Ledger) -> None:
    order = an_order(delivered_at=DELIVERED)
    ledger.run_together(FRIENDS.rewards(linked(), order), now=DELIVERED)
    bora = link(referrer=Customer("bora"))
    assert isinstance(bora, Referred)
    (_, referrer), _ = FRIENDS.rewards(bora, order)
    assert ledger.run(Account("points", "bora"), referrer, now=DELIVERED).already


@pytest.mark.parametrize("seen_first", [False, True])
@pytest.mark.parametrize(("refunded", "kept"), [(30_000, 0), (20_001, 0), (20_000, 1)])
def test_a_refund_takes_both_rewards_back_once_too_little_is_left(
    ledger: Ledger, refunded: int, kept: int, seen_first: bool
) -> None:
    order = an_order(delivered_at=DELIVERED)
    back = FRIENDS.taken_back(linked(), Refund("r1", DELIVERED, won(refunded)))
    steps: list[Sequence[tuple[Account, Command]]] = [FRIENDS.rewards(linked(), order), back, back]
    for step in reversed(steps) if seen_first else steps:
        ledger.run_together(step, now=DELIVERED)
    assert (balance(ledger, "mina"), balance(ledger, "jun")) == (2_000 * kept, 1_000 * kept)


def test_one_side_may_get_nothing_and_rewards_may_be_credit(ledger: Ledger) -> None:
    one = Referrals(referrer=3_000, zone=SEOUL, programme="credit", unit="KRW", expiry=Expiry(days=30))
    ((account, earn),) = one.rewards(linked(), an_order(delivered_at=DELIVERED))
    assert account == Account("credit", "mina", "KRW")
    assert earn.validity.expires_at == datetime(2026, 5, 26, 15, tzinfo=UTC)
    assert len(one.taken_back(linked(), Refund("r1", NOW, won(1)))) == 1


def test_bad_input_is_refused() -> None:
    with pytest.raises(FactError, match="is not the one that was linked"):
        FRIENDS.rewards(linked(), an_order("o2"))
    with pytest.raises(CurrencyMismatch):
        FRIENDS.link(MINA, Profile.build(JUN), Order("o1", NOW, total=usd(100)))
    for wrong in (
        {"referrer": -1},
        {"friend": 1.5},
        {"zone": "Asia/Seoul"},
        {"minimum": 5},
        {"after": 14},
        {"expiry": 3},
    ):
        with pytest.raises(PolicyError):
            Referrals(**{"zone": SEOUL, **wrong})  # type: ignore[arg-type]


def test_what_is_not_given_is_compared_with_nothing() -> None:
    nobody = Customer("jun", contacts=[Contact("phone", "none"), Contact("kakao", "mina")])
    assert (emails(nobody), phones(nobody), addresses(nobody)) == (frozenset(), frozenset(), frozenset())
    assert why(link(nobody, referrer=Customer("mina", contacts=[Contact("phone", "none")]))) == "linked"

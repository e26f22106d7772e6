"""Coupons that are issued on occasions."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retention import Customer, Order, Profile, Refund, won
from retention.activity import ConsentEvent, Review
from retention.loyalty.codes import COUPON_CODE, Keys
from retention.loyalty.coupons import (
    BirthdayMonth,
    Comeback,
    Coupon,
    FirstPurchase,
    Issued,
    IssuedOn,
    Offer,
    PercentOff,
    issue,
    mint,
    wallet,
)
from retention.loyalty.errors import PolicyError
from retention.loyalty.programme.dates import During, Expiry
from retention.loyalty.programme.occasions import Birthday, Consented, Reviewed, SignUp
from retention.profile import Fact
from retention.rules import customer, orders
from tests.loyalty.coupons.shop import NOW, SEOUL, a_coupon, a_ledger

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
WELCOME = a_coupon("welcome", PercentOff("10"), issued=True, valid=Expiry(days=30))


def at(*parts: int) -> datetime:
    """An instant on Seoul's clock."""
    return datetime(*parts, tzinfo=SEOUL).astimezone(UTC)  # type: ignore[misc, arg-type]


def due(
    on: IssuedOn, *facts: Fact, since: datetime = LONG_AGO, until: datetime = NOW, **said: object
) -> tuple[Issued, ...]:
    profile = Profile.build(Customer("mina", **said), facts)  # type: ignore[arg-type]
    return Offer(WELCOME, on).due(profile, since=since, until=until)


def days_of(found: tuple[Issued, ...]) -> list[date]:
    return [each.valid_from.astimezone(SEOUL).date() for each in found]


def test_sign_up() -> None:
    joined = at(2026, 4, 1, 12)
    (issued,) = due(SignUp(), joined_at=joined)
    assert (issued.customer, issued.valid_from, issued.key) == ("mina", joined, "welcome:mina:sign-up")
    assert issued.valid_until == at(2026, 5, 2)
    assert due(SignUp()) == ()


def test_what_fell_due_is_after_since_and_at_or_before_until() -> None:
    joined = at(2026, 4, 1, 12)
    assert due(SignUp(), joined_at=joined, since=joined) == ()
    assert due(SignUp(), joined_at=joined, until=joined - timedelta(seconds=1)) == ()
    assert len(due(SignUp(), joined_at=joined, since=joined - timedelta(seconds=1), until=joined)) == 1


def test_the_first_purchase_is_the_first_that_came_so_far() -> None:
    late = Order("o1", at(2026, 4, 1), total=won(1), paid_at=at(2026, 4, 5))
    early = Order("o2", at(2026, 4, 2), total=won(1), paid_at=at(2026, 4, 3))
    (issued,) = due(FirstPurchase(), late, early)
    assert (issued.valid_from, issued.subject) == (at(2026, 4, 3), "mina:first-purchase")
    assert due(FirstPurchase(event="delivered"), late, early) == ()
    assert days_of(due(FirstPurchase(event="placed"), late, early)) == [date(2026, 4, 1)]


def test_a_consent_on_the_channel_once() -> None:
    events = [
        ConsentEvent("c1", at(2026, 4, 1), channel="email", given=True),
        ConsentEvent("c2", at(2026, 4, 2), channel="email", given=False),
        ConsentEvent("c3", at(2026, 4, 3), channel="email", given=True),
        ConsentEvent("c4", at(2026, 4, 4), channel="sms", given=True),
    ]
    assert days_of(due(Consented("email"), *events)) == [date(2026, 4, 1)]
    assert due(Consented("email"), *events)[0].subject == "mina:consent:email:marketing"


def test_a_review_once_a_product() -> None:
    reviews = [
        Review("r1", at(2026, 4, 1), product_id="mug", has_photo=False),
        Review("r2", at(2026, 4, 2), product_id="mug", has_photo=True),
        Review("r3", at(2026, 4, 3), product_id="beans", has_photo=True),
    ]
    assert days_of(due(Reviewed(), *reviews)) == [date(2026, 4, 1), date(2026, 4, 3)]
    assert days_of(due(Reviewed(photo=True), *reviews)) == [date(2026, 4, 2), date(2026, 4, 3)]


def test_comeback_days_after_what_happened_to_an_order_of_enough() -> None:
    delivered = at(2026, 3, 1, 20)
    order = Order("o1", at(2026, 2, 27), total=won(50_000), delivered_at=delivered)
    small = Order("o2", at(2026, 2, 27), total=won(49_999), delivered_at=delivered)
    on = Comeback(30, event="delivered", spend=won(50_000))
    (issued,) = due(on, order, small)
    assert (issued.valid_from, issued.subject) == (at(2026, 3, 31), "mina:comeback:o1")
    assert len(due(Comeback(30, event="delivered"), order, small)) == 2
    assert due(Comeback(30), order) == ()
    assert [each.valid_from for each in due(Comeback(0, event="delivered"), order)] == [delivered]


def test_comeback_counts_what_was_refunded_by_then() -> None:
    def refunded(day: int) -> Order:
        refunds = [Refund("r", at(2026, 3, day), won(10_000))]
        return Order("o1", at(2026, 3, 1), total=won(50_000), paid_at=at(2026, 3, 1), refunds=refunds)

    on = Comeback(14, spend=won(45_000))
    assert due(on, refunded(10)) == ()
    assert len(due(on, refunded(20))) == 1


def test_comeback_knows_a_refund_of_its_very_instant() -> None:
    paid = at(2026, 3, 1, 20)

    def refunded(when: datetime) -> Order:
        return Order("o1", paid, total=won(50_000), paid_at=paid, refunds=[Refund("r", when, won(10_000))])

    for on, instant in ((Comeback(0, spend=won(45_000)), paid), (Comeback(14, spend=won(45_000)), at(2026, 3, 15))):
        assert due(on, refunded(instant)) == ()
        assert len(due(on, refunded(instant + timedelta(microseconds=1)))) == 1


def test_comeback_for_those_who_are_not_back_is_an_ordinary_rule() -> None:
    first = Order("o1", at(2026, 2, 1), total=won(1), paid_at=at(2026, 2, 1))
    again = Order("o2", at(2026, 2, 20), total=won(1), paid_at=at(2026, 2, 20))
    offer = Offer(WELCOME, Comeback(30), when=orders.count() == 1)
    alone, back = (Profile.build(Customer("mina"), facts) for facts in ([first], [first, again]))
    assert len(offer.due(alone, since=LONG_AGO, until=at(2026, 3, 10))) == 1
    assert offer.due(back, since=LONG_AGO, until=at(2026, 3, 10)) == ()


@pytest.mark.parametrize(
    ("on", "day"),
    [
        (Birthday(), date(2026, 5, 20)),
        (Birthday(lead=7), date(2026, 5, 13)),
        (BirthdayMonth(), date(2026, 5, 1)),
        (BirthdayMonth(lead=3), date(2026, 4, 28)),
        (BirthdayMonth("before"), date(2026, 4, 1)),
    ],
)
def test_birthdays(on: IssuedOn, day: date) -> None:
    found = due(on, birthday=date(1990, 5, 20), since=at(2026, 1, 1), until=at(2026, 12, 31))
    assert days_of(found) == [day]
    assert found[0].subject == "mina:birthday:2026"


def test_the_month_before_january_is_in_the_year_before() -> None:
    found = due(BirthdayMonth("before"), birthday=date(1990, 1, 9), since=at(2025, 6, 1), until=at(2026, 6, 1))
    assert days_of(found) == [date(2025, 12, 1)]
    assert found[0].subject == "mina:birthday:2026"


def test_a_birthday_of_29_february_is_on_the_28th_in_common_years() -> None:
    leap = {"birthday": date(2000, 2, 29)}
    assert days_of(due(Birthday(), since=at(2026, 1, 1), until=at(2028, 12, 31), **leap)) == [
        date(2026, 2, 28),
        date(2027, 2, 28),
        date(2028, 2, 29),
    ]
    assert days_of(due(Birthday(lead=30), since=at(2028, 1, 1), until=at(2028, 12, 31), **leap)) == [date(2028, 1, 30)]


def test_nobody_has_a_birthday_before_being_one() -> None:
    assert due(Birthday(), birthday=date(2025, 4, 10), since=at(2025, 1, 1), until=at(2025, 12, 31)) == ()
    assert due(Birthday()) == ()


days = st.dates(date(1950, 1, 1), date(2010, 12, 31))
occasions = st.one_of(
    st.builds(Birthday, lead=st.integers(0, 400)),
    st.builds(BirthdayMonth, st.sampled_from(["this", "before"]), lead=st.integers(0, 400)),
)


@given(occasions, days, st.lists(st.datetimes(datetime(2020, 1, 1), datetime(2032, 1, 1)), min_size=2, max_size=6))
def test_spans_one_after_another_issue_the_same_as_the_whole(
    on: IssuedOn, birthday: date, cuts: list[datetime]
) -> None:
    ends = sorted(each.replace(tzinfo=UTC) for each in cuts)
    parts = [each for start, end in pairwise(ends) for each in due(on, birthday=birthday, since=start, until=end)]
    whole = due(on, birthday=birthday, since=ends[0], until=ends[-1])
    assert parts == list(whole)
    assert len({each.key for each in whole}) == len(whole)


@given(occasions, days)
def test_one_birthday_coupon_a_year(on: IssuedOn, birthday: date) -> None:
    found = due(on, birthday=birthday, since=at(2015, 1, 1), until=at(2027, 1, 1))
    assert 11 <= len(found) <= 13
    assert [later.valid_from > earlier.valid_from for earlier, later in pairwise(found)] == [True] * (len(found) - 1)


def test_a_reminder_comes_so_many_days_before_the_last() -> None:
    week = a_coupon("week", PercentOff("10"), issued=True, valid=Expiry(days=7))
    profile = Profile.build(Customer("mina", joined_at=at(2026, 4, 1, 12)))
    (issued,) = Offer(week, SignUp(), remind=3).due(profile, since=LONG_AGO, until=NOW)
    assert issued.remind_at == at(2026, 4, 5, 10)
    (issued,) = Offer(week, SignUp(), remind=8).due(profile, since=LONG_AGO, until=NOW)
    assert issued.remind_at is None  # it would come before the coupon
    forever = Offer(a_coupon("ever", PercentOff("10"), issued=True), SignUp(), remind=3)
    assert [each.remind_at for each in forever.due(profile, since=LONG_AGO, until=NOW)] == [None]


def test_whom_an_offer_is_for() -> None:
    offer = Offer(WELCOME, SignUp(), when=customer.tags.has("vip"))
    joined = at(2026, 4, 1)
    assert offer.due(Profile.build(Customer("mina", joined_at=joined)), since=LONG_AGO, until=NOW) == ()
    vip = Profile.build(Customer("mina", joined_at=joined, tags={"vip"}))
    assert len(offer.due(vip, since=LONG_AGO, until=NOW)) == 1


def test_days_that_are_over_issue_nothing() -> None:
    over = a_coupon("march", PercentOff("10"), issued=True, valid=During.month(2026, 3))
    profile = Profile.build(Customer("mina", joined_at=at(2026, 4, 1)))
    assert Offer(over, SignUp()).due(profile, since=LONG_AGO, until=NOW) == ()


def test_what_is_due_twice_is_issued_once() -> None:
    ledger, found = a_ledger(), due(SignUp(), joined_at=at(2026, 4, 1))
    results = [issue(ledger, each, now=NOW) for each in (*found, *found)]
    assert [(each.amount, each.replayed) for each in results] == [(1, False), (1, True)]
    (held,) = wallet(ledger, [WELCOME], "mina", now=NOW)
    assert held == found[0].held


def test_a_birthday_that_moves_within_the_year_is_still_one() -> None:
    ledger = a_ledger()
    first, moved = (
        due(Birthday(), birthday=date(1990, 4, day), since=at(2026, 1, 1), until=at(2026, 4, 10))[0] for day in (1, 9)
    )
    assert not issue(ledger, first, now=NOW).already
    assert issue(ledger, moved, now=NOW).already
    assert wallet(ledger, [WELCOME], "mina", now=NOW) == (first.held,)


def test_unique_codes_are_the_same_when_the_event_comes_again() -> None:
    coupon = a_coupon("bday", PercentOff("10"), codes="BDAY", valid=Expiry(days=30))
    profile = Profile.build(Customer("mina", joined_at=at(2026, 4, 1)))
    keys = Keys(bytes(32))
    first, again = (
        Offer(coupon, SignUp()).due(profile, since=LONG_AGO, until=NOW, entropy=keys.entropy) for _ in range(2)
    )
    assert first == again
    assert first[0].code is not None
    assert COUPON_CODE.read(first[0].code) == first[0].code
    assert first[0].code not in repr(first[0])
    with pytest.raises(PolicyError, match="unique codes"):
        Offer(coupon, SignUp()).due(profile, since=LONG_AGO, until=NOW)


def test_codes_are_minted_for_whoever_finds_them() -> None:
    coupon = a_coupon("card", PercentOff("10"), codes="CARD", valid=Expiry(days=30))
    one, two = (mint(coupon, at=NOW, entropy=bytes([number] * 8)) for number in (1, 2))
    assert one.key != two.key
    assert one.customer is None
    with pytest.raises(PolicyError, match="no unique codes"):
        mint(WELCOME, at=NOW, entropy=bytes(8))


def test_offers_that_make_no_sense_are_refused() -> None:
    def offer(coupon: object, on: object = SignUp(), **said: object) -> Offer:
        return Offer(coupon, on, **said)  # type: ignore[arg-type]

    anybody: Coupon = a_coupon("anybody", PercentOff("10"))
    for wrong, words in (
        (lambda: offer(anybody), "is not a coupon that is issued"),
        (lambda: offer("welcome"), "is not a coupon that is issued"),
        (lambda: offer(WELCOME, "sign-up"), r"Offer\.on"),
        (lambda: offer(WELCOME, uses=0), r"Offer\.uses"),
        (lambda: offer(WELCOME, remind=-1), r"Offer\.remind"),
        (lambda: offer(WELCOME, when=True), r"Offer\.when"),
        (lambda: Comeback(-1), r"Comeback\.days"),
    ):
        with pytest.raises(PolicyError, match=words):
            wrong()
    for event in (lambda: Comeback(3, event="payed"), lambda: FirstPurchase(event=""), lambda: BirthdayMonth("next")):  # type: ignore[arg-type]
        with pytest.raises(ValueError, match=r"event|month"):
            event()

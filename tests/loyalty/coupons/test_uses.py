"""Uses: reserved at checkout, redeemed, released, given back; wallets and codes."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from retention.loyalty.checkout import Taken
from retention.loyalty.codes import COUPON_CODE
from retention.loyalty.coupons import (
    Coupon,
    Entered,
    Held,
    Issued,
    NotApplied,
    PercentOff,
    Usable,
    behind,
    cancel,
    issue,
    mint,
    redeem,
    release,
    reserve,
    revoke,
    wallet,
)
from retention.loyalty.coupons.held import account_of
from retention.loyalty.ledger.entries import Bucket, Validity
from retention.loyalty.ledger.ledger import Ledger
from retention.loyalty.programme.dates import During, Expiry
from tests.loyalty.coupons.shop import NOW, SEOUL, a_coupon, a_ledger

TEN = PercentOff("10")
QUARTER = timedelta(minutes=15)
ONCE = a_coupon("once", TEN, limit=1)
EACH = a_coupon("each", TEN, per_customer=1)
GIVEN = a_coupon("given", TEN, issued=True, valid=Expiry(days=7))


class Shop:
    """A ledger and what a shop asks of it, an instant at a time."""

    def __init__(self, *coupons: Usable, customer: str = "mina") -> None:
        self.ledger, self.coupons, self.customer, self.now = a_ledger(), coupons, customer, NOW

    def later(self, **span: int) -> datetime:
        self.now += timedelta(**span)
        return self.now

    def reserve(self, order: str, customer: str | None = None) -> str:
        answer = reserve(self.ledger, self.coupons, order=order, until=self.now + QUARTER, **self._who(customer))
        return told(answer)

    def redeem(self, order: str, customer: str | None = None) -> str:
        return told(redeem(self.ledger, self.coupons, order=order, **self._who(customer)))

    def release(self, order: str) -> None:
        release(self.ledger, self.coupons, order=order, **self._who(None))

    def cancel(self, order: str, extended: Validity | None = None) -> None:
        cancel(self.ledger, self.coupons, order=order, extended=extended, **self._who(None))

    def _who(self, customer: str | None) -> dict[str, Any]:
        return {"customer": customer or self.customer, "now": self.now}

    def used(self, coupon: Coupon) -> int:
        return self.ledger.head(account_of(coupon), now=self.now).totals[Bucket.SPENT]


def told(answer: Taken | tuple[NotApplied, ...]) -> str:
    return "taken" if isinstance(answer, Taken) else ", ".join(each.why.value for each in answer)


def given_to(ledger: Ledger, customer: str = "mina", at: datetime = NOW, coupon: Coupon = GIVEN) -> Held:
    window = coupon.window(at)
    assert window is not None
    issued = Issued(coupon=coupon, subject=f"{customer}:{at}", validity=window, customer=customer)
    issue(ledger, issued, now=at)
    return issued.held


def test_a_reservation_is_a_use_until_it_times_out() -> None:
    shop = Shop(ONCE)
    assert shop.reserve("o1") == "taken"
    assert shop.reserve("o2") == "used-up"
    shop.later(minutes=15)
    assert shop.reserve("o2") == "taken"
    assert shop.redeem("o1") == "used-up"
    assert shop.redeem("o2") == "taken"
    assert shop.used(ONCE) == 1


def test_a_reservation_never_blocks_its_own_order() -> None:
    shop = Shop(ONCE)
    assert [shop.reserve("o1"), shop.reserve("o1")] == ["taken", "taken"]
    shop.later(minutes=5)
    answer = reserve(shop.ledger, [ONCE], customer="mina", order="o1", until=shop.now + QUARTER, now=shop.now)
    assert answer == Taken(NOW + QUARTER)  # the time-out that was promised first
    shop.later(minutes=20)
    assert shop.reserve("o1") == "taken"  # it has timed out and is reserved anew
    assert shop.redeem("o1") == "taken"
    assert shop.reserve("o1") == "taken"  # it has what it asks for
    assert shop.used(ONCE) == 1


def test_an_aborted_payment_loses_nothing() -> None:
    shop = Shop(ONCE)
    shop.reserve("o1")
    shop.release("o1")
    shop.release("o1")
    assert shop.reserve("o2") == "taken"


def test_a_late_payment_takes_what_is_still_there() -> None:
    shop = Shop(ONCE)
    shop.reserve("o1")
    shop.later(hours=1)
    assert shop.redeem("o1") == "taken"
    assert shop.redeem("o1") == "taken"
    assert shop.used(ONCE) == 1
    assert shop.reserve("o2") == "used-up"


def test_a_cancelled_order_gives_its_use_back_once() -> None:
    shop = Shop(ONCE)
    shop.reserve("o1")
    shop.redeem("o1")
    shop.cancel("o1")
    shop.cancel("o1")
    assert shop.used(ONCE) == 0
    assert (shop.reserve("o1"), shop.redeem("o1")) == ("order-cancelled", "order-cancelled")
    assert shop.redeem("o2") == "taken"
    shop.cancel("o1")
    assert shop.used(ONCE) == 1


def test_an_order_that_only_reserved_is_cancelled_too() -> None:
    shop = Shop(ONCE)
    shop.reserve("o1")
    shop.cancel("o1")
    assert shop.reserve("o2") == "taken"


def test_a_limit_for_each_customer() -> None:
    shop = Shop(EACH)
    assert (shop.redeem("o1"), shop.redeem("o2")) == ("taken", "used-by-customer")
    assert shop.redeem("o3", "jun") == "taken"


def test_several_limits_are_taken_together_or_not_at_all() -> None:
    both = a_coupon("both", TEN, limit=2, per_customer=1)
    shop = Shop(both, EACH)
    assert shop.redeem("o1") == "taken"
    assert shop.reserve("o2") == "used-by-customer, used-by-customer"
    assert shop.redeem("o3", "jun") == "taken"
    assert shop.reserve("o4", "bora") == "used-up"
    assert shop.ledger.head(account_of(EACH, customer="bora"), now=NOW).held == 0
    assert shop.used(both) == 2


def test_a_coupon_twice_in_one_order_is_two_uses() -> None:
    shop = Shop(*[a_coupon("twice", TEN, limit=3, per_order=2)] * 2)
    assert (shop.redeem("o1"), shop.reserve("o2")) == ("taken", "used-up")


def test_an_order_that_takes_another_number_reserves_anew() -> None:
    coupon = a_coupon("twice", TEN, limit=2, per_order=2)
    shop = Shop(coupon)
    shop.reserve("o1")
    shop.coupons = (coupon, coupon)
    assert shop.reserve("o1") == "taken"
    assert shop.redeem("o1") == "taken"
    assert shop.used(coupon) == 2


def test_a_redemption_of_another_number_than_was_reserved() -> None:
    coupon = a_coupon("twice", TEN, limit=2, per_order=2)
    shop = Shop(coupon, coupon)
    shop.reserve("o1")
    shop.coupons = (coupon,)
    assert shop.redeem("o1") == "taken"
    assert shop.used(coupon) == 1
    assert shop.ledger.head(account_of(coupon), now=shop.now).held == 0
    shop.coupons = (coupon, coupon)
    assert (shop.redeem("o1"), shop.reserve("o1")) == ("used-otherwise", "used-otherwise")


def test_a_coupon_without_limits_needs_no_account_and_keeps_its_days() -> None:
    april = a_coupon("april", TEN, valid=During.month(2026, 4))
    shop = Shop(april)
    assert (shop.reserve("o1"), shop.redeem("o1")) == ("taken", "taken")
    shop.later(days=30)
    assert shop.reserve("o2") == "over"
    assert list(shop.ledger.entries(account_of(april))) == []


def test_a_limited_coupon_keeps_its_days() -> None:
    march = a_coupon("march", TEN, limit=5, valid=During.month(2026, 3))
    may = a_coupon("may", TEN, limit=5, valid=During.month(2026, 5))
    assert (Shop(march).reserve("o1"), Shop(may).reserve("o1")) == ("over", "not-yet")


def test_what_is_reserved_before_the_end_is_redeemed_after_it() -> None:
    day = a_coupon("day", TEN, limit=5, valid=During(date(2026, 4, 10), date(2026, 4, 10)))
    shop = Shop(day)
    shop.later(hours=11, minutes=55)  # 23:55 in Seoul
    assert shop.reserve("o1") == "taken"
    shop.later(minutes=10)
    assert shop.reserve("o2") == "over"
    assert shop.redeem("o1") == "taken"


def test_changing_a_coupons_limit_does_not_change_what_the_ledger_has_opened() -> None:
    shop = Shop(ONCE)
    shop.redeem("o1")
    shop.coupons = (a_coupon("once", TEN, limit=100),)
    assert shop.redeem("o2") == "used-up"


def test_a_wallet_is_what_was_issued_and_not_used() -> None:
    ledger = a_ledger()
    first, second = given_to(ledger), given_to(ledger, at=NOW + timedelta(days=1))
    now = NOW + timedelta(days=1)
    assert wallet(ledger, [GIVEN, EACH], "mina", now=now) == (first, second)
    assert wallet(ledger, [GIVEN], "jun", now=now) == ()
    redeem(ledger, [second], customer="mina", order="o1", now=now)  # what expires first is taken first
    assert wallet(ledger, [GIVEN], "mina", now=now) == (second,)
    assert wallet(ledger, [GIVEN], "mina", now=now + timedelta(days=8)) == ()


def test_what_an_order_reserved_is_in_the_wallet_for_that_order_only() -> None:
    ledger = a_ledger()
    held = given_to(ledger)
    reserve(ledger, [held], customer="mina", order="o1", until=NOW + QUARTER, now=NOW)
    assert wallet(ledger, [GIVEN], "mina", now=NOW) == wallet(ledger, [GIVEN], "mina", now=NOW, order="o2") == ()
    assert wallet(ledger, [GIVEN], "mina", now=NOW, order="o1") == (held,)


def test_two_uses_of_one_lot_are_one_in_the_wallet() -> None:
    ledger = a_ledger()
    window = GIVEN.window(NOW)
    assert window is not None
    issued = Issued(coupon=GIVEN, subject="both", validity=window, customer="mina", uses=2)
    issue(ledger, issued, now=NOW)
    reserve(ledger, [issued.held], customer="mina", order="o1", until=NOW + QUARTER, now=NOW)
    assert [each.uses for each in wallet(ledger, [GIVEN], "mina", now=NOW, order="o1")] == [2]


def test_an_issued_coupon_is_used_once_and_by_its_holder() -> None:
    shop = Shop()
    held = given_to(shop.ledger)
    shop.coupons = (held,)
    assert shop.reserve("o1", "jun") == "not-theirs"
    assert (shop.redeem("o1"), shop.redeem("o2")) == ("taken", "used-by-customer")
    assert shop.redeem("o1", "jun") == "not-theirs"


def test_a_coupon_that_comes_back_after_its_end_is_lost_or_extended() -> None:
    for extended, left in ((False, 0), (True, 1)):
        shop = Shop()
        shop.coupons = (given_to(shop.ledger),)
        shop.redeem("o1")
        now = shop.later(days=20)
        shop.cancel("o1", Validity(now.astimezone(SEOUL).date(), now, now + timedelta(days=7)) if extended else None)
        assert len(wallet(shop.ledger, [GIVEN], "mina", now=now)) == left


def test_a_unique_code_is_good_for_one_use() -> None:
    ledger = a_ledger()
    card = a_coupon("card", TEN, codes="CARD", valid=Expiry(days=7), limit=10)
    issued = mint(card, at=NOW, entropy=bytes(range(8)))
    assert issued.code is not None
    typed = Entered(card, issued.code)
    assert told((behind(ledger, typed, now=NOW),)) == "unknown-code"  # type: ignore[arg-type]
    issue(ledger, issued, now=NOW)
    held = behind(ledger, typed, now=NOW)
    assert held == issued.held
    assert issued.code not in repr((held, issued)) + issued.key
    assert told(reserve(ledger, [held], customer="mina", order="o1", until=NOW + QUARTER, now=NOW)) == "taken"
    assert behind(ledger, typed, now=NOW, order="o1") == held
    assert told(redeem(ledger, [held], customer="mina", order="o1", now=NOW)) == "taken"
    assert told(redeem(ledger, [held], customer="jun", order="o2", now=NOW)) == "used-up"
    assert told((behind(ledger, typed, now=NOW),)) == "used-up"  # type: ignore[arg-type]


def test_a_code_whose_time_has_not_come_or_is_over() -> None:
    may = a_coupon("may", TEN, codes="MAY", valid=During.month(2026, 5))
    issued = mint(may, at=NOW, entropy=bytes(range(8)))
    ledger = a_ledger()
    issue(ledger, issued, now=NOW)
    for day, why in ((0, "not-yet"), (60, "over")):
        found = behind(ledger, Entered(may, COUPON_CODE.make(bytes(range(8)))), now=NOW + timedelta(days=day))
        assert told((found,)) == why  # type: ignore[arg-type]


def test_a_revoked_coupon_is_gone_but_for_what_is_reserved() -> None:
    ledger = a_ledger()
    held = given_to(ledger)
    given_to(ledger, at=NOW + timedelta(hours=1))
    now = NOW + timedelta(hours=1)
    reserve(ledger, [held], customer="mina", order="o1", until=now + QUARTER, now=now)
    said = {"key": "fraud-1", "reason": "fraud", "actor": "staff-3", "now": now}
    assert revoke(ledger, held.account, **said) == 1  # type: ignore[arg-type]
    assert revoke(ledger, held.account, **said) == 0  # type: ignore[arg-type]
    assert wallet(ledger, [GIVEN], "mina", now=now) == ()
    assert told(redeem(ledger, [held], customer="mina", order="o1", now=now)) == "taken"


def test_a_coupon_that_is_issued_again_can_be_revoked_again() -> None:
    ledger = a_ledger()
    for hour in range(2):
        now = NOW + timedelta(hours=hour)
        held = given_to(ledger, at=now)
        assert revoke(ledger, held.account, key="fraud-1", reason="fraud", actor="staff-3", now=now) == 1
        assert wallet(ledger, [GIVEN], "mina", now=now) == ()


def test_an_order_that_has_redeemed_one_does_not_get_three() -> None:
    coupon = a_coupon("thrice", TEN, limit=5, per_order=3)
    shop = Shop(coupon)
    assert shop.redeem("o1") == "taken"
    shop.coupons = (coupon,) * 3
    assert (shop.redeem("o1"), shop.reserve("o1")) == ("used-otherwise", "used-otherwise")
    assert (shop.used(coupon), shop.redeem("o2")) == (1, "taken")


def test_a_late_payment_of_a_cancelled_order_takes_nothing() -> None:
    for reserved in (True, False):
        shop = Shop(ONCE)
        if reserved:
            shop.reserve("o1")
        shop.cancel("o1")
        assert (shop.redeem("o1"), shop.reserve("o1")) == ("order-cancelled", "order-cancelled")
        assert shop.reserve("o2") == "taken"


def test_what_is_extended_is_the_customers_coupon_and_not_the_limit_for_all() -> None:
    week = a_coupon("week", TEN, issued=True, limit=5, valid=During(date(2026, 4, 10), date(2026, 4, 16)))
    shop = Shop()
    held = given_to(shop.ledger, coupon=week)
    shop.coupons = (held,)
    assert shop.redeem("o1") == "taken"
    now = shop.later(days=20)
    shop.cancel("o1", Validity(now.astimezone(SEOUL).date(), now, now + timedelta(days=7)))
    assert len(wallet(shop.ledger, [week], "mina", now=now)) == 1
    assert shop.ledger.head(account_of(week), now=now).available == 0


@pytest.mark.parametrize("held", [True, False])
def test_two_coupons_at_once(held: bool) -> None:
    shop = Shop(ONCE, EACH)
    assert shop.reserve("o1") == "taken"
    assert shop.reserve("o2", "jun" if held else None) == ("used-up" if held else "used-up, used-by-customer")

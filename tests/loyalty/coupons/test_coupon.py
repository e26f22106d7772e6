"""What a coupon is made of, and to whom and when it applies."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from retention import Segment, won
from retention.loyalty.coupons import AmountOff, Coupon, FreeShipping, Gift, Held, PercentOff, Scope, price
from retention.loyalty.errors import PolicyError
from retention.loyalty.ledger.entries import Validity
from retention.loyalty.programme.dates import During, Expiry
from retention.money import usd
from retention.rules import customer
from tests.loyalty.coupons.shop import NOW, SEOUL, a_cart, a_coupon, a_line, a_profile

TEN = PercentOff("10")


def why(coupon: Coupon | Held, **said: Any) -> str | None:
    refused = price(a_cart(a_line("a", 10_000), **said), [coupon]).refused
    return refused[0].why.value if refused else None


def test_fixed_days_are_those_of_the_zone_both_inside() -> None:
    april = a_coupon("april", TEN, valid=During(date(2026, 4, 1), date(2026, 4, 30)))
    first, last = datetime(2026, 3, 31, 15, tzinfo=UTC), datetime(2026, 4, 30, 15, tzinfo=UTC)
    tick = timedelta(microseconds=1)
    assert why(april, at=first - tick) == "not-yet"
    assert why(april, at=first) is None
    assert why(april, at=last - tick) is None
    assert why(april, at=last) == "over"


def test_days_may_be_open_at_either_end() -> None:
    until = a_coupon("until", TEN, valid=During(last=date(2026, 4, 9)))
    since = a_coupon("since", TEN, valid=During(first=date(2026, 4, 11)))
    assert (why(until), why(since)) == ("over", "not-yet")


def test_days_from_issue_run_through_the_local_day() -> None:
    coupon = a_coupon("b", TEN, issued=True, valid=Expiry(days=7))
    window = coupon.window(NOW)
    assert window is not None
    assert window.available_at == NOW
    assert window.expires_at == datetime(2026, 4, 17, 15, tzinfo=UTC)  # the 17th ends in Seoul
    assert a_coupon("m", TEN, issued=True, valid=Expiry(month_end=True)).window(NOW) == Validity(
        date(2026, 4, 10), NOW, datetime(2026, 4, 30, 15, tzinfo=UTC)
    )


def test_fixed_days_that_are_over_when_it_is_issued_leave_nothing() -> None:
    coupon = a_coupon("b", TEN, issued=True, valid=During(date(2026, 4, 1), date(2026, 4, 30)))
    early = coupon.window(datetime(2026, 1, 1, tzinfo=UTC))
    assert early is not None
    assert early.available_at == datetime(2026, 3, 31, 15, tzinfo=UTC)
    assert coupon.window(datetime(2026, 4, 30, 15, tzinfo=UTC)) is None


def test_an_issued_coupon_applies_to_its_holder_within_its_time() -> None:
    coupon = a_coupon("b", TEN, issued=True, valid=Expiry(days=7))
    window = coupon.window(NOW)
    assert window is not None
    held = Held(coupon=coupon, validity=window, customer="mina")
    mina = a_profile("mina")
    assert why(coupon) == "not-issued"
    assert why(held) == "customer-unknown"
    assert why(held, profile=a_profile("jun")) == "not-theirs"
    assert why(held, profile=mina) is None
    assert why(held, profile=mina, at=NOW - timedelta(seconds=1)) == "not-yet"
    assert why(held, profile=mina, at=NOW + timedelta(days=9)) == "over"


def test_who_may_use_it_is_an_ordinary_rule_or_segment() -> None:
    vip = Segment("vip", customer.tags.has("vip"), name="our best")
    for rule in (vip, customer.tags.has("vip")):
        coupon = a_coupon("for-vip", TEN, when=rule)
        assert why(coupon) == "customer-unknown"
        assert why(coupon, profile=a_profile()) == "not-eligible"
        assert why(coupon, profile=a_profile(tags={"vip"})) is None
    assert str(price(a_cart(a_line("a", 1), profile=a_profile()), [a_coupon("x", TEN, when=vip)]).refused[0]) == (
        "x: only for our best"
    )


def test_tiers() -> None:
    gold = a_coupon("gold", TEN, tiers={"GOLD", "VIP"})
    assert why(gold) == why(gold, tier="SILVER") == "other-tier"
    assert why(gold, tier="VIP") is None


def test_nothing_in_scope() -> None:
    assert why(a_coupon("coffee", TEN, scope=Scope(categories={"coffee"}))) == "nothing-in-scope"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"code": "A", "issued": True}, "another way to have it"),
        ({"code": "A", "codes": "B"}, "another way to have it"),
        ({"issued": True, "per_customer": 1}, "limits an issued coupon"),
        ({"valid": Expiry(days=7)}, "never comes"),
        ({"minimum": usd(1), "gives": AmountOff(won(1))}, "another currency"),
        ({"minimum": -5}, r"Coupon\.minimum: is not an amount"),
        ({"limit": 0}, r"Coupon\.limit"),
        ({"limit": True}, r"Coupon\.limit"),
        ({"per_customer": 1.0}, r"Coupon\.per_customer"),
        ({"per_order": 0}, r"Coupon\.per_order"),
        ({"zone": "Asia/Seoul"}, r"Coupon\.zone: is not a zone"),
        ({"scope": {"coffee"}}, r"Coupon\.scope"),
        ({"valid": 30}, r"Coupon\.valid"),
        ({"gives": "10"}, r"Coupon\.gives"),
        ({"when": "vip"}, r"Coupon\.when"),
        ({"tiers": "GOLD"}, r"Coupon\.tiers"),
        ({"code": ""}, r"Coupon\.code: is not fit to be typed"),
        ({"codes": "!"}, r"Coupon\.codes: is not fit to be typed"),
        ({"code": 10}, r"Coupon\.code: is not fit to be typed"),
        ({"id": "a/b"}, r"Coupon\.id: has / or #"),
        ({"id": ""}, r"Coupon\.id: is not a name"),
    ],
)
def test_a_coupon_that_makes_no_sense_is_refused_as_it_is_made(said: dict[str, object], words: str) -> None:
    with pytest.raises(PolicyError, match=words):
        Coupon(**{"id": "c", "gives": TEN, "zone": SEOUL, **said})  # type: ignore[arg-type]


def test_benefits_that_give_nothing_are_refused() -> None:
    for percent in ("0", "101", 0.1, "ten", -5, True):
        with pytest.raises(PolicyError, match=r"PercentOff\.percent"):
            PercentOff(percent)  # type: ignore[arg-type]
    with pytest.raises(PolicyError, match="gives nothing"):
        AmountOff(won(0))
    with pytest.raises(PolicyError, match="gives nothing"):
        PercentOff("10", most=won(0))
    with pytest.raises(PolicyError, match="is not an amount"):
        FreeShipping(won(-1))
    with pytest.raises(PolicyError, match=r"AmountOff\.amount: is"):
        AmountOff(None)  # type: ignore[arg-type]
    with pytest.raises(PolicyError, match=r"Gift\.quantity"):
        Gift("mug", 0)

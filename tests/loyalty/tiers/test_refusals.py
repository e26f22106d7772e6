"""Tiers that cannot be are refused as they are made."""

from collections.abc import Callable
from typing import Any

import pytest

from retention import months
from retention.errors import CurrencyMismatch, RetentionError, UnknownChoice
from retention.loyalty.errors import PolicyError
from retention.loyalty.tiers import (
    Complete,
    Counting,
    CouponByAmount,
    Discount,
    ExtraPoints,
    FreeShipping,
    GiftWithOrder,
    Monthly,
    OnlyHere,
    Tier,
    Tiers,
)
from retention.money import usd, won
from retention.order import Order
from tests.loyalty.tiers.shop import FAMILY, SEOUL, at, grades, profile

ANY: Any = object()

BAD: list[tuple[str, type[RetentionError], Callable[[], object]]] = [
    ("Tier.name", PolicyError, lambda: Tier("")),
    ("Tier.spend", PolicyError, lambda: Tier("gold", spend=100)),  # type: ignore[arg-type]
    ("Tier.spend", PolicyError, lambda: Tier("gold", spend=won(-1))),
    ("Tier.orders", PolicyError, lambda: Tier("gold", orders=-1)),
    ("Tier.points", PolicyError, lambda: Tier("gold", points=1.5)),  # type: ignore[arg-type]
    ("Tier.reviews", PolicyError, lambda: Tier("gold", reviews=True)),
    ("Tier.need", UnknownChoice, lambda: Tier("gold", need="al")),  # type: ignore[arg-type]
    ("Tier.benefits[0]", PolicyError, lambda: Tier("gold", benefits=["gift"])),  # type: ignore[list-item]
    ("Discount.rate", PolicyError, lambda: Discount("1.01")),
    ("Discount.rate", PolicyError, lambda: Discount(0.05)),  # type: ignore[arg-type]
    ("Discount.most", PolicyError, lambda: Discount("0.05", most=won(-5))),
    ("Discount.categories", PolicyError, lambda: Discount("0.05", categories="tea")),
    ("Discount.when", PolicyError, lambda: Discount("0.05", when=ANY)),
    ("ExtraPoints.times", PolicyError, lambda: ExtraPoints(1.5)),  # type: ignore[arg-type]
    ("FreeShipping.minimum", PolicyError, lambda: FreeShipping(minimum=ANY)),
    ("GiftWithOrder.product_id", PolicyError, lambda: GiftWithOrder("")),
    ("OnlyHere.category", PolicyError, lambda: OnlyHere("")),
    ("CouponByAmount.bands", PolicyError, lambda: CouponByAmount([(won(1), "A"), (won(1), "B")])),
    ("CouponByAmount.bands", PolicyError, lambda: CouponByAmount([(1, "A")])),  # type: ignore[list-item]
    ("CouponByAmount.bands", PolicyError, lambda: CouponByAmount(ANY)),
    ("Monthly.day", PolicyError, lambda: Monthly(day=0)),
    ("Monthly.day", PolicyError, lambda: Monthly(day=32)),
    ("Monthly.every", PolicyError, lambda: Monthly(every=5)),
    ("Complete.unit", UnknownChoice, lambda: Complete("week")),  # type: ignore[arg-type]
    ("Complete.periods", PolicyError, lambda: Complete("month", 0)),
    ("Counting.event", UnknownChoice, lambda: Counting(event="shipped")),  # type: ignore[arg-type]
    ("Tiers.tiers", PolicyError, lambda: Tiers([], zone=SEOUL, currency="KRW", window=months(1))),
    ("Tiers.tiers[0]", PolicyError, lambda: grades("gold")),  # type: ignore[arg-type]
    ("'gold'", PolicyError, lambda: grades(Tier("gold", orders=1))),
    ("'gold'", PolicyError, lambda: grades(FAMILY, Tier("gold"))),
    ("'gold'", PolicyError, lambda: grades(FAMILY, Tier("gold", spend=won(0), need="any"))),
    ("'family'", PolicyError, lambda: grades(FAMILY, Tier("family", orders=1))),
    ("benefits", PolicyError, lambda: grades(Tier("family", benefits=[ExtraPoints(2), ExtraPoints(3)]))),
    ("Tiers.window", PolicyError, lambda: grades(window=30)),
    ("Tiers.schedule", PolicyError, lambda: grades(schedule="monthly")),
    ("Tiers.counting", PolicyError, lambda: grades(counting="paid")),
    ("Tiers.downgrade", UnknownChoice, lambda: grades(downgrade="one-step")),
    ("Tiers.grace", PolicyError, lambda: grades(grace=30)),
    ("Tiers.zone", PolicyError, lambda: grades(zone="Asia/Seoul")),
    ("currency", UnknownChoice, lambda: grades(currency="KWR")),
    ("'gold'", CurrencyMismatch, lambda: grades(FAMILY, Tier("gold", spend=usd(100)))),
    ("'family'", CurrencyMismatch, lambda: grades(Tier("family", benefits=[GiftWithOrder("p", minimum=usd(1))]))),
    ("'family'", CurrencyMismatch, lambda: grades(Tier("family", benefits=[CouponByAmount([(usd(1), "A")])]))),
    ("order", CurrencyMismatch, lambda: grades().perks("gold", Order("o", at(1), total=usd(1)), profile())),
    ("tier", UnknownChoice, lambda: grades().benefits("golden", profile(), at(1))),
]


@pytest.mark.parametrize(("words", "kind", "make"), BAD)
def test_refused_by_name(words: str, kind: type[RetentionError], make: Callable[[], object]) -> None:
    with pytest.raises(kind) as caught:
        make()
    assert words in str(caught.value)
    assert caught.value.hint

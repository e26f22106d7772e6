"""What a tier gives, and what that comes to on an order."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import floor
from types import MappingProxyType
from typing import Any, Final, TypeAlias, assert_never, final, get_args

from attrs import field, frozen

from retention.loyalty import given
from retention.loyalty.errors import PolicyError
from retention.loyalty.programme.counting import Counted, counted
from retention.loyalty.programme.eligibility import Eligible, eligible
from retention.money import Money
from retention.order import Order


@final
@frozen
class Discount:
    """A part of the price of the lines, of ``categories`` only if they are given; rounded down, ``most`` in all."""

    rate: Fraction = field(converter=given.given_exact, validator=given.share)
    most: Money | None = field(default=None, kw_only=True, validator=given.amount)
    categories: frozenset[str] | None = field(
        default=None, kw_only=True, converter=given.given_names, validator=given.names
    )
    when: Eligible | None = field(default=None, kw_only=True, validator=eligible)


@final
@frozen
class ExtraPoints:
    """Orders earn so many times what they earn otherwise: ``EarnRule(..., by_tier=tiers.multipliers())``."""

    times: Fraction = field(converter=given.given_exact, validator=given.exact)


@final
@frozen(kw_only=True)
class FreeShipping:
    """No charge for shipping, from ``minimum`` of goods on."""

    minimum: Money | None = field(default=None, validator=given.amount)
    when: Eligible | None = field(default=None, validator=eligible)


@final
@frozen
class GiftWithOrder:
    """A product put into the parcel, from ``minimum`` of goods on."""

    product_id: str = field(validator=given.name)
    minimum: Money | None = field(default=None, kw_only=True, validator=given.amount)
    when: Eligible | None = field(default=None, kw_only=True, validator=eligible)


@final
@frozen
class OnlyHere:
    """A category that is sold to tiers with this benefit and to nobody else."""

    category: str = field(validator=given.name)


def _bands(self: Any, attribute: Any, value: Any) -> None:
    hint = 'Give amounts and coupons: [(won(30_000), "GOLD-3000"), (won(50_000), "GOLD-6000")]'
    given.instances(self, attribute, value, (tuple,), hint)
    for band in self.bands:
        if len(band) != 2 or type(band[0]) is not Money or not isinstance(band[1], str) or band[0].minor < 0:
            raise PolicyError("CouponByAmount.bands", "has what is no amount with a coupon", got=band, hint=hint)
    if len({band[0] for band in self.bands}) < len(self.bands):
        raise PolicyError("CouponByAmount.bands", "has an amount twice", got=value, hint="Give one coupon for each")


@final
@frozen
class CouponByAmount:
    """A coupon by what the goods come to: that of the highest amount that they reach."""

    bands: Sequence[tuple[Money, str]] = field(validator=_bands)
    when: Eligible | None = field(default=None, kw_only=True, validator=eligible)


Benefit: TypeAlias = Discount | ExtraPoints | FreeShipping | GiftWithOrder | OnlyHere | CouponByAmount
BENEFITS: Final[tuple[type, ...]] = get_args(Benefit)


@final
@frozen(kw_only=True)
class Perks:
    """What a tier gives on an order. ``lines`` is the discount by the line's id, in minor units, and sums to
    ``discount``; ``closed`` are categories of the order that are not sold to this tier."""

    discount: Money
    lines: Mapping[str, int]
    free_shipping: bool = False
    gifts: tuple[str, ...] = ()
    coupons: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()


def condition(benefit: Benefit) -> Eligible | None:
    """To whom of the tier's customers it is given; None is all."""
    match benefit:
        case Discount() | FreeShipping() | GiftWithOrder() | CouponByAmount():
            return benefit.when
        case ExtraPoints() | OnlyHere():
            return None
        case _:
            assert_never(benefit)


def amounts(benefit: Benefit) -> tuple[Money, ...]:
    """Every amount that it names."""
    match benefit:
        case Discount(most=named) | FreeShipping(minimum=named) | GiftWithOrder(minimum=named):
            return () if named is None else (named,)
        case CouponByAmount():
            return tuple(amount for amount, _ in benefit.bands)
        case ExtraPoints() | OnlyHere():
            return ()
        case _:
            assert_never(benefit)


def perks(benefits: Sequence[Benefit], order: Order, closed: frozenset[str]) -> Perks:
    """What these benefits come to on an order, or a cart written down as one; each discount is taken from what the
    ones before it have left. ``closed`` is what the tier may not buy."""
    lines = counted(order, Money.zero(order.currency))
    goods = Money(sum(line.amount for line in lines), order.currency)
    discounts = dict.fromkeys((line.id for line in lines), 0)
    for benefit in benefits:
        if isinstance(benefit, Discount):
            for line, off in _discount(benefit, lines, discounts, order.currency).items():
                discounts[line] += off
    return Perks(
        discount=Money(sum(discounts.values()), order.currency),
        lines=MappingProxyType(discounts),
        free_shipping=any(isinstance(each, FreeShipping) and _reached(each.minimum, goods) for each in benefits),
        gifts=tuple(
            each.product_id for each in benefits if isinstance(each, GiftWithOrder) and _reached(each.minimum, goods)
        ),
        coupons=tuple(
            coupon for each in benefits if isinstance(each, CouponByAmount) for coupon in _of_band(each, goods)
        ),
        closed=tuple(sorted({line.category for line in lines if line.category is not None} & closed)),
    )


def _discount(
    benefit: Discount, lines: Sequence[Counted], taken: Mapping[str, int], currency: str
) -> Mapping[str, int]:
    left = {
        line.id: line.amount - taken[line.id]
        for line in lines
        if benefit.categories is None or line.category in benefit.categories
    }
    off = floor(sum(left.values()) * benefit.rate)
    if benefit.most is not None:
        off = min(off, benefit.most.minor)
    if not off:
        return {}
    shares = Money(off, currency).allocate(list(left.values()))
    return {line: share.minor for line, share in zip(left, shares, strict=True)}


def _reached(minimum: Money | None, goods: Money) -> bool:
    return minimum is None or goods >= minimum


def _of_band(benefit: CouponByAmount, goods: Money) -> tuple[str, ...]:
    reached = [band for band in benefit.bands if goods >= band[0]]
    return (max(reached, key=lambda band: band[0])[1],) if reached else ()

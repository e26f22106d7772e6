"""What a cart costs with coupons.

A minimum is tested on what the lines in scope come to before any coupon. Then each coupon reduces the running price:
a percentage is of the running price of its lines, its maximum and what is left cap it, and the reduction is shared by
the lines in proportion. All of this is exact; the sum is rounded down once, and the units that fractions of lines make
up go to the largest fractions, the earlier line first.

Being exact, each step leaves every line the cheaper the cheaper it was before. So another coupon never makes a cart
dearer, wherever it comes among the others; ``best`` only ever chooses among more.
"""

from collections.abc import Sequence
from fractions import Fraction
from itertools import accumulate, pairwise
from math import floor
from typing import Literal, TypeAlias, assert_never, final

from attrs import define, evolve, field, frozen

from retention.errors import UnknownChoice
from retention.loyalty.coupons.applying import why_not
from retention.loyalty.coupons.benefits import AmountOff, FreeShipping, Gift, PercentOff, Worth
from retention.loyalty.coupons.cart import Cart
from retention.loyalty.coupons.held import Usable, coupon_of
from retention.loyalty.coupons.reasons import NotApplied, WhyNot
from retention.money import Money
from retention.order import Order

Mode: TypeAlias = Literal["sequence", "best"]
"""``sequence`` applies coupons as listed; an exclusive one applies if it comes first, and then alone. ``best`` takes
all that are not exclusive together, as listed or percentages first, or one exclusive one alone: what reduces most."""


@final
@frozen
class Applied:
    """A coupon and what it takes off the price; 0 for a gift."""

    usable: Usable
    discount: Money

    @property
    def coupon(self) -> str:
        """The coupon's id."""
        return coupon_of(self.usable).id


@final
@frozen(kw_only=True)
class Priced:
    """A cart's price. ``lines`` is what is taken off each line of the cart, ``shipping`` off the fee: these sum to
    ``discount``, as do the discounts of the coupons that were ``applied``. The discount of an ``Order`` is that of its
    goods alone: make it with ``order``."""

    cart: Cart = field(repr=False)
    applied: tuple[Applied, ...]
    refused: tuple[NotApplied, ...]
    lines: tuple[Money, ...]
    shipping: Money

    @property
    def discount(self) -> Money:
        return sum(self.lines, self.shipping)

    @property
    def total(self) -> Money:
        """What is to be paid, shipping included."""
        return sum((line.amount for line in self.cart.lines), self.cart.fee) - self.discount

    @property
    def gifts(self) -> tuple[Gift, ...]:
        given = (coupon_of(each.usable).gives for each in self.applied)
        return tuple(gift for gift in given if isinstance(gift, Gift))

    def order(self, id: str) -> Order:
        """The order that the cart becomes, placed at the cart's ``at``: what is taken off the goods is its discount,
        what is taken off the fee makes its shipping less. Its coupon is the first that was applied.

        What happens to it later is added with ``attrs.evolve``. Raises FactError.
        """
        return Order(
            id,
            self.cart.at,
            lines=self.cart.lines,
            discount=self.discount - self.shipping,
            shipping=self.cart.fee - self.shipping,
            coupon=next((each.coupon for each in self.applied), None),
        )

    def __str__(self) -> str:
        taken = [f"{each.coupon} −{each.discount}" for each in self.applied]
        return "; ".join([f"{self.total} to pay", *taken, *(f"not {each}" for each in self.refused)])


def price(cart: Cart, coupons: Sequence[Usable], mode: Mode = "best") -> Priced:
    """What the cart costs with these coupons, which of them apply, and why the others do not.

    How many uses are left is not asked here: ``wallet`` and ``reserve`` know.
    """
    match mode:
        case "sequence":
            return _in_sequence(cart, coupons)
        case "best":
            return _best(cart, coupons)
        case _:
            raise UnknownChoice("price.mode", "way to combine coupons", mode, ("sequence", "best"))


def _best(cart: Cart, coupons: Sequence[Usable]) -> Priced:
    alone = [place for place, each in enumerate(coupons) if coupon_of(each).exclusive]
    together = [place for place in range(len(coupons)) if place not in alone]
    percents_first = sorted(together, key=lambda place: not isinstance(coupon_of(coupons[place]).gives, PercentOff))
    ways = [together, percents_first, *([place] for place in alone)]
    priced = [(_in_sequence(cart, [coupons[place] for place in way]), way) for way in ways]
    chosen, way = max(priced, key=lambda each: (each[0].discount, bool(each[0].applied)))  # the earlier of equals
    left_out = [each for place, each in enumerate(coupons) if place not in way]
    return evolve(chosen, refused=(*chosen.refused, *(_beaten(each, cart) for each in left_out)))


def _beaten(usable: Usable, cart: Cart) -> NotApplied:
    beaten = NotApplied(coupon_of(usable).id, WhyNot.BEATEN, "others take more off")
    return why_not(usable, cart) or beaten


@final
@define
class _Running:
    """The exact price of every line, and last of the shipping, as coupons reduce it."""

    cart: Cart
    prices: list[Fraction]

    def reduce(self, usable: Usable) -> Fraction:
        """Apply a coupon; what it takes off, exactly."""
        coupon = coupon_of(usable)
        shipping = len(self.prices) - 1
        if isinstance(coupon.gives, FreeShipping):
            reached = [shipping]
        else:
            reached = [place for place, line in enumerate(self.cart.lines) if coupon.scope.covers(line)]
        before = sum((self.prices[place] for place in reached), Fraction(0))
        off = min(before, _off(coupon.gives, before))
        for place in reached:
            self.prices[place] -= self.prices[place] * off / before if before else 0
        return off


def _off(benefit: Worth, running: Fraction) -> Fraction:
    match benefit:
        case PercentOff(percent=percent, most=most):
            return _capped(running * percent / 100, most)
        case AmountOff(amount=amount):
            return Fraction(amount.minor)
        case FreeShipping(most=most):
            return _capped(running, most)
        case Gift():
            return Fraction(0)
        case _:
            assert_never(benefit)


def _capped(off: Fraction, most: Money | None) -> Fraction:
    return off if most is None else min(off, Fraction(most.minor))


def _in_sequence(cart: Cart, coupons: Sequence[Usable]) -> Priced:
    prices = [line.amount.minor for line in cart.lines] + [cart.fee.minor]
    running = _Running(cart, [Fraction(each) for each in prices])
    taken: list[Usable] = []
    offs: list[Fraction] = []
    refused: list[NotApplied] = []
    for usable in coupons:
        against = why_not(usable, cart) or _beside(usable, taken)
        off = Fraction(0) if against else running.reduce(usable)
        if against is None and not off and not isinstance(coupon_of(usable).gives, Gift):
            against = NotApplied(coupon_of(usable).id, WhyNot.NOTHING_LEFT, "nothing is left to take off")
        if against is None:
            taken.append(usable)
            offs.append(off)
        else:
            refused.append(against)
    *lines, shipping = _whole([before - now for before, now in zip(prices, running.prices, strict=True)])
    steps = pairwise(map(floor, accumulate(offs, initial=Fraction(0))))
    return Priced(
        cart=cart,
        applied=tuple(
            Applied(each, Money(later - earlier, cart.currency))
            for each, (earlier, later) in zip(taken, steps, strict=True)
        ),
        refused=tuple(refused),
        lines=tuple(Money(each, cart.currency) for each in lines),
        shipping=Money(shipping, cart.currency),
    )


def _beside(usable: Usable, taken: Sequence[Usable]) -> NotApplied | None:
    """Why a coupon does not go with those before it."""
    coupon = coupon_of(usable)
    before = [coupon_of(each) for each in taken]
    if [each.id for each in before].count(coupon.id) >= coupon.per_order:
        return NotApplied(coupon.id, WhyNot.PER_ORDER, f"at most {coupon.per_order} per order")
    if before and (coupon.exclusive or before[0].exclusive):
        return NotApplied(coupon.id, WhyNot.EXCLUSIVE, "goes with no other coupon")
    return None


def _whole(exact: Sequence[Fraction]) -> list[int]:
    """Whole numbers that sum to the exact sum rounded down: each rounded down, then the largest fractions up."""
    found = [floor(each) for each in exact]
    over = floor(sum(exact)) - sum(found)
    for place in sorted(range(len(exact)), key=lambda each: found[each] - exact[each])[:over]:
        found[place] += 1
    return found

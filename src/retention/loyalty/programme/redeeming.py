"""What points are worth, and how many of them may pay for an order."""

from fractions import Fraction
from math import ceil, floor
from typing import final

from attrs import field, frozen

from retention.errors import CurrencyMismatch
from retention.loyalty import given
from retention.loyalty.errors import PolicyError
from retention.loyalty.programme.eligibility import Eligible, eligible, in_words
from retention.loyalty.programme.reasons import Reason, Why
from retention.money import Money


@final
@frozen
class Conversion:
    """``points`` are worth ``money``: ``Conversion(1, won(1))``, ``Conversion(100, usd(1))``."""

    points: int = field(validator=given.positive)
    money: Money = field(validator=given.amount)

    def __attrs_post_init__(self) -> None:
        if not self.money:
            raise PolicyError("Conversion.money", "is nothing", got=self.money, hint="Say what the points are worth")

    @property
    def rate(self) -> Fraction:
        """Minor units for a point, exactly."""
        return Fraction(self.money.minor, self.points)

    def worth(self, points: int) -> Money:
        """What so many points pay, rounded down to a minor unit."""
        return Money(floor(points * self.rate), self.money.currency)

    def points_for(self, amount: Money) -> int:
        """The fewest points that pay an amount. Raises CurrencyMismatch."""
        self._same_currency(amount)
        return ceil(amount.minor / self.rate)

    def points_within(self, amount: Money, part: Fraction) -> int:
        """The most points that are worth no more than a part of an amount. Raises CurrencyMismatch."""
        self._same_currency(amount)
        return floor(amount.minor * part / self.rate)

    def _same_currency(self, amount: Money) -> None:
        if amount.currency != self.money.currency:
            raise CurrencyMismatch("amount", self.money.currency, amount.currency)


@final
@frozen(kw_only=True)
class Redemption:
    """How points may be spent on an order: ``minimum`` points or more, a multiple of ``step``, worth at most the part
    ``most`` of the order's goods (after its discount, without shipping), by whoever ``when`` says.

    Points given back to a lot that has expired live through ``extend_days`` more local days; None drops them.
    """

    minimum: int = field(default=1, validator=given.positive)
    step: int = field(default=1, validator=given.positive)
    most: Fraction = field(default=Fraction(1), converter=given.given_exact, validator=given.share)
    when: Eligible | None = field(default=None, validator=eligible)
    extend_days: int | None = field(default=None, validator=given.days)


@final
@frozen
class Redeemable:
    """The most points that may pay for an order, what they are ``worth``, and ``why`` it is not more."""

    points: int
    worth: Money
    why: tuple[Reason, ...] = ()

    def __str__(self) -> str:
        return f"{self.points:,} points, worth {self.worth}: {'; '.join(map(str, self.why))}"


def redeemable(
    redemption: Redemption, conversion: Conversion, *, goods: Money, available: int, allowed: bool = True
) -> Redeemable:
    """The most points that may be spent on goods of that price from a balance."""
    if not allowed and redemption.when is not None:
        return Redeemable(0, conversion.worth(0), (Reason(Why.NOT_ELIGIBLE, f"only for {in_words(redemption.when)}"),))
    most = conversion.points_within(goods, redemption.most)
    found, why = _smaller(max(0, available), most, redemption.most)
    whole = found - found % redemption.step
    if whole < found:
        words = f"a multiple of {redemption.step:,} points is spent at a time"
        why = (*why, Reason(Why.STEP, words, redemption.step))
    if whole < redemption.minimum:
        words = f"{redemption.minimum:,} points or more are spent at a time"
        return Redeemable(0, conversion.worth(0), (*why, Reason(Why.BELOW_MINIMUM, words, redemption.minimum)))
    return Redeemable(whole, conversion.worth(whole), why)


def _smaller(available: int, most: int, part: Fraction) -> tuple[int, tuple[Reason, ...]]:
    """The lower of two limits, and the reason of each that is reached."""
    found = min(available, most)
    why = []
    if found == available:
        why.append(Reason(Why.BALANCE, f"{available:,} points are available", available))
    if found == most:
        share = "the goods" if part == 1 else f"{float(part):.4g} of the goods"
        why.append(Reason(Why.SHARE, f"{most:,} points are worth {share}", most))
    return found, tuple(why)


def refusals(redemption: Redemption, found: Redeemable, points: int) -> tuple[Reason, ...]:
    """Why so many points may not be spent; nothing if they may."""
    if points > found.points:
        return found.why
    if points < redemption.minimum:
        words = f"{redemption.minimum:,} points or more are spent at a time"
        return (Reason(Why.BELOW_MINIMUM, words, redemption.minimum),)
    if points % redemption.step:
        words = f"a multiple of {redemption.step:,} points is spent at a time"
        return (Reason(Why.STEP, words, redemption.step),)
    return ()

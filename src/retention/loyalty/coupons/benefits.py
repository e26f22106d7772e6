"""What a coupon gives."""

from fractions import Fraction
from typing import TypeAlias, assert_never, final

from attrs import field, frozen

from retention.loyalty import given
from retention.loyalty.errors import PolicyError
from retention.money import Money


def _percent(self: "PercentOff", _: object, percent: Fraction) -> None:
    found = given.exact_number(percent, "PercentOff.percent")
    if not 0 < found <= 100:
        raise PolicyError("PercentOff.percent", "is not above 0, at most 100", got=percent, hint='Write "10" for 10 %')
    object.__setattr__(self, "percent", found)


def _something(self: object, attribute: object, amount: Money) -> None:
    given.amount(self, attribute, amount)
    if amount is not None and not amount:
        raise PolicyError(f"{type(self).__name__}", "gives nothing", got=amount, hint="Give an amount above 0")


@final
@frozen
class PercentOff:
    """``percent`` of the running price of the lines in scope, at most ``most``."""

    percent: Fraction = field(converter=given.given_exact, validator=_percent)
    most: Money | None = field(default=None, kw_only=True, validator=_something)

    def __str__(self) -> str:
        whole = self.percent.denominator == 1
        return f"{self.percent if whole else float(self.percent)} % off{_at_most(self.most)}"


@final
@frozen
class AmountOff:
    """A fixed amount, shared by the lines in scope in proportion to their running prices."""

    amount: Money = field(validator=_something)

    def __str__(self) -> str:
        return f"{self.amount} off"


@final
@frozen
class FreeShipping:
    """The shipping fee, or as much of it as ``most``."""

    most: Money | None = field(default=None, validator=_something)

    def __str__(self) -> str:
        return f"free shipping{_at_most(self.most)}"


@final
@frozen
class Gift:
    """Something added to the parcel; the price stays as it is."""

    product_id: str = field(validator=given.name)
    quantity: int = field(default=1, validator=given.positive)

    def __str__(self) -> str:
        return f"{self.quantity} × {self.product_id} free"


Worth: TypeAlias = PercentOff | AmountOff | FreeShipping | Gift


def currency(benefit: Worth) -> str | None:
    """The currency that a benefit is in; None for one that fits all."""
    match benefit:
        case PercentOff(most=most) | FreeShipping(most=most):
            return None if most is None else most.currency
        case AmountOff(amount=amount):
            return amount.currency
        case Gift():
            return None
        case _:
            assert_never(benefit)


def _at_most(most: Money | None) -> str:
    return "" if most is None else f", at most {most}"

"""What an order earns, frozen when it earned: a later programme changes nothing that was decided."""

from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import TypeAlias, assert_never, final

from attrs import field, frozen

from retention.errors import FactError
from retention.loyalty.errors import OverRefund
from retention.money import Rounding, rounded


def _read_only(given: Mapping[str, int]) -> Mapping[str, int]:
    return MappingProxyType(dict(given))


@final
@frozen
class Refunded:
    """What was given back of an order so far, in minor units: on named lines, and ``anywhere``, on no line in
    particular.

    Refunds add up, so their order does not matter.
    """

    anywhere: int = 0
    lines: Mapping[str, int] = field(factory=dict, converter=_read_only)

    def __add__(self, other: "Refunded") -> "Refunded":
        names = {*self.lines, *other.lines}
        lines = {name: self.lines.get(name, 0) + other.lines.get(name, 0) for name in sorted(names)}
        return Refunded(self.anywhere + other.anywhere, lines)

    def __bool__(self) -> bool:
        return bool(self.anywhere or any(self.lines.values()))

    @property
    def total(self) -> int:
        return self.anywhere + sum(self.lines.values())


@final
@frozen
class Line:
    """A line of an order: what it counts for in minor units, after its share of the order's reductions, and the units
    earned for each of those, multipliers included; 0 for a line that earns nothing."""

    id: str
    amount: int
    rate: Fraction


@final
@frozen(kw_only=True)
class ByLines:
    """So much for each minor unit of each line, added exactly, rounded once, then capped.

    ``payable`` is the most that can be refunded of the order (lines, shipping, fees), in minor units.
    """

    lines: tuple[Line, ...]
    payable: int
    rounding: Rounding = "floor"
    cap: int | None = None


@final
@frozen(kw_only=True)
class Fixed:
    """A fixed number of units. Of an order that came to ``payable`` it is earned while something of the order, and at
    least ``minimum``, is not refunded; what belongs to no order (``payable`` 0) stays earned."""

    units: int
    payable: int = 0
    minimum: int = 0
    cap: int | None = None


Terms: TypeAlias = ByLines | Fixed


def units(terms: Terms, refunded: Refunded) -> int:
    """What is earned when this much of the order was given back. Never grows as more is given back."""
    match terms:
        case ByLines():
            found = rounded(_exact(terms, refunded), terms.rounding)
        case Fixed():
            left = terms.payable - refunded.total
            found = terms.units if not terms.payable or (left > 0 and left >= terms.minimum) else 0
        case _:
            assert_never(terms)
    return found if terms.cap is None else min(found, terms.cap)


def _exact(terms: ByLines, refunded: Refunded) -> Fraction:
    """The sum over what is left of the lines; a refund on no line in particular is shared in proportion to that."""
    left = [max(0, line.amount - refunded.lines.get(line.id, 0)) for line in terms.lines]
    whole = sum(left)
    share = Fraction(max(0, whole - refunded.anywhere), whole) if whole else Fraction(0)
    return sum((amount * line.rate for amount, line in zip(left, terms.lines, strict=True)), Fraction(0)) * share


def check_refund(terms: Terms, refunded: Refunded, order: str) -> None:
    """Raises OverRefund when more was given back than there was, FactError for a line that the order does not have."""
    if refunded.total > terms.payable:
        raise OverRefund(order, refunded.total, terms.payable)
    if isinstance(terms, ByLines):
        amounts = {line.id: line.amount for line in terms.lines}
        for line, amount in refunded.lines.items():
            if line not in amounts:
                raise FactError(
                    "Refund.lines",
                    "has a line that the order does not have",
                    got=line,
                    hint=f"It has {', '.join(amounts)}",
                )
            if amount > amounts[line]:
                raise OverRefund(order, amount, amounts[line], line=line)

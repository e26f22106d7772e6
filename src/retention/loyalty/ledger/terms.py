"""What an order earns, frozen when it earned: a later programme changes nothing that was decided."""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import TypeAlias, assert_never, final, get_args

from attrs import field, frozen

from retention.checks import identifier
from retention.errors import FactError
from retention.loyalty.errors import OverRefund
from retention.loyalty.ledger import fields
from retention.money import Rounding, rounded


def _read_only(given: Mapping[str, int]) -> Mapping[str, int]:
    if not isinstance(given, Mapping):
        hint = 'Give what was refunded of each line: {"o-1/1": 5_000}'
        raise FactError("Refunded.lines", "is not a mapping", got=given, hint=hint)
    return MappingProxyType(dict(given))


@final
@frozen
class Refunded:
    """What was given back of an order so far, in minor units: on named lines, of ``shipping`` and fees, and
    ``anywhere``, on no line in particular.

    Refunds add up, so their order does not matter.
    """

    anywhere: int = field(default=0, validator=fields.count)
    lines: Mapping[str, int] = field(factory=dict, converter=_read_only)
    shipping: int = field(default=0, validator=fields.count)

    def __attrs_post_init__(self) -> None:
        for line, amount in self.lines.items():
            identifier(line, "Refunded.lines")
            fields.whole(amount, "Refunded.lines", least=0)
        fields.whole(self.total, "Refunded.total", least=0)

    def __add__(self, other: "Refunded") -> "Refunded":
        names = {*self.lines, *other.lines}
        lines = {name: self.lines.get(name, 0) + other.lines.get(name, 0) for name in sorted(names)}
        return Refunded(self.anywhere + other.anywhere, lines, self.shipping + other.shipping)

    def __bool__(self) -> bool:
        return bool(self.total)

    @property
    def total(self) -> int:
        return self.anywhere + sum(self.lines.values()) + self.shipping


@final
@frozen
class Line:
    """A line of an order: what it counts for in minor units, after its share of the order's reductions, and the units
    earned for each of those, multipliers included; 0 for a line that earns nothing."""

    id: str = field(validator=fields.name)
    amount: int = field(validator=fields.count)
    rate: Fraction = field(validator=fields.rate)


@final
@frozen(kw_only=True)
class ByLines:
    """So much for each minor unit of each line, added exactly, rounded once, then capped.

    ``payable`` is the most that can be refunded of the order (lines, shipping, fees), in minor units: at least the sum
    of the lines, so that nothing stays earned of what is refunded in full.
    """

    lines: tuple[Line, ...] = field(validator=fields.each(Line, once="id"))
    payable: int = field(validator=fields.count)
    rounding: Rounding = field(default="floor", validator=fields.word("rounding", get_args(Rounding)))
    cap: int | None = field(default=None, validator=fields.maybe(fields.count))

    def __attrs_post_init__(self) -> None:
        if sum(line.amount for line in self.lines) > self.payable:
            hint = "Give what was paid for all lines, shipping and fees"
            raise FactError("ByLines.payable", "is less than the sum of the lines", got=self.payable, hint=hint)


@final
@frozen(kw_only=True)
class Fixed:
    """A fixed number of units. Of an order that came to ``payable`` it is earned while something of the order, and at
    least ``minimum``, is not refunded; what belongs to no order (``payable`` 0) stays earned."""

    units: int = field(validator=fields.count)
    payable: int = field(default=0, validator=fields.count)
    minimum: int = field(default=0, validator=fields.count)
    cap: int | None = field(default=None, validator=fields.maybe(fields.count))


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
    """The sum over what is left of the lines; a refund on no line in particular is shared in proportion to that.

    So is what a line or the shipping cannot bear: a line refunded at its list price, of which a discount was taken.
    """
    left = [line.amount - refunded.lines.get(line.id, 0) for line in terms.lines]
    beside = terms.payable - sum(line.amount for line in terms.lines)
    anywhere = refunded.anywhere - sum(min(0, each) for each in left) + max(0, refunded.shipping - beside)
    left = [max(0, each) for each in left]
    whole = sum(left)
    share = Fraction(max(0, whole - anywhere), whole) if whole else Fraction(0)
    return sum((amount * line.rate for amount, line in zip(left, terms.lines, strict=True)), Fraction(0)) * share


def check_refund(several: Iterable[Terms], refunded: Refunded, order: str) -> None:
    """Hold what was given back of an order to the terms of all that it earned.

    Raises OverRefund when more was given back than there was, FactError for a line that the order does not have.
    """
    known = tuple(several)
    payable = max((terms.payable for terms in known), default=None)
    if payable is not None and refunded.total > payable:
        raise OverRefund(order, refunded.total, payable)
    for terms in known:
        if isinstance(terms, ByLines):
            _check_lines(terms, refunded)


def _check_lines(terms: ByLines, refunded: Refunded) -> None:
    known = [line.id for line in terms.lines]
    if unknown := sorted(refunded.lines.keys() - set(known)):
        hint = f"It has {', '.join(known)}"
        raise FactError("Refund.lines", "has a line that the order does not have", got=unknown[0], hint=hint)

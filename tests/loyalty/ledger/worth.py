"""What an order earns, for the plain model: in whole numbers, from the list of all its refunds."""

from collections.abc import Sequence
from fractions import Fraction
from typing import assert_never

from retention.loyalty.ledger.terms import ByLines, Fixed, Refunded, Terms


class Refused(Exception):
    """``args[0]`` is the name of the error that the ledger has to raise."""


def earned(terms: Terms, refunds: Sequence[Refunded]) -> int:
    """Units, when so much was refunded."""
    match terms:
        case ByLines():
            found = _by_lines(terms, refunds)
        case Fixed():
            left = terms.payable - _sum(refunds)
            keeps = terms.payable == 0 or (left >= 1 and left >= terms.minimum)
            found = terms.units if keeps else 0
        case _:
            assert_never(terms)
    return found if terms.cap is None or terms.cap > found else terms.cap


def _sum(refunds: Sequence[Refunded]) -> int:
    return sum(each.anywhere + sum(each.lines.values()) + each.shipping for each in refunds)


def _on(line: str, refunds: Sequence[Refunded]) -> int:
    return sum(each.lines.get(line, 0) for each in refunds)


def _by_lines(terms: ByLines, refunds: Sequence[Refunded]) -> int:
    lines = [(max(line.amount - _on(line.id, refunds), 0), line.rate) for line in terms.lines]
    whole = sum(left for left, _ in lines)
    goods = sum(line.amount for line in terms.lines)
    shipped = min(sum(each.shipping for each in refunds), terms.payable - goods)
    rest = goods - (_sum(refunds) - shipped)  # all that went back, but for what was not for goods
    if rest <= 0:
        return 0
    exact = sum((Fraction(left * rest, whole) * rate for left, rate in lines), Fraction(0))
    above, below = exact.numerator, exact.denominator
    down, over = divmod(above, below)
    up = {
        "floor": False,
        "ceil": over > 0,
        "half_up": 2 * over >= below,
        "half_even": 2 * over > below or (2 * over == below and down % 2 == 1),
    }
    return down + up[terms.rounding]


def check(known: Sequence[Terms], refunds: Sequence[Refunded]) -> None:
    """Raises Refused when more was given back than there was, or on a line that there is not."""
    if known and _sum(refunds) > max(each.payable for each in known):
        raise Refused("OverRefund")
    for terms in known:
        if isinstance(terms, ByLines):
            amounts = {line.id for line in terms.lines}
            lines = {line for each in refunds for line in each.lines}
            if not all(line in amounts for line in lines):
                raise Refused("FactError")

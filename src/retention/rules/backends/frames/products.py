"""Products in a library that has 64 bits for whole numbers and says nothing when they are too few."""

from typing import assert_never

import narwhals as nw

from retention.rules.backends.frames.instants import ORDERINGS
from retention.rules.backends.frames.scope import Scope
from retention.rules.backends.frames.values import value
from retention.rules.backends.sets.reading import everything
from retention.rules.backends.sets.terms import (
    Bucket,
    Cell,
    Constant,
    Day,
    Folded,
    Later,
    MonthDay,
    Product,
    Refunded,
    Sign,
    Size,
    Sum,
    Tally,
    Term,
    Trait,
)
from retention.rules.nodes import Comparison
from retention.schema import Kind

_SAFE = float(2**62)


def within_64_bits(operator: Comparison, left: Term, right: Term, exact: nw.Expr, scope: Scope) -> nw.Expr:
    """A comparison that is exact while both sides fit into 64 bits, and of floats beyond.

    Sums and products wrap round, so a side that fits in the end is right whatever happened on the way. Beyond 64 bits
    two numbers that differ by less than one part in 10^15 may count as equal.
    """
    multiplied = [side for side in (left, right) if any(isinstance(part, Product) for part in everything(side))]
    if not multiplied or value(left, scope).kind not in (Kind.NUMBER, Kind.AMOUNT):
        return exact  # an instant of rows that were chosen by a product is none
    one, other = _roughly(left, scope), _roughly(right, scope)
    fits = _fits(one) if isinstance(right, Constant) else _fits(one) & _fits(other)
    return nw.when(fits).then(exact).otherwise(ORDERINGS[operator](one, other))


def _fits(number: nw.Expr) -> nw.Expr:
    return (number < _SAFE) & (number > -_SAFE)


def _as_float(number: nw.Expr) -> nw.Expr:
    """By division: PyArrow refuses to cast what a float cannot say to the last digit."""
    return number / 1


def _roughly(term: Term, scope: Scope) -> nw.Expr:
    """A number as a float."""
    match term:
        case Sum(left, right):
            return _roughly(left, scope) + _roughly(right, scope)
        case Product(left, right):
            return _roughly(left, scope) * _roughly(right, scope)
        case Constant(int() as number):
            return nw.lit(float(number))
        case Constant() | Cell() | Trait() | Refunded() | Tally() | Sign() | Later() | Day() | MonthDay():
            return _as_float(value(term, scope).expr)
        case Size() | Bucket() | Folded():
            return _as_float(value(term, scope).expr)
        case _:
            assert_never(term)

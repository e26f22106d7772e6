"""Exact arithmetic without fractions: a number is a whole numerator over whole denominators until it is compared.

So that ``orders.total.mean() >= won(30_000)`` becomes ``sum >= 30000 * count``, which every engine calculates exactly.
"""

from fractions import Fraction
from functools import lru_cache
from math import lcm
from typing import assert_never, cast, final

from attrs import frozen

from retention.errors import UnsupportedRule
from retention.rules.backends.sets.build import absent, among, both, compare, either
from retention.rules.backends.sets.reading import Part, parts
from retention.rules.backends.sets.terms import Constant, Product, Sign, Sum, Tally, Term, Test
from retention.rules.nodes import Comparison, Operation

ONE = Constant(1)
_MOST_PARTS = 1_000


@final
@frozen
class Ratio:
    """``top / (bottom * product of divisors)``: ``bottom`` is positive, a divisor is 0 or more, 0 means missing."""

    top: Term
    bottom: int = 1
    divisors: tuple[Term, ...] = ()


def exactly(number: int | Fraction) -> Ratio:
    """A constant."""
    whole = Fraction(number)
    return Ratio(Constant(whole.numerator), whole.denominator)


def as_constant(ratio: Ratio) -> Fraction | None:
    """The number of a constant, None of anything else."""
    if isinstance(ratio.top, Constant) and not ratio.divisors:
        return Fraction(_whole(ratio.top), ratio.bottom)
    return None


def calculate(operation: Operation, left: Ratio, right: Ratio) -> Ratio:
    """The result of arithmetic; constants are calculated here.

    Raises UnsupportedRule for quotients within quotients: their terms grow threefold with each.
    """
    found = _calculated(operation, left, right)
    if sum(map(_size, (found.top, *found.divisors))) > _MOST_PARTS:
        raise UnsupportedRule("a quotient of quotients of quotients", hint="Write it as one quotient")
    return found


@lru_cache(maxsize=4096)
def _size(part: Part) -> int:
    return 1 + sum(map(_size, parts(part)))


def _calculated(operation: Operation, left: Ratio, right: Ratio) -> Ratio:
    match operation:
        case "+":
            return _added(left, right)
        case "-":
            return _added(left, Ratio(times(right.top, Constant(-1)), right.bottom, right.divisors))
        case "*":
            return Ratio(times(left.top, right.top), left.bottom * right.bottom, left.divisors + right.divisors)
        case "/":
            return _divided(left, right)
        case _:
            assert_never(operation)


def _added(left: Ratio, right: Ratio) -> Ratio:
    bottom = lcm(left.bottom, right.bottom)
    one = _times_all(left.top, bottom // left.bottom, () if left.divisors == right.divisors else right.divisors)
    two = _times_all(right.top, bottom // right.bottom, () if left.divisors == right.divisors else left.divisors)
    divisors = left.divisors if left.divisors == right.divisors else left.divisors + right.divisors
    return Ratio(plus(one, two), bottom, divisors)


def _divided(left: Ratio, right: Ratio) -> Ratio:
    # What divides the divisor multiplies; it stays a divisor as well, since 0 means missing: hence twice.
    top = _times_all(left.top, right.bottom, right.divisors + right.divisors)
    if isinstance(right.top, Constant) and right.top.value:
        by = _whole(right.top)
        signed = times(top, Constant(-1)) if by < 0 else top
        return Ratio(signed, left.bottom * abs(by), left.divisors + right.divisors)
    if isinstance(right.top, Tally) and right.top.function in ("count", "distinct"):
        return Ratio(top, left.bottom, (*left.divisors, right.top, *right.divisors))
    sign = _sign(right.top)
    size = times(right.top, sign)
    return Ratio(times(top, sign), left.bottom, (*left.divisors, size, *right.divisors))


def is_missing(ratio: Ratio) -> Test:
    """Whether the number is missing."""
    zero = (compare("==", each, Constant(0)) for each in ratio.divisors)
    return either(absent(ratio.top), *map(absent, ratio.divisors), *zero)


def compare_ratios(operator: Comparison, left: Ratio, right: Ratio) -> Test:
    """A comparison of two numbers, false if either is missing."""
    constant = as_constant(right)
    if constant is not None and not left.divisors:
        return _with_constant(operator, left.top, constant * left.bottom)
    bottom = lcm(left.bottom, right.bottom)
    one = _times_all(left.top, bottom // left.bottom, right.divisors)
    two = _times_all(right.top, bottom // right.bottom, left.divisors)
    present = (compare(">", each, Constant(0)) for each in dict.fromkeys(left.divisors + right.divisors))
    return both(*present, compare(operator, one, two))


def ratio_among(value: Ratio, options: tuple[int | Fraction, ...]) -> Test:
    """Whether a number is one of the options."""
    if value.divisors:
        return either(*(compare_ratios("==", value, exactly(each)) for each in options))
    scaled = (Fraction(each) * value.bottom for each in options)
    return among(value.top, (int(each) for each in scaled if each.denominator == 1))


def _with_constant(operator: Comparison, top: Term, bound: Fraction) -> Test:
    """A whole number beside a bound that need not be whole."""
    if bound.denominator == 1:
        return compare(operator, top, Constant(int(bound)))
    below = Constant(bound.numerator // bound.denominator)
    match operator:
        case "<" | "<=":
            return compare("<=", top, below)
        case ">" | ">=":
            return compare(">", top, below)
        case _:
            return either()


def _times_all(top: Term, factor: int, divisors: tuple[Term, ...]) -> Term:
    for each in divisors:
        top = times(top, each)
    return times(top, Constant(factor))


def plus(left: Term, right: Term) -> Term:
    """A sum."""
    if isinstance(left, Constant) and isinstance(right, Constant):
        return Constant(_whole(left) + _whole(right))
    if right == Constant(0):
        return left
    return right if left == Constant(0) else Sum(left, right)


def times(left: Term, right: Term) -> Term:
    """A product; 0 times a value stays a product, since the value may be missing."""
    if isinstance(left, Constant) and isinstance(right, Constant):
        return Constant(_whole(left) * _whole(right))
    if right == ONE:
        return left
    return right if left == ONE else Product(left, right)


def _sign(value: Term) -> Term:
    if isinstance(value, Constant):
        number = _whole(value)
        return Constant((number > 0) - (number < 0))
    return Sign(value)


def _whole(constant: Constant) -> int:
    return cast(int, constant.value)

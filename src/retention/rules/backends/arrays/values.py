"""Values of many customers or rows at once: comparison and exact arithmetic."""

import operator
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any, Final, assert_never, final

import numpy as np
from attrs import frozen

from retention.rules.backends.arrays.columns import Column, Labels, Mask, Numbers, Rows, Whole, Words, taken
from retention.rules.backends.arrays.table import most
from retention.rules.backends.arrays.texts import NO_TEXT, Texts
from retention.rules.backends.arrays.zones import EPOCH, microseconds
from retention.rules.backends.sets.terms import Fixed
from retention.rules.nodes import Comparison

_DAY_ZERO: Final = EPOCH.date().toordinal()
_FEW: Final = 8


@final
@frozen(eq=False)
class Values:
    """Whole numbers as in ``columns.WIDTH``, or codes of ``texts``; one number without a dimension is that of all.

    Where ``missing`` the number means nothing; a missing text has the code NO_TEXT instead.
    """

    data: Whole
    missing: Mask | None = None
    texts: Texts | None = None

    def spread(self, places: Rows) -> "Values":
        """The values at these places, which are all within; those that are one for all stay so."""
        if not self.data.ndim:
            return self
        missing = None if self.missing is None else taken(self.missing, places)
        return Values(taken(self.data, places), missing, self.texts)

    def known(self) -> Mask | None:
        """Where there is a value, None if everywhere."""
        if self.texts is not None:
            known: Mask = self.data != NO_TEXT
            return known
        return None if self.missing is None else ~self.missing


def of_column(column: Column) -> Values:
    """The values of a column of numbers or texts."""
    match column:
        case Numbers(data, missing):
            return Values(data, missing)
        case Words(codes, texts):
            return Values(codes, None, texts)
        case Labels():
            raise AssertionError("labels are no single value")
        case _:
            assert_never(column)


def constant(fixed: Fixed) -> Values:
    """One value for all."""
    if isinstance(fixed, str):
        return Values(np.zeros((), np.int32), None, Texts.of((fixed,)))
    number = as_number(fixed)
    return Values(np.array(number, np.int64 if abs(number) < 2**63 else object))


def as_number(fixed: int | bool | datetime | date) -> int:
    """A constant as columns keep it."""
    match fixed:
        case datetime():
            return microseconds(fixed)
        case date():
            return fixed.toordinal() - _DAY_ZERO
        case int():
            return int(fixed)
        case _:
            assert_never(fixed)


# Tests. ---------------------------------------------------------------------------------------------------------------

_ORDERS: Final[dict[Comparison, Callable[[Any, Any], Any]]] = {
    "==": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "contains": operator.contains,
    "starts_with": str.startswith,
    "ends_with": str.endswith,
}


def compared(comparison: Comparison, left: Values, right: Values) -> Mask:
    """Where a comparison is true: never where a side is missing."""
    if left.texts is not None and right.texts is not None:
        return _texts_compared(comparison, left, left.texts, right, right.texts)
    found: Mask = _ORDERS[comparison](left.data, right.data)
    for side in (left, right):
        if side.missing is not None:
            found = found & ~side.missing
    return found


def compared_with(comparison: Comparison, left: Values, fixed: Fixed) -> Mask:
    """Where a comparison with a constant is true."""
    if not isinstance(fixed, str) or left.texts is None:
        return compared(comparison, left, constant(fixed))
    if comparison == "==":
        found: Mask = left.data == code_of(left.texts, fixed)
        return found
    return where_text(left, lambda text: bool(_ORDERS[comparison](text, fixed)))


def among(value: Values, options: Sequence[Fixed]) -> Mask:
    """Where a value is one of the options."""
    if value.texts is not None:
        wanted = [code_of(value.texts, each) for each in options if isinstance(each, str)]
    else:
        wanted = [as_number(each) for each in options if not isinstance(each, str)]
    if len(wanted) > _FEW and value.data.dtype != object:
        found: Mask = np.isin(value.data, np.array([each for each in wanted if abs(each) < 2**63], np.int64))
    else:
        found = np.zeros(value.data.shape, np.bool_)
        for each in wanted:
            found |= value.data == each
    return found if value.missing is None else found & ~value.missing


def code_of(texts: Texts, text: Fixed) -> int:
    """The code of a text, one that no cell has if it is not there."""
    code = texts.find(str(text))
    return -2 if code == NO_TEXT else code


def absent(value: Values) -> Mask:
    """Where a value is missing."""
    known = value.known()
    return np.zeros(value.data.shape, np.bool_) if known is None else ~known


def where_text(value: Values, holds: Callable[[str], bool]) -> Mask:
    """Where a test of the text is true; each text is tested once."""
    assert value.texts is not None
    if value.data.size < len(value.texts):
        codes, places = np.unique(value.data, return_inverse=True)
        words = value.texts.cells(codes)
        once = np.fromiter((word is not None and holds(word) for word in words), np.bool_, len(words))
        return once[places.reshape(value.data.shape)]
    words = [*value.texts.words(), None]
    return np.fromiter((word is not None and holds(word) for word in words), np.bool_, len(words))[value.data]


def _texts_compared(comparison: Comparison, left: Values, words: Texts, right: Values, others: Texts) -> Mask:
    if comparison == "==":
        codes = left.data if words is others else words.codes_in(others)[left.data]
        same: Mask = (codes == right.data) & (codes != NO_TEXT)
        return same
    both = np.broadcast_arrays(left.data, right.data)
    pairs, places = np.unique(np.stack((both[0].ravel(), both[1].ravel())), axis=1, return_inverse=True)
    sides = zip(words.cells(pairs[0]), others.cells(pairs[1]), strict=True)
    compare = _ORDERS[comparison]
    known = (one is not None and other is not None and bool(compare(one, other)) for one, other in sides)
    return np.fromiter(known, np.bool_, pairs.shape[1])[places].reshape(both[0].shape)


# Arithmetic, exact: where 64 bits might be too few, with Python's own numbers. ----------------------------------------


def added(left: Values, right: Values) -> Values:
    one, other = left.data, right.data
    if _size(one) + _size(other) >= 2**63:
        one = one.astype(object)
    return Values(np.asarray(one + other), either_missing(left, right))


def multiplied(left: Values, right: Values) -> Values:
    one, other = left.data, right.data
    if _size(one) * _size(other) >= 2**63:
        one = one.astype(object)
    return Values(np.asarray(one * other), either_missing(left, right))


def _size(data: Whole) -> int:
    return most(data) if data.size else 0


def either_missing(left: Values, right: Values) -> Mask | None:
    if left.missing is None:
        return right.missing
    return left.missing if right.missing is None else left.missing | right.missing


def sign(value: Values) -> Values:
    data = value.data
    return Values((data > 0).astype(np.int64) - (data < 0), value.missing)


def month_day(value: Values) -> Values:
    """``100 * month + day`` of dates."""
    days = value.data.astype("M8[D]")
    months = days.astype("M8[M]")
    month = months.astype(np.int64) % 12 + 1
    return Values(100 * month + (days - months).astype(np.int64) + 1, value.missing)


def buckets(value: Values, salt: str) -> Values:
    """The bucket numbers of texts."""
    assert value.texts is not None
    numbers = np.append(value.texts.buckets(salt), 0)
    return Values(numbers[value.data], value.data == NO_TEXT)


def folded(value: Values) -> Values:
    """Casefolded texts."""
    assert value.texts is not None
    texts, codes = value.texts.folded()
    return Values(np.append(codes, np.int32(NO_TEXT))[value.data], None, texts)

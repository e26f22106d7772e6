"""Numbers taken of the customers of a snapshot."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from retention.rules.backends.arrays.columns import Mask
from retention.rules.backends.arrays.question import Question
from retention.rules.backends.arrays.reductions import reduced
from retention.rules.backends.arrays.values import Values
from retention.rules.backends.arrays.zones import EPOCH
from retention.rules.backends.sets.kinds import kind_of
from retention.rules.backends.sets.population import Group
from retention.rules.backends.sets.terms import ALWAYS, Term, Test
from retention.schema import Kind
from retention.spans import TICK

if TYPE_CHECKING:
    from retention.rules.backends.arrays.snapshot import Snapshot

Numbering: TypeAlias = NDArray[np.int64]

_BYTE: Final = 8
_ROOM: Final = 4
"""So many times as many numbers as customers are counted one by one; of more, those that occur are sorted."""


def groups(
    snapshot: "Snapshot", keys: Sequence[Test], sums: Sequence[Term | Test], where: Test = ALWAYS
) -> list[Group]:
    """See ``Measurable.groups``."""
    question = Question(snapshot)
    places = np.flatnonzero(question.answer(where))
    if not len(places):
        return []
    flags = [question.answer(each)[places] for each in keys]
    numbers = _numbered(flags, len(places))
    sizes = np.bincount(numbers)
    members = np.zeros(len(sizes), np.intp)  # one of each group
    members[numbers] = np.arange(len(numbers))
    patterns = zip(*(flag[members].tolist() for flag in flags), strict=True) if flags else [()]
    totals = _totals(question, sums, numbers, places) if sums else [()] * len(sizes)
    return list(zip(patterns, sizes.tolist(), totals, strict=True))


def _totals(
    question: Question, sums: Sequence[Term | Test], numbers: Numbering, places: Numbering
) -> Iterable[tuple[int, ...]]:
    """The sums over each group."""
    count = int(numbers.max()) + 1
    order = np.argsort(numbers.astype(np.min_scalar_type(count)), kind="stable")  # 16 bits are sorted by counting
    owners, rows = numbers[order], places[order]
    each_of = (reduced("sum", owners, _number(question, each).spread(rows), count).data.tolist() for each in sums)
    return zip(*each_of, strict=True)


def ranked(snapshot: "Snapshot", value: Term, ranks: Sequence[int], where: Test = ALWAYS) -> list[int | datetime]:
    """See ``Measurable.ranked``."""
    question = Question(snapshot)
    wanted, values = question.answer(where), question.value(value)
    known = values.known()
    data = values.spread(np.flatnonzero(wanted if known is None else wanted & known)).data
    places = np.array([rank - 1 for rank in ranks], np.intp)
    found: list[int] = np.partition(data, places)[places].tolist() if ranks else []
    return [EPOCH + each * TICK for each in found] if kind_of(value) is Kind.INSTANT else list(found)


def _number(question: Question, each: Term | Test) -> Values:
    return Values(question.answer(each).astype(np.int64)) if isinstance(each, Test) else question.value(each)


def _numbered(flags: Sequence[Mask], count: int) -> Numbering:
    """Each customer's group, from 0 without gaps: those whose flags are all the same share a number."""
    numbers = np.zeros(count, np.int64)
    for start in range(0, len(flags), _BYTE):
        several = np.packbits(np.stack(flags[start : start + _BYTE]), axis=0)[0]
        numbers = _without_gaps(numbers << _BYTE | several)
    return numbers


def _without_gaps(numbers: Numbering) -> Numbering:
    if int(numbers.max()) >= _ROOM * len(numbers):
        places: Numbering = np.unique(numbers, return_inverse=True)[1]
        return places
    occurs = np.bincount(numbers) > 0
    return (np.cumsum(occurs) - 1)[numbers]

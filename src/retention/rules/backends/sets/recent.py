"""Last rows that only matter if they are recent: older rows need not be read.

In ``cart.at.last().between(days(1), days(7))`` a last cart event of more than a week ago is as good as none.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias, TypeVar, assert_never, cast

from attrs import evolve

from retention.rules.backends.sets.build import both, rebuilt
from retention.rules.backends.sets.narrowing import AT, is_bound, is_bound_of, is_last, reach, rows_needed
from retention.rules.backends.sets.reading import Part, everything, parts
from retention.rules.backends.sets.terms import (
    Absent,
    Among,
    Both,
    Bucket,
    Cell,
    Constant,
    Day,
    Either,
    Folded,
    Followed,
    Is,
    Later,
    MonthDay,
    Negation,
    Picked,
    Product,
    Refunded,
    Selection,
    Several,
    Sign,
    Size,
    Sum,
    Tally,
    Test,
    Trait,
)

Bounds: TypeAlias = Mapping[Tally, Is]
P = TypeVar("P", bound=Part)


def narrow_lasts(tests: Sequence[Test]) -> tuple[Test, ...]:
    """The same tests; a last row that matters only if it is recent is looked for among recent ones.

    An older one makes that test false, and so all that it stands in: what else is said of it makes no difference.
    """
    found: dict[Tally, list[Is | None]] = {}
    for test in tests:
        _note(test, {}, found)
    tallies = {part for part in everything(*tests) if isinstance(part, Tally)}
    recent = {last: _widest(each for each in bounds if each) for last, bounds in found.items() if all(bounds)}
    narrow: dict[Part, Part] = {}
    for collection in {last.collection for last in recent}:
        together = [each for each in tallies if each.collection == collection]
        bounds = [recent.get(each) or _own_bound(each) for each in together]
        if all(bounds):
            widest = _widest(each for each in bounds if each)
            narrow |= {last: evolve(last, where=both(last.where, widest)) for last in recent if last in together}
    return tuple(_with(test, narrow) for test in tests) if narrow else tuple(tests)


def _widest(bounds: Iterable[Is]) -> Is:
    """The weakest of the bounds, on the row."""
    weakest = min(bounds, key=reach)
    return Is(weakest.operator, AT, weakest.right)


def _own_bound(tally: Tally) -> Is | None:
    """The bound that a tally sets itself; where one sets none, all rows are read and narrowing others saves nothing."""
    own = [each for each in rows_needed(tally.where) if isinstance(each, Is) and is_bound(each)]
    return max(own, key=reach) if own else None


def _note(part: Part, known: Bounds, found: dict[Tally, list[Is | None]]) -> None:
    """Note each last row with the bound that stands beside it, None if there is none. Inside of rows nothing does."""
    match part:
        case Is(_, Tally() as last) if _is_recent(part):
            found.setdefault(last, []).append(part)
            _note_inside(last, found)
        case Both(tests):
            beside = dict(known)
            for each in filter(_is_recent, tests):
                beside[cast(Tally, cast(Is, each).left)] = cast(Is, each)
            for each in tests:
                _note(each, beside, found)
        case Tally():
            if is_last(part):
                found.setdefault(part, []).append(known.get(part))
            _note_inside(part, found)
        case Followed():
            _note_inside(part, found)
        case _:
            for inner in parts(part):
                _note(inner, known, found)


def _note_inside(part: Part, found: dict[Tally, list[Is | None]]) -> None:
    for inner in parts(part):
        _note_unbounded(inner, found)


def _note_unbounded(part: Part, found: dict[Tally, list[Is | None]]) -> None:
    if isinstance(part, Tally) and is_last(part):
        found.setdefault(part, []).append(None)
    _note_inside(part, found)


def _is_recent(test: Test) -> bool:
    return isinstance(test, Is) and isinstance(test.left, Tally) and is_last(test.left) and is_bound_of(test.left, test)


def _with(part: P, changes: Mapping[Part, Part]) -> P:
    """The same term with other parts in place of some; rows are left as they are."""
    if part in changes:
        return cast(P, changes[part])

    match part:
        case Both() | Either() | Several() | Negation():
            return cast(P, rebuilt(part, lambda inner: _with(inner, changes)))
        case Is() | Sum() | Product():
            return evolve(part, left=_with(part.left, changes), right=_with(part.right, changes))
        case Among() | Absent() | Sign() | Later() | Day() | MonthDay() | Size() | Bucket() | Folded():
            return evolve(part, value=_with(part.value, changes))
        case Tally() | Followed() | Picked() | Selection() | Constant() | Cell() | Trait() | Refunded():
            return part
        case _:
            assert_never(part)

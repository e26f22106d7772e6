"""What a stored document must be before anything is decided on it: of the right types, and with sums that are right."""

from collections.abc import Callable, Collection, Hashable, Mapping
from types import MappingProxyType, UnionType
from typing import Any, Final, Literal, TypeAlias, TypeVar, Union, get_args, get_origin

from attrs import fields

from retention.loyalty.ledger.books import start
from retention.loyalty.ledger.entries import Bucket, Entry, Lot
from retention.loyalty.ledger.head import Counter, Head, Hold
from retention.loyalty.ledger.records import Done, Earned, EndedHold, OrderRecord, Result

_T = TypeVar("_T")
_Fits: TypeAlias = Callable[[Any], bool]


def _fits(kind: Any) -> _Fits:
    """Whether a value is of an annotated type; True is no number."""
    several = tuple(map(_fits, get_args(kind))) if get_origin(kind) in (Union, UnionType, tuple, Mapping) else ()
    match get_origin(kind):
        case origin if origin is Literal:
            return lambda value: value in get_args(kind)
        case origin if origin in (Union, UnionType):
            return lambda value: any(fits(value) for fits in several)
        case origin if origin is tuple:
            return lambda value: type(value) is tuple and all(map(several[0], value))
        case origin if origin is Mapping:
            return lambda value: all(map(several[0], value)) and all(map(several[1], value.values()))
        case _ if kind is int:
            return lambda value: type(value) is int
        case _:
            return lambda value: isinstance(value, kind)


_FITS: Final[Mapping[type, tuple[tuple[str, _Fits], ...]]] = MappingProxyType(
    {
        kind: tuple((each.name, _fits(each.type)) for each in fields(kind))
        for kind in (Counter, Done, Earned, EndedHold, Entry, Head, Hold, Lot, OrderRecord, Result)
    }
)
"""Of the classes that check nothing when they are made, because the ledger makes many of them."""


def typed(value: _T) -> _T:
    """The value, all of whose fields are of the types that its class says. Raises TypeError."""
    for name, fits in _FITS[type(value)]:
        if not fits(getattr(value, name)):
            raise TypeError(f"{name} is of the wrong type")
    return value


def sound_lot(lot: Lot) -> Lot:
    """Raises TypeError, ValueError."""
    _check(typed(lot).amount > 0, "a lot is empty")
    return lot


def sound_head(head: Head) -> Head:
    """Raises TypeError, ValueError for a head that no entries lead to: its sums are those of its lots and holds."""
    totals = typed(head).totals
    _check(totals[Bucket.AVAILABLE] == _sum(head.open), "what is available is not in lots")
    _check(totals[Bucket.PENDING] == _sum(head.pending), "what is pending is not in lots")
    _check(totals[Bucket.HELD] == sum(hold.amount for hold in head.holds), "what is held is not in holds")
    _check(not sum(totals.values()), "the buckets do not sum to 0")
    _check(all(hold.pinned and _once([lot.id for lot in hold.pinned]) for hold in head.holds), "a hold is wrong")
    for names in (
        [lot.id for lot in head.open],
        [start(lot.validity) for lot in head.pending],
        [hold.id for hold in head.holds],
        [counter.key for counter in head.counters],
    ):
        _check(_once(names), "something is there twice")
    return head


def sound_entry(entry: Entry) -> Entry:
    """Raises TypeError, ValueError for an entry that cannot be carried out."""
    ends = (typed(entry).source, entry.target)
    _check(entry.amount > 0, "it moves nothing")
    _check(Bucket.HELD not in ends or entry.hold is not None, "what is held has no hold")
    _check(entry.target is not Bucket.HELD or entry.until is not None, "a hold has no end")
    return entry


def _sum(lots: Collection[Lot]) -> int:
    return sum(lot.amount for lot in lots)


def _once(names: Collection[Hashable]) -> bool:
    return len(set(names)) == len(names)


def _check(holds: object, problem: str) -> None:
    if not holds:
        raise ValueError(problem)

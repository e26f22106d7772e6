"""Documents that hold everything their kind can hold, and Hypothesis strategies for any."""

from datetime import UTC, date, datetime
from fractions import Fraction
from typing import get_args

from attrs import fields
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from retention.loyalty.ledger.entries import Bucket, Entry, EntryKind, Lot, Quota, Validity
from retention.loyalty.ledger.head import Account, Counter, Head, Hold
from retention.loyalty.ledger.records import Done, Earned, EndedHold, OrderRecord, Result
from retention.loyalty.ledger.terms import ByLines, Fixed, Line, Refunded, Terms
from retention.money import LARGEST, Rounding

_BEGAN = datetime(2026, 3, 1, 15, 0, 0, 1, UTC)
_ENDS = datetime(2027, 3, 1, 15, tzinfo=UTC)
_LOT = Validity(date(2026, 3, 2), _BEGAN, _ENDS)
_EVER = Validity(date(2026, 3, 2), _BEGAN)

HEAD = Head(
    account=Account("적립금", "customer-1"),
    version=7,
    seq=12,
    at=_BEGAN,
    open=(Lot(_LOT, 90), Lot(_EVER, 10)),
    pending=(Lot(_LOT, 5),),
    holds=(Hold(id="checkout-1", until=_ENDS, pinned=(Lot(_LOT, 3),), order="order-2", seq=11),),
    totals={Bucket.ISSUED: -110, Bucket.AVAILABLE: 100, Bucket.PENDING: 5, Bucket.HELD: 3, Bucket.SPENT: 2},
    counters=(Counter("a day", 110, _ENDS), Counter("ever", 110)),
    next_due=_ENDS,
    merged_into="customer-2",
    chain="",
)
ORDER = OrderRecord(
    order="order-1",
    earned=(
        Earned(
            rule="base",
            terms=ByLines(
                lines=(Line("tea", 9_900, Fraction(1, 3)), Line("차", 100, Fraction(0))),
                payable=13_000,
                rounding="half_even",
                cap=3_000,
            ),
            units=3_000,
            validity=_LOT,
            clawed_back=10,
            seq=3,
        ),
        Earned(rule="photo", terms=Fixed(units=500, payable=13_000, minimum=5_000), units=500, validity=_EVER),
    ),
    refunded=Refunded(100, {"차": 20}),
    spent=(Lot(_LOT, 40), Lot(_EVER, 60)),
    share=Fraction(2, 3),
    returned=66,
    seq=5,
)
HOLD = EndedHold("checkout-1", "timed out", 3, 0, 2, 1)
DONE = Done("5b1f0c", Result(amount=10, own=4, debt=6, balance=-6, already=True))
ENTRY = Entry(
    seq=12,
    recorded_at=_ENDS,
    effective_at=_BEGAN,
    kind=EntryKind.TIME_OUT,
    source=Bucket.HELD,
    target=Bucket.AVAILABLE,
    amount=3,
    lot=_LOT,
    order="order-2",
    hold="checkout-1",
    until=_ENDS,
    rule="base",
    reason="고객 요청",
    actor="직원",
    key="refund-1",
    corrects=11,
    other="customer-2",
    quotas=(Quota("a day", 200, _ENDS), Quota("ever", 500)),
    previous="5b1f0c",
)


# Strategies. ---------------------------------------------------------------------------------------------------------

_names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)
_amounts = st.integers(-LARGEST, LARGEST)
_counts = st.integers(0, LARGEST)
_instants = st.datetimes(timezones=st.just(UTC))
_buckets = st.sampled_from(Bucket)


@st.composite
def _validities(draw: st.DrawFn) -> Validity:
    begins, ends = sorted(draw(st.lists(_instants, min_size=2, max_size=2, unique=True)))
    return Validity(begins.date(), begins, ends if draw(st.booleans()) else None)


_lots = st.builds(Lot, _validities(), st.integers(1, LARGEST))
_several_lots = st.lists(_lots, max_size=3, unique_by=lambda lot: lot.id).map(tuple)
_maybe_name, _maybe_instant = st.none() | _names, st.none() | _instants
_accounts = st.builds(Account, _names, _names, _names)
_holds = st.builds(Hold, id=_names, until=_instants, pinned=_several_lots.filter(bool), order=_maybe_name, seq=_counts)
_rates = st.fractions(min_value=0, max_denominator=10**18)
_refunded = st.builds(Refunded, st.integers(0, 10**9), st.dictionaries(_names, st.integers(0, 10**9), max_size=3))


@st.composite
def _by_lines(draw: st.DrawFn) -> Terms:
    line = st.builds(Line, _names, st.integers(0, 10**9), _rates)
    lines = tuple(draw(st.lists(line, max_size=3, unique_by=lambda each: each.id)))
    payable = sum(each.amount for each in lines) + draw(st.integers(0, 9))
    rounding: Rounding = draw(st.sampled_from(get_args(Rounding)))
    return ByLines(lines=lines, payable=payable, rounding=rounding, cap=draw(st.none() | _counts))


_terms = _by_lines() | st.builds(Fixed, units=_counts, payable=_counts, minimum=_counts, cap=st.none() | _counts)
_earned = st.builds(
    Earned, rule=_names, terms=_terms, units=_counts, validity=_validities(), clawed_back=_counts, seq=_counts
)

_counters = st.builds(Counter, _names, _counts, _maybe_instant)
_IN_LOTS = (Bucket.AVAILABLE, Bucket.PENDING, Bucket.HELD)


@st.composite
def _heads(draw: st.DrawFn) -> Head:
    """Whose sums are those of its lots and holds, and 0 in all."""
    lots, pending = draw(_several_lots), draw(_several_lots)
    holds = tuple(draw(st.lists(_holds, max_size=3, unique_by=lambda hold: hold.id)))
    totals = draw(st.dictionaries(_buckets, _amounts))
    sums = [sum(each.amount for each in some) for some in (lots, pending, holds)]
    totals.update(zip(_IN_LOTS, sums, strict=True))
    totals[Bucket.ISSUED] = -sum(amount for bucket, amount in totals.items() if bucket is not Bucket.ISSUED)
    return Head(
        account=draw(_accounts),
        version=draw(_counts),
        seq=draw(_counts),
        at=draw(_maybe_instant),
        open=lots,
        pending=pending,
        holds=holds,
        totals=totals,
        counters=tuple(draw(st.lists(_counters, max_size=3, unique_by=lambda each: each.key))),
        next_due=draw(_maybe_instant),
        merged_into=draw(_maybe_name),
        chain=draw(st.none() | st.text()),
    )


heads: SearchStrategy[Head] = _heads()
orders: SearchStrategy[OrderRecord] = st.builds(
    OrderRecord,
    order=_names,
    earned=st.lists(_earned, max_size=3).map(tuple),
    refunded=_refunded,
    spent=_several_lots,
    share=st.fractions(0, 1, max_denominator=10**18),
    returned=_counts,
    seq=_counts,
)
ended_holds: SearchStrategy[EndedHold] = st.builds(
    EndedHold, _names, st.sampled_from(["captured", "voided", "timed out"]), _counts, _counts, _counts, _counts
)
_AMOUNTS = tuple(each.name for each in fields(Result) if each.type is int)
_results = st.builds(Result, **dict.fromkeys(_AMOUNTS, _amounts), already=st.booleans())
done: SearchStrategy[Done] = st.builds(Done, _names, _results)
entries: SearchStrategy[Entry] = st.builds(
    Entry,
    seq=_counts,
    recorded_at=_instants,
    effective_at=_instants,
    kind=st.sampled_from(EntryKind),
    source=_buckets,
    target=_buckets,
    amount=st.integers(1, LARGEST),
    lot=st.none() | _validities(),
    order=_maybe_name,
    hold=_names,  # which every entry can have, and those of a hold have
    until=_instants,
    rule=_maybe_name,
    reason=_maybe_name,
    actor=_maybe_name,
    key=_maybe_name,
    corrects=st.none() | _counts,
    other=_maybe_name,
    quotas=st.lists(st.builds(Quota, _names, _counts, _maybe_instant), max_size=2).map(tuple),
    previous=_maybe_name,
)

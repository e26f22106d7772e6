"""What two accounts that become one remember of an order of both."""

from datetime import timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from retention.loyalty.ledger.entries import Lot
from retention.loyalty.ledger.records import OrderRecord
from retention.loyalty.ledger.store import carried, joined
from retention.loyalty.ledger.terms import Refunded
from retention.testing.ledger_scenes import NOW, validity
from tests.storage import documents

LOTS = [validity(None, start=NOW + timedelta(days=number)) for number in range(3)]


def _spent(*amounts: int, share: Fraction = Fraction(0), returned: int = 0) -> OrderRecord:
    pieces = tuple(Lot(lot, amount) for lot, amount in zip(LOTS, amounts, strict=False))
    return OrderRecord(order="order", spent=pieces, share=share, returned=returned, seq=1)


def test_what_came_back_stands_last() -> None:
    half = Fraction(1, 2)
    record = joined(_spent(6, 4, share=half, returned=5), _spent(2, 2, share=half, returned=2))
    amounts = [(LOTS.index(each.validity), each.amount) for each in record.spent]
    assert amounts == [(0, 5), (0, 2), (0, 1), (1, 4), (1, 2)]
    assert (record.share, record.returned) == (half, 7)


def test_a_return_that_only_one_was_told_of_counts_for_it() -> None:
    record = joined(OrderRecord(order="order"), _spent(10, share=Fraction(1, 2), returned=5))
    assert [each.amount for each in record.spent] == [5, 5]
    assert (record.share, record.returned, record.seq) == (Fraction(1, 2), 5, 1)


def test_one_refund_that_both_were_told_of_is_one_refund() -> None:
    told = OrderRecord(order="order", refunded=Refunded(100, {"tea": 5}))
    assert joined(told, told).refunded == told.refunded
    assert joined(told, OrderRecord(order="order")).refunded == told.refunded
    other = OrderRecord(order="order", refunded=Refunded(40, {"coffee": 7}))
    assert joined(told, other).refunded == Refunded(100, {"tea": 5, "coffee": 7})


def test_both_keep_what_they_earned() -> None:
    record = joined(documents.ORDER, documents.ORDER)
    assert record.earned == (*carried(documents.ORDER).earned, *documents.ORDER.earned)


def test_entries_that_stay_behind_are_not_pointed_at() -> None:
    assert any(part.seq for part in documents.ORDER.earned)
    one = joined(documents.ORDER, OrderRecord(order="order"))
    assert (one.seq, {part.seq for part in one.earned}) == (0, {0})
    assert carried(one) == one


@given(st.lists(st.integers(1, 9), max_size=3), st.lists(st.integers(1, 9), max_size=3), st.data())
def test_nothing_that_was_spent_is_lost(one: list[int], other: list[int], data: st.DataObject) -> None:
    back = [data.draw(st.integers(0, sum(each))) for each in (one, other)]
    record = joined(_spent(*one, returned=back[0]), _spent(*other, returned=back[1]))
    assert sum(each.amount for each in record.spent) == sum(one) + sum(other)
    assert record.returned == sum(back)
    assert all(each.amount > 0 for each in record.spent)

"""Which bounds of a last row its rows keep anyway."""

from datetime import UTC, datetime, timedelta

from retention import days
from retention.rules import Rule, orders
from retention.rules.backends.sets.certain import without_certain
from retention.rules.backends.sets.lower import lower
from retention.rules.backends.sets.reading import conjuncts, everything
from retention.rules.backends.sets.terms import Constant, Is, Test
from retention.schema import STANDARD
from tests.sets.layouts import plain_layout

AS_OF = datetime(2026, 3, 1, 12, tzinfo=UTC)


def _lowered(rule: Rule) -> Test:
    return lower(rule.node, AS_OF, plain_layout(STANDARD, "KRW"))


def _bounds(test: Test) -> list[tuple[str, datetime]]:
    found: list[tuple[str, datetime]] = []
    for each in conjuncts(test):
        assert isinstance(each, Is)
        assert isinstance(each.right, Constant)
        assert isinstance(each.right.value, datetime)
        found.append((each.operator, each.right.value))
    return found


def test_a_last_row_within_days_is_only_compared_with_their_first() -> None:
    within = _lowered(orders.placed_at.last().within(days(30)))
    assert len(conjuncts(within)) == 2
    assert _bounds(without_certain(within)) == [(">", AS_OF - timedelta(days=30))]


def test_also_where_more_is_asked_and_inside_of_other_tests() -> None:
    within, some = orders.placed_at.last().within(days(30)), orders.count() >= 3
    both, either = map(_lowered, (within & some, ~within | some))
    certain = conjuncts(_lowered(within))[1]
    assert certain in everything(both)
    assert certain in everything(either)
    assert certain not in everything(without_certain(both))
    assert certain not in everything(without_certain(either))


def test_a_bound_that_the_rows_do_not_keep_stays() -> None:
    between = _lowered(orders.placed_at.last().between(days(1), days(7)))
    assert without_certain(between) == between


def test_an_upper_bound_alone_says_that_there_is_a_row() -> None:
    known = _lowered(orders.placed_at.last() <= AS_OF)
    assert without_certain(known) == known


def test_a_first_row_may_be_later_than_the_bound_of_another() -> None:
    first = _lowered(orders.placed_at.first().within(days(30)))
    assert without_certain(first) == first

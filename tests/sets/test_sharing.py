"""Which windows share one last row, and what that row is compared with."""

from datetime import UTC, datetime, timedelta

from retention import days
from retention.rules import Rule, orders
from retention.rules.backends.sets.lower import lower
from retention.rules.backends.sets.reading import conjuncts
from retention.rules.backends.sets.sharing import share_windows
from retention.rules.backends.sets.terms import Cell, Constant, Is, Tally, Test
from retention.schema import STANDARD, Kind
from tests.sets.layouts import plain_layout

AS_OF = datetime(2026, 3, 1, 12, tzinfo=UTC)
AT = Cell("at", Kind.INSTANT)


def _shared(*rules: Rule) -> tuple[tuple[Test, ...], tuple[Test, ...]]:
    """The tests before and after."""
    tests = tuple(lower(each.node, AS_OF, plain_layout(STANDARD, "KRW")) for each in rules)
    return tests, share_windows(tests)


def test_windows_of_different_rows_share_nothing() -> None:
    paid, sent = (orders.where(orders.status == word) for word in ("paid", "sent"))
    old = orders.placed_at.last().older_than(days(90))
    before, after = _shared(paid.within(days(7)).any(), sent.within(days(30)).any(), old)
    assert after == before


def test_one_last_row_in_the_widest_window_is_compared_with_the_bound_of_each() -> None:
    paid = orders.where(orders.status == "paid")
    _, after = _shared(*(paid.within(days(count)).any() for count in (7, 30, 14)))
    lasts = set()
    for test, count in zip(after, (7, 30, 14), strict=True):
        assert isinstance(test, Is)
        assert (test.operator, test.right) == (">", Constant(AS_OF - timedelta(days=count)))
        lasts.add(test.left)
    (last,) = lasts
    assert isinstance(last, Tally)
    assert (last.function, last.value) == ("max", AT)
    assert set(conjuncts(last.where)) == {
        Is("<=", AT, Constant(AS_OF)),
        Is(">", AT, Constant(AS_OF - timedelta(days=30))),
        Is("==", Cell("status", Kind.TEXT), Constant("paid")),
    }

"""Which tests of different values of one column are answered by customer and value."""

import pytest

from retention import days, won
from retention.rules import Rule, customer, orders
from retention.rules.backends.sets.by_value import ByValue, by_value
from retention.rules.backends.sets.lower import lower
from retention.rules.backends.sets.passes import arrange
from retention.rules.backends.sets.plan import Pass
from retention.rules.backends.sets.settled import settle
from retention.schema import STANDARD
from tests.frames.shop import AS_OF
from tests.sets.layouts import plain_layout
from tests.sets.told_apart import STATUSES, asked, of_status, spent

_IS_KOREAN = customer.country == "KR"


def _told(*rules: Rule) -> ByValue | None:
    layout = plain_layout(STANDARD, "KRW")
    plan = settle(arrange([lower(each.node, AS_OF, layout) for each in rules]))
    (step,) = (each for each in plan.steps if isinstance(each, Pass))
    return by_value(step)


def test_what_is_told_by_the_values_of_a_column() -> None:
    found = _told(*map(asked, range(4)))
    assert found is not None
    assert found.column.column == "status"
    assert tuple(found.rows) == STATUSES
    assert tuple(found.tests.values()) == STATUSES


def test_tests_of_one_value_share_its_rows() -> None:
    found = _told(*map(spent, range(3)), of_status(1).count() >= 2)
    assert found is not None
    assert sorted(map(str, found.tests.values())) == ["held", "paid", "sent", "sent"]


@pytest.mark.parametrize(
    "besides",
    [
        pytest.param([], id="too few values"),
        pytest.param([spent(2), orders.count() >= 2], id="rows of every value"),
        pytest.param([spent(2), (of_status(2).total.sum() >= won(9)) & _IS_KOREAN], id="a tally asked about twice"),
        pytest.param([(of_status(2).count() >= 2) & (of_status(3).count() >= 2)], id="two values in one test"),
        pytest.param([of_status(2).total.sum() < won(5)], id="true of those who have no row"),
        pytest.param([spent(2), of_status(1).within(days(3)).count() >= 2], id="other rows of the same value"),
    ],
)
def test_what_is_not_told_by_value(besides: list[Rule]) -> None:
    assert _told(spent(0), spent(1), *besides) is None

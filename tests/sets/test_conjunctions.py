"""What several conjunctions share is said once."""

from datetime import UTC, datetime

from retention import won
from retention.rules import Rule, customer, orders
from retention.rules.backends.sets.conjunctions import said_together
from retention.rules.backends.sets.lower import lower
from retention.rules.backends.sets.repeated import repeated
from retention.rules.backends.sets.terms import Both, Negation, Test
from retention.schema import STANDARD
from tests.sets.layouts import plain_layout

AS_OF = datetime(2026, 3, 1, 12, tzinfo=UTC)
KOREAN, LOYAL = customer.country == "KR", orders.count() >= 3
RICH, POOR = orders.total.sum() >= won(9), orders.total.sum() < won(5)


def _lowered(*rules: Rule) -> list[Test]:
    return [lower(each.node, AS_OF, plain_layout(STANDARD, "KRW")) for each in rules]


def _nothing_is_known(test: Test) -> bool:
    return False


def test_conditions_of_two_conjunctions_are_one_of_each_in_whatever_order_they_came() -> None:
    korean, loyal, rich, poor = _lowered(KOREAN, LOYAL, RICH, POOR)
    tests = said_together(_lowered(KOREAN & RICH & LOYAL, LOYAL & POOR & KOREAN), _nothing_is_known)
    assert tests == (Both((Both((korean, loyal)), rich)), Both((Both((korean, loyal)), poor)))
    assert Both((korean, loyal)) in repeated(tests, _nothing_is_known)


def test_a_conjunction_that_is_part_of_another_is_one_of_its_conditions() -> None:
    korean, loyal, rich = _lowered(KOREAN, LOYAL, RICH)
    tests = said_together(_lowered(LOYAL & KOREAN, ~(KOREAN & RICH & LOYAL)), _nothing_is_known)
    assert tests == (Both((loyal, korean)), Negation(Both((Both((loyal, korean)), rich))))


def test_what_is_known_stays_as_it_is_and_is_not_looked_into() -> None:
    tests = _lowered(KOREAN & RICH & LOYAL, LOYAL & POOR & KOREAN)
    assert said_together(tests, tests.__contains__) == tuple(tests)
    assert said_together(tests, tests[:1].__contains__) == tuple(tests)


def test_one_condition_in_common_is_nothing_to_put_together() -> None:
    tests = _lowered(KOREAN & RICH, KOREAN & POOR)
    assert said_together(tests, _nothing_is_known) == tuple(tests)


def test_what_lies_in_a_test_that_is_said_again_is_not_said_again_by_that() -> None:
    korean, loyal = _lowered(KOREAN, LOYAL)
    tests = said_together(_lowered(KOREAN & LOYAL & RICH, KOREAN & LOYAL & POOR), _nothing_is_known)
    assert repeated(tests, _nothing_is_known) == {Both((korean, loyal)): 2}
    assert repeated([*tests, loyal], _nothing_is_known) == {Both((korean, loyal)): 2, loyal: 2}


def test_very_many_conditions_are_no_trouble() -> None:
    """The beginnings of all lengths would be four million conditions."""
    conditions = [orders.count() >= number for number in range(1, 2_001)]
    tests = _lowered(*conditions)
    together = said_together([Both((*tests, each)) for each in _lowered(RICH, POOR)], _nothing_is_known)
    assert [len(each.tests) for each in together if isinstance(each, Both)] == [2, 2]

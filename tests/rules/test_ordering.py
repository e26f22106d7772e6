"""An ordering draws the conclusions of comparisons and notices when they contradict each other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retention.rules.ordering import Ordering

facts = st.lists(st.tuples(st.sampled_from(("<", "<=", "==", "!=")), st.sampled_from("abcd"), st.sampled_from("abcd")))


def ordering(*said: tuple[str, str, str]) -> Ordering[str]:
    order = Ordering[str]()
    for operator, one, other in said:
        {"<": order.less, "<=": order.at_most, "==": order.equal, "!=": order.unequal}[operator](one, other)
    return order


def test_what_follows_is_known() -> None:
    order = ordering(("<=", "a", "b"), ("<", "b", "c"), ("==", "c", "d"))
    assert order.close()
    assert order.is_at_most("a", "d")
    assert not order.is_at_most("d", "a")
    assert order.is_at_most("e", "e")
    assert not order.is_at_most("e", "a")


@pytest.mark.parametrize(
    "said",
    [
        [("<", "a", "a")],
        [("<", "a", "b"), ("<=", "b", "a")],
        [("<", "a", "b"), ("<=", "b", "c"), ("==", "c", "a")],
        [("<=", "a", "b"), ("<=", "b", "a"), ("!=", "a", "b")],
    ],
)
def test_a_contradiction_is_noticed(said: list[tuple[str, str, str]]) -> None:
    assert not ordering(*said).close()


@given(facts, st.fixed_dictionaries({name: st.integers(0, 3) for name in "abcd"}))
def test_what_some_numbers_meet_is_never_a_contradiction(
    said: list[tuple[str, str, str]], numbers: dict[str, int]
) -> None:
    true = {
        "<": lambda one, other: one < other,
        "<=": lambda one, other: one <= other,
        "==": lambda one, other: one == other,
        "!=": lambda one, other: one != other,
    }
    met = [each for each in said if true[each[0]](numbers[each[1]], numbers[each[2]])]
    order = ordering(*met)
    assert order.close()
    assert all(numbers[a] <= numbers[b] for a in "abcd" for b in "abcd" if order.is_at_most(a, b))

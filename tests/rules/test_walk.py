"""Going through trees: order, paths, sizes, rebuilding."""

import pytest

from retention.errors import RuleTooLarge
from retention.rules.limits import WRITTEN, check_size
from retention.rules.nodes import All, Attribute, Compare, Events, Literal, Missing, Node, Not, Rule
from retention.rules.walk import Size, children, iter_nodes, iter_paths, measure, replace_children
from tests.rules.examples import EXAMPLES, KOREAN, PAID, REGULAR, VIP, rows

MISSING = Missing(Attribute("city"))


def test_nodes_come_in_reading_order_with_their_paths() -> None:
    found = [(path, type(node).__name__) for path, node in iter_paths(All((Not(KOREAN), rows("orders", PAID))))]
    assert found == [
        ("rule", "All"),
        ("rule.all[0]", "Not"),
        ("rule.all[0].not", "Compare"),
        ("rule.all[0].not.left", "Attribute"),
        ("rule.all[0].not.right", "Literal"),
        ("rule.all[1]", "Compare"),
        ("rule.all[1].left", "Aggregate"),
        ("rule.all[1].left.count", "Events"),
        ("rule.all[1].left.count.where", "Compare"),
        ("rule.all[1].left.count.where.left", "Column"),
        ("rule.all[1].left.count.where.right", "Literal"),
        ("rule.all[1].right", "Literal"),
    ]


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_both_walks_meet_the_same_nodes(name: str) -> None:
    assert [node for _, node in iter_paths(EXAMPLES[name])] == list(iter_nodes(EXAMPLES[name]))


def test_a_size_counts_nodes_depth_and_options() -> None:
    assert measure(EXAMPLES["in"]) == Size(nodes=2, depth=2, items=2)
    assert measure(EXAMPLES["where"]) == Size(nodes=7, depth=5, items=0)


def nested(depth: int) -> Rule:
    rule: Rule = MISSING
    for _ in range(depth):
        rule = Not(rule)
    return rule


def test_a_tree_of_any_depth_can_be_measured() -> None:
    assert measure(nested(50_000)).depth == 50_002


def test_a_tree_that_shares_its_parts_is_measured_as_far_as_the_limit() -> None:
    rule: Rule = MISSING
    for _ in range(30):  # 2**30 nodes, if each part were a copy
        rule = All((rule, rule))
    assert measure(rule, stop=WRITTEN).nodes == WRITTEN.nodes + 1


@pytest.mark.parametrize(
    ("rule", "what"),
    [
        (nested(31), "depth"),
        (All((MISSING,) * 500), "nodes"),
        (nested(100_000), "depth"),
    ],
)
def test_what_is_over_a_limit_is_refused(rule: Rule, what: str) -> None:
    with pytest.raises(RuleTooLarge, match=what) as caught:
        check_size(rule)
    assert caught.value.found == caught.value.limit + 1
    assert caught.value.path == "rule"


@pytest.mark.parametrize("rule", [nested(30), All((MISSING,) * 499)])
def test_what_is_at_a_limit_is_accepted(rule: Rule) -> None:
    check_size(rule)


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_the_same_children_give_the_very_same_node(name: str) -> None:
    for node in iter_nodes(EXAMPLES[name]):
        assert replace_children(node, lambda child: child) is node


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_equal_children_give_an_equal_node(name: str) -> None:
    def copied(node: Node) -> Node:
        if not children(node):
            return type(node)(*(getattr(node, each.name) for each in type(node).__attrs_attrs__))
        return replace_children(node, copied)

    rule = EXAMPLES[name]
    assert copied(rule) == rule
    assert copied(rule) is not rule


def test_children_are_replaced_where_they_stand() -> None:
    def moved(node: Node) -> Node:
        return Literal("US") if node == Literal("KR") else replace_children(node, moved)

    american = Compare("==", Attribute("country"), Literal("US"))
    assert moved(All((REGULAR, Not(KOREAN), VIP))) == All((REGULAR, Not(american), VIP))


def test_rows_of_rows_keep_their_order() -> None:
    inner = Events("orders", PAID, -1)

    def without_picks(node: Node) -> Node:
        return Events("orders", PAID) if node is inner else replace_children(node, without_picks)

    assert without_picks(Events(inner, PAID)) == Events(Events("orders", PAID), PAID)

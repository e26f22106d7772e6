"""Rules that have something to do with one another: made of a few random ones, their variants and their opposites."""

from hypothesis import strategies as st

from retention.errors import RuleError
from retention.money import Money
from retention.rules.kinds import ORDERED, kind_of
from retention.rules.nodes import (
    Ago,
    All,
    AnyOf,
    AtLeast,
    Compare,
    Comparison,
    Events,
    Literal,
    Named,
    Node,
    Not,
    Rule,
)
from retention.rules.walk import replace_children
from retention.schema import Schema
from retention.testing.rules import rules
from retention.testing.scenes import Scene, spans

_FORMS = ("part", "part", "not", "all", "any", "at least", "named")
_ORDERED: tuple[Comparison, ...] = ("<", "<=", ">", ">=", "==")


@st.composite
def related_rules(draw: st.DrawFn, schema: Schema, scene: Scene, *, several: int = 1) -> tuple[Rule, ...]:
    """Rules that share parts, or parts that differ in a constant, a span or an operator only."""
    writer = _Relative(draw, schema)
    pool = [draw(rules(schema, scene)) for _ in range(draw(st.integers(1, 3)))]
    pool += [writer.variant(each) for each in pool]
    return tuple(writer.rule(pool, 3) for _ in range(several))


class _Relative:
    def __init__(self, draw: st.DrawFn, schema: Schema) -> None:
        self.draw = draw
        self.schema = schema

    def rule(self, pool: list[Rule], levels: int) -> Rule:
        form = (
            self.draw(st.sampled_from(("part", "part", "not", "all", "any", "at least", "named"))) if levels else "part"
        )
        if form == "part":
            return self.draw(st.sampled_from(pool))
        if form == "not":
            return Not(self.rule(pool, levels - 1))
        if form == "named":
            return Named("some words", self.rule(pool, levels - 1))
        parts = tuple(self.rule(pool, levels - 1) for _ in range(self.draw(st.integers(1, 3))))
        if form == "at least":
            return AtLeast(self.draw(st.integers(0, 3)), parts)
        return All(parts) if form == "all" else AnyOf(parts)

    def variant(self, rule: Rule) -> Rule:
        changed = self.changed(rule, None)
        return rule if isinstance(changed, Events) else changed  # type: ignore[return-value]

    def changed(self, node: Node, collection: str | None) -> Node:
        match node:
            case Ago():
                return Ago(self.draw(spans()))
            case Literal(int() as number) if not isinstance(number, bool):
                return Literal(number + self.draw(st.sampled_from((0, 0, -1, 1, 2))))
            case Literal(Money(minor, currency)):
                return Literal(Money(minor + self.draw(st.sampled_from((0, 0, -500, 1, 500))), currency))
            case Compare(operator, left, right) if operator in _ORDERED and self.is_ordered(node, collection):
                node = Compare(self.draw(st.sampled_from(_ORDERED)), left, right)
            case _:
                pass
        inside = node.collection if isinstance(node, Events) else collection
        return replace_children(node, lambda child: self.changed(child, inside))

    def is_ordered(self, rule: Compare, collection: str | None) -> bool:
        try:
            return kind_of(rule.left, self.schema, collection) in ORDERED
        except RuleError:
            return False

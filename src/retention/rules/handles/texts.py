"""Texts, flags and sets of labels."""

from collections.abc import Iterable
from typing import ClassVar, TypeAlias

from retention.rules import nodes
from retention.rules.handles.constants import constant
from retention.rules.handles.numbers import Number
from retention.rules.handles.scope import R
from retention.rules.handles.value import Equated, Value
from retention.rules.rule import Rule, conjunction, disjunction
from retention.schema import Kind

TextOperand: TypeAlias = "str | Text[R] | Text[Rule]"


class Text(Equated[R, "str | Text[R] | Text[Rule]"]):
    """A text. Case is exact, code point by code point, unless one side is folded; there are no patterns."""

    __slots__ = ()
    kind: ClassVar[Kind] = Kind.TEXT

    def is_in(self, options: Iterable[str]) -> R:
        """Equal to one of the options; never true of a missing text."""
        given = self._options(options)
        if _is_folded(self.node):
            given = tuple(dict.fromkeys(str(each).casefold() for each in given))
        return self._scope.rule(nodes.IsIn(self.node, given))

    def contains(self, part: "TextOperand[R]") -> R:
        """The part occurs in it; the empty part occurs in every text that is present."""
        return self._compare_all(("contains", part))

    def starts_with(self, part: "TextOperand[R]") -> R:
        """It begins with the part."""
        return self._compare_all(("starts_with", part))

    def ends_with(self, part: "TextOperand[R]") -> R:
        """It ends with the part."""
        return self._compare_all(("ends_with", part))

    def casefold(self) -> "Text[R]":
        """The text without regard to case, as ``str.casefold``; whatever it is compared with is folded as well."""
        return Text(_folded(self.node), self._scope)

    def _comparison(self, operator: nodes.Comparison, other: nodes.Value) -> nodes.Compare:
        if _is_folded(self.node) or _is_folded(other):
            return nodes.Compare(operator, _folded(self.node), _folded(other))
        return nodes.Compare(operator, self.node, other)


class Labels(Value[R]):
    """A set of labels (tags, media). A customer without any has the empty set, not a missing one."""

    __slots__ = ()
    kind: ClassVar[Kind] = Kind.LABELS
    _compared_with: ClassVar[Kind | None] = Kind.TEXT

    def has(self, label: "TextOperand[R]") -> R:
        """The label is among them."""
        return self._compare_all(("has", label))

    def has_any(self, *labels: str) -> R:
        """One of the labels is among them; of no labels that is never true."""
        return self._scope.rule(disjunction(*(self._has(label) for label in labels)))

    def has_all(self, *labels: str) -> R:
        """All of the labels are among them; of no labels that is always true."""
        return self._scope.rule(conjunction(*(self._has(label) for label in labels)))

    def count(self) -> Number[R]:
        """How many labels there are; missing if the set is."""
        return Number(nodes.Apply("size", self.node), self._scope)

    def _has(self, label: object) -> nodes.Compare:
        return nodes.Compare("has", self.node, self._fitting(*constant(label)))


def _is_folded(node: nodes.Value) -> bool:
    return isinstance(node, nodes.Apply) and node.function == "casefold"


def _folded(node: nodes.Value) -> nodes.Value:
    if isinstance(node, nodes.Literal) and isinstance(node.value, str):
        return nodes.Literal(node.value.casefold())
    return node if _is_folded(node) else nodes.Apply("casefold", node)

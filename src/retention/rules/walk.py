"""Going through a rule's tree: the one place that knows which nodes lie under which.

Nothing here recurses without a bound, so a tree of any depth can be measured and refused. Paths are those of the JSON
form: ``rule.all[1].left.of.where``.
"""

from collections.abc import Callable, Iterator
from typing import TypeAlias, TypeVar, assert_never, cast, final

from attrs import evolve, frozen

from retention.rules.nodes import (
    Aggregate,
    Ago,
    All,
    Anniversary,
    AnyOf,
    Apply,
    Arithmetic,
    AtLeast,
    Attribute,
    Column,
    Compare,
    Events,
    Follows,
    IsIn,
    Literal,
    Missing,
    Named,
    Node,
    Not,
    Reference,
    Rule,
    Shift,
    Value,
)

Edge: TypeAlias = tuple[str, Node]
_N = TypeVar("_N", bound=Node)


def children(node: Node) -> tuple[Edge, ...]:
    """What lies directly under a node, in reading order, each with its step of the path (``.left``, ``.all[0]``)."""
    match node:
        case All(rules):
            return tuple((f".all[{i}]", each) for i, each in enumerate(rules))
        case AnyOf(rules):
            return tuple((f".any[{i}]", each) for i, each in enumerate(rules))
        case AtLeast(_, rules):
            return tuple((f".of[{i}]", each) for i, each in enumerate(rules))
        case Not(rule):
            return ((".not", rule),)
        case Named(_, rule):
            return ((".rule", rule),)
        case Compare(_, left, right) | Arithmetic(_, left, right):
            return (".left", left), (".right", right)
        case IsIn(value):
            return ((".value", value),)
        case Missing(value):
            return ((".missing", value),)
        case Anniversary(value):
            return ((".anniversary", value),)
        case Follows(first, then, _, missed):
            return (".events", first), (".not_followed_by" if missed else ".followed_by", then)
        case Aggregate(function, events):
            return ((".count" if function == "count" else ".of", events),)
        case Apply(function, value):
            return ((f".{function}", value),)
        case Shift(value):
            return ((".shift", value),)
        case Events(source, where):
            under: tuple[Edge, ...] = ((".from", source),) if isinstance(source, Events) else ()
            return under if where is None else (*under, (".where", where))
        case Reference() | Literal() | Attribute() | Column() | Ago():
            return ()
        case _:
            assert_never(node)


def iter_nodes(root: Node) -> Iterator[Node]:
    """Every node in reading order, the root first; a part that occurs twice comes twice."""
    return (node for node, _ in iter_depths(root))


def iter_depths(root: Node) -> Iterator[tuple[Node, int]]:
    """Every node in reading order with its depth; the root's is 1."""
    waiting = [(root, 1)]
    while waiting:
        node, depth = waiting.pop()
        yield node, depth
        waiting.extend((child, depth + 1) for _, child in reversed(children(node)))


def iter_paths(root: Node, path: str = "rule") -> Iterator[tuple[str, Node]]:
    """Every node in reading order with the path that leads to it."""
    waiting = [(path, root)]
    while waiting:
        here, node = waiting.pop()
        yield here, node
        waiting.extend((here + step, child) for step, child in reversed(children(node)))


@final
@frozen
class Size:
    """How large a tree is: ``items`` are the options of all its ``IsIn`` lists together."""

    nodes: int
    depth: int
    items: int


def measure(root: Node, stop: Size | None = None) -> Size:
    """The size of a tree; measuring ends as soon as one part of ``stop`` is passed."""
    nodes = deepest = items = 0
    for node, depth in iter_depths(root):
        nodes += 1
        deepest = max(deepest, depth)
        if isinstance(node, IsIn):
            items += len(node.options)
        if stop is not None and (nodes > stop.nodes or deepest > stop.depth or items > stop.items):
            break
    return Size(nodes, deepest, items)


def replace_children(node: _N, change: Callable[[Node], Node]) -> _N:
    """The same node over changed children; the very same object when no child changes.

    ``change`` must answer a rule with a rule, a value with a value and events with events.
    """
    under = children(node)
    changed = tuple(change(child) for _, child in under)
    if all(new is old for new, (_, old) in zip(changed, under, strict=True)):
        return node
    return cast(_N, _rebuilt(node, changed))


def _rebuilt(node: Node, changed: tuple[Node, ...]) -> Node:
    match node:
        case All():
            return All(cast(tuple[Rule, ...], changed))
        case AnyOf():
            return AnyOf(cast(tuple[Rule, ...], changed))
        case AtLeast(count):
            return AtLeast(count, cast(tuple[Rule, ...], changed))
        case Not():
            return Not(cast(Rule, changed[0]))
        case Named(name):
            return Named(name, cast(Rule, changed[0]))
        case Compare() | Arithmetic():
            return evolve(node, left=cast(Value, changed[0]), right=cast(Value, changed[1]))
        case IsIn() | Missing() | Anniversary() | Apply() | Shift():
            return evolve(node, value=cast(Value, changed[0]))
        case Follows():
            return evolve(node, first=cast(Events, changed[0]), then=cast(Events, changed[1]))
        case Aggregate():
            return evolve(node, events=cast(Events, changed[0]))
        case Events(source, where, pick):
            inner = changed[0] if isinstance(source, Events) else source
            return Events(cast("str | Events", inner), None if where is None else cast(Rule, changed[-1]), pick)
        case Reference() | Literal() | Attribute() | Column() | Ago():
            return node
        case _:
            assert_never(node)

"""Segments that refer to segments: every ``Reference`` replaced by the rule it means, rings refused by name."""

from collections.abc import Iterator, Mapping
from typing import cast

from retention.errors import ReferenceCycle, UnknownName
from retention.rules.limits import RESOLVED, check_size
from retention.rules.nodes import Node, Reference, Rule
from retention.rules.walk import iter_nodes, iter_paths, replace_children


def references(rule: Rule) -> tuple[str, ...]:
    """The keys that a rule refers to, each once, in order of appearance."""
    return tuple(dict.fromkeys(node.key for node in iter_nodes(rule) if isinstance(node, Reference)))


def resolve(rule: Rule, segments: Mapping[str, Rule]) -> Rule:
    """The rule with every reference replaced, however far they lead; the same object if it refers to nothing.

    Raises UnknownName with the nearest key, ReferenceCycle that names the ring, RuleTooLarge if the whole outgrows
    ``limits.RESOLVED``.
    """
    return _Resolution(segments).of(rule, "rule", references(rule))


def resolve_all(segments: Mapping[str, Rule]) -> dict[str, Rule]:
    """Every rule of a set, resolved against the same set; raises what ``resolve`` raises."""
    work = _Resolution(segments)
    return {key: work.of(rule, _path_of(key), (key,)) for key, rule in segments.items()}


def _path_of(key: str) -> str:
    return f"segments[{key!r}]"


class _Resolution:
    """Keys are resolved depth first with an explicit stack, so a long chain of segments is no deep recursion."""

    def __init__(self, segments: Mapping[str, Rule]) -> None:
        self._segments = segments
        self._done: dict[str, Rule] = {}

    def of(self, rule: Rule, path: str, keys: tuple[str, ...]) -> Rule:
        self._check_known(rule, path)
        for key in keys:
            self._finish(key)
        return self._replaced(rule, path)

    def _finish(self, start: str) -> None:
        trail: dict[str, Iterator[str]] = {}
        key: str | None = start
        while key is not None:
            if key not in self._done and key not in trail:
                rule = self._segments[key]
                self._check_known(rule, _path_of(key))
                trail[key] = iter(references(rule))
            elif key in trail:
                ring = list(trail)
                raise ReferenceCycle((*ring[ring.index(key) :], key))
            key = self._next(trail)

    def _next(self, trail: dict[str, Iterator[str]]) -> str | None:
        """The next key to look at; keys whose references are all done are resolved on the way."""
        while trail:
            last = next(reversed(trail))
            upcoming = next(trail[last], None)
            if upcoming is not None:
                return upcoming
            del trail[last]
            self._done[last] = self._replaced(self._segments[last], _path_of(last))
        return None

    def _check_known(self, rule: Rule, path: str) -> None:
        for here, node in iter_paths(rule, path):
            if isinstance(node, Reference) and node.key not in self._segments:
                raise UnknownName("segment", node.key, self._segments, path=here)

    def _replaced(self, rule: Rule, path: str) -> Rule:
        whole = cast(Rule, self._replace(rule))
        if whole is not rule:
            check_size(whole, RESOLVED, path)
        return whole

    def _replace(self, node: Node) -> Node:
        return self._done[node.key] if isinstance(node, Reference) else replace_children(node, self._replace)

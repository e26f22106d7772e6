"""The source of a function that answers one or several rules for a profile."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from retention.errors import CurrencyMismatch
from retention.money import Money
from retention.rules.backends.compiled import runtime
from retention.rules.backends.compiled.conditions import write_rule
from retention.rules.backends.compiled.selections import reads_row
from retention.rules.backends.compiled.values import write_value
from retention.rules.backends.compiled.writer import Writer
from retention.rules.declared import own_names, require_names
from retention.rules.nodes import (
    Aggregate,
    Ago,
    All,
    Anniversary,
    AnyOf,
    AtLeast,
    Attribute,
    Compare,
    Follows,
    IsIn,
    Literal,
    Node,
    Rule,
)
from retention.rules.walk import iter_nodes
from retention.schema import Schema
from retention.spans import ago, local

_CALLED = {
    "ago": ago,
    "back": runtime.back,
    "anniversaries": runtime.anniversaries,
    "bisect_left": bisect_left,
    "bisect_right": bisect_right,
    "bucket": runtime.bucket,
    "divide": runtime.divide,
    "followed": runtime.followed,
    "local": local,
    "mean": runtime.mean,
    "minor_units": runtime.minor_units,
    "present": runtime.present,
    "shifted": runtime.shifted,
    "unfollowed": runtime.unfollowed,
}


def write_source(rules: Sequence[Rule], schema: Schema, *, single: bool) -> tuple[str, dict[str, Any]]:
    """Python source that defines ``bind(now, as_of)``, and the names that it uses.

    ``bind`` returns a function of a profile: the answer of the one rule if ``single``, else a tuple of answers.
    """
    nodes = [node for rule in rules for node in iter_nodes(rule)]
    w = Writer(schema, dict(_CALLED), _currency(nodes))
    if single:
        result = f"True if {write_rule(w, rules[0])} else False"
    else:
        result = f"({''.join(f'{each}, ' for each in _written(w, rules))})"
    return _framed(w, result, nodes), w.names


def _currency(nodes: Sequence[Node]) -> str:
    """The currency of all money in the rules, empty if there is none. Raises CurrencyMismatch for two."""
    found = ""
    for node in nodes:
        constants = node.options if isinstance(node, IsIn) else (node.value,) if isinstance(node, Literal) else ()
        for constant in constants:
            if isinstance(constant, Money) and constant.currency != found:
                if found:
                    raise CurrencyMismatch("rules compiled together: money", found, constant.currency)
                found = constant.currency
    return found


def _written(w: Writer, rules: Sequence[Rule]) -> list[str]:
    """Write every rule; the names of the variables that hold the answers."""
    parts = [list(dict.fromkeys(_worth_sharing(rule))) for rule in rules]
    uses = Counter(node for several in parts for node in several)
    answers = []
    for rule, several in zip(rules, parts, strict=True):
        for node in several:
            if uses[node] > 1 and node != rule and w.known(node) is None:
                _write_shared(w, node)
        answers.append(w.known(rule) or _write_answer(w, rule))
    return answers


def _write_answer(w: Writer, rule: Rule) -> str:
    held = w.fresh("r")
    w.emit(f"{held} = True if {write_rule(w, rule)} else False")
    w.remember(rule, held)
    return held


def _worth_sharing(root: Rule) -> Iterator[Rule | Aggregate]:
    """The parts about the whole customer that cost something to compute, inner ones first."""
    for node in reversed(list(iter_nodes(root))):
        match node:
            case Aggregate() | Follows():
                yield node
            case Compare(_, Aggregate(), Literal() | Ago()) | All() | AnyOf() | AtLeast() | Anniversary():
                if not reads_row(node):
                    yield node


def _write_shared(w: Writer, node: Rule | Aggregate) -> None:
    """Compute now what several rules will ask for, so that every one of them finds it."""
    if isinstance(node, Aggregate):
        write_value(write_rule, w, node)
    else:
        _write_answer(w, node)


def _framed(w: Writer, result: str, nodes: Sequence[Node]) -> str:
    lines = ["def bind(now, as_of):", "    zone = as_of.tzinfo", *(f"    {line}" for line in w.bound)]
    lines.append("    def check(profile):")
    own = own_names(nodes)
    if any(own):
        w.names.update(require_names=require_names, own=own, schema=w.schema)
        lines.append("        if profile.schema is not schema: require_names(profile.schema, own)")
    if any(isinstance(node, Attribute) for node in nodes):
        lines.append("        customer = profile.customer")
    return "\n".join([*lines, *w.body(2), f"        return {result}", "    return check", ""])

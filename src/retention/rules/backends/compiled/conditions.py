"""What generated code tests: the rules, cheap parts first and expensive ones only when they can still matter."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from fractions import Fraction
from functools import partial
from typing import assert_never, final

from attrs import define, field

from retention.errors import RuleError
from retention.rules.backends.compiled.cost import cost
from retention.rules.backends.compiled.selections import (
    Selection,
    at_least,
    high_position,
    instants,
    low_position,
    may_exist,
    positions,
    select,
    window_exists,
)
from retention.rules.backends.compiled.values import both, plain, write_value
from retention.rules.backends.compiled.writer import Term, Trial, Writer
from retention.rules.nodes import (
    Aggregate,
    All,
    Anniversary,
    AnyOf,
    AtLeast,
    Compare,
    Comparison,
    Events,
    Follows,
    IsIn,
    Literal,
    Missing,
    Named,
    Not,
    Reference,
    Rule,
)


def write_rule(w: Writer, node: Rule) -> str:
    """A test whose truth is the rule's. What has to be computed first is written to the present block."""
    known = w.known(node)
    if known is not None:
        return str(known)
    match node:
        case All(rules):
            return _chain(w, rules, want_all=True)
        case AnyOf(rules):
            return _chain(w, rules, want_all=False)
        case Not(rule):
            return f"(not {write_rule(w, rule)})"
        case AtLeast(count, rules):
            return _count_of(w, count, rules)
        case Compare():
            return _compared(w, node)
        case IsIn(value, options):
            term = write_value(write_rule, w, value)
            test = f"({term.expression} in {w.constant(frozenset(map(plain, options)))})"
            return test if _reads_none_safely(term) else term.guarded(test)
        case Missing(value):
            present = write_value(write_rule, w, value).present
            return f"(not ({present}))" if present else "False"
        case Anniversary():
            return _anniversary(w, node)
        case Follows():
            return _follows(w, node)
        case Named(_, rule):
            return write_rule(w, rule)
        case Reference(key):
            raise RuleError(f"the segment {key!r} is not resolved", hint="Put the segments into a SegmentSet")
        case _:
            assert_never(node)


def _chain(w: Writer, rules: Sequence[Rule], *, want_all: bool) -> str:
    """``and`` or ``or`` of the rules. A part that needs computing goes into an ``if`` behind the cheaper ones."""
    if not rules:
        return str(want_all)
    chain = _Chain(w, want_all)
    for rule in sorted(rules, key=cost):
        if want_all and not w.row:
            chain.require_rows(rule)
        chain.add(w.trial(partial(write_rule, w, rule), chain.shown))
    return chain.finish()


@final
@define
class _Chain:
    """Parts of a conjunction or disjunction on their way into one expression, or into nested ``if`` blocks."""

    w: Writer
    want_all: bool
    parts: list[str] = field(factory=list)
    answer: str = ""
    shown: set[str] = field(factory=set)
    blocks: ExitStack = field(factory=ExitStack)

    def add(self, part: Trial) -> None:
        if part.lines and self.parts and not self.w.row:
            self._go_deeper()
        self.parts.append(self.w.adopt(part))

    def require_rows(self, rule: Rule) -> None:
        """If the rule is false of an empty window, look first whether the window is empty."""
        aggregate = _needs_rows(rule)
        if aggregate is None or self.w.known(aggregate):
            return
        selection = _selected(self.w, aggregate)
        if selection.where and not isinstance(selection.events.source, Events):
            self._look_first(partial(may_exist, self.w, selection))
            self._look_first(partial(window_exists, self.w, selection, write_rule))

    def _look_first(self, write: Callable[[], str]) -> None:
        part = self.w.trial(write, self.shown)
        if part.result and part.result not in self.shown:
            self.add(part)
            self.shown.add(part.result)

    def finish(self) -> str:
        joined = f"({(' and ' if self.want_all else ' or ').join(self.parts)})"
        if not self.answer:
            return joined
        self.w.emit(f"{self.answer} = {joined}")
        self.blocks.close()
        return self.answer

    def _go_deeper(self) -> None:
        if not self.answer:
            self.answer = self.w.fresh("r")
            self.w.emit(f"{self.answer} = {not self.want_all}")
        test = " and ".join(self.parts) if self.want_all else f"not ({' or '.join(self.parts)})"
        self.blocks.enter_context(self.w.block(f"if {test}:"))
        self.parts = []


def _needs_rows(rule: Rule) -> Aggregate | None:
    """The aggregate, if the rule says that a count or sum reaches a number above 0."""
    match rule:
        case Compare(">=" | ">", Aggregate(function="count" | "sum" | "distinct") as aggregate, Literal(number)):
            bound = plain(number)
            return aggregate if isinstance(bound, int | Fraction) and bound > 0 else None
    return None


def _count_of(w: Writer, count: int, rules: Sequence[Rule]) -> str:
    if count <= 0:
        return "True"
    if count > len(rules):
        return "False"
    terms = " + ".join(f"(1 if {write_rule(w, rule)} else 0)" for rule in rules)
    return f"({terms} >= {w.constant(count)})"


def _compared(w: Writer, node: Compare) -> str:
    threshold = _row_threshold(node)
    if threshold is not None:
        aggregate, count, wanted = threshold
        with w.rows_of(""):
            test = at_least(w, _selected(w, aggregate), count, write_rule)
        return test if wanted else f"(not {test})"
    left, right = write_value(write_rule, w, node.left), write_value(write_rule, w, node.right)
    return _test(node.operator, left, right)


def _selected(w: Writer, aggregate: Aggregate) -> Selection:
    return select(w, aggregate.events, partial(write_value, write_rule), write_rule)


def _row_threshold(node: Compare) -> tuple[Aggregate, int, bool] | None:
    """``(count, n, wanted)`` when the comparison says that there are n rows or more, or that there are not."""
    if not isinstance(node.left, Aggregate) or node.left.function != "count" or not isinstance(node.right, Literal):
        return None
    number = node.right.value
    if type(number) is not int:
        return None
    threshold = {
        ">=": (number, True),
        ">": (number + 1, True),
        "<": (number, False),
        "<=": (number + 1, False),
        "==": (1, False) if number == 0 else None,
    }.get(node.operator)
    return (node.left, *threshold) if threshold is not None and threshold[0] >= 1 else None


def _test(operator: Comparison, left: Term, right: Term) -> str:
    if (
        operator == "=="
        and not (left.present and right.present)
        and _reads_none_safely(left)
        and _reads_none_safely(right)
    ):
        return f"({left.expression} == {right.expression})"  # None equals nothing that is there
    present = both(left.present, right.present)
    match operator:
        case "contains" | "has":
            test = f"{right.expression} in {left.expression}"
        case "starts_with":
            test = f"{left.expression}.startswith({right.expression})"
        case "ends_with":
            test = f"{left.expression}.endswith({right.expression})"
        case "==" | "<" | "<=" | ">" | ">=":
            test = f"{left.expression} {operator} {right.expression}"
        case _:
            assert_never(operator)
    return Term(test, present).guarded(test)


def _reads_none_safely(term: Term) -> bool:
    """The expression may be evaluated when the value is missing, and is None then."""
    return not term.present or term.present == f"{term.expression} is not None"


def _anniversary(w: Writer, node: Anniversary) -> str:
    window = f"anniversaries({w.constant(node.window)}, {w.constant(node.leap)}, as_of)"
    days = w.cutoff((node.window, node.leap), window)
    day = write_value(write_rule, w, node.value)
    return day.guarded(f"{day.expression}.month * 100 + {day.expression}.day in {days}")


def _follows(w: Writer, node: Follows) -> str:
    value = partial(write_value, write_rule)
    with w.rows_of(""):
        firsts = _instants(w, select(w, node.first, value, write_rule))
        thens = _instants(w, select(w, node.then, value, write_rule))
    if node.missed:
        return f"unfollowed({firsts}, {thens}, {w.constant(node.within)}, zone, now)"
    return f"followed({firsts}, {thens}, {w.constant(node.within)}, zone)"


def _instants(w: Writer, s: Selection) -> str:
    at = instants(w, s)
    if s.is_whole:
        return at
    if s.is_window:
        return f"{at}[{low_position(w, s) if s.low else ''}:{high_position(w, s) if s.high else ''}]"
    return f"[*map({at}.__getitem__, {positions(w, s, write_rule)})]"

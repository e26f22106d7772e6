"""How generated code finds the rows that an aggregate speaks of.

Rows of a collection are sorted by ``at``, so a window is a pair of positions found by bisection, and often no bisection
is needed: whether anything happened since a cut-off is a look at the last row. Other conditions are tested row by row,
inside the window only, from the end when the last row is what is asked for.
"""

from collections.abc import Callable
from contextlib import nullcontext
from typing import Literal as OneOf
from typing import TypeAlias, final

from attrs import evolve, frozen

from retention.rules.backends.compiled.writer import Term, Writer
from retention.rules.nodes import All, Column, Compare, Events, Node, Rule, Value
from retention.rules.walk import children
from retention.schema import Kind

WriteValue: TypeAlias = Callable[[Writer, Value], Term]
WriteRule: TypeAlias = Callable[[Writer, Rule], str]

_AT = Column("at")
_MIRRORED: dict[str, str] = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


@final
@frozen
class Bound:
    """An end of a window: ``operator`` is how ``at`` compares with the instant."""

    operator: str
    instant: Term

    @property
    def bisection(self) -> str:
        return "bisect_right" if self.operator in (">", "<=") else "bisect_left"


@final
@frozen
class Selection:
    """Rows: all of a collection, those of a window, those of it for which ``where`` holds, or listed positions.

    ``listed`` is a variable that holds positions.
    """

    events: Events
    low: Bound | None = None
    high: Bound | None = None
    where: Rule | None = None
    listed: str = ""

    @property
    def is_whole(self) -> bool:
        return not (self.low or self.high or self.where or self.listed)

    @property
    def is_window(self) -> bool:
        return not (self.where or self.listed)

    @property
    def reaches_the_end(self) -> bool:
        return self.is_window and not self.high


def select(w: Writer, events: Events, value: WriteValue, rule: WriteRule) -> Selection:
    """The rows of ``events``; nothing is computed yet but what ``pick`` or a nested source need."""
    known = w.known(events)
    if known is not None:
        assert isinstance(known, Selection)
        return known
    with w.rows_of(""):
        chosen = _chosen(w, events, value, rule)
        if events.pick is not None:
            chosen = _picked(w, chosen, events.pick, rule)
    selection: Selection = w.remember(events, evolve(chosen, events=events))
    return selection


def _chosen(w: Writer, events: Events, value: WriteValue, rule: WriteRule) -> Selection:
    if isinstance(events.source, Events):
        inner = select(w, events.source, value, rule)
        return Selection(events, listed="" if events.where else positions(w, inner, rule), where=events.where)
    conjuncts = events.where.rules if isinstance(events.where, All) else (events.where,) if events.where else ()
    low = high = None
    others: list[Rule] = []
    for each in conjuncts:
        bound = _as_bound(w, each, value)
        if bound is not None and low is None and bound.operator in (">", ">="):
            low = bound
        elif bound is not None and high is None and bound.operator in ("<", "<="):
            high = bound
        else:
            others.append(each)
    where = None if not others else others[0] if len(others) == 1 else All(tuple(others))
    return Selection(events, low, high, where)


def _as_bound(w: Writer, rule: Rule, value: WriteValue) -> Bound | None:
    """The end of a window, if the rule compares ``at`` with something that is the same for every row."""
    if not isinstance(rule, Compare) or rule.operator not in _MIRRORED:
        return None
    if rule.left == _AT and not reads_row(rule.right):
        return Bound(rule.operator, value(w, rule.right))
    if rule.right == _AT and not reads_row(rule.left):
        return Bound(_MIRRORED[rule.operator], value(w, rule.left))
    return None


def reads_row(node: Node) -> bool:
    """True if the answer differs from row to row: it reads a column that no selection inside it encloses."""
    if isinstance(node, Column):
        return True
    return any(reads_row(child) for _, child in children(node) if not isinstance(child, Events))


def instants(w: Writer, s: Selection) -> str:
    """A variable that holds the instants of all rows of the collection."""
    return column_variable(w, s.events.collection, "at")


def column_variable(w: Writer, collection: str, column: str) -> str:
    """A variable that holds a column of cells."""
    key = ("column", collection, column)
    known = w.known(key)
    if known is None:
        known = w.remember(key, w.fresh("a"))
        w.emit(f"{known} = {column_expression(w, collection, column)}")
    return str(known)


def column_expression(w: Writer, collection: str, column: str) -> str:
    _open_profile(w)
    key = f"{collection}.{column}"
    if w.currency and w.schema.collection(collection).column(column).kind is Kind.AMOUNT:
        key = f"{key} {w.currency}"
    return f"columns[{w.constant(key)}]"


def _open_profile(w: Writer) -> None:
    """Read the profile as it was at the instant asked about; written where a column is first needed."""
    if w.known("columns") is None:
        w.remember("columns", True)
        w.emit("if profile.latest > now: profile = profile.until(now)")
        w.emit("columns = profile.columns")


def low_position(w: Writer, s: Selection) -> str:
    """The position of the first row of the window."""
    return _position(w, s, s.low, missing=f"len({instants(w, s)})") if s.low else "0"


def high_position(w: Writer, s: Selection) -> str:
    """The position after the last row of the window."""
    return _position(w, s, s.high, missing="0") if s.high else f"len({instants(w, s)})"


def _position(w: Writer, s: Selection, bound: Bound, *, missing: str) -> str:
    """Where a window begins or ends; ``missing`` when the instant is missing, which leaves the window empty."""
    at = instants(w, s)
    key = ("position", at, bound)
    known = w.known(key)
    if known is None:
        known = w.remember(key, w.fresh("i"))
        found = f"{bound.bisection}({at}, {bound.instant.expression})"
        present = bound.instant.present
        w.emit(f"{known} = {found} if {present} else {missing}" if present else f"{known} = {found}")
    return str(known)


def at_least(w: Writer, s: Selection, count: int, rule: WriteRule) -> str:
    """A test that the selection has ``count`` rows or more, ``count`` at least 1."""
    if s.reaches_the_end and s.low is not None:
        at = instants(w, s)
        nth_last = f"{at}[{w.constant(-count)}] {s.low.operator} {s.low.instant.expression}"
        enough = at if count == 1 else f"len({at}) >= {w.constant(count)}"
        return Term(nth_last, s.low.instant.present).guarded(f"{enough} and {nth_last}")
    if count == 1:
        return exists(w, s, rule)
    return f"({row_count(w, s, rule)} >= {w.constant(count)})"


def exists(w: Writer, s: Selection, rule: WriteRule) -> str:
    """A test that the selection has a row."""
    if s.listed or (s.where and w.known(("listed", s.events))):
        return positions(w, s, rule)
    if s.where:
        return f"({found(w, s, 'last', rule)} >= 0)"
    return window_exists(w, s, rule)


def window_exists(w: Writer, s: Selection, rule: WriteRule) -> str:
    """A test that the window has a row, whatever ``where`` says of it."""
    if s.low is None and s.high is None:
        return instants(w, s)
    if s.high is None:
        return at_least(w, evolve(s, where=None), 1, rule)
    return f"({low_position(w, s)} < {high_position(w, s)})"


def may_exist(w: Writer, s: Selection) -> str:
    """A cheap test without which the window has no row, or nothing if there is none.

    An order's lines are as old as the order, and the orders' instants are at hand when those of the lines are not.
    """
    if s.events.collection != "purchases" or s.low is None or s.low.instant.present:
        return ""
    placed = column_variable(w, "orders", "at")
    return f"({placed} and {placed}[-1] {s.low.operator} {s.low.instant.expression})"


def row_count(w: Writer, s: Selection, rule: WriteRule) -> str:
    if s.is_whole:
        return f"len({instants(w, s)})"
    if not s.is_window:
        return f"len({positions(w, s, rule)})"
    low, high = low_position(w, s), high_position(w, s)
    if s.low is None or s.high is None:
        return f"({high} - {low})" if s.low else high
    return f"({high} - {low} if {high} > {low} else 0)"


def cells(w: Writer, s: Selection, column: str, rule: WriteRule) -> str:
    """The cells of a column that are not missing, as an iterable."""
    required = w.schema.collection(s.events.collection).column(column).required
    if s.is_whole:
        taken = column_expression(w, s.events.collection, column)
    elif s.is_window:
        low, high = (low_position(w, s) if s.low else ""), (high_position(w, s) if s.high else "")
        taken = f"{column_expression(w, s.events.collection, column)}[{low}:{high}]"
    else:
        listed = positions(w, s, rule)
        taken = f"map({column_expression(w, s.events.collection, column)}.__getitem__, {listed})"
    return taken if required else f"present({taken})"


def end_cell(w: Writer, s: Selection, column: str, end: OneOf["first", "last"], rule: WriteRule) -> Term:
    """The cell of the first or last row; missing if there is no row or the cell is missing."""
    at_end, row_is_there = _end_position(w, s, end, rule)
    source = instants(w, s) if column == "at" else column_expression(w, s.events.collection, column)
    cell = f"{source}[{at_end}]"
    if w.schema.collection(s.events.collection).column(column).required:
        return Term(cell, row_is_there)
    held = w.fresh("v")
    w.emit(f"{held} = {cell} if {row_is_there} else None")
    return Term(held, f"{held} is not None")


def _end_position(w: Writer, s: Selection, end: OneOf["first", "last"], rule: WriteRule) -> tuple[str, str]:
    if s.listed or (s.where and w.known(("listed", s.events))):
        listed = positions(w, s, rule)
        return f"{listed}[{'0' if end == 'first' else '-1'}]", listed
    if s.where:
        position = found(w, s, end, rule)
        return position, f"{position} >= 0"
    there = exists(w, s, rule)
    if end == "first":
        return low_position(w, s), there
    return (f"{high_position(w, s)} - 1" if s.high else "-1"), there


def positions(w: Writer, s: Selection, rule: WriteRule) -> str:
    """A variable that holds the positions of the selected rows, in order."""
    if s.listed:
        return s.listed
    key = ("listed", s.events)
    known = w.known(key)
    if known is None:
        known = w.remember(key, w.fresh("s"))
        w.emit(f"{known} = []")
        _over_rows(w, s, rule, "first", [f"{known}.append(k)"])
    return str(known)


def found(w: Writer, s: Selection, end: OneOf["first", "last"], rule: WriteRule) -> str:
    """A variable that holds the position of the first or last selected row, or -1."""
    key = ("found", s.events, end)
    known = w.known(key)
    if known is None:
        known = w.remember(key, w.fresh("f"))
        w.emit(f"{known} = -1")
        _over_rows(w, s, rule, end, [f"{known} = k", "break"])
    return str(known)


def _over_rows(w: Writer, s: Selection, rule: WriteRule, start: OneOf["first", "last"], act: list[str]) -> None:
    """A loop over the rows, from the first or from the last, that acts on each row for which ``where`` holds."""
    source = s.events.source
    if isinstance(source, Events):
        inner = w.known(source)
        assert isinstance(inner, Selection)
        listed = positions(w, inner, rule)
        _loop(w, s, rule, listed if start == "first" else f"reversed({listed})", act)
        return
    there = window_exists(w, s, rule)
    with nullcontext() if w.is_true(there) else w.block(f"if {there}:"):
        low, high = low_position(w, s), high_position(w, s)
        before = "-1" if low == "0" else f"{low} - 1"
        rows = f"range({low}, {high})" if start == "first" else f"range({high} - 1, {before}, -1)"
        _loop(w, s, rule, rows, act)


def _loop(w: Writer, s: Selection, rule: WriteRule, rows: str, act: list[str]) -> None:
    with w.rows_of(s.events.collection):
        test = rule(w, s.where) if s.where else ""
    with w.block(f"for k in {rows}:"):
        if test:
            with w.block(f"if {test}:"):
                for line in act:
                    w.emit(line)
        else:
            for line in act:
                w.emit(line)


def _picked(w: Writer, s: Selection, pick: int, rule: WriteRule) -> Selection:
    """One row of a selection, as a list of one position or of none."""
    listed = w.fresh("s")
    if s.where and pick in (1, -1):
        position = found(w, s, "first" if pick == 1 else "last", rule)
        w.emit(f"{listed} = [{position}] if {position} >= 0 else []")
    elif s.is_window:
        low, high = low_position(w, s), high_position(w, s)
        position = f"{low} + {w.constant(pick - 1)}" if pick > 0 else f"{high} - {w.constant(-pick)}"
        w.emit(f"{listed} = [{position}] if {low} <= {position} < {high} else []")
    else:
        rows = positions(w, s, rule)
        start, stop = (pick - 1, pick) if pick > 0 else (pick, pick + 1 or None)
        w.emit(f"{listed} = {rows}[{w.constant(start)} : {w.constant(stop)}]")
    return Selection(s.events, listed=listed)

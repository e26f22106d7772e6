"""What generated code reads: values, each with the condition under which it is there."""

from functools import partial
from typing import assert_never

from retention.money import Money
from retention.rules.backends.compiled.selections import (
    Selection,
    WriteRule,
    cells,
    column_variable,
    end_cell,
    positions,
    row_count,
    select,
)
from retention.rules.backends.compiled.writer import Term, Writer
from retention.rules.nodes import (
    Aggregate,
    Ago,
    Apply,
    Arithmetic,
    Attribute,
    Column,
    Literal,
    Operation,
    Reduction,
    Scalar,
    Shift,
    Value,
)
from retention.schema import STANDARD, Kind
from retention.spans import Duration


def write_value(rule: WriteRule, w: Writer, node: Value) -> Term:
    """The expression of a value. What has to be computed first is written to the present block."""
    value = partial(write_value, rule)
    match node:
        case Literal(constant):
            return Term(w.constant(plain(constant)))
        case Attribute(name):
            return _attribute(w, name)
        case Column(name):
            cell = f"{column_variable(w, w.row, name)}[k]"
            required = w.schema.collection(w.row).column(name).required
            return Term(cell, "" if required else f"{cell} is not None")
        case Aggregate():
            return _aggregate(rule, w, node)
        case Arithmetic(operation, left, right):
            return _arithmetic(operation, value(w, left), value(w, right))
        case Apply():
            return _applied(w, node, value(w, node.value))
        case Ago(span):
            if span == Duration(0):
                return Term("now")
            if isinstance(span, Duration):
                return Term(w.cutoff(node, f"back(now, {w.constant(span.timedelta)})"))
            return Term(w.cutoff(node, f"ago({w.constant(span)}, as_of)"))
        case Shift(moved, span, sign):
            term = value(w, moved)
            return Term(f"shifted({term.expression}, {w.constant(span)}, {w.constant(sign)}, zone)", term.present)
        case _:
            assert_never(node)


def plain(constant: Scalar) -> Scalar:
    """A constant as columns hold it: amounts are integers of minor units."""
    return constant.minor if isinstance(constant, Money) else constant


def _attribute(w: Writer, name: str) -> Term:
    declared = w.schema.attribute(name)
    if name in STANDARD.attributes and declared.required:
        return Term(f"customer.{name}")
    known = w.known(("attribute", name))
    if known is None:
        known = w.remember(("attribute", name), w.fresh("v"))
        w.emit(f"{known} = {_read_attribute(w, name, declared.kind)}")
    return Term(known, f"{known} is not None")


def _read_attribute(w: Writer, name: str, kind: Kind) -> str:
    if name in STANDARD.attributes:
        return f"customer.{name}"  # a name of the standard schema, never one that a rule brings
    stored = f"customer.attributes.get({w.constant(name)})"
    return f"minor_units({stored}, {w.constant(w.currency)})" if kind is Kind.AMOUNT else stored


def _aggregate(rule: WriteRule, w: Writer, node: Aggregate) -> Term:
    known = w.known(node)
    if known is None:
        with w.rows_of(""):
            known = w.remember(node, _reduced(rule, w, node))
    assert isinstance(known, Term)
    return known


def _reduced(rule: WriteRule, w: Writer, node: Aggregate) -> Term:
    selection = select(w, node.events, partial(write_value, rule), rule)
    function, column = node.function, node.column
    if function == "count":
        return Term(row_count(w, selection, rule))
    assert column is not None, "only count goes without a column"
    if function in ("first", "last"):
        return end_cell(w, selection, column, "first" if function == "first" else "last", rule)
    if function in ("sum", "distinct") and not selection.is_window:
        return Term(_over_listed(rule, w, selection, column, function))
    taken = cells(w, selection, column, rule)
    held = w.fresh("v")
    match function:
        case "sum":
            w.emit(f"{held} = sum({taken})")
            return Term(held)
        case "distinct":
            w.emit(f"{held} = len(set({taken}))")
            return Term(held)
        case "mean":
            w.emit(f"{held} = mean({taken})")
        case "min" | "max":
            w.emit(f"{held} = {function}({taken}, default=None)")
        case "first" | "last":
            raise AssertionError("the ends of a selection are read without a pass over it")
        case _:
            assert_never(function)
    return Term(held, f"{held} is not None")


def _over_listed(rule: WriteRule, w: Writer, s: Selection, column: str, function: Reduction) -> str:
    """A loop over listed rows: there are few as a rule, and then it is quicker than ``sum(map(...))``."""
    listed, held = positions(w, s, rule), w.fresh("v")
    w.emit(f"{held} = " + ("0" if function == "sum" else "set()"))
    with w.block(f"if {listed}:"):
        cell = f"{column_variable(w, s.events.collection, column)}[k]"
        with w.block(f"for k in {listed}:"):
            if not w.schema.collection(s.events.collection).column(column).required:
                w.emit(f"if {cell} is None: continue")
            w.emit(f"{held} += {cell}" if function == "sum" else f"{held}.add({cell})")
    return held if function == "sum" else f"len({held})"


def both(*conditions: str) -> str:
    """The conditions together, those that always hold left out."""
    return " and ".join(each for each in conditions if each)


_SIGNS = {"+": "+", "-": "-", "*": "*"}


def _arithmetic(operation: Operation, left: Term, right: Term) -> Term:
    present = both(left.present, right.present)
    if operation == "/":
        return Term(f"divide({left.expression}, {right.expression})", both(present, f"{right.expression} != 0"))
    return Term(f"({left.expression} {_SIGNS[operation]} {right.expression})", present)


def _applied(w: Writer, node: Apply, term: Term) -> Term:
    match node.function:
        case "casefold":
            return Term(f"{term.expression}.casefold()", term.present)
        case "size":
            return Term(f"len({term.expression})", term.present)
        case "bucket":
            return Term(f"bucket({term.expression}, {w.constant(node.argument)})", term.present)
        case "local_date":
            return Term(f"local({term.expression}, zone).date()", term.present)
        case _:
            assert_never(node.function)

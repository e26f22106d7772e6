"""Rules as text: the convenient form where the tree has that shape, the plain form elsewhere.

What is printed parses to an equal tree, so every form here is one that the parser lowers to exactly these nodes.
"""

import json
from collections.abc import Sequence
from datetime import date, datetime
from enum import IntEnum
from fractions import Fraction
from typing import assert_never, final

from retention.errors import RuleError
from retention.money import Money
from retention.rules.backends.text.shapes import RowWindow, ValueWindow, row_windows, value_window
from retention.rules.backends.text.spans import moment_text, span_text, window_text
from retention.rules.backends.text.words import is_bare
from retention.rules.kinds import scalar_kind
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
    Not,
    Reference,
    Rule,
    Shift,
    Value,
)
from retention.rules.written import decimal_text, instant_text


@final
class Place(IntEnum):
    """What stands around a rule, the loosest first."""

    ALONE = 0
    IN_OR = 1
    IN_AND = 2
    AFTER_NOT = 3


@final
class Binding(IntEnum):
    """What stands around a value, the loosest first."""

    SUM = 0
    PRODUCT = 1
    POINT = 2


def rule_text(rule: Rule, place: Place = Place.ALONE) -> str:
    """A rule, in brackets where its place needs them."""
    match rule:
        case All(rules):
            return _all_text(rules, place)
        case AnyOf(rules):
            return _any_text(rules, place)
        case Not(inner):
            return _not_text(inner)
        case AtLeast(count, rules):
            return f"at least {count} of {_several(rules)}"
        case Compare() | IsIn() | Missing():
            return _test_text(rule)
        case Anniversary(value, window, leap):
            observed = "" if leap == "feb28" else f" leap {leap}"
            return f"{value_text(value)} {window_text(window)}{observed}"
        case Follows(first, then, within, missed):
            word = "not followed by" if missed else "followed by"
            return f"{rows_text(first)} {word} {rows_text(then)} within {span_text(within)}"
        case Reference(key):
            return f"segment({quoted(key)})"
        case Named(name, inner):
            return f"{quoted(name)}: ({rule_text(inner)})"
        case _:
            assert_never(rule)


def _all_text(rules: tuple[Rule, ...], place: Place) -> str:
    if len(rules) < 2:
        return f"all of {_several(rules)}" if rules else "always"
    parts = _part_texts(rules)
    together = " and ".join(parts)
    bare = place is Place.ALONE or (len(parts) == 1 and place is not Place.IN_AND)
    return together if bare else f"({together})"


def _part_texts(rules: Sequence[Rule]) -> list[str]:
    """The parts of a conjunction; neighbours that one window or one list of labels lowers to are printed as that."""
    found: list[str] = []
    place = 0
    while place < len(rules):
        window = value_window(rules[place : place + 2])
        labels = _labels_of(rules[place:])
        if window is not None:
            found.append(_window_test_text(window))
            place += 2
        elif len(labels) > 1:
            found.append(_labels_text("all", labels))
            place += len(labels)
        else:
            found.append(rule_text(rules[place], Place.IN_AND))
            place += 1
    return found


def _any_text(rules: tuple[Rule, ...], place: Place) -> str:
    if len(rules) < 2:
        return f"any of {_several(rules)}" if rules else "never"
    labels = _labels_of(rules)
    if len(labels) == len(rules):
        return _labels_text("any", labels)
    together = " or ".join(rule_text(each, Place.IN_OR) for each in rules)
    return together if place is Place.ALONE else f"({together})"


def _labels_of(rules: Sequence[Rule]) -> list[Compare]:
    """The first rules, as far as they ask the same labels for a constant each."""
    found: list[Compare] = []
    for rule in rules:
        match rule:
            case Compare("has", left, Literal(str())) if not found or left == found[0].left:
                found.append(rule)
                continue
        break
    return found


def _labels_text(word: str, tests: list[Compare]) -> str:
    labels = ", ".join(value_text(each.right) for each in tests)
    return f"{value_text(tests[0].left)} has {word} of [{labels}]"


def _not_text(inner: Rule) -> str:
    match inner:
        case Compare("==", left, right) if not _is_true(right):
            return f"{value_text(left)} != {value_text(right)}"
        case Missing(value):
            return f"{value_text(value)} is present"
        case IsIn(value, options):
            return f"{value_text(value)} not in {_options(options)}"
        case Follows():  # not to be read as "not followed by", which asks something else
            return f"not ({rule_text(inner)})"
    return f"not {rule_text(inner, Place.AFTER_NOT)}"


def _test_text(rule: Compare | IsIn | Missing) -> str:
    match rule:
        case Missing(value):
            return f"{value_text(value)} is missing"
        case IsIn(value, options):
            return f"{value_text(value)} in {_options(options)}"
        case Compare(">=", Aggregate("count", events, None), Literal(1)):
            return f"{rows_text(events)}.any()"
        case Compare("==", Aggregate("count", events, None), Literal(0)):
            return f"{rows_text(events)}.none()"
        case Compare("==", left, right) if _is_true(right):
            return value_text(left)
        case Compare("==", Apply("local_date", instant), day):
            return f"{value_text(instant)} on {value_text(day)}"
        case Compare(operator, left, right):
            window = value_window((rule,))
            if window is not None:
                return _window_test_text(window)
            return f"{value_text(left)} {operator.replace('_', ' ')} {value_text(right)}"
        case _:
            assert_never(rule)


def _window_test_text(window: ValueWindow) -> str:
    value = value_text(window.value)
    match window.word:
        case "within":
            return f"{value} within {span_text(window.first)}"
        case "older than":
            return f"{value} older than {span_text(window.first)}"
        case "between spans":
            recent, old = span_text(window.first, counted=True), span_text(window.last, counted=True)
            return f"{value} between {recent} and {old} ago"
        case "between":
            return f"{value} between {value_text(window.low)} and {value_text(window.high)}"
        case _:
            assert_never(window.word)


def _is_true(value: Value) -> bool:
    return isinstance(value, Literal) and value.value is True


def _several(rules: tuple[Rule, ...]) -> str:
    return f"({'; '.join(rule_text(each) for each in rules)})"


def _options(options: tuple[object, ...]) -> str:
    return f"[{', '.join(scalar_text(each) for each in options)}]"


# Values. --------------------------------------------------------------------------------------------------------------


def value_text(value: Value, binding: Binding = Binding.SUM) -> str:
    """A value, in brackets where what stands around it would take it apart."""
    match value:
        case Literal(constant):
            return scalar_text(constant)
        case Attribute(name):
            return f"customer.{name}"
        case Column(name):
            return name_text(name)
        case Aggregate():
            return _aggregate_text(value)
        case Arithmetic(operation, left, right):
            own = Binding.SUM if operation in ("+", "-") else Binding.PRODUCT
            text = f"{value_text(left, own)} {operation} {value_text(right, Binding(own + 1))}"
            return f"({text})" if own < binding else text
        case Shift(moved, span, sign):
            text = f"{value_text(moved)} {'+' if sign == 1 else '-'} {span_text(span)}"
            return text if binding is Binding.SUM else f"({text})"
        case Apply("bucket", Attribute("id"), salt):
            return f"customer.bucket({quoted(salt)})"
        case Apply("size", operand) if not isinstance(operand, Column):  # behind a name, count() is of rows
            return f"{value_text(operand, Binding.POINT)}.count()"
        case Apply(function, operand, argument):
            given = quoted(argument) if function == "bucket" else ""
            return f"{value_text(operand, Binding.POINT)}.{function}({given})"
        case Ago(span):
            return moment_text(span)
        case _:
            assert_never(value)


def _aggregate_text(value: Aggregate) -> str:
    rows = rows_text(value.events)
    if value.column is None:
        return f"{rows}.{value.function}()"
    shop_name = value.events.collection == "orders" and value.column == "at"
    column = "placed_at" if shop_name else _column_of(value.events.collection, value.column)
    return f"{rows}.{column}.{value.function}()"


def _column_of(collection: str, column: str) -> str:
    """A column behind its rows; the one that is called as an order's ``at`` is called goes into backticks."""
    return "`placed_at`" if (collection, column) == ("orders", "placed_at") else name_text(column)


def scalar_text(constant: object) -> str:
    """A constant. Raises RuleError for what a rule cannot hold."""
    match constant:
        case bool():
            return "true" if constant else "false"
        case int() | Fraction():
            decimal = decimal_text(constant)
            return f"fraction({constant.numerator}, {constant.denominator})" if decimal is None else decimal
        case str():
            return quoted(constant)
        case Money():
            return f"{constant.major:f} {constant.currency}"
        case datetime():  # before date: a datetime is a date to Python
            if constant.utcoffset() is None:
                raise RuleError("an instant has no zone", hint="Give an aware datetime")
            return instant_text(constant)
        case date():
            return constant.isoformat()
    raise AssertionError(scalar_kind(constant))  # scalar_kind raises WrongKind for what is none of these


def quoted(text: str) -> str:
    """Text in double quotes, escaped as JSON does."""
    return json.dumps(text, ensure_ascii=False)


def name_text(name: str) -> str:
    """A name, in backticks if it is a word of the language."""
    return name if is_bare(name) else f"`{name}`"


# Rows. ----------------------------------------------------------------------------------------------------------------


def rows_text(events: Events) -> str:
    """A collection with what narrows it, in the order in which it does."""
    source = events.source
    if isinstance(source, str):
        text = name_text(source)
    else:
        text = rows_text(source)
        if source.pick is None or (events.where is None and events.pick is None):
            text += ".all()"  # keeps two steps apart that would else be one
    return text + _where_text(events.where) + _pick_text(events.pick)


def _where_text(where: Rule | None) -> str:
    if where is None:
        return ""
    rest, windows = row_windows(where)
    bracket = "" if rest is None else f"[{rule_text(rest)}]"
    return bracket + "".join(_row_window_text(each) for each in windows)


def _row_window_text(window: RowWindow) -> str:
    match window.word:
        case "within" | "older_than":
            return f".{window.word}({span_text(window.first)})"
        case "between":
            return f".between({span_text(window.first)}, {span_text(window.last)})"
        case "since" | "after" | "before":
            return f".{window.word}({value_text(window.instant)})"
        case _:
            assert_never(window.word)


def _pick_text(pick: int | None) -> str:
    if pick is None:
        return ""
    return {1: ".first()", -1: ".last()"}.get(pick, f".nth({pick})")

"""What new facts would turn an answer over: the nearest such change, in words. What time does is not said here."""

from math import ceil, floor
from typing import Any, assert_never

from retention.rules.backends.clocks import moving
from retention.rules.backends.observations import Reader, is_personal, words
from retention.rules.backends.reference import compared, read, truth
from retention.rules.backends.text.spans import span_text
from retention.rules.kinds import MIRRORED, kind_of
from retention.rules.nodes import (
    Aggregate,
    All,
    Anniversary,
    AnyOf,
    AtLeast,
    Attribute,
    Compare,
    Comparison,
    Follows,
    IsIn,
    Literal,
    Missing,
    Named,
    Not,
    Reference,
    Rule,
    Value,
)
from retention.schema import Kind

_MOST = 4

Flips = tuple[str, ...]


def flips(rule: Rule, reader: Reader) -> Flips:
    """Alternatives, each of which alone turns the answer of a rule over. None of them is certain to be wanted."""
    return tuple(dict.fromkeys(_flips(rule, reader)))[:_MOST]


def _flips(rule: Rule, reader: Reader) -> Flips:
    match rule:
        case All(rules):
            return _jointly(rules, len(rules), reader)
        case AnyOf(rules):
            return _jointly(rules, 1, reader)
        case AtLeast(count, rules):
            return _jointly(rules, count, reader)
        case Not(inner) | Named(_, inner):
            return _flips(inner, reader)
        case Compare():
            return _of_comparison(rule, reader)
        case IsIn(value):
            return _of_value(value, reader)
        case Missing(value):
            return (f"a value for {words(value)}",) if read(value, reader.world) is None else ()
        case Follows():
            return _of_sequence(rule, reader)
        case Anniversary() | Reference():
            return ()
        case _:
            assert_never(rule)


def _jointly(rules: tuple[Rule, ...], needed: int, reader: Reader) -> Flips:
    """Of rules of which so many are needed: one that decides alone flips the whole, else several must flip together."""
    held = [truth(each, reader.world) for each in rules]
    holds = sum(held) >= needed
    short = abs(sum(held) - needed) + holds
    loose = [each for each, answer in zip(rules, held, strict=True) if answer is holds]
    if short == 1:
        return tuple(each for rule in loose for each in _flips(rule, reader))
    each_first = [_flips(rule, reader)[:1] for rule in loose]
    if len(loose) == short and all(each_first) and short <= _MOST:
        return (" and ".join(dict.fromkeys(each for (each,) in each_first)),)
    return ()


# Comparisons. ---------------------------------------------------------------------------------------------------------


def _of_comparison(rule: Compare, reader: Reader) -> Flips:
    operator, left, right = rule.operator, rule.left, rule.right
    if operator == "has":
        return _of_labels(rule, reader)
    if isinstance(left, Literal) and operator in MIRRORED:
        operator, left, right = MIRRORED[operator], right, left
    if isinstance(left, Aggregate) and operator in MIRRORED:
        return _of_aggregate(operator, left, right, reader)
    if isinstance(right, Aggregate) and operator in MIRRORED and moving(left):
        return _of_aggregate(MIRRORED[operator], right, left, reader)
    return _of_value(left, reader)


def _of_labels(rule: Compare, reader: Reader) -> Flips:
    label = read(rule.right, reader.world)
    if label is None or is_personal(rule.left):
        return ()
    holds = truth(rule, reader.world)
    return (f'"{label}" {"taken from" if holds else "added to"} {words(rule.left)}',)


def _of_value(value: Value, reader: Reader) -> Flips:
    if not isinstance(value, Attribute):
        return ()
    if read(value, reader.world) is None:
        return (f"a value for {words(value)}",)
    lasting = kind_of(value, reader.world.schema) in (Kind.INSTANT, Kind.DATE)  # nobody joins or is born again
    return () if lasting else (f"another {words(value)}",)


def _of_aggregate(operator: Comparison, value: Aggregate, other: Value, reader: Reader) -> Flips:
    found, wanted = read(value, reader.world), read(other, reader.world)
    if wanted is None or value.events.pick is not None:
        return ()
    rows = words(value.events)
    match value.function:
        case "count":
            more = _more_whole(operator, found, wanted)
            return (f"{more} more of {rows}",) if more else ()
        case "distinct":
            more = _more_whole(operator, found, wanted)
            return (f"{more} more {value.column} in {rows}",) if more else ()
        case "sum":
            return _of_sum(operator, value, found, wanted, reader)
        case "last" | "max":
            newer = operator in (">", ">=") if found is None else _ends_with_a_later(operator, found, wanted)
            return (f"1 more of {rows}",) if newer and value.column == "at" else ()
        case "mean" | "min" | "first":
            return (f"1 of {rows}",) if found is None else ()
        case _:
            assert_never(value.function)


def _more_whole(operator: Comparison, found: int, wanted: Any) -> int:
    """How many more it takes until the comparison turns over; 0 if more never do that."""
    levels: set[int] = {ceil(wanted), floor(wanted) + 1}
    for reached in sorted(levels):
        if reached > found and compared(operator, reached, wanted) is not compared(operator, found, wanted):
            return reached - found
    return 0


def _ends_with_a_later(operator: Comparison, found: Any, wanted: Any) -> bool:
    """Whether a later instant than any so far turns the comparison over."""
    return compared(operator, found, wanted) is (operator in ("<", "<=", "=="))


def _of_sum(operator: Comparison, value: Aggregate, found: Any, wanted: Any, reader: Reader) -> Flips:
    lacking = wanted - found
    if lacking < 0 or (lacking == 0 and operator in (">=", "<")):
        return ()
    kind = kind_of(value, reader.world.schema)
    beyond = "more than " if operator in (">", "<=") else ""
    if lacking == 0:
        return (f"any more in {words(value)}",)
    return (f"{beyond}{reader.kind_shown(kind, lacking)} more in {words(value)}",)


# Sequences. -----------------------------------------------------------------------------------------------------------


def _of_sequence(rule: Follows, reader: Reader) -> Flips:
    if rule.missed or truth(rule, reader.world):
        return ()
    return (f"one of {words(rule.then)} within {span_text(rule.within)} after one of {words(rule.first)}",)

"""Shorter forms of ``and``, ``or``, ``not`` and "at least n of", given parts that are already short.

What holds of ``and`` holds of ``or`` with every word turned round, so each step is written once and is told which
of them it serves.
"""

from collections.abc import Iterable, Sequence
from itertools import combinations, permutations
from typing import TypeAlias

from retention.rules.comparisons import one_of, opposite, present
from retention.rules.constants import compared
from retention.rules.implication import accepts, excludes, implies, options, subject, unnamed
from retention.rules.nodes import FALSE, TRUE, All, AnyOf, AtLeast, Compare, IsIn, Literal, Named, Not, Rule

Junction: TypeAlias = type[All] | type[AnyOf]

_PAIRS_OF = 64  # a longer list is searched for equal and opposite parts only


def shorter_all(rules: Iterable[Rule]) -> Rule:
    """The rule that every one of them is true."""
    return _joined(All, rules)


def shorter_any(rules: Iterable[Rule]) -> Rule:
    """The rule that one of them is true."""
    return _joined(AnyOf, rules)


def shorter_at_least(count: int, rules: Sequence[Rule]) -> Rule:
    """The rule that ``count`` of them are true; a rule that is listed twice counts twice."""
    open_rules: list[Rule] = []
    for rule in rules:
        if rule == TRUE:
            count -= 1
        elif rule != FALSE and (against := negated(rule)) in open_rules:
            open_rules.remove(against)  # exactly one of the two is true
            count -= 1
        elif rule != FALSE:
            open_rules.append(rule)
    if count <= 0:
        return TRUE
    if count > len(open_rules):
        return FALSE
    if count == len(open_rules):
        return shorter_all(open_rules)
    return shorter_any(open_rules) if count == 1 else AtLeast(count, tuple(open_rules))


def negated(rule: Rule) -> Rule:
    """The complement, without ``Not`` around it where that is no longer."""
    if isinstance(rule, All | AnyOf):
        turned = tuple(map(_turned, rule.rules))
        return _dual(type(rule))(turned) if _growth(rule.rules, turned) <= 0 else Not(rule)
    return _turned(rule)


def _turned(rule: Rule) -> Rule:
    match rule:
        case Not(inner):
            return inner
        case Compare():
            return opposite(rule)
    return Not(rule)


def _growth(rules: Sequence[Rule], turned: Sequence[Rule]) -> int:
    """How many ``Not`` more there are in the complements of the rules than in the rules."""
    return sum(isinstance(each, Not) for each in turned) - sum(isinstance(each, Not) for each in rules)


def _joined(kind: Junction, rules: Iterable[Rule]) -> Rule:
    neutral, absorbing = kind(()), _dual(kind)(())
    parts = _without_useless(kind, _flat(kind, rules))
    if absorbing in parts or _decides(kind, parts):
        return absorbing
    parts = _with_lists_merged(kind, _with_bounds_joined(kind, parts))
    parts = [_within(kind, each, [other for other in parts if other is not each]) for each in parts]
    if len(parts) <= 1:
        return parts[0] if parts else neutral
    turned = tuple(map(_turned, parts))
    return Not(_dual(kind)(turned)) if _growth(parts, turned) <= -2 else kind(tuple(parts))


def _dual(kind: Junction) -> Junction:
    return AnyOf if kind is All else All


def _flat(kind: Junction, rules: Iterable[Rule]) -> list[Rule]:
    flat: list[Rule] = []
    for rule in rules:
        flat.extend(rule.rules if isinstance(rule, kind) else (rule,))
    return flat


def _are_many(rules: list[Rule]) -> bool:
    return sum(len(each.rules) if isinstance(each, All | AnyOf) else 1 for each in rules) > _PAIRS_OF


def _stronger(kind: Junction, rule: Rule, other: Rule) -> bool:
    """Beside ``rule``, ``other`` makes no difference."""
    return implies(rule, other) if kind is All else implies(other, rule)


def _without_useless(kind: Junction, rules: list[Rule]) -> list[Rule]:
    if _are_many(rules):
        return list(dict.fromkeys(rules))
    kept: list[Rule] = []
    for rule in rules:
        equal = next((i for i, each in enumerate(kept) if unnamed(each) == unnamed(rule)), None)
        if equal is not None:
            kept[equal] = kept[equal] if isinstance(kept[equal], Named) else rule
        elif not any(_stronger(kind, each, rule) for each in kept):
            kept = [each for each in kept if not _stronger(kind, rule, each)] + [rule]
    return kept


def _decides(kind: Junction, rules: list[Rule]) -> bool:
    """Two parts exclude each other (of ``and``), or leave nobody out (of ``or``)."""
    if _are_many(rules):
        return not {negated(each) for each in rules}.isdisjoint(rules)
    if kind is All:
        return any(excludes(one, other) for one, other in combinations(rules, 2))
    return any(implies(negated(unnamed(one)), other) for one, other in combinations(rules, 2))


def _with_bounds_joined(kind: Junction, rules: list[Rule]) -> list[Rule]:
    """``x >= 5 and x <= 5`` is ``x == 5``; ``x < 5 or x >= 5`` is true of every x that is there."""
    if _are_many(rules):
        return rules
    for one, other in permutations(rules, 2):
        match one, other:
            case Compare(("<" | "<=") as up, value, Literal(high)), Compare((">" | ">=") as down, same, Literal(low)):
                if value != same:
                    continue
                rest = [each for each in rules if each not in (one, other)]
                if kind is All and (up, down, low) == ("<=", ">=", high):
                    return [Compare("==", value, Literal(low)), *rest]
                if kind is AnyOf and compared("<" if (up, down) == ("<", ">") else "<=", low, high):
                    return [present(value), *rest]
    return rules


# Lists of options. ----------------------------------------------------------------------------------------------------


def _with_lists_merged(kind: Junction, rules: list[Rule]) -> list[Rule]:
    """One list of options for each value, without the options on which another part decides."""
    rules = _merged(kind, rules)
    denied = [each.rule for each in rules if isinstance(each, Not)]
    if len(merged := _merged(_dual(kind), denied)) < len(denied):
        rules = [each for each in rules if not isinstance(each, Not)] + [Not(each) for each in merged]
    return [_fewer_options(kind, each, rules) for each in rules]


def _merged(kind: Junction, rules: list[Rule]) -> list[Rule]:
    places: dict[object, int] = {}
    merged: list[Rule] = []
    for rule in rules:
        listed, value = options(rule), subject(rule)
        if listed is None or value is None or value not in places:
            if listed is not None:
                places[value] = len(merged)
            merged.append(rule)
            continue
        place = places[value]
        before = options(merged[place]) or ()
        both = set(listed)
        together = tuple(each for each in before if each in both) if kind is All else (*before, *listed)
        merged[place] = one_of(value, together)
    return merged


def _fewer_options(kind: Junction, rule: Rule, rules: list[Rule]) -> Rule:
    if not isinstance(rule, IsIn):
        return rule
    needless = kind is AnyOf  # what another part accepts need not be listed; what it refuses must not
    others = [each for each in rules if each is not rule and options(each) is None]
    return one_of(
        rule.value,
        tuple(each for each in rule.options if not any(_answer(other, rule, each) is needless for other in others)),
    )


def _answer(rule: Rule, about: IsIn, constant: object) -> bool | None:
    if isinstance(rule, Not):
        answer = _answer(rule.rule, about, constant)
        return None if answer is None else not answer
    return accepts(rule, constant) if subject(rule) == about.value else None  # type: ignore[arg-type]


# Parts inside parts. --------------------------------------------------------------------------------------------------


def _within(kind: Junction, rule: Rule, others: list[Rule]) -> Rule:
    """Beside ``a``, ``not a or b`` is only ``b``; beside ``not a``, too, ``a or b`` is."""
    dual = _dual(kind)
    if not isinstance(rule, dual) or _are_many([*others, rule]):
        return rule
    if kind is All:
        open_rules = [each for each in rule.rules if not any(excludes(each, other) for other in others)]
    else:
        open_rules = [each for each in rule.rules if not any(implies(negated(unnamed(o)), each) for o in others)]
    return rule if len(open_rules) == len(rule.rules) else _joined(dual, open_rules)

"""Proof that a rule is true of nobody: every way in which it could be true is followed until it contradicts itself.

A *branch* is one such way: single comparisons that would all have to hold, and choices not yet made. It is closed when
two of its comparisons exclude each other, or when what follows from them is contradictory (``consequences``). When all
branches close, the rule is empty. When one stays open, or the work becomes too much, nothing is known.
"""

from typing import assert_never, final

from attrs import define, field

from retention.rules.comparisons import missing, opposite, turned_round
from retention.rules.consequences import Knowledge
from retention.rules.constants import never_missing
from retention.rules.implication import excludes, implies
from retention.rules.nodes import (
    Aggregate,
    All,
    Anniversary,
    AnyOf,
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
    Value,
)
from retention.rules.selections import canonical, conditions, count, is_plain, unpicked
from retention.rules.simplify import simplify
from retention.schema import Schema

STEPS = 400  # branches looked at, inner proofs included, before a proof is given up


class TooMuch(Exception):
    """The proof needs more steps than it may take."""


@final
@define(eq=False)
class Branch:
    """``facts`` hold, each a single comparison or its negation; of every choice one option has to."""

    facts: dict[Rule, None] = field(factory=dict)
    choices: list[tuple[Rule, ...]] = field(factory=list)
    drawn: set[object] = field(factory=set)

    def copy(self) -> "Branch":
        """The same branch, free to go its own way."""
        return Branch(dict(self.facts), list(self.choices), set(self.drawn))


@final
@define(eq=False)
class Effort:
    """The steps that are left to a proof and to the proofs within it."""

    steps: int

    def spend(self) -> None:
        """One step. Raises ``TooMuch`` when there is none left."""
        if self.steps == 0:
            raise TooMuch
        self.steps -= 1


@final
class Prover:
    """Proofs about customers or, given a collection, about its rows. What was proved of two selections is kept."""

    def __init__(self, schema: Schema, collection: str | None = None, *, effort: Effort | None = None) -> None:
        self._schema = schema
        self._collection = collection
        self._effort = effort or Effort(STEPS)
        self._inside: dict[tuple[Events, Events], bool] = {}

    def refutes(self, rule: Rule) -> bool:
        """The rule is true of nobody, at no instant."""
        try:
            return self._refutes(rule)
        except TooMuch:
            return False

    def inside(self, narrow: Events, wide: Events) -> bool:
        """Every row of one selection is a row of the other."""
        key = narrow, wide
        if key not in self._inside:
            self._inside[key] = self._is_inside(narrow, wide)
        return self._inside[key]

    def _is_inside(self, narrow: Events, wide: Events) -> bool:
        if narrow.collection != wide.collection:
            return False
        source: str | Events = narrow
        while isinstance(source, Events):
            if wide in (source, unpicked(source)):
                return True
            source = source.source
        if not is_plain(wide):
            return False
        met, wanted = All(tuple(conditions(narrow))), All(tuple(conditions(wide)))
        if implies(met, wanted):
            return True
        return Prover(self._schema, narrow.collection, effort=self._effort)._refutes(All((met, Not(wanted))))

    def _refutes(self, rule: Rule) -> bool:
        return self._closes(Branch(), canonical(simplify(rule)))

    # Branches. --------------------------------------------------------------------------------------------------------

    def _closes(self, branch: Branch, rule: Rule) -> bool:
        """Every way to make the rule true in this branch contradicts itself."""
        if not (self._add(branch, rule) and self._settles(branch)):
            return True
        if not branch.choices:
            return False
        options = min(branch.choices, key=len)
        branch.choices.remove(options)
        return all(self._closes(branch.copy(), each) for each in options)

    def _settles(self, branch: Branch) -> bool:
        """Adds what follows until nothing does. False when the branch contradicts itself."""
        before = -1
        while before < len(branch.facts):
            before = len(branch.facts)
            self._effort.spend()
            knowledge = Knowledge(branch.facts, branch.drawn, self._schema, self._collection, self.inside)
            drawn = knowledge.conclusions()
            if drawn is None or not self._add(branch, All(tuple(drawn))) or not self._chooses(branch):
                return False
        return True

    def _chooses(self, branch: Branch) -> bool:
        """Makes the choices that have one option left. False when one has none."""
        waiting, branch.choices = branch.choices, []
        for choice in waiting:
            if any(each in branch.facts for each in choice):
                continue
            left = tuple(each for each in choice if not _clashes(branch, each))
            if len(left) > 1:
                branch.choices.append(left)
            elif not left or not self._add(branch, left[0]):
                return False
        return True

    # Rules taken apart. -----------------------------------------------------------------------------------------------

    def _add(self, branch: Branch, rule: Rule) -> bool:
        """Takes a rule apart into facts and choices. False when it contradicts a fact."""
        match rule:
            case All(rules):
                return all(self._add(branch, each) for each in rules)
            case AnyOf((only,)):
                return self._add(branch, only)
            case AnyOf(rules):
                branch.choices.append(rules)
                return bool(rules)
            case AtLeast(least, rules):
                return self._add(branch, _spelt_out(least, rules))
            case Named(_, inner):
                return self._add(branch, inner)
            case Not(inner):
                return self._add_denial(branch, inner)
            case Missing(value):
                return self._add_absence(branch, value)
            case Compare() | IsIn() | Anniversary() | Follows() | Reference():
                return _add_fact(branch, rule)
            case _:
                assert_never(rule)

    def _add_denial(self, branch: Branch, rule: Rule) -> bool:
        match rule:
            case All(rules):
                return self._add(branch, AnyOf(tuple(Not(each) for each in rules)))
            case AnyOf(rules):
                return self._add(branch, All(tuple(Not(each) for each in rules)))
            case AtLeast(least, rules):
                return self._add_denial(branch, _spelt_out(least, rules))
            case Named(_, inner):
                return self._add_denial(branch, inner)
            case Not(inner):
                return self._add(branch, inner)
            case Compare():
                return self._add_denied_comparison(branch, rule)
            case IsIn() | Missing() | Anniversary() | Follows() | Reference():
                return _add_fact(branch, Not(rule))
            case _:
                assert_never(rule)

    def _add_denied_comparison(self, branch: Branch, rule: Compare) -> bool:
        """``not x < 3`` is ``x >= 3`` or a missing ``x``."""
        denied = opposite(rule)
        if not isinstance(denied, Not):
            return self._add(branch, denied)
        if not _add_fact(branch, denied):
            return False
        turned = turned_round(rule)
        gone = tuple(Missing(each) for each in (rule.left, rule.right) if not never_missing(each))
        return turned is None or self._add(branch, AnyOf((turned, *gone)))

    def _add_absence(self, branch: Branch, value: Value) -> bool:
        absent = missing(value)
        match absent:
            case Missing(Attribute(name)) if self._schema.attribute(name).required:
                return False
            case Missing(Column(name)) if self._collection and self._is_required(self._collection, name):
                return False
            case Missing(Aggregate(_, rows, str(name))) if self._is_required(rows.collection, name):
                fewer = Compare("<=", count(unpicked(rows)), Literal(abs(rows.pick or 1) - 1))
                return _add_fact(branch, absent) and _add_fact(branch, fewer)
            case Missing(Arithmetic("+" | "-" | "*", left, right)):
                return _add_fact(branch, absent) and self._add(branch, AnyOf((Missing(left), Missing(right))))
            case Missing():
                return _add_fact(branch, absent)
        return self._add(branch, absent)

    def _is_required(self, collection: str, name: str) -> bool:
        return self._schema.collection(collection).column(name).required


def _add_fact(branch: Branch, fact: Rule) -> bool:
    if fact in branch.facts:
        return True
    if _clashes(branch, fact):
        return False
    branch.facts[fact] = None
    return True


def _clashes(branch: Branch, rule: Rule) -> bool:
    return any(excludes(rule, fact) for fact in branch.facts)


def _spelt_out(least: int, rules: tuple[Rule, ...]) -> Rule:
    """``AtLeast`` as a choice about its first rule, the others left to ``AtLeast``."""
    if least <= 0:
        return All(())
    if least >= len(rules):
        return All(rules) if least == len(rules) else AnyOf(())
    first, *rest = rules
    return AnyOf((All((first, AtLeast(least - 1, tuple(rest)))), AtLeast(least, tuple(rest))))

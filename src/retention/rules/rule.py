"""``Rule``: a question about one customer, as a value that combines, prints, travels and is answered.

``RowRule`` is the same about one row of a collection; ``orders.where(...)`` takes those. The engines are loaded by the
first call that needs them, so that writing rules down costs an application's start nothing.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, NoReturn, Protocol, Self, TypeVar, overload

from attrs import field, frozen

from retention.errors import AmbiguousTruth, RuleError, RuleTooLarge, WrongKind, with_article
from retention.rules import nodes
from retention.rules.bound import Ready, ready
from retention.rules.declared import require_profile
from retention.schema import STANDARD, Schema

if TYPE_CHECKING:
    from retention.profile import Profile
    from retention.rules.backends.explanation import Explanation
    from retention.rules.backends.timeline import Interval

C = TypeVar("C")
"""The collection whose rows a rule is about: ``RowRule[Orders]``."""

_NAME = ("a rule's name", 'Write rule.named("big spenders")')
_NO_RULE = "Write the handle on the left of a comparison; a flag is a rule itself: consents.given, ~consents.given"


class Undecided:
    """Has no truth, length or members while it is being written; asking for them shows the repair.

    Type checkers are not told of these methods, so that they go on refusing ``for x in rule`` and ``len(rule)``.
    """

    __slots__ = ()

    if not TYPE_CHECKING:

        def __bool__(self) -> NoReturn:
            raise AmbiguousTruth(self._subject())

        def __contains__(self, item: object) -> NoReturn:
            raise AmbiguousTruth(self._subject())

        def __iter__(self) -> NoReturn:
            raise WrongKind(f"{self._subject()} cannot be looped over", hint=self._instead_of_a_loop)

        def __len__(self) -> NoReturn:
            raise WrongKind(f"{self._subject()} has no length yet", hint=self._instead_of_a_loop)

    _instead_of_a_loop = (
        "It is a question about customers to come: ask .count() or .any(), and combine rules with & | ~"
    )

    def _subject(self) -> str:
        return "a rule"


class RuleLike(Protocol):
    """Anything that stands for a rule in ``& |``, ``all_of``, ``any_of`` and ``at_least``: a Segment, say."""

    def as_rule(self) -> "Rule":
        """The rule that it stands for."""


@frozen(eq=False, repr=False)
class Rule(Undecided):
    """A rule about a customer. Two rules are equal when they are written alike, whatever they mean.

    It keeps what it has compiled; a Segment does the same and is what an application normally holds on to.
    """

    node: nodes.Rule
    _ready: list[tuple[Schema, Ready]] = field(factory=list, init=False)

    def __and__(self, other: "Rule | RuleLike") -> "Rule":
        found = _customer_rule(other)
        return NotImplemented if found is None else Rule(conjunction(self.node, found))

    def __or__(self, other: "Rule | RuleLike") -> "Rule":
        found = _customer_rule(other)
        return NotImplemented if found is None else Rule(disjunction(self.node, found))

    if not TYPE_CHECKING:  # True & rule: whatever combines with a rule from its left is refused, or does it itself

        def __rand__(self, other: object) -> "Rule":
            found = _customer_rule(other)
            return NotImplemented if found is None else Rule(conjunction(found, self.node))

        def __ror__(self, other: object) -> "Rule":
            found = _customer_rule(other)
            return NotImplemented if found is None else Rule(disjunction(found, self.node))

    def __invert__(self) -> "Rule":
        return Rule(negation(self.node))

    def named(self, words: str) -> "Rule":
        """The same rule under a name; explanations print it, nothing else changes."""
        return Rule(nodes.Named(_words(words, *_NAME), self.node))

    def as_rule(self) -> "Rule":
        """This rule itself, so that rules and segments can be handed about alike."""
        return self

    def matches(self, profile: "Profile", as_of: datetime) -> bool:
        """Whether the customer is in at that instant. Raises NaiveInstant, and RuleError for what the schema lacks."""
        require_profile(profile)
        return self._for(profile.schema).answers.at(as_of)(profile)

    def explain(self, profile: "Profile", as_of: datetime) -> "Explanation":
        """Why, or why not: a tree of verdicts that prints."""
        require_profile(profile)
        from retention.rules.backends import explain

        self._for(profile.schema)  # which validates, once
        return explain.explain(self.node, profile, as_of, profile.schema)

    def next_change(self, profile: "Profile", as_of: datetime) -> datetime | None:
        """The first instant after ``as_of`` at which the answer differs if nothing new happens; None if never."""
        require_profile(profile)
        return self._for(profile.schema).over_time.get().next_change(profile, as_of)

    def timeline(self, profile: "Profile", start: datetime, end: datetime) -> "tuple[Interval, ...]":
        """The answers from ``start``, inside, to ``end``, outside, as half-open intervals ``[start, end)``.

        Each fact is unknown until its instant comes. Neighbours differ in their answers; calendar words are read in the
        zone of ``start``. Raises NaiveInstant.
        """
        require_profile(profile)
        return self._for(profile.schema).over_time.get().timeline(profile, start, end)

    def simplify(self) -> "Rule":
        """A rule with the same answer for every customer at every instant, and no more parts than this one."""
        from retention.rules.limits import check_size
        from retention.rules.simplify import simplify

        check_size(self.node)
        return Rule(simplify(self.node))

    def validate(self, schema: Schema = STANDARD) -> None:
        """Raises RuleError, with the path of the place, for what the schema lacks or what is over a limit."""
        from retention.rules.validate import validate

        validate(self.node, schema)

    def to_json(self) -> dict[str, Any]:
        """The versioned JSON form; ``Rule.from_json`` gives an equal rule back, today and under later versions."""
        from retention.rules.backends import jsonform

        return jsonform.to_json(self.node)

    @staticmethod
    def from_json(source: Mapping[str, Any] | str | bytes, schema: Schema = STANDARD) -> "Rule":
        """The rule that JSON holds, validated. Raises RuleError with the path of what is wrong."""
        from retention.rules.backends import jsonform

        return Rule(jsonform.from_json(source, schema))

    def to_text(self) -> str:
        """The rule in the query language; ``Rule.from_text`` gives an equal rule back."""
        from retention.rules.backends import text

        return text.to_text(self.node)

    @staticmethod
    def from_text(source: str, schema: Schema = STANDARD) -> "Rule":
        """The rule that a text holds, validated. Raises RuleSyntaxError, which underlines the place, or RuleError."""
        from retention.rules.backends import text

        return Rule(text.parse(source, schema))

    def __eq__(self, other: object) -> bool:
        return self.node == other.node if isinstance(other, Rule) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.node)

    def __repr__(self) -> str:
        return shown(self.node)

    def __reduce__(self) -> tuple[Callable[[nodes.Rule], Self], tuple[nodes.Rule]]:
        return type(self), (self.node,)  # what was compiled stays behind: generated functions do not travel

    def _for(self, schema: Schema) -> Ready:
        """The rule in a schema, validated. One is kept, for the schema last asked with or an equal one."""
        for known, kept in self._ready:
            if known is schema:
                return kept
            if known == schema:  # a profile from another process brings a copy
                self._ready[:] = [(schema, kept)]
                return kept
        self.validate(schema)
        made = ready(self.node, schema)
        self._ready[:] = [(schema, made)]
        return made


@frozen(eq=False, repr=False)
class RowRule(Undecided, Generic[C]):
    """A rule about one row of a collection, for ``where`` of that collection and of what is narrowed from it."""

    node: nodes.Rule
    rows: nodes.Events

    def __and__(self, other: "RowRule[C]") -> "RowRule[C]":
        return RowRule(conjunction(self.node, _row_rule(self, other)), common_rows(self.rows, other.rows))

    def __or__(self, other: "RowRule[C]") -> "RowRule[C]":
        return RowRule(disjunction(self.node, _row_rule(self, other)), common_rows(self.rows, other.rows))

    if not TYPE_CHECKING:

        def __rand__(self, other: object) -> "RowRule[C]":
            return RowRule(conjunction(_row_rule(self, other), self.node), common_rows(other.rows, self.rows))

        def __ror__(self, other: object) -> "RowRule[C]":
            return RowRule(disjunction(_row_rule(self, other), self.node), common_rows(other.rows, self.rows))

    def __invert__(self) -> "RowRule[C]":
        return RowRule(negation(self.node), self.rows)

    def named(self, words: str) -> "RowRule[C]":
        """The same rule under a name; explanations print it, nothing else changes."""
        return RowRule(nodes.Named(_words(words, *_NAME), self.node), self.rows)

    def __eq__(self, other: object) -> bool:
        return (self.node, self.rows) == (other.node, other.rows) if isinstance(other, RowRule) else NotImplemented

    def __hash__(self) -> int:
        return hash((self.node, self.rows))

    def __repr__(self) -> str:
        return shown(self.node)

    def _subject(self) -> str:
        return f"a rule about a row of {self.rows.collection}"


@overload
def all_of(*rules: Rule | RuleLike) -> Rule: ...
@overload
def all_of(*rules: RowRule[C]) -> RowRule[C]: ...
def all_of(*rules: Any) -> Any:
    """Every one of them; true of none."""
    return _together(conjunction, rules)


@overload
def any_of(*rules: Rule | RuleLike) -> Rule: ...
@overload
def any_of(*rules: RowRule[C]) -> RowRule[C]: ...
def any_of(*rules: Any) -> Any:
    """At least one of them; false of none."""
    return _together(disjunction, rules)


@overload
def at_least(count: int, *rules: Rule | RuleLike) -> Rule: ...
@overload
def at_least(count: int, *rules: RowRule[C]) -> RowRule[C]: ...
def at_least(count: int, *rules: Any) -> Any:
    """``count`` or more of them; a rule given twice counts twice, and more than there are is never true."""
    if type(count) is not int or count < 0:
        raise RuleError("at_least needs a whole number, 0 or more", hint="Write at_least(2, a, b, c)")
    return _together(lambda *parts: nodes.AtLeast(count, parts), rules)


def segment(key: str) -> Rule:
    """Membership of another segment, by its key; a SegmentSet says which segment that is."""
    return Rule(nodes.Reference(_words(key, "a segment's key", 'Write segment("dormant")')))


def conjunction(*rules: nodes.Rule) -> nodes.Rule:
    """All of them in one flat node: ``(a & b) & c`` and ``a & (b & c)`` are the same data."""
    parts = tuple(part for rule in rules for part in (rule.rules if isinstance(rule, nodes.All) else (rule,)))
    return parts[0] if len(parts) == 1 else nodes.All(parts)


def disjunction(*rules: nodes.Rule) -> nodes.Rule:
    """Any of them in one flat node."""
    parts = tuple(part for rule in rules for part in (rule.rules if isinstance(rule, nodes.AnyOf) else (rule,)))
    return parts[0] if len(parts) == 1 else nodes.AnyOf(parts)


def negation(rule: nodes.Rule) -> nodes.Rule:
    """The exact complement; of a complement, the rule itself."""
    return rule.rule if isinstance(rule, nodes.Not) else nodes.Not(rule)


def common_rows(one: nodes.Events, other: nodes.Events) -> nodes.Events:
    """The narrower of two selections that speak of the same rows. Raises WrongKind when neither contains the other."""
    if narrowed_from(other, one):
        return one
    if narrowed_from(one, other):
        return other
    if one.collection != other.collection:
        problem = f"a row of {one.collection} cannot be asked about a row of {other.collection}"
        raise WrongKind(problem, hint="Ask about the customer there: .first(), .last(), .sum(), .any()")
    raise WrongKind(
        f"two different selections of {one.collection} meet in one row rule",
        hint=f"Write the columns of the plain collection: {one.collection}.where({one.collection}.… == …)",
    )


def narrowed_from(wide: nodes.Events, narrow: nodes.Events) -> bool:
    """Whether every row of ``narrow`` is one of ``wide`` because of how it was written."""
    if wide == narrow:
        return True
    if wide.pick is None and wide.source == narrow.source and _conditions(wide) <= _conditions(narrow):
        return True
    return isinstance(narrow.source, nodes.Events) and narrowed_from(wide, narrow.source)


def _conditions(rows: nodes.Events) -> set[nodes.Rule]:
    if isinstance(rows.where, nodes.All):
        return set(rows.where.rules)
    return set() if rows.where is None else {rows.where}


def shown(node: nodes.Node) -> str:
    """A node in the query language; of one that no engine would run, what it is."""
    from retention.rules.backends import text

    try:
        return text.to_text(node)
    except RuleTooLarge:
        return f"<{type(node).__name__}, too large to show>"  # as data it could be exponentially larger still


def _together(combine: Callable[..., nodes.Rule], rules: tuple[Any, ...]) -> Any:
    first = next((each for each in rules if isinstance(each, RowRule)), None)
    if first is None:
        return Rule(combine(*(_only_customer_rule(each) for each in rules)))
    rows = first.rows
    for each in rules:
        _row_rule(first, each)
        rows = common_rows(rows, each.rows)
    return RowRule(combine(*(each.node for each in rules)), rows)


def _customer_rule(other: object) -> nodes.Rule | None:
    """The node of a rule about a customer; None for a stranger, who may know how to combine with a rule."""
    if isinstance(other, Rule):
        return other.node
    if isinstance(other, (RowRule, bool)):
        return _only_customer_rule(other)
    stands_for = getattr(other, "as_rule", None)
    return stands_for().node if callable(stands_for) else None


def _only_customer_rule(other: object) -> nodes.Rule:
    if isinstance(other, RowRule):
        name = other.rows.collection
        raise WrongKind(
            f"a rule about a row of {name} stands where a rule about the customer is needed",
            hint=f"Ask the rows: {name}.where(…).any(), or .count() >= 1",
        )
    found = None if isinstance(other, bool) else _customer_rule(other)
    if found is None:
        raise WrongKind(f"{with_article(other)} is not a rule", hint=_NO_RULE)
    return found


def _row_rule(mine: RowRule[Any], other: object) -> nodes.Rule:
    if isinstance(other, RowRule):
        return other.node
    name = mine.rows.collection
    if isinstance(other, Rule) or callable(getattr(other, "as_rule", None)):
        raise WrongKind(
            f"a rule about the customer cannot be combined with a rule about a row of {name}",
            hint=f"Put the row rule inside {name}.where(…) and combine what comes of that",
        )
    raise WrongKind(f"{with_article(other)} is not a rule", hint=_NO_RULE)


def _words(words: object, what: str, hint: str) -> str:
    if isinstance(words, str) and words.strip():
        return words
    raise RuleError(f"{what} is a text that is not empty", hint=hint)

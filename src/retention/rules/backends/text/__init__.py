"""The query language, both ways: ``orders.count() >= 3 and customer.country in ["KR", "JP"]``.

``parse(to_text(rule)) == rule`` for every valid rule whose text is within the limit of 64 KiB. The grammar is in the
docstrings of ``parser``, ``values``, ``rows`` and ``constants``, and in docs/reference/text.md.
"""

from typing import assert_never

from retention.errors import RuleError, RuleSyntaxError, RuleTooLarge
from retention.rules.backends.text.parser import RuleParser
from retention.rules.backends.text.printer import rows_text, rule_text, value_text
from retention.rules.limits import RESOLVED, TEXT_BYTES, check_size
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
    Node,
    Not,
    Reference,
    Rule,
    Shift,
)
from retention.schema import STANDARD, Schema


def parse(source: str, schema: Schema = STANDARD) -> Rule:
    """The rule that a text holds, valid under the schema.

    Raises RuleSyntaxError, UnknownName, WrongKind, RuleTooLarge or another RuleError, each with the ``position`` in the
    text and underlining it.
    """
    if not isinstance(source, str):
        raise RuleError(f"a rule's text is a str, not {type(source).__name__}", hint="Decode it first: text.decode()")
    _check_text(source)
    rule = RuleParser(source, schema).whole()
    try:
        check_size(rule)  # all else was checked where it was met; how deep it has become shows in the whole
    except RuleTooLarge as error:
        raise error.in_text(source, 0, len(source)) from None
    return rule


def to_text(node: Node) -> str:
    """A rule, or a part of one, in the query language. Raises RuleTooLarge for a tree that no engine would run."""
    check_size(node, RESOLVED)
    match node:
        case Events():
            return rows_text(node)
        case Literal() | Attribute() | Column() | Aggregate() | Arithmetic() | Apply() | Ago() | Shift():
            return value_text(node)
        case All() | AnyOf() | Not() | AtLeast() | Compare() | IsIn() | Missing() | Anniversary() | Follows():
            return rule_text(node)
        case Reference() | Named():
            return rule_text(node)
        case _:
            assert_never(node)


def _check_text(source: str) -> None:
    size = len(source)
    try:
        size = len(source.encode("utf-8")) if size <= TEXT_BYTES else size
    except UnicodeEncodeError as error:
        hint = "Send the text as UTF-8"
        raise RuleSyntaxError(
            "half a character (a lone surrogate)", source="", position=error.start, hint=hint
        ) from None
    if size > TEXT_BYTES:
        raise RuleTooLarge("bytes of text", TEXT_BYTES, size, path="rule")

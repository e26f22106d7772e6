"""Questions about rules themselves, asked before anybody is counted: can anyone be in it, is it part of another one.

A finding is never wrong and may be unknown. It holds for every profile of the schema, at every instant from the year
1005 on (before that, spans of up to a thousand years are cut off by the calendar's beginning).
"""

from enum import Enum
from typing import final

from retention.errors import WrongKind
from retention.rules.examples import example
from retention.rules.nodes import All, Not, Rule
from retention.rules.proof import Prover
from retention.rules.validate import validate
from retention.schema import STANDARD, Schema


@final
class Finding(Enum):
    """An answer that may be unknown, so it has no truth value: compare it with one of the three."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"

    def __bool__(self) -> bool:
        raise WrongKind("a finding may be unknown", hint="Write finding is Finding.YES, or finding is not Finding.NO")


def always_empty(rule: Rule, schema: Schema = STANDARD) -> Finding:
    """Nobody can be in it, ever. Raises RuleError for a rule that is not valid in the schema."""
    validate(rule, schema)
    return _nobody(rule, schema)


def always_full(rule: Rule, schema: Schema = STANDARD) -> Finding:
    """Everybody is in it, always."""
    return always_empty(Not(rule), schema)


def contained(part: Rule, whole: Rule, schema: Schema = STANDARD) -> Finding:
    """Whoever is in ``part`` is in ``whole``, at every instant."""
    return always_empty(All((part, Not(whole))), schema)


def disjoint(one: Rule, other: Rule, schema: Schema = STANDARD) -> Finding:
    """Nobody is in both at one instant."""
    return always_empty(All((one, other)), schema)


def equivalent(one: Rule, other: Rule, schema: Schema = STANDARD) -> Finding:
    """The same customers are in both, at every instant."""
    found = {contained(one, other, schema), contained(other, one, schema)}
    if found == {Finding.YES}:
        return Finding.YES
    return Finding.NO if Finding.NO in found else Finding.UNKNOWN


def _nobody(rule: Rule, schema: Schema) -> Finding:
    if Prover(schema).refutes(rule):
        return Finding.YES
    return Finding.UNKNOWN if example(rule, schema) is None else Finding.NO

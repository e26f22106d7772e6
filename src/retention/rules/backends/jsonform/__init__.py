"""The JSON form of a rule, both ways: versioned, strict, and readable enough to be written by hand.

``{"retention": 1, "rule": {"op": ">=", "left": {"count": "orders"}, "right": 3}}``. What one version of the library has
written, every later one reads: a new version of the form gets a reader of its own and the old ones stay.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from retention.errors import RuleError
from retention.rules.backends.jsonform import version1
from retention.rules.backends.jsonform.checked import an_object, check_keys
from retention.rules.backends.jsonform.strict import decoded
from retention.rules.backends.jsonform.writer import written
from retention.rules.limits import RESOLVED, check_size
from retention.rules.nodes import Rule
from retention.rules.validate import validate
from retention.schema import Schema

VERSION: Final = 1
"""The version that is written."""

_EXAMPLE: Final = '{"retention": 1, "rule": …}'
_READERS: Final[Mapping[int, Callable[[object], Rule]]] = {1: version1.read}


def to_json(rule: Rule) -> dict[str, Any]:
    """The rule as what ``json.dumps`` takes. Raises RuleTooLarge for a tree that no engine would run."""
    check_size(rule, RESOLVED)
    return {"retention": VERSION, "rule": written(rule)}


def from_json(source: Mapping[str, Any] | str | bytes, schema: Schema | None = None) -> Rule:
    """The rule that JSON holds, as text, as UTF-8 bytes or as what ``json.loads`` gave; only text can show a key twice.

    With a schema the rule is validated too. Raises RuleError, or one of its kinds, with the path of the place.
    """
    found = decoded(source) if isinstance(source, (str, bytes)) else source
    document = an_object(found, "a document", "rule", _EXAMPLE)
    check_keys(document, ("retention", "rule"), (), "rule", _EXAMPLE)
    rule = _READERS[_version(document["retention"])](document["rule"])
    if schema is not None:
        validate(rule, schema)
    return rule


def _version(found: object) -> int:
    if type(found) is int and found in _READERS:
        return found
    known = ", ".join(map(str, _READERS))
    hint = f"This library reads version {known}; a later one was written by a later library"
    raise RuleError("the version is not known", path="retention", hint=hint)

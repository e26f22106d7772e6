"""JSON text made into Python values without what ``json`` lets through: keys that come twice, bottomless nesting."""

import json
import re
from typing import Any, Final

from retention.errors import RuleError, RuleTooLarge
from retention.rules.limits import DIGITS, JSON_BYTES, WRITTEN
from retention.rules.written import read_decimal

_NESTING: Final = 4 * WRITTEN.depth  # a node is at most two brackets, and constants inside it two more

# A string, an opening or a closing bracket. The possessive quantifiers make an unfinished string cost one look.
_BRACKETS: Final = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\Z|\\\Z)|([\[{])|([\]}])', re.DOTALL)


class Doubled(dict[str, Any]):
    """An object in which the key ``twice`` came twice; refused by whoever knows its path."""

    def __init__(self, found: dict[str, Any], twice: str) -> None:
        super().__init__(found)
        self.twice = twice


class Immodest:
    """A number of too many digits, not built; refused by whoever knows its path."""


def decoded(source: str | bytes) -> Any:
    """What the JSON text holds, numbers exact; NaN stays for the reader to refuse. Raises RuleError with the place."""
    if len(source) > JSON_BYTES:
        raise RuleTooLarge("bytes or characters of JSON", JSON_BYTES, len(source), path="rule")
    text = _as_text(source)
    _check_nesting(text)
    try:
        return json.loads(text, object_pairs_hook=_once_each, parse_float=_decimal, parse_int=_whole)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise RuleError(f"is not JSON: {error.msg}", path=where, hint="Check quotes, commas and brackets") from None


def _as_text(source: str | bytes) -> str:
    if isinstance(source, str):
        return source
    try:
        return source.decode("utf-8")
    except UnicodeDecodeError as error:
        raise RuleError("is not UTF-8", path=f"byte {error.start}", hint="Encode the JSON as UTF-8") from None


def _check_nesting(text: str) -> None:
    if text.count("{") + text.count("[") <= _NESTING:
        return
    depth = 0
    for found in _BRACKETS.finditer(text):
        depth += bool(found[1]) - bool(found[2])
        if depth > _NESTING:
            raise RuleTooLarge("brackets inside each other", _NESTING, depth, path=f"character {found.start()}")


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    seen: set[str] = set()
    return Doubled(found, next(key for key, _ in pairs if key in seen or seen.add(key)))  # type: ignore[func-returns-value]


def _whole(digits: str) -> object:
    return int(digits) if len(digits) <= DIGITS else Immodest()


def _decimal(digits: str) -> object:
    number = read_decimal(digits)
    return Immodest() if number is None else number

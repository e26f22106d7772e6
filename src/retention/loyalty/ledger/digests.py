"""The hash of a command or an entry: equal for equal ones, in every process and in every later version.

What is as it is by default is left out at every level: None, the empty, or the one word that most mean. So a field that
is added later with a default changes no hash that is stored. A default that was released stays as it is.
"""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from enum import Enum
from fractions import Fraction
from hashlib import sha256
from typing import Any, Final

from attrs import Factory, fields, has

from retention.errors import FactError

_FACTORY: Final[Any] = Factory  # attrs tells type checkers that it is a function


def digest(value: Any) -> str:
    """The SHA-256, in hexadecimal, of a value's class and of all that it says. Raises FactError for a field of a kind
    that has no plain form."""
    said = [type(value).__name__, _plain(value)]
    return sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _plain(value: Any) -> Any:
    match value:
        case Enum():
            return value.value
        case None | bool() | int() | str():
            return value
        case datetime():
            return value.astimezone(UTC).isoformat()
        case date():
            return value.isoformat()
        case Fraction():
            return str(value)
        case tuple() | list():
            return [_plain(each) for each in value]
        case Mapping():
            return {name: _plain(each) for name, each in value.items()}
        case _ if has(type(value)):
            said = ((each, getattr(value, each.name)) for each in fields(type(value)))
            return {each.name: _plain(found) for each, found in said if found != _made(each.default)}
        case _:
            hint = "Give what a command or an entry is made of: text, whole numbers, fractions, instants, dates"
            raise FactError("digest", "has a part without a plain form", got=value, hint=hint)


def _made(default: Any) -> Any:
    """The default of a field; NOTHING, which no value equals, where one has to be given."""
    return default.factory() if isinstance(default, _FACTORY) else default

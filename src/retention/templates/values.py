"""What templates can see, and how it is written: mappings, lists and plain values, never objects."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final, TypeAlias

from retention.customer import Customer
from retention.money import Money
from retention.templates.errors import UnrenderedTemplate
from retention.templates.limits import DATA_DEPTH, DATA_VALUES

Data: TypeAlias = Mapping[str, Any]

_PLAIN: Final = (str, bool, int, float, Decimal, Fraction, datetime, date, Money, type(None))
_AS_THEY_ARE: Final = frozenset({str, bool, int, float, Decimal, Fraction, Money, type(None)})
_SHOWN: Final = ("name", "grade", "language", "country", "city", "joined_at", "birthday")


class Unwritable(Exception):
    """A value that a placeholder or a filter cannot write; ``words`` say why, without the value."""

    def __init__(self, words: str) -> None:
        self.words = words
        super().__init__(words)


def visible(customer: Customer) -> Mapping[str, Any]:
    """What templates may say of a customer, by name: the host's attributes and what a customer knows of themselves.

    Notes of the staff, contacts and addresses are not in it, nor attributes that are neither plain values nor lists of
    them.
    """
    own = {name: value for name, value in customer.attributes.items() if _is_plain_or_list(value)}
    said = {name: getattr(customer, name) for name in _SHOWN}
    return own | said | {"tags": sorted(customer.tags)}


def plain(data: Data) -> dict[str, Any]:
    """A copy of the data in dicts, lists and plain values. Raises UnrenderedTemplate for an object of any other class,
    for naive datetimes, and for more than 10,000 values or 16 mappings in each other."""
    copied = _copied(data, "data", DATA_DEPTH, [DATA_VALUES])
    if not isinstance(copied, dict):
        raise UnrenderedTemplate("the data is not a mapping", hint='Give {"customer": visible(customer)}')
    return copied


def written(value: Any) -> str:
    """A value as text; instants need the filter ``date``. Raises Unwritable."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case None:
            raise Unwritable('the value is missing here: give one for that case, | default: "..."')
        case Money():
            return value.format()
        case int() | Decimal():
            return str(value)
        case float() | Fraction():
            return f"{float(value):.10g}"
        case datetime():
            raise Unwritable('an instant is written by a filter: | date: "%Y-%m-%d"')
        case date():
            return value.isoformat()
        case _:
            raise Unwritable("the value is a list or a mapping: write one of its parts")


def _is_plain_or_list(value: object) -> bool:
    if isinstance(value, list | tuple | frozenset | set):
        return all(isinstance(each, _PLAIN) for each in value)
    return isinstance(value, _PLAIN)


def _copied(value: object, path: str, depth: int, left: list[int]) -> Any:
    left[0] -= 1
    if left[0] < 0 or depth < 0:
        raise UnrenderedTemplate("the data holds too many values", hint="Give what the template says, not all there is")
    if type(value) in _AS_THEY_ARE:  # most are, and to ask whether they are a Mapping takes longer than to copy them
        return value
    match value:
        case Mapping():
            return {_name(key, path): _copied(each, f"{path}.{key}", depth - 1, left) for key, each in value.items()}
        case str():
            return str.__str__(value)
        case frozenset() | set():
            return sorted(str(_copied(each, path, depth - 1, left)) for each in value)
        case Sequence() if not isinstance(value, bytes | bytearray | memoryview):
            return [_copied(each, path, depth - 1, left) for each in value]
        case datetime() if value.utcoffset() is None:
            raise UnrenderedTemplate(f"{path} is a naive datetime", hint="Give it a zone")
        case _ if isinstance(value, _PLAIN):
            return value
        case _:
            hint = "Give mappings, lists, text, numbers, dates and Money; visible(customer) for a customer"
            raise UnrenderedTemplate(f"{path} is an object of the class {type(value).__name__}", hint=hint)


def _name(key: object, path: str) -> str:
    if type(key) is not str:
        raise UnrenderedTemplate(f"{path} has a name that is not text", hint="Give names as text")
    return key

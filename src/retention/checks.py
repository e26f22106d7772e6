"""What every fact goes through as it is made: each field is brought to its exact form, or refused by name.

The schema says what each column is; ``settle`` holds a fact to it. An error names the field, the type of what came and
the repair, never the value: it may be personal.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from operator import index
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

from attrs import fields

from retention.errors import FactError, UnknownChoice
from retention.money import Money
from retention.schema import STANDARD, Field, Kind
from retention.spans import utc

Number: TypeAlias = int | Fraction
Check: TypeAlias = Callable[[Any, str], Any]

_NOT_NEGATIVE = frozenset({"quantity", "results", "seconds", "uses"})
LONGEST_ID: Final = 500
"""Bytes of UTF-8. Three of them make a key of a table, and PostgreSQL indexes keys of at most 2,704 bytes."""

_LONGEST_DECIMAL = 400  # digits before or after the point; every float fits
_set = object.__setattr__


class Settled:
    """Base of the facts: their fields are checked once, when they are made."""

    __slots__ = ()

    def __attrs_post_init__(self) -> None:
        _SETTLERS[type(self)](self)


def settle(fact: Any) -> None:
    """Bring every field of a fact to its exact form, in place. Raises FactError."""
    _SETTLERS[type(fact)](fact)


def plain_text(value: Any, field: str) -> str:
    """Text that can be stored anywhere: no half of a surrogate pair, no NUL."""
    if isinstance(value, str):
        value = str.__str__(value)
    else:
        raise FactError(field, "is not text", got=value, hint="Give a str")
    if "\0" in value:
        raise FactError(field, "has a NUL character", got=value, hint="Databases keep no such text: take it out")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise FactError(
            field, "has half of a surrogate pair", got=value, hint="Decode the bytes as UTF-8 before they come in"
        ) from None
    return cast(str, value)


def identifier(value: Any, field: str) -> str:
    """Text that names something: not empty, and no longer than LONGEST_ID."""
    if value == "" and isinstance(value, str):
        raise FactError(field, "is empty", got=value, hint="Give the id that the shop's own records use")
    if type(value) is int:
        raise FactError(field, "is not text", got=value, hint="Give the id as text: str(order.pk)")
    text = plain_text(value, field)
    if len(text.encode()) > LONGEST_ID:
        hint = "Give the id that the shop's own records use; of a longer text, its hash"
        raise FactError(field, f"is longer than {LONGEST_ID} bytes", got=value, hint=hint)
    return text


_MOST: Final = 10**400
"""Beyond it stores and reports could not write a number."""


def exact_number(value: Any, field: str) -> Number:
    """The number as an int, or a Fraction if it is not whole; a float means its shortest decimal, 0.1 is 1/10."""
    if type(value) is int and -_MOST < value < _MOST:
        return value
    if isinstance(value, bool):
        raise FactError(field, "is a truth value, not a number", got=value, hint="Give 1 or 0 if a number is meant")
    if isinstance(value, float | Decimal):
        exact = _exact_decimal(Decimal(float.__repr__(value)) if isinstance(value, float) else value)
    elif isinstance(value, Fraction):
        exact = value
    else:
        exact = _whole(value)
    if exact is None:
        hint = "Give an int, a Fraction, or a finite float or Decimal"
        raise FactError(field, "is not a finite number", got=value, hint=hint)
    if not (-_MOST < exact.numerator < _MOST and exact.denominator < _MOST):
        raise FactError(field, "has more than 400 digits", got=value, hint="No shop has so much; check the unit")
    return exact.numerator if exact.denominator == 1 else exact


def label_set(value: Any, field: str) -> frozenset[str]:
    """Labels as a frozenset of text."""
    if isinstance(value, str | bytes | Mapping):
        raise FactError(field, "is not a set of labels", got=value, hint='Give a set: {"vip"}')
    if type(value) is frozenset and not value:
        return value
    try:
        labels = tuple(value)
    except TypeError:
        raise FactError(field, "is not a set of labels", got=value, hint='Give a set: {"vip"}') from None
    checked = frozenset([plain_text(each, field) for each in labels])
    return value if type(value) is frozenset and value == checked else checked


def instant(value: Any, field: str) -> datetime:
    """The instant in UTC, as a plain datetime. Raises NaiveInstant without a zone."""
    if type(value) is datetime:
        return utc(value, field)
    if isinstance(value, datetime):  # of a library that counts finer than microseconds, or has a not-a-time
        try:
            return utc(datetime.combine(value.date(), value.time(), value.tzinfo), field)
        except (TypeError, ValueError) as problem:
            if isinstance(problem, FactError):
                raise
    raise FactError(field, "is not a datetime", got=value, hint="Give an aware datetime")


def calendar_date(value: Any, field: str) -> date:
    """A date without a time of day."""
    if isinstance(value, datetime):
        raise FactError(field, "is not a date", got=value, hint="Give value.date() in the right zone")
    if not isinstance(value, date):
        raise FactError(field, "is not a date", got=value, hint="Give a date: date(1990, 5, 3)")
    return value


def flag(value: Any, field: str) -> bool:
    """True or False, and nothing that is merely true or false enough."""
    if value is not True and value is not False:
        raise FactError(field, "is not a truth value", got=value, hint="Give True or False")
    return value


def money(value: Any, field: str) -> Money:
    """An amount of money, of either sign."""
    if type(value) is not Money:
        raise FactError(field, "is not money", got=value, hint='Give Money: won(12_900), Money.of("12.34", "USD")')
    return value


def charged(value: Any, field: str) -> Money:
    """An amount of money that is not negative."""
    if money(value, field).minor < 0:
        raise FactError(field, "is negative", got=value, hint="Give the amount; refunds and discounts have own fields")
    return cast(Money, value)


def counted(value: Any, field: str) -> Number:
    """A number that is not negative."""
    number = exact_number(value, field)
    if number < 0:
        raise FactError(field, "is negative", got=value, hint="Give 0 or more; what is given back is a refund")
    return number


def choice(what: str, words: Iterable[str]) -> Check:
    """A check for a closed list of words; its error suggests the nearest one."""
    known = frozenset(words)

    def one_of_them(value: Any, field: str) -> str:
        if type(value) is str and value in known:
            return value
        text = str.__str__(value) if isinstance(value, str) else None
        if text in known:  # a member of the host's own enumeration of these words
            return text
        raise UnknownChoice(field, what, value, known)

    return one_of_them


_BY_KIND: Mapping[Kind, Check] = {
    Kind.NUMBER: exact_number,
    Kind.AMOUNT: charged,
    Kind.TEXT: plain_text,
    Kind.FLAG: flag,
    Kind.INSTANT: instant,
    Kind.DATE: calendar_date,
    Kind.LABELS: label_set,
}

# A shop's history is millions of facts, nearly all of them good, so what a good field looks like is tested in place
# and the check is called only for the rest. The code for that is generated from the class, once; all but the fields'
# names is bound to it, not written into it.

_GOOD: Mapping[Check, str] = {
    identifier: f"type(value) is str and 0 < len(value) <= {LONGEST_ID} and value.isascii() and '\\0' not in value",
    plain_text: "type(value) is str and value.isascii() and '\\0' not in value",
    exact_number: f"type(value) is int and -{2**63} <= value < {2**63}",
    counted: f"type(value) is int and 0 <= value < {2**63}",
    charged: "type(value) is Money and value.minor >= 0",
    label_set: "type(value) is frozenset and not value",
    instant: "type(value) is datetime and value.tzinfo is UTC",
    calendar_date: "type(value) is date",
    flag: "value is True or value is False",
}


class _Settlers(dict[type, Callable[[Any], None]]):
    """For each class of facts the function that settles one of them, made when the first is."""

    def __missing__(self, fact: type) -> Callable[[Any], None]:
        bound: dict[str, Any] = {"Money": Money, "datetime": datetime, "date": date, "UTC": UTC, "put": _set}
        body = ["def settle(fact):"]
        for number, (name, check, required) in enumerate(_checks(fact)):
            bound[f"check{number}"], bound[f"path{number}"] = check, f"{fact.__name__}.{name}"
            doubt = "" if required else "value is not None and "
            body += [
                f"    value = fact.{name}",
                f"    if {doubt}not ({_GOOD.get(check, 'False')}):",
                f"        put(fact, {name!r}, check{number}(value, path{number}))",
            ]
        exec("\n".join(body), bound)
        settler: Callable[[Any], None] = bound["settle"]
        self[fact] = settler
        return settler


_SETTLERS = _Settlers()


def _checks(fact: type) -> list[tuple[str, Check, bool]]:
    """Name, check and whether it is required, of every field that is a column. A class's own ``checks`` come first."""
    own: Mapping[str, Check] = getattr(fact, "checks", {})
    columns = _columns(fact)
    return [
        (each.name, own.get(each.name) or _check(columns[each.name]), each.default is not None)
        for each in fields(fact)
        if each.init and each.name in columns
    ]


def _columns(fact: Any) -> Mapping[str, Field]:
    collection = getattr(fact, "collection", None)
    return STANDARD.collections[collection].columns if isinstance(collection, str) else STANDARD.attributes


def _check(field: Field) -> Check:
    if field.name in _NOT_NEGATIVE:
        return counted
    if field.kind is Kind.TEXT and (field.name == "id" or field.name.endswith("_id")):
        return identifier
    return _BY_KIND[field.kind]


def _exact_decimal(value: Decimal) -> Fraction | None:
    if not value.is_finite():
        return None
    exponent = value.as_tuple().exponent
    reach = max(abs(value.adjusted()), -exponent if isinstance(exponent, int) else 0)
    return Fraction(value) if reach <= _LONGEST_DECIMAL else None


def _whole(value: Any) -> Fraction | None:
    try:
        return Fraction(index(value))  # whole numbers of other libraries
    except TypeError:
        return None


def parts(kind: type, given: Any, field: str) -> tuple[Any, ...]:
    """What a fact is made of, as a tuple. Raises FactError for anything else in it."""
    if type(given) is not tuple:
        if isinstance(given, str | bytes) or not isinstance(given, Iterable):
            raise FactError(field, "is not a list", got=given, hint=f"Give a list of {kind.__name__}")
        given = tuple(given)
    for place, part in enumerate(given):
        if type(part) is not kind:
            raise FactError(
                f"{field}[{place}]", f"is not {kind.__name__}", got=part, hint=f"Build {kind.__name__}(...)"
            )
    return cast(tuple[Any, ...], given)


def texts(given: Any, field: str) -> tuple[str, ...]:
    """Lines of text as a tuple."""
    if isinstance(given, str | bytes) or not isinstance(given, Iterable):
        raise FactError(field, "is not a list of text", got=given, hint="Give a list: [first, second]")
    return tuple([plain_text(each, field) for each in given])


def named_values(given: Any, field: str) -> dict[str, Any]:
    """A copy of the host's values by name."""
    if not isinstance(given, Mapping) or not all(isinstance(name, str) for name in given):
        raise FactError(field, "is not a mapping of names to values", got=given, hint='Give a dict: {"minutes": 30}')
    return dict(given)


# What may be given where something stricter is kept. Only the type checker sees these: the check of a field does the
# work, because it knows the field's name.

if TYPE_CHECKING:

    def given_number(value: float | Decimal | Fraction) -> Number: ...

    def maybe_number(value: float | Decimal | Fraction | None) -> Number | None: ...

    def given_labels(value: Iterable[str]) -> frozenset[str]: ...

else:
    given_number = maybe_number = given_labels = None

"""What the gate is told is checked once, when it is made; what is wrong is refused by name, as facts are."""

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any, ClassVar, TypeVar, get_args

from retention.checks import Check, choice
from retention.errors import FactError, UnknownChoice
from retention.spans import Duration, LocalDays, LocalPeriod, Months, Span

_E = TypeVar("_E", bound=Enum)


class Checked:
    """Base of what is checked: each of ``checks`` brings the field of its name to its exact form, or refuses it."""

    __slots__ = ()
    checks: ClassVar[Mapping[str, Check]]

    def __attrs_post_init__(self) -> None:
        kind = type(self).__name__
        for name, check in self.checks.items():
            given = getattr(self, name)
            exact = check(given, f"{kind}.{name}")
            if exact is not given:
                object.__setattr__(self, name, exact)


def word_of(what: str, literal: Any) -> Check:
    """One of the words of a Literal."""
    return choice(what, get_args(literal))


def maybe(check: Check) -> Check:
    """The same, or None."""
    return lambda value, field: None if value is None else check(value, field)


def member(what: str, kind: type[_E]) -> Check:
    """A member of an enumeration. For one of its words the error says which member that is."""
    names: dict[Any, str] = {each.value: f"{kind.__name__}.{each.name}" for each in kind}

    def one_of_them(value: Any, field: str) -> _E:
        if isinstance(value, kind):
            return value
        likeliest = names.get(value) if isinstance(value, str) else None
        raise UnknownChoice(field, what, value, names.values(), likeliest=likeliest)

    return one_of_them


def set_of(check: Check) -> Check:
    """A set, of what the check lets through."""

    def all_of_them(value: Any, field: str) -> frozenset[Any]:
        return frozenset([check(each, field) for each in _collected(value, field)])

    return all_of_them


def tuple_of(*kinds: type) -> Check:
    """A tuple of objects of these classes."""

    def all_of_them(value: Any, field: str) -> tuple[Any, ...]:
        found = tuple(_collected(value, field))
        for place, each in enumerate(found):
            instance(*kinds)(each, f"{field}[{place}]")
        return found

    return all_of_them


def instance(*kinds: type) -> Check:
    """An object of one of these classes."""
    names = [each.__name__ for each in kinds]

    def one(value: Any, field: str) -> Any:
        if type(value) not in kinds:
            raise FactError(field, f"is not {' or '.join(names)}", got=value, hint=f"Build {names[0]}(...)")
        return value

    return one


def whole(least: int | None = None) -> Check:
    """A whole number, of at least so much."""

    def number(value: Any, field: str) -> int:
        if type(value) is not int:
            raise FactError(field, "is not a whole number", got=value, hint="Give an int")
        if least is not None and value < least:
            raise FactError(field, "is too small", got=value, hint=f"Give {least} or more")
        return value

    return number


def span(value: Any, field: str) -> Span:
    """A length of time."""
    if not isinstance(value, Duration | Months | LocalDays | LocalPeriod):
        raise FactError(field, "is not a span", got=value, hint="Give days(7), today(), this_month()")
    return value


def _collected(value: Any, field: str) -> Iterable[Any]:
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
        raise FactError(field, "is not a collection", got=value, hint="Give a set or a tuple")
    return value

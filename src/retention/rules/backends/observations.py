"""Values as people read them, and what must not be read at all."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta, tzinfo
from fractions import Fraction
from typing import Any, assert_never, cast, final

from attrs import frozen

from retention.money import LARGEST, Money
from retention.rules.backends.explanation import Observation
from retention.rules.backends.reference import World, currencies, read
from retention.rules.backends.text import to_text
from retention.rules.kinds import kind_of
from retention.rules.nodes import (
    Aggregate,
    Ago,
    Apply,
    Arithmetic,
    Attribute,
    Column,
    Compare,
    IsIn,
    Literal,
    Node,
    Rule,
    Shift,
    Value,
)
from retention.rules.walk import children, replace_children
from retention.schema import Kind
from retention.spans import local

MASK = "•••"
PERSONAL = frozenset({"name", "email", "phone", "postal_code", "notes", "birthday"})
"""Attributes of the customer whose values an explanation never shows."""
_PERSONAL_COLUMNS = frozenset({"query", "wording"})  # what a customer typed, or was asked
_MOST_LABELS = 5


@final
@frozen
class Reader:
    """Reads values of one profile at one instant and puts them into words."""

    world: World
    currency: str | None

    @classmethod
    def of(cls, rule: Rule, world: World) -> "Reader":
        return cls(world, world.profile.currency or next(currencies(rule), world.schema.currency))

    def observations(self, *values: Value) -> Iterator[Observation]:
        """What those of the values were that the profile decides; operands in place of a result that is missing."""
        for value in dict.fromkeys(values):
            found = read(value, self.world)
            if found is not None and not isinstance(value, Literal | Ago):
                yield Observation(words(value), self.shown(value, found))
            elif found is None and isinstance(value, Arithmetic | Apply | Shift):
                yield from self.observations(*(cast(Value, inner) for _, inner in children(value)))
            elif found is None:
                yield Observation(words(value), "missing", missing=True)

    def shown(self, value: Value, found: Any) -> str:
        """A value found, as text."""
        return MASK if is_personal(value) else self.kind_shown(kind_of(value, self.world.schema), found)

    def kind_shown(self, kind: Kind, found: Any) -> str:
        match kind:
            case Kind.NUMBER:
                return number_text(found)
            case Kind.AMOUNT:
                return self.amount(found)
            case Kind.TEXT:
                return f'"{found}"' if len(found) <= 60 else f'"{found[:59]}…"'
            case Kind.FLAG:
                return "yes" if found else "no"
            case Kind.INSTANT:
                return instant_text(found, self.world.zone)
            case Kind.DATE:
                return found.isoformat() if type(found) is date else str(found)
            case Kind.LABELS:
                several = sorted(found)
                more = f" and {len(several) - _MOST_LABELS} more" if len(several) > _MOST_LABELS else ""
                return ", ".join(several[:_MOST_LABELS]) + more or "none"
            case _:
                assert_never(kind)

    def amount(self, minor: int | Fraction) -> str:
        """An amount of minor units, rounded to whole ones if need be."""
        whole = round(minor)
        if self.currency is None or abs(whole) > LARGEST:
            return number_text(minor)
        return ("" if whole == minor else "≈ ") + str(Money(whole, self.currency))


def number_text(number: int | Fraction) -> str:
    """A number in digits; with a sign that it is not exact if four decimals do not hold it."""
    if Fraction(number).denominator == 1:
        return f"{int(number):,}"
    rounded = round(Fraction(number), 4)
    digits = f"{float(rounded):,.4f}".rstrip("0").rstrip(".")
    return digits if rounded == number else f"≈ {digits}"


def instant_text(instant: datetime, zone: tzinfo) -> str:
    """An instant on a wall clock, to the minute unless it lies between two."""
    wall = local(instant, zone)
    between = wall.replace(microsecond=0, second=0) != wall
    text = wall.strftime("%Y-%m-%d %H:%M") + (wall.strftime(":%S") if between else "")
    text += f".{wall.microsecond:06}" if wall.microsecond else ""
    offset = wall.utcoffset()
    if wall.replace(fold=1 - wall.fold).utcoffset() != offset:  # this wall time comes twice, or its clock jumped
        text += f" UTC{_offset_text(offset or timedelta(0))}"
    return text


def _offset_text(offset: timedelta) -> str:
    minutes = offset // timedelta(minutes=1)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def words(node: Node) -> str:
    """The text form of a part, without the personal values that it asks for."""
    return to_text(masked(node))


def masked(node: Node) -> Node:
    """The same part with constants that are compared with something personal covered."""
    if isinstance(node, Compare) and (is_personal(node.left) or is_personal(node.right)):
        return Compare(node.operator, _covered(node.left), _covered(node.right))
    if isinstance(node, IsIn) and is_personal(node.value):
        return IsIn(node.value, (MASK,) * len(node.options))
    return replace_children(node, masked)


def _covered(value: Value) -> Value:
    return Literal(MASK) if isinstance(value, Literal) else replace_children(value, masked)


def is_personal(value: Value) -> bool:
    """Whether a value shows, or is made of, what identifies a person or was written by one."""
    return any(
        (isinstance(each, Attribute) and each.name in PERSONAL)
        or (isinstance(each, Column) and each.name in _PERSONAL_COLUMNS)
        or (isinstance(each, Aggregate) and each.function != "distinct" and each.column in _PERSONAL_COLUMNS)
        for each in _operands(value)
    )


def _operands(value: Value) -> Iterator[Value]:
    yield value
    if isinstance(value, Arithmetic | Apply | Shift):
        for _, inner in children(value):
            yield from _operands(cast(Value, inner))

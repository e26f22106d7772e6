"""What the people of a scene really have, so that rules ask for it: thresholds that are met, edges that coincide."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any, final

from attrs import frozen

from retention.money import Money
from retention.profile import Profile
from retention.rules.backends.reference import World, read, truth
from retention.rules.nodes import Rule, Scalar, Value
from retention.schema import Kind, Schema
from retention.spans import TICK, Duration
from retention.testing.choices import Choices

_INSTANTS_LOOKED_AT = 2
_LATER = tuple(map(timedelta, (0, 1, 30, 90)))
_A_DAY = timedelta(days=1)


@final
@frozen
class Clues:
    """The people of a question at its first instants; none at all when a rule is written without people."""

    worlds: tuple[World, ...] = ()

    @classmethod
    def of(cls, people: Sequence[Profile], instants: Sequence[datetime], schema: Schema) -> "Clues":
        return cls(tuple(World.at(each, at, schema) for each in people for at in instants[:_INSTANTS_LOOKED_AT]))

    def collections(self, names: Sequence[str]) -> tuple[str, ...]:
        """Those of the names of which somebody has a row."""
        return tuple(name for name in names if any(each.profile.rows(name) for each in self.worlds))

    def attributes(self, names: Sequence[str]) -> tuple[str, ...]:
        """Those of the names that somebody has a value of."""
        return tuple(name for name in names if any(each.profile.value(name) is not None for each in self.worlds))

    def differ(self, rule: Rule) -> bool:
        """Whether the rule is true of some and false of others."""
        return len({truth(rule, world) for world in self.worlds}) > 1

    def near(self, choices: Choices, kind: Kind, value: Value, within: str | None, currency: str) -> Scalar | None:
        """A constant of the kind that somebody's value is, or is just off; None if that value is missing."""
        found = self._read(choices, value, within)[1]
        if isinstance(found, frozenset):
            found = choices.among(sorted(found)) if found else None
        return None if found is None else _NEAR[kind](choices, found, currency)

    def span(self, choices: Choices, value: Value, within: str | None) -> Duration | None:
        """A span that began at somebody's instant, or will have then: its edge is met now, or a tick or days later."""
        world, found = self._read(choices, value, within)
        if world is None or not isinstance(found, datetime):
            return None
        passed = world.now - found + choices.among(_LATER) + choices.one_of(timedelta(0), TICK, timedelta(0))
        return Duration(passed // TICK) if passed >= timedelta(0) else None

    def _read(self, choices: Choices, value: Value, within: str | None) -> tuple[World | None, Any]:
        if not self.worlds:
            return None, None
        world = choices.among(self.worlds)
        if within is None:
            return world, read(value, world)
        rows = world.profile.rows(within)
        return (world, read(value, world, choices.among(rows))) if rows else (None, None)


def _number(choices: Choices, found: int | Fraction, _: str) -> Scalar:
    number: int | Fraction = found + choices.one_of(0, 0, 1, -1)
    return number


def _amount(choices: Choices, found: int | Fraction, currency: str) -> Scalar:
    return Money(found.__floor__() + choices.one_of(0, 0, 1, -1), currency)


def _date(choices: Choices, found: date, _: str) -> Scalar:
    day: date = found + choices.one_of(0, 0, 1, -1) * _A_DAY
    return day


def _instant(choices: Choices, found: datetime, _: str) -> Scalar:
    instant: datetime = found + choices.one_of(0, 0, 1, -1) * TICK
    return instant


def _itself(_: Choices, found: Scalar, __: str) -> Scalar:
    return found


_NEAR: dict[Kind, Callable[[Choices, Any, str], Scalar]] = {
    Kind.NUMBER: _number,
    Kind.AMOUNT: _amount,
    Kind.DATE: _date,
    Kind.INSTANT: _instant,
    Kind.TEXT: _itself,
    Kind.FLAG: _itself,
}

"""What an owner keeps of a rule: compiled answers, bound to the instant last asked about, and what is made once.

The engines are loaded by the first question.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, final

from attrs import frozen

from retention.profile import Profile
from retention.rules.nodes import Rule
from retention.schema import Schema
from retention.spans import EARLIEST

if TYPE_CHECKING:
    from retention.rules.backends.timeline import Prepared

Answer = TypeVar("Answer")
Answer_co = TypeVar("Answer_co", covariant=True)
Made = TypeVar("Made")


class Compiled(Protocol[Answer_co]):
    """What the compiler gives: a function of the instant that gives a function of the profile."""

    def at(self, as_of: datetime) -> Callable[[Profile], Answer_co]: ...


@final
class Once(Generic[Made]):
    """Makes a thing when first asked for it, and keeps it.

    Threads may share it: a race costs one more thing made. What was made does not travel, a copy makes its own.
    """

    __slots__ = ("_kept", "_make")

    def __init__(self, make: Callable[[], Made]) -> None:
        self._make = make
        self._kept: tuple[Made, ...] = ()

    def get(self) -> Made:
        """The thing. Raises what making it raises."""
        if not self._kept:
            self._kept = (self._make(),)
        return self._kept[0]

    def __reduce__(self) -> tuple[Any, ...]:
        return Once, (self._make,)


@final
class Bound(Generic[Answer]):
    """Compiles when first asked, and keeps the function bound to the last instant.

    Threads may share it: what is kept is replaced as a whole, so a race costs one more binding and no wrong answer.
    """

    __slots__ = ("_compiled", "_last")

    def __init__(self, compiled: Once[Compiled[Answer]]) -> None:
        self._compiled = compiled
        self._last: tuple[datetime, Callable[[Profile], Answer] | None] = (EARLIEST, None)

    def at(self, as_of: datetime) -> Callable[[Profile], Answer]:
        """The function of a profile that answers for ``as_of``. Raises NaiveInstant."""
        kept, answer = self._last
        if answer is not None and (kept is as_of or _reads_alike(kept, as_of)):
            return answer
        answer = self._compiled.get().at(as_of)
        self._last = (as_of, answer)
        return answer

    def __reduce__(self) -> tuple[Any, ...]:
        return Bound, (self._compiled,)  # generated functions do not travel; the copy compiles anew


@final
@frozen(eq=False)
class Ready:
    """One rule in one schema: whether it holds, and when that changes."""

    answers: Bound[bool]
    over_time: "Once[Prepared]"


def ready(rule: Rule, schema: Schema) -> Ready:
    """A rule without references, valid in the schema."""
    return Ready(Bound(Once(partial(_compiled, rule, schema))), Once(partial(_prepared, rule, schema)))


def together(rules: tuple[Rule, ...], schema: Schema) -> Bound[tuple[bool, ...]]:
    """The answers of several rules, compiled together when first asked."""
    return Bound(Once(partial(_compiled_together, rules, schema)))


def _compiled(rule: Rule, schema: Schema) -> Compiled[bool]:
    from retention.rules.backends.evaluate import compile_rule

    return compile_rule(rule, schema)


def _compiled_together(rules: tuple[Rule, ...], schema: Schema) -> Compiled[tuple[bool, ...]]:
    from retention.rules.backends.evaluate import compile_rules

    return compile_rules(rules, schema)


def _prepared(rule: Rule, schema: Schema) -> "Prepared":
    from retention.rules.backends.timeline import prepare

    return prepare(rule, schema)


def _reads_alike(one: datetime, other: datetime) -> bool:
    """The same instant in the same zone; datetimes of two zones can be equal and their calendars differ."""
    return one == other and one.tzinfo is other.tzinfo and one.fold == other.fold

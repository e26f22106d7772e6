"""Compiled answers, bound to the instant last asked about. The compiler is loaded by the first question."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any, Generic, Protocol, TypeVar, final

from retention.profile import Profile
from retention.rules.nodes import Rule
from retention.schema import Schema
from retention.spans import EARLIEST

Answer = TypeVar("Answer")
Answer_co = TypeVar("Answer_co", covariant=True)


class Compiled(Protocol[Answer_co]):
    """What the compiler gives: a function of the instant that gives a function of the profile."""

    def at(self, as_of: datetime) -> Callable[[Profile], Answer_co]: ...


@final
class Bound(Generic[Answer]):
    """Compiles when first asked, and keeps the function bound to the last instant.

    Threads may share it: what is kept is replaced as a whole, so a race costs one more binding and no wrong answer.
    """

    __slots__ = ("_compile", "_compiled", "_last")

    def __init__(self, compile: Callable[[], Compiled[Answer]]) -> None:
        self._compile = compile
        self._compiled: Compiled[Answer] | None = None
        self._last: tuple[datetime, Callable[[Profile], Answer] | None] = (EARLIEST, None)

    def at(self, as_of: datetime) -> Callable[[Profile], Answer]:
        """The function of a profile that answers for ``as_of``. Raises NaiveInstant."""
        kept, answer = self._last
        if answer is not None and (kept is as_of or _reads_alike(kept, as_of)):
            return answer
        compiled = self._compiled
        if compiled is None:
            compiled = self._compiled = self._compile()
        answer = compiled.at(as_of)
        self._last = (as_of, answer)
        return answer

    def __reduce__(self) -> tuple[Any, ...]:
        return Bound, (self._compile,)  # generated functions do not travel; the copy compiles anew


def together(rules: tuple[Rule, ...], schema: Schema) -> Bound[tuple[bool, ...]]:
    """The answers of several rules, compiled together when first asked."""
    return Bound(partial(_compiled_together, rules, schema))


def _compiled_together(rules: tuple[Rule, ...], schema: Schema) -> Compiled[tuple[bool, ...]]:
    from retention.rules.backends.evaluate import compile_rules

    return compile_rules(rules, schema)


def _reads_alike(one: datetime, other: datetime) -> bool:
    """The same instant in the same zone; datetimes of two zones can be equal and their calendars differ."""
    return one == other and one.tzinfo is other.tzinfo and one.fold == other.fold

"""Every error that the library raises on purpose, as one tree.

An error says what was wrong, where, and how to repair it. The parts are attributes, so that a host can build its own
message or its own HTTP answer; ``str(error)`` is the finished sentence. Values that a customer typed are never part of
a message: only their type is.
"""

from collections.abc import Iterable
from typing import Any, ClassVar, Final, Literal, Self

DECLARE: Final = "Declare it in the schema and give schema=..."
"""The repair for a name that is the host's own."""


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that is most like ``name``, or None when nothing is close. Text over 64 long is like no name."""
    if len(name) > 64:  # comparing costs time with the square of the length
        return None
    from difflib import get_close_matches  # rarely needed, so not paid for by every import

    names = list(known)
    letters = sorted(name)
    shuffled = [each for each in names if sorted(each) == letters]  # "=>" is ">=", "KWR" is "KRW"
    found = shuffled or get_close_matches(name, names, n=1, cutoff=0.6)
    return found[0] if found else None


def with_article(value: object) -> str:
    """The type of a value in words, never the value: it may be a customer's."""
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiouAEIOU' else 'a'} {name}"


class RetentionError(Exception):
    """The root: ``code`` is stable and made for programs, ``hint`` is the repair in words."""

    code: ClassVar[str] = "retention"

    def __init__(self, problem: str, *, hint: str = "") -> None:
        self.problem = problem
        self.hint = hint
        super().__init__(problem, hint)

    def __str__(self) -> str:
        return f"{self.problem}. {self.hint}" if self.hint else self.problem

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (type(self), self.args, self.__dict__)  # an error crosses to another process as it is


def _again(kind: type[RetentionError], args: tuple[Any, ...], parts: dict[str, Any]) -> RetentionError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(parts)
    return error


class ConfigurationError(RetentionError):
    """The host put the library together wrongly: a schema, a segment set, an option."""

    code = "configuration"


class MissingExtra(ConfigurationError, ImportError):
    """A part of the library was imported without the packages that it needs; ``extra`` is what brings them."""

    code = "missing-extra"

    def __init__(self, module: str, package: str, extra: str) -> None:
        self.extra = extra
        super().__init__(f"{module} needs {package}", hint=f"Run pip install 'shop-retention[{extra}]'")


class FactError(RetentionError, ValueError):
    """A fact that cannot be true was refused; nothing was stored.

    ``field`` is the path of the offending field (``Order.lines[2].quantity``), ``got`` the type of what came.
    """

    code = "fact"

    def __init__(self, field: str, problem: str, *, got: object = None, hint: str = "") -> None:
        self.field = field
        self.got = type(got).__name__
        super().__init__(f"{field}: {problem} (got {self.got})", hint=hint)


class NaiveInstant(FactError):
    """A datetime without a zone: nobody can say which instant it means."""

    code = "naive-instant"

    def __init__(self, field: str) -> None:
        super().__init__(
            field,
            "is a naive datetime",
            hint="Give it a zone: datetime(..., tzinfo=ZoneInfo('Asia/Seoul')) or datetime.now(UTC)",
        )
        self.got = "datetime"
        self.problem = f"{field}: is a naive datetime"


class UnstorableValue(FactError):
    """A database was given a value that it does not hold: text with a NUL or with half of a surrogate pair."""

    code = "unstorable-value"

    def __init__(self) -> None:
        super().__init__("value", "", hint="Take NUL characters and halves of surrogate pairs out of texts")
        self.problem = "a value is none that the database holds"


class CurrencyMismatch(FactError):
    """Two currencies met where only one can be meant; nothing was converted."""

    code = "currency-mismatch"

    def __init__(self, field: str, expected: str, found: str) -> None:
        self.expected = expected
        self.found = found
        super().__init__(
            field, f"is in {found} where {expected} is expected", hint=f"Convert it, or write the rules in {found}"
        )
        self.problem = f"{field}: is in {found} where {expected} is expected"


class RuleError(RetentionError, ValueError):
    """A rule that cannot be built; ``path`` leads to the place (``rule.all[1].left``), empty at the root.

    Of a rule that came as text, ``source`` is the text and ``position`` the place in it, counted in characters from 0;
    ``str()`` underlines the place.
    """

    code = "rule"

    def __init__(self, problem: str, *, path: str = "", hint: str = "") -> None:
        self.path = path
        self.source: str | None = None
        self.position = 0
        self.length = 1
        RetentionError.__init__(self, problem, hint=hint)  # not super(): a subclass may also be a FactError

    def in_text(self, source: str, position: int, length: int = 1) -> Self:
        """This error, told of the characters in a rule's text that are wrong."""
        self.source = source
        self.position = position
        self.length = max(1, length)
        return self

    def __str__(self) -> str:
        told = super().__str__()
        if self.source is None:
            return f"{self.path}: {told}" if self.path else told
        return f"{told}\n{_underlined(self.source, self.position, self.length)}"


class UnknownName(RuleError):
    """A name that the schema does not have; ``known`` lists those it has, ``nearest`` the likeliest.

    ``otherwise`` is the repair when no known name is meant.
    """

    code = "unknown-name"

    def __init__(self, what: str, name: str, known: Iterable[str], *, path: str = "", otherwise: str = "") -> None:
        self.name = name
        self.known = tuple(sorted(known))
        self.nearest = nearest(name, self.known)
        hint = f"Did you mean {self.nearest!r}?" if self.nearest else _listed(self.known, otherwise)
        super().__init__(f"no {what} is called {_short(name)}", path=path, hint=hint)


class WrongKind(RuleError, TypeError):
    """An operator that does not fit its operands: ``orders.count() >= "3"``."""

    code = "wrong-kind"


class RuleTooLarge(RuleError):
    """A limit on text, depth, nodes or list items was passed; the rule was not built."""

    code = "rule-too-large"

    def __init__(self, what: str, limit: int, found: int, *, path: str = "") -> None:
        self.limit = limit
        self.found = found
        super().__init__(f"{what}: {found} where at most {limit} are allowed", path=path, hint="Split the rule")


class RuleSyntaxError(RuleError):
    """Text that is not a rule."""

    code = "rule-syntax"

    def __init__(self, problem: str, *, source: str, position: int, length: int = 1, hint: str = "") -> None:
        super().__init__(problem, hint=hint)
        self.in_text(source, position, length)


class ReferenceCycle(RuleError):
    """Segments that refer to one another in a ring; ``cycle`` names it, first key repeated at the end."""

    code = "reference-cycle"

    def __init__(self, cycle: tuple[str, ...]) -> None:
        self.cycle = cycle
        super().__init__(
            f"segments refer to each other in a ring: {' -> '.join(cycle)}",
            hint="Write one of them without the other",
        )


class AmbiguousTruth(RuleError, TypeError):
    """A rule was asked for its truth while it was being written (``and``, ``or``, ``not``, ``in``, ``a < b < c``)."""

    code = "ambiguous-truth"

    def __init__(self, subject: str = "a rule") -> None:
        super().__init__(
            f"{subject} is neither true nor false until it meets a profile",
            hint="Write `a & b` for `a and b`, `a | b` for `a or b`, `~a` for `not a`,"
            " `x.is_in([...])` for `x in [...]`, `x.between(low, high)` for `low <= x <= high`",
        )


class UnsupportedRule(RuleError):
    """A backend that cannot run this rule said so before it ran anything.

    ``ever`` says what to expect: "not yet" of what could be built, "never" of what the engine underneath cannot do.
    """

    code = "unsupported-rule"

    def __init__(
        self, problem: str, *, path: str = "", hint: str = "", ever: Literal["not yet", "never"] = "not yet"
    ) -> None:
        self.ever = ever
        super().__init__(problem, path=path, hint=hint)


class UnmappedName(RuleError):
    """A rule speaks of what the host has not said where to find; ``known`` lists what it has."""

    code = "unmapped-name"

    def __init__(self, what: str, name: str, known: Iterable[str], *, path: str = "") -> None:
        self.name = name
        self.known = tuple(sorted(known))
        super().__init__(
            f"the {what} {_short(name)} is not mapped to anything",
            path=path,
            hint=f"Say where it is kept: {name}=...; mapped are {', '.join(self.known[:12]) or 'none'}",
        )


class RuleCurrencyMismatch(RuleError, CurrencyMismatch):
    """Two currencies in one rule, or another than the shop's."""

    code = "rule-currency-mismatch"

    def __init__(self, expected: str, found: str, *, path: str = "") -> None:
        RuleError.__init__(
            self,
            f"an amount is in {found} where {expected} is expected",
            path=path,
            hint=f"Write every amount of the rule in {expected}",
        )
        self.field = path or "a rule"
        self.got = "Money"
        self.expected = expected
        self.found = found


def _underlined(source: str, position: int, length: int) -> str:
    """The line around a position, at most 100 characters of it, with a mark below."""
    start = source.rfind("\n", 0, position) + 1
    end = source.find("\n", position)
    line = source[start : end if end >= 0 else len(source)]
    column = position - start
    begin = max(0, column - 50)
    shown = line[begin : begin + 100]
    mark = "~" * min(length - 1, max(0, len(shown) - (column - begin) - 1)) + "^"
    return f"    {shown}\n    {' ' * (column - begin)}{mark}"


def _listed(known: tuple[str, ...], otherwise: str = "") -> str:
    """The names there are, the first twelve of them, and what else can be done."""
    some = f"Known: {', '.join(known[:12])}{', …' if len(known) > 12 else ''}" if known else ""
    return ". ".join(filter(None, (some, otherwise)))


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"


class UnknownChoice(FactError):
    """Not one of the words that a field allows; ``known`` lists them, ``nearest`` is the likeliest."""

    code = "unknown-choice"

    def __init__(
        self, field: str, what: str, got: object, known: Iterable[str], *, likeliest: str | None = None
    ) -> None:
        self.known = tuple(sorted(known))
        self.nearest = likeliest or (nearest(got, self.known) if isinstance(got, str) and len(got) <= 64 else None)
        hint = f"Did you mean {self.nearest!r}?" if self.nearest else _listed(self.known)
        super().__init__(field, f"is not a known {what}", got=got, hint=hint)
        if isinstance(got, str):  # its type is right: naming it would blame the wrong thing
            self.problem = f"{field}: is not a known {what}"

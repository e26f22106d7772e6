"""Whether a rule can be asked at all: limits first, then every name, kind, number and text in it.

A rule that passes can be compiled, explained, simplified and written down; what it refuses is refused with the path of
the place and, for a name, the nearest one that exists.
"""

from collections.abc import Iterable
from datetime import date, datetime
from fractions import Fraction
from typing import Final, assert_never

from retention.errors import RuleCurrencyMismatch, RuleError, UnknownName, WrongKind
from retention.money import Money
from retention.rules.kinds import (
    COMPARABLE,
    check_comparison,
    kind_of,
    require,
    scalar_kind,
)
from retention.rules.limits import DIGITS, WRITTEN, check_size
from retention.rules.nodes import (
    Aggregate,
    Ago,
    All,
    Anniversary,
    AnniversaryWindow,
    AnyOf,
    Apply,
    Arithmetic,
    AtLeast,
    Attribute,
    Column,
    Compare,
    Events,
    Follows,
    IsIn,
    Literal,
    Missing,
    MonthDays,
    Named,
    NearDays,
    NearMonths,
    Node,
    Not,
    Reference,
    Rule,
    Scalar,
    Shift,
    Value,
)
from retention.rules.walk import children
from retention.rules.written import is_modest, is_whole_text
from retention.schema import STANDARD, Kind, Schema
from retention.spans import Duration, LocalDays, LocalPeriod, Months

FARTHEST: Final = {"days": 366, "months": 12}
"""How far from today an anniversary's window may reach: a year, for a date that returns every year."""

_LEAP_DAYS: Final = ("feb28", "mar1", "skip")


def validate(rule: Rule, schema: Schema = STANDARD, path: str = "rule") -> None:
    """Raises RuleError, the first in reading order, unless the rule can be asked under this schema.

    RuleTooLarge for a limit, UnknownName and WrongKind for names and operands, RuleCurrencyMismatch for amounts in two
    currencies or in another than the schema's. References are taken as they are: ``references.resolve`` looks them up.
    """
    check_size(rule, path=path)
    _Inspection(schema).look(rule, path, None)


class _Inspection:
    """One pass over a tree that is known to be small; ``rows`` is the collection of the nearest ``where``."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._currency = schema.currency

    def look(self, node: Node, path: str, rows: str | None) -> None:
        self._own(node, path, rows)
        inner = node.collection if isinstance(node, Events) else rows
        for step, child in children(node):
            self.look(child, path + step, inner if step == ".where" else rows)

    def _own(self, node: Node, path: str, rows: str | None) -> None:
        match node:
            case All() | AnyOf() | Not():
                return
            case AtLeast(count):
                check_count(count, path)
            case Compare(operator, left, right):
                self._comparison(operator, left, right, path, rows)
            case IsIn(value, options):
                self._membership(value, options, path, rows)
            case Missing(value):
                self._kind(value, f"{path}.missing", rows)
            case Anniversary(value, window, leap):
                require(self._kind(value, f"{path}.anniversary", rows), Kind.DATE, "returns every year", path)
                check_window(window, f"{path}.window")
                _known("way to observe 29 February", leap, _LEAP_DAYS, f"{path}.leap")
            case Follows(_, _, within):
                _moving(within, f"{path}.within")
            case Reference(key):
                check_words(key, "a segment's key", f"{path}.segment")
            case Named(name):
                check_words(name, "a name", f"{path}.named")
            case Events():
                self._events(node, path)
            case Literal(constant):
                self._constant(constant, path)
            case Apply(_, _, argument):
                check_text(argument, f"{path}.salt")
            case Ago(span):
                _span(span, f"{path}.ago")
            case Shift(_, span, sign):
                _moving(span, f"{path}.by")
                _known("sign", sign, (1, -1), path)
            case Attribute() | Column() | Aggregate() | Arithmetic():
                return  # the comparison that they belong to has found their kind
            case _:
                assert_never(node)

    def _kind(self, value: Value, path: str, rows: str | None) -> Kind:
        return kind_of(value, self._schema, rows, path)

    def _comparison(self, operator: str, left: Value, right: Value, path: str, rows: str | None) -> None:
        for known in COMPARABLE:
            if known == operator:
                kinds = self._kind(left, f"{path}.left", rows), self._kind(right, f"{path}.right", rows)
                return check_comparison(known, *kinds, path)
        raise UnknownName("comparison", operator, COMPARABLE, path=f"{path}.op")

    def _membership(self, value: Value, options: tuple[Scalar, ...], path: str, rows: str | None) -> None:
        kind = self._kind(value, f"{path}.value", rows)
        check_comparison("==", kind, kind, path)
        for place, option in enumerate(options):
            here = f"{path}.in[{place}]"
            check_comparison("==", kind, scalar_kind(option, here), here)
            self._constant(option, here)

    def _events(self, node: Events, path: str) -> None:
        self._schema.collection(node.collection, path=path)
        check_pick(node.pick, path)

    def _constant(self, constant: Scalar, path: str) -> None:
        check_constant(constant, path)
        if isinstance(constant, Money):
            expected = self._currency = self._currency or constant.currency
            if constant.currency != expected:
                raise RuleCurrencyMismatch(expected, constant.currency, path=path)


def check_constant(constant: Scalar, path: str = "") -> None:
    """Raises RuleError for a constant that no rule can hold: a naive instant, a huge number, half a character."""
    match constant:
        case str():
            check_text(constant, path)
        case datetime() if constant.utcoffset() is None:
            raise RuleError(
                "an instant has no zone", path=path, hint="Give an aware datetime: 2026-03-01T09:00:00+09:00"
            )
        case int() | Fraction() if not is_modest(constant):
            raise RuleError(f"a number has more than {DIGITS} digits", path=path, hint="Round it")
        case bool() | int() | Fraction() | Money() | date():
            return


def check_text(text: str, path: str = "") -> None:
    """Raises RuleError for text with a lone surrogate."""
    if not is_whole_text(text):
        raise RuleError("the text has half a character (a lone surrogate)", path=path, hint="Send it as UTF-8")


def check_words(words: str, what: str, path: str = "") -> None:
    """Raises RuleError for words that say nothing."""
    if not words.strip():
        raise RuleError(f"{what} is a text that is not empty", path=path, hint='Write it as "dormant"')
    check_text(words, path)


def check_count(count: int, path: str = "") -> None:
    """Raises RuleError for a number of rules below 0; more than there are is never true, and no mistake of form."""
    if type(count) is not int or not 0 <= count <= WRITTEN.nodes:
        raise RuleError("at least how many rules is a whole number from 0 up", path=path, hint="Write 2")


def check_pick(pick: int | None, path: str = "") -> None:
    """Raises RuleError for a row that cannot be meant."""
    if pick is not None and (type(pick) is not int or pick == 0 or abs(pick) > 1_000_000):
        raise RuleError("rows count from 1, or from -1 for the last", path=path, hint="Write 1 for the first row")


def check_window(window: AnniversaryWindow, path: str = "") -> None:
    """Raises RuleError for a day that no year has and for a window that ends before it begins."""
    match window:
        case MonthDays(first, last):
            for month_day in (first, last):
                _check_day(month_day, path)
        case NearDays(first, last) | NearMonths(first, last):
            unit = "days" if isinstance(window, NearDays) else "months"
            if not all(type(each) is int and abs(each) <= FARTHEST[unit] for each in (first, last)):
                hint = f"Give whole numbers from -{FARTHEST[unit]} to {FARTHEST[unit]}"
                raise RuleError(f"a window ends beyond {FARTHEST[unit]} {unit}", path=path, hint=hint)
            if first > last:
                raise RuleError("the window ends before it begins", path=path, hint=f"Write {last} to {first}")
        case _:
            assert_never(window)


def _check_day(month_day: tuple[int, int], path: str) -> None:
    try:
        month, day = month_day
        date(2000, month, day)  # a leap year, so that 29 February is a day
    except (TypeError, ValueError, OverflowError):
        raise RuleError("no year has that month and day", path=path, hint="Months have 28 to 31 days") from None


def _known(what: str, found: object, known: Iterable[object], path: str) -> None:
    if found not in known:
        raise UnknownName(what, str(found), map(str, known), path=path)


def _moving(span: object, path: str) -> None:
    if not isinstance(span, (Duration, Months)):
        raise WrongKind("only an exact span or months can move an instant", path=path, hint="Use days or months")


def _span(span: object, path: str) -> None:
    if not isinstance(span, (Duration, Months, LocalDays, LocalPeriod)):
        raise WrongKind(f"a {type(span).__name__} is not a span", path=path, hint="Use days, months or calendar days")

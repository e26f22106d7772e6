"""Python values as literals: what kind each is, made exact, and how to repair one that does not fit."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from retention.checks import exact_number, instant
from retention.errors import CurrencyMismatch, FactError, RuleError, WrongKind, with_article
from retention.money import Money
from retention.rules import nodes
from retention.schema import Kind
from retention.spans import Duration, LocalDays, LocalPeriod, Months, Span

_WORDS = {
    Kind.NUMBER: "a number",
    Kind.AMOUNT: "an amount of money",
    Kind.TEXT: "a text",
    Kind.FLAG: "a flag",
    Kind.INSTANT: "an instant",
    Kind.DATE: "a date",
    Kind.LABELS: "a set of labels",
}

_REPAIRS = {
    (Kind.NUMBER, Kind.TEXT): "Write the number without quotes",
    (Kind.NUMBER, Kind.FLAG): "True and False are not numbers here: write 1 or 0",
    (Kind.NUMBER, Kind.AMOUNT): "Compare money with a column of money: orders.total.sum()",
    (Kind.AMOUNT, Kind.NUMBER): "Say which money: won(500_000)",
    (Kind.AMOUNT, Kind.TEXT): 'Give money: won(500_000), or Money.parse("…") for a text',
    (Kind.TEXT, Kind.NUMBER): "Write it in quotes",
    (Kind.INSTANT, Kind.DATE): "Use .on(date) for a local date, or give an aware datetime",
    (Kind.INSTANT, Kind.TEXT): "Give an aware datetime: datetime(2026, 3, 1, tzinfo=ZoneInfo('Asia/Seoul'))",
    (Kind.DATE, Kind.INSTANT): "Give a date, not a datetime: date(2026, 3, 1)",
    (Kind.DATE, Kind.TEXT): "Give a date: date(2026, 3, 1)",
}

_OF_A_KIND = "Compare values of one kind"


def described(kind: Kind) -> str:
    """The kind in words, with its article."""
    return _WORDS[kind]


def mismatch(left: Kind, right: Kind) -> WrongKind:
    """The error for a comparison of two kinds that do not fit, with the repair."""
    problem = f"{_WORDS[left]} cannot be compared with {_WORDS[right]}"
    return WrongKind(problem, hint=_REPAIRS.get((left, right), _OF_A_KIND))


def constant(value: object) -> tuple[Kind, nodes.Literal]:
    """The kind and the literal of a Python value: numbers exact, instants in UTC.

    Raises WrongKind for what no rule can hold, NaiveInstant for a datetime without a zone, RuleError for NaN.
    """
    match value:
        case bool():  # before int: True is an int to Python
            return Kind.FLAG, nodes.Literal(value)
        case int() | Fraction() | float() | Decimal():
            return Kind.NUMBER, nodes.Literal(exact(value))
        case str():
            return Kind.TEXT, nodes.Literal(str(value))  # a StrEnum's member becomes the plain text that it is
        case Money():
            return Kind.AMOUNT, nodes.Literal(value)
        case datetime():  # before date: a datetime is a date to Python
            return Kind.INSTANT, nodes.Literal(instant(value, "an instant in a rule"))
        case date():
            return Kind.DATE, nodes.Literal(value)
        case _:
            raise _no_constant(value)


def exact(number: int | Fraction | float | Decimal) -> int | Fraction:
    """The number itself; a float means its shortest decimal: 0.1 is a tenth. Raises RuleError for NaN, infinity."""
    try:
        return exact_number(number, "a number in a rule")
    except FactError as refused:
        raise RuleError(refused.problem, hint=refused.hint) from None


def one_currency(*values: nodes.Value) -> None:
    """Raises CurrencyMismatch if the literals in these calculations are of two currencies."""
    seen: str | None = None
    for found in (money.currency for value in values for money in _money_in(value)):
        if seen is not None and found != seen:
            raise CurrencyMismatch("a rule", seen, found)
        seen = found


def a_span(value: object) -> Span:
    """The value if it is a span. Raises WrongKind with the repair otherwise."""
    if isinstance(value, (Duration, Months, LocalDays, LocalPeriod)):
        return value
    raise WrongKind(f"{with_article(value)} is not a span", hint="Write days(7), months(3), calendar_days(1)")


def a_moving_span(value: object) -> Duration | Months:
    """The value if it is an exact span or calendar months. Raises WrongKind with the repair otherwise."""
    span = a_span(value)
    if isinstance(span, (Duration, Months)):
        return span
    raise WrongKind("whole local days have no length that can be added", hint="Write days(7) or months(3)")


def _money_in(value: nodes.Value) -> Iterator[Money]:
    """The money of a constant or of operands; an aggregate's rows are its own affair."""
    match value:
        case nodes.Literal(Money() as money):
            yield money
        case nodes.Arithmetic(_, left, right):
            yield from _money_in(left)
            yield from _money_in(right)


def _no_constant(value: object) -> WrongKind:
    if value is None:
        return WrongKind("nothing is equal to None", hint="Ask .is_missing() or .is_present()")
    if isinstance(value, (Duration, Months, LocalDays, LocalPeriod, timedelta)):
        hint = "Write .within(days(7)), .older_than(days(7)), or move an instant: orders.at.last() + days(7)"
        return WrongKind("a span of time is not an instant", hint=hint)
    return WrongKind(f"{with_article(value)} cannot stand in a rule", hint=_OF_A_KIND)

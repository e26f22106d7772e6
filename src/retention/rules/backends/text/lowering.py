"""What the convenient forms mean in nodes. The parser builds these; the printer looks for them."""

from retention.errors import RuleError
from retention.rules.nodes import Ago, All, Column, Compare, Rule, Value
from retention.spans import Duration, Months, Span, is_whole_days

NOW = Ago(Duration(0))
AT = Column("at")


def within(value: Value, span: Span) -> tuple[Rule, ...]:
    """In the span up to now; of a row's ``at`` the second half goes without saying."""
    begun = Compare(">=" if is_whole_days(span) else ">", value, Ago(span))
    return (begun,) if value == AT else (begun, Compare("<=", value, NOW))


def older_than(value: Value, span: Span) -> Rule:
    """The span ago or longer; of whole local days: before the first of them."""
    return Compare("<" if is_whole_days(span) else "<=", value, Ago(span))


def between_spans(value: Value, recent: Span, old: Span) -> tuple[Rule, Rule]:
    """``recent`` ago or longer, and more recent than ``old`` ago."""
    return Compare(">=" if is_whole_days(old) else ">", value, Ago(old)), older_than(value, recent)


def in_order(recent: Span, old: Span) -> bool:
    """False of a window that would end before it begins whatever the calendar says."""
    match recent, old:
        case Duration(short), Duration(long):
            return short <= long
        case Months(short), Months(long):
            return short <= long
    return True


def check_order(recent: Span, old: Span) -> None:
    """Raises RuleError for a window that is always empty."""
    if not in_order(recent, old):
        raise RuleError("a window from longer ago than it ends is always empty", hint="Write between 1 day and 7 days")


def conjunction(before: Rule | None, more: tuple[Rule, ...]) -> Rule:
    """A ``where`` with more conditions, in one flat node."""
    if before is None:
        return more[0] if len(more) == 1 else All(more)
    return All((*(before.rules if isinstance(before, All) else (before,)), *more))

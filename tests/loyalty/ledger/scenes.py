"""Random events in the life of an account, small enough to be counted unit by unit."""

from datetime import UTC, datetime, time, timedelta
from fractions import Fraction
from typing import Final

from hypothesis import strategies as st

from retention.loyalty.ledger.entries import Quota, Validity
from retention.loyalty.ledger.head import Account
from retention.loyalty.ledger.terms import ByLines, Fixed, Line, Refunded, Terms
from retention.money import Rounding
from retention.testing.choices import Choices

BEGIN: Final = datetime(2026, 1, 30, 9, tzinfo=UTC)
DAY: Final = timedelta(days=1)
HOUR: Final = timedelta(hours=1)
TICK: Final = timedelta(microseconds=1)

ANN, BOB, CHO = ACCOUNTS = tuple(Account("mileage", name) for name in ("ann", "bob", "cho"))
ROUNDINGS: Final[tuple[Rounding, ...]] = ("floor", "ceil", "half_up", "half_even")
SHARES: Final = tuple(map(Fraction, ("1", "1/4", "1/3", "1/2", "2/3")))
_RATES: Final = tuple(map(Fraction, ("1/100", "0", "3/200", "1/30")))


def midnight(instant: datetime, days: int = 0) -> datetime:
    """The first instant of the day that is so many days after an instant's."""
    return datetime.combine(instant.date() + days * DAY, time(), UTC)


def pause(choose: Choices, now: datetime) -> datetime:
    """A later instant, or the same; often one at which something is due."""
    then = now + choose.one_of(0, 0, 0, 0, 1, 15, 24, 48, 72, 45 * 24) * HOUR + choose.one_of(0, 0, 1) * TICK
    return midnight(then, 1) if then > now and choose.flag() else then


def late(choose: Choices, now: datetime) -> datetime | None:
    """When an event happened that is told now; None if that is not said."""
    ago = choose.one_of(None, None, None, 0, 5, 2 * 24, 400 * 24)
    return None if ago is None else now - ago * HOUR


def by_lines(choose: Choices) -> ByLines:
    lines = tuple(Line(name, choose.below(600), choose.among(_RATES)) for name in ("tea", "pot"))
    return ByLines(
        lines=lines,
        payable=sum(line.amount for line in lines) + choose.one_of(0, 0, 30),
        rounding=choose.among(ROUNDINGS),
        cap=choose.one_of(None, None, 3, 7),
    )


def fixed(choose: Choices) -> Fixed:
    return Fixed(units=choose.below(10), payable=choose.one_of(300, 0), minimum=choose.one_of(0, 200))


def terms(choose: Choices) -> Terms:
    return by_lines(choose) if choose.below(3) else fixed(choose)


def refunded(choose: Choices) -> Refunded:
    """Mostly of lines that there are, and mostly not more than the order; of a line also more than it came to."""
    lines = choose.subset(("tea", "pot")) if choose.below(12) else frozenset({"cup"})
    some = {name: choose.below(150) for name in sorted(lines)}
    return Refunded(choose.one_of(0, 0, 1, 50, 120, 300), some, choose.one_of(0, 0, 0, 20, 40))


def validity(choose: Choices, now: datetime) -> Validity:
    """At once, from some day to come, or of an event that is told late; in few enough lots that they are shared."""
    begun = choose.one_of(None, None, None, None, 0, 0, 1, 2, 2, 7, -2, -50)
    start = now - choose.one_of(0, 0, 3) * HOUR if begun is None else midnight(now, begun)
    ends = choose.one_of(None, 1, 3, 3, 10, 30)
    return Validity(start.date(), start, None if ends is None else midnight(start, ends))


def quotas(choose: Choices, now: datetime) -> tuple[Quota, ...]:
    """A limit for ever, one for the day under a name that comes again, one of a day that is over."""
    found = (
        Quota("ever", 10 + choose.below(30)),
        Quota("daily", choose.below(10), midnight(now, 1)),
        Quota("over", choose.below(10), midnight(now)),
    )
    return found[: choose.one_of(0, 0, 0, 1, 2, 3)]


all_terms: st.SearchStrategy[Terms] = st.composite(lambda draw: terms(Choices.drawn(draw)))()
lives: st.SearchStrategy[int] = st.integers(0, 2**32)

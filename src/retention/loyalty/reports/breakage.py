"""Breakage: what is issued and never used, by month of issue."""

from datetime import date
from fractions import Fraction
from math import floor
from typing import final

from attrs import frozen

from retention.loyalty.reports.history import written
from retention.loyalty.reports.liability import IssueMonth, Liability
from retention.loyalty.reports.table import table


@final
@frozen(kw_only=True)
class BrokenMonth:
    """What expired of what was issued in a month; ``expected`` is how much more is thought to expire."""

    month: date
    issued: int
    expired: int
    outstanding: int
    expected: int = 0

    @property
    def rate(self) -> Fraction:
        """The part that has expired; 0 of a month in which nothing was issued."""
        return Fraction(self.expired, self.issued) if self.issued > 0 else Fraction(0)


@final
@frozen
class Breakage:
    """Months of issue, the oldest first. ``rate`` is what expired of the months of which nothing is outstanding, on
    which ``expected`` rests; None while there is no such month."""

    unit: str
    months: tuple[BrokenMonth, ...]
    rate: Fraction | None

    @property
    def expected(self) -> int:
        return sum(each.expected for each in self.months)

    def __str__(self) -> str:
        heads = ["issued in", "issued", "expired", "rate", "outstanding", "expected to expire"]
        rows = [
            [
                f"{each.month:%Y-%m}",
                written(each.issued, self.unit),
                written(each.expired, self.unit),
                f"{float(each.rate):.1%}",
                written(each.outstanding, self.unit),
                written(each.expected, self.unit),
            ]
            for each in self.months
        ]
        return table([heads, *rows])


def breakage(liability: Liability) -> Breakage:
    """What expired by month of issue, and a plain estimate of what will: that of each open month as large a part will
    expire in the end as did of the months that are over, rounded down and at most what is outstanding."""
    months = [each for each in liability.months if each.month is not None and each.issued > 0]
    over = [each for each in months if not each.outstanding]
    rate = Fraction(sum(each.expired for each in over), sum(each.issued for each in over)) if over else None
    return Breakage(liability.unit, tuple(_broken(each, rate) for each in months), rate)


def _broken(month: IssueMonth, rate: Fraction | None) -> BrokenMonth:
    assert month.month is not None
    more = 0 if rate is None else floor(rate * month.issued) - month.expired
    return BrokenMonth(
        month=month.month,
        issued=month.issued,
        expired=month.expired,
        outstanding=month.outstanding,
        expected=max(0, min(more, month.outstanding)),
    )

"""The liability: what the shop owes its customers in units of a programme, by the month in which it was issued."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Final, final

from attrs import field, frozen

from retention.loyalty.ledger.entries import Bucket, Entry
from retention.loyalty.reports.history import Histories, written
from retention.loyalty.reports.table import table

_USES: Final = "uses"  # the unit in which coupons are counted


def _totals(given: Mapping[Bucket, int]) -> Mapping[Bucket, int]:
    return MappingProxyType({bucket: given.get(bucket, 0) for bucket in Bucket})


@final
@frozen(kw_only=True)
class IssueMonth:
    """What became of all that was issued in one month; the buckets sum to 0.

    ``month`` is its first day: the local month of the day on which the lots become available, which is when they can
    first be used. None is for what belongs to no lot: debts, and sums that came over in a merge.
    """

    month: date | None
    buckets: Mapping[Bucket, int] = field(converter=_totals)

    @property
    def issued(self) -> int:
        """Issued, net of what an order no longer earned and of what was revoked."""
        return -self.buckets[Bucket.ISSUED] - self.buckets[Bucket.FORGIVEN] - self.buckets[Bucket.REVOKED]

    @property
    def spent(self) -> int:
        return self.buckets[Bucket.SPENT]

    @property
    def expired(self) -> int:
        return self.buckets[Bucket.EXPIRED]

    @property
    def debts(self) -> int:
        """What went to pay debts, less debts that arose; of all months together what customers owe, below 0."""
        return self.buckets[Bucket.DEBT]

    @property
    def outstanding(self) -> int:
        """What can still be used: pending, available and held."""
        return self.buckets[Bucket.PENDING] + self.buckets[Bucket.AVAILABLE] + self.buckets[Bucket.HELD]


@final
@frozen
class Liability:
    """What is outstanding in one unit, by month of issue, the oldest first and what belongs to no month last."""

    unit: str
    months: tuple[IssueMonth, ...]

    @property
    def whole(self) -> IssueMonth:
        """All months together."""
        return IssueMonth(
            month=None, buckets={bucket: sum(each.buckets[bucket] for each in self.months) for bucket in Bucket}
        )

    @property
    def outstanding(self) -> int:
        """What can still be used, of all months."""
        return self.whole.outstanding

    @property
    def owed(self) -> int:
        """What customers owe: a claim against them, 0 or more."""
        return -self.whole.debts

    def differences(self, totals: Mapping[Bucket, int]) -> dict[Bucket, int]:
        """Where these totals of the store are not those of the entries, and by how much; empty if all agree.

        Settle first (``Ledger.settle_due``), so that the store has what time alone has done.
        """
        mine = self.whole.buckets
        return {bucket: left for bucket in Bucket if (left := totals.get(bucket, 0) - mine[bucket])}

    def __str__(self) -> str:
        heads = [
            "issued in",
            "issued",
            "used",
            "expired",
            "moved",
            "pending",
            "available",
            "held",
            "debts",
            "outstanding",
        ]
        rows = [self._row(_name(each.month), each) for each in self.months]
        return table([heads, *rows, self._row("all", self.whole)])

    def _row(self, name: str, month: IssueMonth) -> list[str]:
        """Issued = used + expired + moved + debts + outstanding, in every row."""
        of = month.buckets
        numbers = (
            month.issued,
            month.spent,
            month.expired,
            of[Bucket.MERGED],
            of[Bucket.PENDING],
            of[Bucket.AVAILABLE],
            of[Bucket.HELD],
            month.debts,
            month.outstanding,
        )
        return [name, *(written(number, self.unit) if number else "" for number in numbers)]


def liability(histories: Histories) -> tuple[Liability, ...]:
    """What is outstanding of these accounts, one report for each unit. Costs O(entries), memory O(months).

    Uses of coupons are left out: what is left of a limit was issued in no month, and is owed to nobody. Every entry is
    balanced and counts in one month, so that every month sums to 0, and all months together are the store's totals.
    """
    found: dict[str, dict[date | None, dict[Bucket, int]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(int)))
    for account, entries in histories:
        if account.unit == _USES:
            continue
        months = found[account.unit]
        for entry in entries:
            buckets = months[_month(entry)]
            buckets[entry.source] -= entry.amount
            buckets[entry.target] += entry.amount
    return tuple(Liability(unit, _in_order(months)) for unit, months in sorted(found.items()))


def _month(entry: Entry) -> date | None:
    return None if entry.lot is None else entry.lot.day.replace(day=1)


def _in_order(months: Mapping[date | None, Mapping[Bucket, int]]) -> tuple[IssueMonth, ...]:
    ordered = sorted(months, key=lambda month: (month is None, month or date.min))
    return tuple(IssueMonth(month=month, buckets=months[month]) for month in ordered)


def _name(month: date | None) -> str:
    return "no month" if month is None else f"{month:%Y-%m}"

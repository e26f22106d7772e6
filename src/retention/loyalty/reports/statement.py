"""The statement: what happened to an account between two days, for the customer to read."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta, tzinfo
from itertools import groupby
from types import MappingProxyType
from typing import Final, final

from attrs import frozen

from retention.errors import FactError
from retention.loyalty.ledger.entries import Bucket, Entry, EntryKind
from retention.loyalty.ledger.head import Account
from retention.loyalty.reports.history import HAD, change, known_at, written
from retention.loyalty.reports.table import table
from retention.spans import midnight

_PENDING: Final = frozenset({Bucket.PENDING})

ENGLISH: Final[Mapping[str, str]] = MappingProxyType(
    {
        "earn": "earned",
        "activate": "available now",
        "expire": "expired",
        "redeem": "used",
        "hold": "reserved",
        "capture": "used",
        "void": "released",
        "time-out": "released",
        "claw-back": "taken back",
        "repay": "owed, repaid",
        "return": "given back",
        "adjust": "corrected",
        "revoke": "revoked",
        "transfer": "moved",
        "merge": "accounts merged",
        "date": "date",
        "event": "event",
        "order": "order",
        "amount": "amount",
        "pending": "pending",
        "balance": "balance",
        "opening": "balance before",
        "closing": "balance after",
        "late": "late",
    }
)
"""The words of a statement's text; give a mapping of the same keys for another language."""


@final
@frozen(kw_only=True)
class StatementLine:
    """One thing that happened: what it added to the ``amount`` that the customer has, and to what is ``pending``.

    ``balance`` is what the customer had after it. ``late`` says that it belongs to a time before the statement's and
    became known only now.
    """

    at: datetime
    kind: EntryKind
    amount: int
    pending: int
    balance: int
    order: str | None = None
    reason: str | None = None
    late: bool = False


@final
@frozen(kw_only=True)
class Statement:
    """An account from the local day ``first`` through the local day ``last``.

    The balance is what the customer has, held for an order or not, less what is owed. ``closing`` is the ``opening`` of
    the next statement, and stays so.
    """

    account: Account
    first: date
    last: date
    zone: tzinfo
    opening: int
    closing: int
    opening_pending: int
    closing_pending: int
    lines: tuple[StatementLine, ...]

    def text(self, words: Mapping[str, str] = ENGLISH) -> str:
        """The statement for people to read, in these words."""
        heads = [words[name] for name in ("date", "event", "order", "amount", "pending", "balance")]
        ends = [
            [f"{day:%Y-%m-%d}", words[name], "", "", *self._both(pending, balance)]
            for day, name, pending, balance in (
                (self.first, "opening", self.opening_pending, self.opening),
                (self.last, "closing", self.closing_pending, self.closing),
            )
        ]
        return table([heads, ends[0], *(self._row(line, words) for line in self.lines), ends[1]], left=3)

    def __str__(self) -> str:
        return self.text()

    def _row(self, line: StatementLine, words: Mapping[str, str]) -> list[str]:
        what = words[line.kind.value] + (f" ({words['late']})" if line.late else "")
        unit = self.account.unit
        return [
            f"{line.at.astimezone(self.zone):%Y-%m-%d}",
            what,
            line.order or line.reason or "",
            _signed(line.amount, unit),
            _signed(line.pending, unit),
            written(line.balance, unit),
        ]

    def _both(self, pending: int, balance: int) -> list[str]:
        return [written(pending, self.account.unit) if pending else "", written(balance, self.account.unit)]


def statement(account: Account, entries: Iterable[Entry], first: date, last: date, *, zone: tzinfo) -> Statement:
    """What became known of the account from the local day ``first`` through ``last``, by the dates of what happened.

    An event that is told late, after its day's statement, is added to the statement of the day on which it was told,
    under the date on which it happened. So statements follow on each other without a gap, and none is ever rewritten.

    ``entries`` are all of the account (``history``). Raises FactError for a last day before the first. Costs
    O(n log n).
    """
    if last < first:
        raise FactError("statement.last", "is before the first day", got=last, hint="Give first and last, both inside")
    start, end = midnight(first, zone), midnight(last + timedelta(days=1), zone)
    before, within = [], []
    for entry in entries:
        known = known_at(entry)
        if known < start:
            before.append(entry)
        elif known < end:
            within.append(entry)
    opening = sum(change(entry, HAD) for entry in before)
    opening_pending = sum(change(entry, _PENDING) for entry in before)
    lines = _lines(within, opening, start)
    return Statement(
        account=account,
        first=first,
        last=last,
        zone=zone,
        opening=opening,
        closing=opening + sum(line.amount for line in lines),
        opening_pending=opening_pending,
        closing_pending=opening_pending + sum(line.pending for line in lines),
        lines=lines,
    )


def _lines(entries: Sequence[Entry], balance: int, start: datetime) -> tuple[StatementLine, ...]:
    lines = []
    for _, together in groupby(sorted(entries, key=lambda each: (each.effective_at, each.seq)), key=_event):
        several = list(together)
        amount = sum(change(entry, HAD) for entry in several)
        pending = sum(change(entry, _PENDING) for entry in several)
        if not amount and not pending:
            continue  # held, released, or taken from what had expired: nothing that the customer had
        balance += amount
        lines.append(_line(several[0], amount, pending, balance, late=several[0].effective_at < start))
    return tuple(lines)


def _event(entry: Entry) -> tuple[datetime, str]:
    """Entries of one command are one event; so is all that time alone does at one instant and of one kind."""
    return entry.effective_at, entry.kind.value if entry.key is None else f"key {entry.key}"


def _line(entry: Entry, amount: int, pending: int, balance: int, *, late: bool) -> StatementLine:
    return StatementLine(
        at=entry.effective_at,
        kind=entry.kind,
        amount=amount,
        pending=pending,
        balance=balance,
        order=entry.order,
        reason=entry.reason,
        late=late,
    )


def _signed(amount: int, unit: str) -> str:
    return "" if not amount else written(amount, unit) if amount < 0 else f"+{written(amount, unit)}"

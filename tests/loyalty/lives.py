"""Lives of an account, told at random: commands at instants that only go on, on a ledger in memory."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any, TypeAlias, final

from attrs import evolve, frozen
from hypothesis import strategies as st

from retention.loyalty.errors import LedgerError
from retention.loyalty.ledger.commands import (
    Adjust,
    Capture,
    Command,
    Earn,
    Expire,
    Place,
    Redeem,
    Refund,
    Return,
    Revoke,
    Void,
)
from retention.loyalty.ledger.entries import Entry, Validity
from retention.loyalty.ledger.head import Account, Head
from retention.loyalty.ledger.ledger import Ledger
from retention.loyalty.ledger.terms import Fixed, Refunded
from retention.loyalty.reports import history
from retention.storage.memory import MemoryLedgerStore

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
ANNA = Account("mileage", "anna")

Step: TypeAlias = tuple[timedelta, Callable[[int, datetime], Command]]


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def validity(now: datetime, pending: int, lasting: int | None) -> Validity:
    """Available at the beginning of a later day (0: now), for so many whole days."""
    day = now.date() + pending * DAY
    return Validity(
        day, midnight(day) if pending else now, None if lasting is None else midnight(day) + (lasting + 1) * DAY
    )


@final
@frozen
class Life:
    """What became of an account, and how it was after each step."""

    ledger: Ledger
    account: Account
    now: datetime
    heads: Sequence[tuple[datetime, Head]]

    def entries(self, now: datetime | None = None) -> list[Entry]:
        return list(history(self.ledger, self.account, now=now or self.now))


def live(steps: Sequence[Step], account: Account = ANNA, ledger: Ledger | None = None) -> Life:
    """Carry the steps out; what is refused changes nothing."""
    ledger = ledger or Ledger(store=MemoryLedgerStore())
    now, heads = BEGIN, []
    for number, (later, command) in enumerate(steps):
        now += later
        with suppress(LedgerError):
            ledger.run(account, evolve(command(number, now), key=f"{account.id}-{number}"), now=now)
        heads.append((now, ledger.head(account, now=now)))
    return Life(ledger, account, now, heads)


def _steps() -> st.SearchStrategy[Step]:
    amount, order = st.integers(1, 60), st.sampled_from(("a", "b", "c", "d"))
    lasting = st.none() | st.integers(1, 40)
    said: dict[str, Any] = {"key": "given later", "reason": "because", "actor": "staff"}

    def earn(order: str, amount: int, pending: int, lasting: int | None) -> Callable[[int, datetime], Command]:
        return lambda number, now: Earn(
            key="given later",
            rule=f"rule {number % 3}",
            order=order,
            terms=Fixed(units=amount, payable=100),
            validity=validity(now, pending, lasting),
        )

    def adjust(amount: int, lasting: int | None) -> Callable[[int, datetime], Command]:
        return lambda _, now: Adjust(**said, amount=amount, validity=validity(now, 0, lasting) if amount > 0 else None)

    def place(hold: str, order: str, amount: int, hours: int) -> Callable[[int, datetime], Command]:
        return lambda _, now: Place(
            key="given later", hold=hold, order=order, amount=amount, until=now + timedelta(hours=hours)
        )

    def plain(command: Callable[..., Command], **fields: Any) -> st.SearchStrategy[Callable[[int, datetime], Command]]:
        built = st.builds(command, **{name: _given(each) for name, each in fields.items()}, key=st.just("given later"))
        return built.map(lambda made: lambda _, __: made)

    hold = st.sampled_from(("h1", "h2", "h3", "h4"))
    because = {"reason": "because", "actor": "staff"}
    told = st.one_of(
        st.builds(earn, order, amount, st.integers(0, 9), lasting),
        st.builds(earn, order, amount, st.integers(0, 9), lasting),
        st.builds(adjust, st.integers(-20, 40).filter(bool), lasting),
        st.builds(place, hold, order, amount, st.integers(1, 200)),
        plain(Redeem, amount=amount, order=order),
        plain(Capture, hold=hold, amount=st.none() | st.integers(1, 20)),
        plain(Void, hold=hold),
        plain(
            Refund,
            order=order,
            refunded=st.builds(Refunded, st.integers(1, 100)),
            uncovered=st.sampled_from(("debt", "debt", "forgive", "charge")),
        ),
        plain(Return, order=order, share=st.sampled_from((Fraction(1, 3), Fraction(1, 2), Fraction(1)))),
        plain(Expire, amount=amount, **because),
        plain(Revoke, amount=amount, **because),
    )
    later = st.sampled_from((0, 1, 5, 24, 24 * 3, 24 * 20)).map(lambda hours: timedelta(hours=hours))
    return st.tuples(later, told)


def _given(value: Any) -> st.SearchStrategy[Any]:
    return value if isinstance(value, st.SearchStrategy) else st.just(value)


def all_steps(max_size: int = 25) -> st.SearchStrategy[list[Step]]:
    return st.lists(_steps(), max_size=max_size)


def lives() -> st.SearchStrategy[Life]:
    return all_steps().map(live)

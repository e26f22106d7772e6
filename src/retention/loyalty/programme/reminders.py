"""What expires soon, and when to say so: pure, from an account's head."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, tzinfo
from typing import TYPE_CHECKING, Any, final

from attrs import field, frozen

from retention.checks import instant
from retention.loyalty import given
from retention.loyalty.errors import PolicyError
from retention.loyalty.keys import joined
from retention.loyalty.ledger.entries import Lot
from retention.loyalty.ledger.head import Account, Head
from retention.loyalty.ledger.settle import settled
from retention.spans import Duration, MovingSpan, local, resolve, shift


@final
@frozen
class Expiring:
    """All of an account that expires at one instant; ``last_day`` is the last local day on which it can be spent."""

    amount: int
    expires_at: datetime
    last_day: date
    lots: tuple[str, ...]


@final
@frozen
class Reminder:
    """To be sent at ``at``, once per ``key``."""

    at: datetime
    account: Account
    expiring: Expiring
    days_before: int
    key: str


if TYPE_CHECKING:  # what may be given; the checks below do the work

    def _given_days(value: Iterable[int]) -> tuple[int, ...]: ...

else:
    _given_days = None


def _days(self: Any, attribute: Any, value: Any) -> None:
    hint = "Give days from 0 up: (30, 7, 1)"
    given.instances(self, attribute, value, (int,), hint)
    if not self.days_before or any(type(each) is not int or not 0 <= each <= 3660 for each in self.days_before):
        raise PolicyError("Reminders.days_before", "are not days", got=value, hint=hint)


def _a_time(self: Any, attribute: Any, value: Any) -> None:
    if not isinstance(value, time) or value.tzinfo is not None:
        raise PolicyError("Reminders.at", "is not a local time of day", got=value, hint="Give time(10)")


@final
@frozen(kw_only=True)
class Reminders:
    """When customers are told that points expire: so many days before the last day, at a local time of day.

    Raises PolicyError.
    """

    days_before: tuple[int, ...] = field(default=(30, 7), converter=_given_days, validator=_days)
    at: time = field(default=time(10), validator=_a_time)
    zone: tzinfo = field(validator=given.zone)

    def of(self, head: Head) -> tuple[Reminder, ...]:
        """Every reminder of what the account has now, earliest first.

        The key stays the same while the account goes on earning and spending, so each is sent once.
        """
        found = [
            self._reminder(head.account, each, days)
            for each in _together(head.open, self.zone)
            for days in sorted(set(self.days_before), reverse=True)
        ]
        return tuple(sorted(found, key=lambda each: (each.at, each.expiring.expires_at)))

    def due(self, head: Head, *, since: datetime, until: datetime) -> tuple[Reminder, ...]:
        """Those to be sent in ``(since, until]``, of what the account still has at ``until``."""
        start, end = instant(since, "since"), instant(until, "until")
        alive = [each for each in self.of(settled(head, end)) if each.expiring.expires_at > end]
        return tuple(each for each in alive if start < each.at <= end)

    def _reminder(self, account: Account, expiring: Expiring, days: int) -> Reminder:
        day = date.fromordinal(max(1, expiring.last_day.toordinal() - days))
        at = resolve(datetime.combine(day, self.at), self.zone)
        key = joined(account.programme, account.id, "expires", f"{expiring.expires_at:%Y-%m-%dT%H:%M:%SZ}", f"{days}")
        return Reminder(at, account, expiring, days, key)


def expiring_within(head: Head, span: MovingSpan, *, now: datetime) -> tuple[Expiring, ...]:
    """What of the available units expires in ``(now, now + span]`` if it is not spent, soonest first; months and days
    are those of the zone of ``now``."""
    start, zone = instant(now, "now"), now.tzinfo or UTC
    end = shift(start, span, 1, zone)
    soon = [lot for lot in settled(head, start).open if _expires_in(lot, start, end)]
    return _together(soon, zone)


def _expires_in(lot: Lot, start: datetime, end: datetime) -> bool:
    at = lot.validity.expires_at
    return at is not None and start < at <= end


def _together(lots: Iterable[Lot], zone: tzinfo) -> tuple[Expiring, ...]:
    """Lots by the instant at which they expire, soonest first; those that never do are left out."""
    by_end: dict[datetime, list[Lot]] = {}
    for lot in lots:
        if lot.validity.expires_at is not None:
            by_end.setdefault(lot.validity.expires_at, []).append(lot)
    return tuple(_expiring(at, by_end[at], zone) for at in sorted(by_end))


def _expiring(at: datetime, lots: Sequence[Lot], zone: tzinfo) -> Expiring:
    last = local(shift(at, Duration(1), -1, zone), zone).date()
    return Expiring(sum(lot.amount for lot in lots), at, last, tuple(lot.id for lot in lots))

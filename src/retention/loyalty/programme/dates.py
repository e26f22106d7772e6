"""When things count, become available and expire: local days of a zone, whatever its clocks do."""

from calendar import monthrange
from datetime import date, datetime, tzinfo
from typing import Any, Final, Literal, TypeAlias, assert_never, final, get_args

from attrs import field, frozen
from dateutil.relativedelta import relativedelta

from retention.loyalty import given
from retention.loyalty.errors import PolicyError
from retention.loyalty.ledger.entries import Validity
from retention.order import Order
from retention.spans import local, midnight

OrderEvent: TypeAlias = Literal["placed", "paid", "delivered", "confirmed"]
"""What happens to an order; ``confirmed`` is the customer's confirmation that it was delivered."""

_LAST_DAY: Final = date.max.toordinal()


def happened_at(order: Order, event: OrderEvent) -> datetime | None:
    """When it happened to the order; None if it has not."""
    match event:
        case "placed":
            return order.at
        case "paid":
            return order.paid_at
        case "delivered":
            return order.delivered_at
        case "confirmed":
            return order.confirmed_at
        case _:
            assert_never(event)


def days_after(day: date, count: int) -> date:
    """The local date ``count`` days later; the last one that there is, if that would leave the calendar."""
    return date.fromordinal(min(day.toordinal() + count, _LAST_DAY))


def months_after(day: date, count: int) -> date:
    """The same day ``count`` months later, clamped to the month's end: a month after 31 January is 28 February."""
    try:
        return day + relativedelta(months=count)
    except (OverflowError, ValueError):  # relativedelta says ValueError when it leaves the years 1 to 9999
        return date.max


def month_end(day: date) -> date:
    """The last day of its month."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def _an_event(self: Any, attribute: Any, value: Any) -> None:
    given.one_of(self, attribute, value, "event of an order", get_args(OrderEvent))


@final
@frozen(kw_only=True)
class Pending:
    """How long what was earned waits: until the first instant of the local day ``days`` days after ``event`` happened
    to the order. 0 is at once."""

    days: int = field(default=0, validator=given.days)
    event: OrderEvent = field(default="paid", validator=_an_event)

    def __str__(self) -> str:
        return f"{self.days} days after the order is {self.event}" if self.days else f"once the order is {self.event}"


@final
@frozen(kw_only=True)
class Expiry:
    """How long what is available can be spent: through the local day ``days`` days, or ``months`` months (clamped to
    the month's end), after the day on which it became available; with ``month_end`` through the end of that month.

    ``Expiry()`` is for ever.
    """

    days: int | None = field(default=None, validator=given.days)
    months: int | None = field(default=None, validator=given.days)
    month_end: bool = False

    def __attrs_post_init__(self) -> None:
        if self.days is not None and self.months is not None:
            raise PolicyError("Expiry.days", "comes with months", got=self.days, hint="Give one of them")

    def last_day(self, available: date) -> date | None:
        """The last local day on which it can be spent; None if it never expires."""
        if self.days is None and self.months is None and not self.month_end:
            return None
        later = days_after(available, self.days or 0) if self.months is None else months_after(available, self.months)
        return month_end(later) if self.month_end else later


NEVER: Final = Expiry()


def validity(event_at: datetime, days: int, expiry: Expiry, zone: tzinfo) -> Validity:
    """The lot of what was earned at an instant: pending for ``days``, then available until it expires."""
    day = local(event_at, zone).date()
    available_at = event_at if days == 0 else midnight(days_after(day, days), zone)
    day = local(available_at, zone).date()  # not the day asked for, where a zone has left that day out
    last = expiry.last_day(day)
    expires_at = None if last is None or last == date.max else midnight(days_after(last, 1), zone)
    return Validity(day, available_at, expires_at)


@final
@frozen
class During:
    """A campaign's local days, ``first`` and ``last`` both inside; None is without end."""

    first: date | None = None
    last: date | None = None

    def __attrs_post_init__(self) -> None:
        for each in (self.first, self.last):
            if each is not None and (not isinstance(each, date) or isinstance(each, datetime)):
                raise PolicyError("During", "is not a date", got=each, hint="Give date(2026, 11, 1)")
        if self.first is not None and self.last is not None and self.last < self.first:
            raise PolicyError("During.last", "is before the first day", got=self.last, hint="Exchange the two")

    @classmethod
    def month(cls, year: int, month: int) -> "During":
        """A calendar month."""
        first = date(year, month, 1)
        return cls(first, month_end(first))

    def covers(self, at: datetime, zone: tzinfo) -> bool:
        """Whether an instant lies in it, on the calendar of a zone."""
        day = local(at, zone).date()
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)

    def __str__(self) -> str:
        return f"{self.first or '…'} to {self.last or '…'}"


def birthday_in(year: int, birthday: date) -> date:
    """When a birthday is kept: 29 February on the 28th of common years."""
    last = monthrange(year, birthday.month)[1]
    return date(year, birthday.month, min(birthday.day, last))

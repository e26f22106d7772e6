"""What the campaigns of the library are made of."""

from collections.abc import Iterable
from datetime import time
from typing import Final

from retention.campaigns.steps import GiveCoupon, Send, Step, WaitUntil
from retention.permission.media import MessageKind
from retention.rules import Consents, Orders, Rule
from retention.spans import Duration, Months, days, hours, months

EMAIL: Final = ("email",)
MARKETING: Final = MessageKind.MARKETING
WORKDAYS: Final = frozenset(range(5))
A_DAY: Final = days(1)
HALF_A_DAY: Final = hours(12)
AN_HOUR: Final = hours(1)
TWO_YEARS: Final = months(24)


def morning(id: str = "morning", *, at: time = time(10), workdays: bool = False) -> WaitUntil:
    """The next ten o'clock of the customer's, on any day or on Monday to Friday."""
    return WaitUntil(id, at=at, weekdays=WORKDAYS) if workdays else WaitUntil(id, at=at)


def send(template: str, channels: Iterable[str], *, expires: Duration = A_DAY) -> Send:
    """A message whose step is called as its template."""
    return Send(template, template=template, channels=tuple(channels), expires=expires)


def came_again(rows: Orders | Consents) -> Rule:
    """A later one than the first. Two at one instant are one: whoever splits an order has not ordered again."""
    return rows.at.last().after(rows.at.first())


def gift(coupon: str | None, valid_for: Duration | Months | None) -> tuple[Step, ...]:
    """A coupon, if there is one to give."""
    return () if coupon is None else (GiveCoupon("coupon", coupon=coupon, valid_for=valid_for),)

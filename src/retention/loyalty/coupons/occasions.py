"""When coupons are issued: what happened, or a day that comes, and for what each is issued once."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta, tzinfo
from typing import Literal, TypeAlias, assert_never, cast, final, get_args

from attrs import field, frozen

from retention.activity import ConsentEvent, Review
from retention.loyalty import given
from retention.loyalty.programme.dates import OrderEvent, birthday_in, days_after, happened_at
from retention.loyalty.programme.occasions import Birthday, Consented, Reviewed, SignUp
from retention.money import Money
from retention.order import Order
from retention.profile import Profile
from retention.spans import local, midnight


def _an_event(self: object, attribute: object, value: object) -> None:
    given.one_of(self, attribute, value, "event of an order", get_args(OrderEvent))


@final
@frozen(kw_only=True)
class FirstPurchase:
    """The first order to which ``event`` happened."""

    event: OrderEvent = field(default="paid", validator=_an_event)


@final
@frozen
class Comeback:
    """``days`` local days after ``event`` happened to an order that came to ``spend`` or more, less what was refunded
    of it by then. Once for each order; whether the customer has been back since is for the offer's ``when``."""

    days: int = field(validator=given.days)
    event: OrderEvent = field(default="paid", kw_only=True, validator=_an_event)
    spend: Money | None = field(default=None, kw_only=True, validator=given.amount)


Month: TypeAlias = Literal["before", "this"]


def _a_month(self: object, attribute: object, value: object) -> None:
    given.one_of(self, attribute, value, "month", get_args(Month))


@final
@frozen
class BirthdayMonth:
    """The first day of ``this`` month, that of the birthday, or of the one ``before``, or ``lead`` days earlier."""

    month: Month = field(default="this", validator=_a_month)
    lead: int = field(default=0, kw_only=True, validator=given.days)


IssuedOn: TypeAlias = SignUp | Consented | Reviewed | FirstPurchase | Comeback | Birthday | BirthdayMonth
"""``Birthday(lead=7)`` issues a week before the day itself; one of 29 February is on the 28th in common years."""

Moment: TypeAlias = tuple[datetime, tuple[str, ...]]
"""When a coupon is issued, and what for, once."""


def moments(on: IssuedOn, profile: Profile, since: datetime, until: datetime, zone: tzinfo) -> Iterator[Moment]:
    """Those of a customer, by what is known at ``until``; all that lie in ``(since, until]``, and maybe others."""
    match on:
        case SignUp():
            joined_at = profile.customer.joined_at
            if joined_at is not None:
                yield joined_at, ("sign-up",)
        case Consented():
            yield from _consents(on, profile)
        case Reviewed():
            yield from _reviews(on, profile)
        case FirstPurchase():
            instants = [at for order in _orders(profile) if (at := happened_at(order, on.event)) is not None]
            if instants:
                yield min(instants), ("first-purchase",)
        case Comeback():
            yield from _comebacks(on, profile, zone)
        case Birthday() | BirthdayMonth():
            yield from _birthdays(on, profile.customer.birthday, since, until, zone)
        case _:
            assert_never(on)


def _orders(profile: Profile) -> tuple[Order, ...]:
    return cast(tuple[Order, ...], profile.rows("orders"))


def _consents(on: Consented, profile: Profile) -> Iterator[Moment]:
    for each in cast(tuple[ConsentEvent, ...], profile.rows("consents")):
        if each.given and (each.channel, each.purpose) == (on.channel, on.purpose):
            yield each.at, ("consent", each.channel, each.purpose)


def _reviews(on: Reviewed, profile: Profile) -> Iterator[Moment]:
    for each in cast(tuple[Review, ...], profile.rows("reviews")):
        if on.photo in (None, bool(each.has_photo)):
            yield each.at, ("review", each.product_id or each.id)


def _comebacks(on: Comeback, profile: Profile, zone: tzinfo) -> Iterator[Moment]:
    for order in _orders(profile):
        happened = happened_at(order, on.event)
        if happened is None:
            continue
        due = midnight(days_after(local(happened, zone).date(), on.days), zone) if on.days else happened
        refunded = sum((each.amount for each in order.refunds if each.at <= due), Money.zero(order.currency))
        if on.spend is None or order.total - refunded >= on.spend:
            yield due, ("comeback", order.id)


def _birthdays(
    on: Birthday | BirthdayMonth, birthday: date | None, since: datetime, until: datetime, zone: tzinfo
) -> Iterator[Moment]:
    if birthday is None:
        return
    reach = 2 + on.lead // 365  # a birthday's coupon comes a month and the lead before it
    last = min(local(until, zone).year + reach, date.max.year)
    for year in range(max(local(since, zone).year, birthday.year + 1), last + 1):
        day = _issue_day(on, birthday_in(year, birthday))
        yield midnight(day, zone), ("birthday", f"{year}")


def _issue_day(on: Birthday | BirthdayMonth, kept: date) -> date:
    match on:
        case Birthday():
            first = kept
        case BirthdayMonth(month="this"):
            first = kept.replace(day=1)
        case BirthdayMonth():
            first = (kept.replace(day=1) - timedelta(days=1)).replace(day=1)
        case _:
            assert_never(on)
    return date.fromordinal(max(1, first.toordinal() - on.lead))

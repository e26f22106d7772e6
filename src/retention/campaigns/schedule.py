"""When campaigns come round by the calendar alone: the occurrences of an audience, the yearly return of a date."""

from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import assert_never, final

from attrs import frozen
from dateutil.relativedelta import relativedelta

from retention.campaigns.campaign import Campaign
from retention.campaigns.entries import Enters, Happens, Leaves, Once, OnDate, Recurring
from retention.campaigns.recurrence import known_recurrence
from retention.loyalty.programme.dates import birthday_in
from retention.profile import Profile
from retention.rules.written import instant_text
from retention.spans import TICK, Duration, LocalDays, LocalPeriod, Months, local, resolve, shift, utc

BACKFILL = "backfill"
"""The occurrence of those who were in the segment when a campaign began."""


@final
@frozen
class Occurrence:
    """An audience is due at ``at`` (UTC). ``name`` is what ``Chosen`` calls it."""

    name: str
    at: datetime


def occurrences(campaign: Campaign, after: datetime, until: datetime) -> tuple[Occurrence, ...]:
    """Those of ``Once`` and ``Recurring`` in ``(after, until]``, in order; the other ways in have none.

    A wall time that is skipped is the end of its gap, one that comes twice the first. Costs time with the number of
    occurrences since the start.
    """
    entry = campaign.entry
    match entry:
        case Once(at=at):
            instants = [utc(at)]
        case Recurring():
            instants = _recurring(campaign.key, entry, utc(after), utc(until))
        case Enters() | Leaves() | Happens() | OnDate():
            return ()
        case _:
            assert_never(entry)
    return tuple(Occurrence(instant_text(at), at) for at in instants if utc(after) < at <= utc(until))


def _recurring(campaign: str, entry: Recurring, after: datetime, until: datetime) -> list[datetime]:
    zone = entry.start.tzinfo or UTC
    rule = known_recurrence(campaign, entry.rule, entry.start)
    margin = timedelta(days=2)  # what is skipped or comes twice moves by hours
    found = rule.between(
        local(shift(after, _of(margin), -1, UTC), zone), local(shift(until, _of(margin), 1, UTC), zone)
    )
    return sorted({resolve(each.replace(tzinfo=None, fold=0), zone) for each in found})


def _of(span: timedelta) -> Duration:
    return Duration(span // TICK)


def next_date(campaign: Campaign, profile: Profile, after: datetime) -> datetime | None:
    """The first instant later than ``after`` at which an ``OnDate`` opens for the customer; None if it never does.

    Local clocks are those of the zone of ``after``. The first return is a year after the date itself.
    """
    entry = campaign.entry
    if not isinstance(entry, OnDate):
        return None
    zone = after.tzinfo or UTC
    day = _local_date(profile.value(entry.attribute), zone)
    if day is None:
        return None
    present = local(utc(after), zone).year
    years = range(max(present - 1, day.year + 1), min(present + 1_002, date.max.year))
    returns = (_opens(entry, birthday_in(year, day), zone) for year in years)
    return next((at for at in returns if at is not None and at > utc(after)), None)


def _local_date(value: date | datetime | None, zone: tzinfo) -> date | None:
    return local(value, zone).date() if isinstance(value, datetime) else value


def _opens(entry: OnDate, day: date, zone: tzinfo) -> datetime | None:
    """When it opens for the return on a day; None if that would be before the calendar."""
    try:
        match entry.before:
            case Duration():
                day -= entry.before.timedelta
            case Months(count):
                day -= relativedelta(months=count)
            case None:
                pass
            case LocalDays() | LocalPeriod():
                return None  # no campaign is made with these
            case _:
                assert_never(entry.before)
    except (OverflowError, ValueError):
        return None
    return resolve(datetime.combine(day, entry.at), zone)

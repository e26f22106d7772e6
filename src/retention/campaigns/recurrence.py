"""RRULE (RFC 5545) on local clocks."""

import re
from datetime import datetime, tzinfo
from functools import lru_cache
from itertools import islice, pairwise
from typing import Final, cast

from dateutil.rrule import rrule, rrulestr

from retention.campaigns.errors import CampaignError

_PART: Final = re.compile(r"[A-Z]+=[A-Z0-9,+\-]+")
_DATES: Final = frozenset({"BYMONTH", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYEASTER", "BYSETPOS"})
_MOST = 10_000
_LOOK = 120  # occurrences: enough to see two in one minute
_HINT: Final = 'Write one rule such as "FREQ=WEEKLY;BYDAY=TU;BYHOUR=10;BYMINUTE=0;BYSECOND=0"'


@lru_cache(maxsize=64)
def _recurring(campaign: str, text: str, start: datetime, zone: tzinfo | None) -> rrule:
    """``zone`` is that of ``start``: one instant in two zones is two rules."""
    return recurrence(campaign, text, start)


def known_recurrence(campaign: str, text: str, start: datetime) -> rrule:
    """As ``recurrence``, read once, with the occurrences that were found remembered."""
    return _recurring(campaign, text, start, start.tzinfo)


def recurrence(campaign: str, text: str, start: datetime) -> rrule:
    """The rule, from ``start`` on. Raises CampaignError for what is no rule, never happens, or happens too often.

    Its instants are wall times in the zone of ``start``: skipped and repeated ones are the caller's to resolve.
    """
    parts = _parts(campaign, text)
    try:
        rule = cast(rrule, rrulestr(text, dtstart=start, cache=True))
        _check_pace(campaign, rule, parts, start)
    except (ValueError, TypeError, KeyError, IndexError, OverflowError) as wrong:
        hint = "End it in UTC: UNTIL=20271231T000000Z" if "UNTIL" in str(wrong) else _HINT
        raise CampaignError(campaign, "its recurrence is no RRULE", hint=hint) from wrong
    return rule


def _parts(campaign: str, text: object) -> dict[str, str]:
    """The parts by name. One line, one rule: an RRULE alone, whose start is given apart from it."""
    if not isinstance(text, str) or len(text) > 500:
        raise CampaignError(campaign, "its recurrence is no RRULE", hint=_HINT)
    parts = text.upper().removeprefix("RRULE:").split(";")
    if not all(map(_PART.fullmatch, parts)):
        raise CampaignError(campaign, "its recurrence is no RRULE", hint=_HINT)
    return dict(cast(tuple[str, str], tuple(each.split("=", 1))) for each in parts)


def _horizon(rule: rrule, start: datetime, frequency: str) -> datetime:
    """How far a first occurrence is looked for: a rule that never happens would be tried to the end of the calendar."""
    years = 100 if frequency == "YEARLY" else 9  # 29 February may be eight years away
    last = start.replace(year=min(9999, start.year + years), day=min(start.day, 28))
    ends: datetime | None = rule._until  # type: ignore[attr-defined]
    return last if ends is None else min(last, ends)


def _check_pace(campaign: str, rule: rrule, parts: dict[str, str], start: datetime) -> None:
    """Floods, and what would be looked for second by second until the end of the calendar."""
    frequency, count = parts.get("FREQ", ""), parts.get("COUNT")
    if frequency in ("HOURLY", "MINUTELY", "SECONDLY") and _DATES & parts.keys():
        hint = "Write FREQ=DAILY with BYHOUR and BYMINUTE"
        raise CampaignError(campaign, f"FREQ={frequency} and days of the calendar do not go together", hint=hint)
    if count is None and frequency == "SECONDLY":
        raise CampaignError(
            campaign, "it comes back within a minute, for ever", hint="Give COUNT=…, or come back later"
        )
    if count is not None and int(count) > _MOST:
        raise CampaignError(campaign, f"it comes back more than {_MOST:,} times", hint="Leave COUNT out, or give less")
    if frequency in ("SECONDLY", "MINUTELY"):
        raise CampaignError(campaign, "it comes back more often than every hour", hint="Write FREQ=HOURLY or slower")
    first = list(islice(rule.replace(count=None, until=_horizon(rule, start, frequency)), _LOOK))
    if not first:
        raise CampaignError(campaign, "it never happens", hint="Check its days, its start and UNTIL")
    if count is None and any((late - early).total_seconds() < 60 for early, late in pairwise(first)):
        raise CampaignError(campaign, "it comes back within a minute, for ever", hint="Give one BYSECOND, or COUNT=…")

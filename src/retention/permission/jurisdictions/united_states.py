"""The United States: hours for texts (TCPA and the states), refusals, CAN-SPAM.

Whether the hours of 47 CFR 64.1200(c)(1) reach texts that were consented to is disputed; ``US_QUIET_HOURS`` holds every
marketing text to them all the same, as carriers do. The states are as two tables told them in November 2025
(support.referrizer.com, TCPA quiet hours; dropcowboy.com/state-compliance).
"""

from datetime import date, time
from typing import Final

from retention.permission.content.rules import ContentRules
from retention.permission.jurisdictions.rules import (
    BUT_EMAIL,
    Jurisdiction,
    OptIn,
    OptOut,
    OptOutHonoured,
    SendingHours,
    Showing,
    StopMeans,
)
from retention.permission.media import Medium
from retention.permission.quiet import Hours, Week

_TEXTS = frozenset({Medium.SMS, Medium.WHATSAPP})
_FEDERAL = "47 CFR 64.1200(c)(1)"
_STATES = "US state hours for texts, tables of November 2025"
_WEEKDAYS = frozenset(range(5))
_BUT_SUNDAY = frozenset(range(6))
_SUNDAY = frozenset({6})
_REVOKE_ALL_SINCE = date(2027, 1, 31)


def _hours(opens: int, closes: int, weekdays: frozenset[int] = frozenset(range(7))) -> Week:
    return (Hours(time(opens), time(closes), weekdays),)


def _state(week: Week, *states: str) -> SendingHours:
    return SendingHours(week=week, media=_TEXTS, regions=frozenset(states), source=_STATES)


US_QUIET_HOURS: Final = (
    SendingHours(week=_hours(8, 21), media=_TEXTS, source=_FEDERAL),
    _state(_hours(8, 20), "FL", "OK", "MD", "NJ", "MA"),
    _state(_hours(9, 20), "CT", "NV"),
    _state(_hours(9, 21, _BUT_SUNDAY) + _hours(12, 21, _SUNDAY), "TX"),
    _state(_hours(9, 18, _WEEKDAYS), "RI"),
    _state(_hours(8, 21, _BUT_SUNDAY), "AL", "LA", "MS"),
    _state(_hours(9, 21), "MI", "MN", "NM"),
    _state(_hours(10, 21), "KY"),
    SendingHours(
        week=_hours(10, 17, _WEEKDAYS), media=_TEXTS, region_unknown=True, source=f"{_STATES}: in all of them"
    ),
)
"""The named profile of hours for texts. A state that is not in it has the federal hours."""

UNITED_STATES: Final = Jurisdiction(
    "United States",
    (
        OptIn(media=BUT_EMAIL, source="47 CFR 64.1200(a)(2)"),
        OptOut(media=frozenset({Medium.EMAIL}), source="15 U.S.C. 7704 (CAN-SPAM)"),
        *US_QUIET_HOURS,
        Showing(
            content=ContentRules(
                texts=frozenset({"sender name"}),
                email=frozenset({"sender name", "postal address", "unsubscribe link"}),
                source="15 U.S.C. 7704(a)(3) and (5)",
            ),
            source="15 U.S.C. 7704(a)(3) and (5)",
        ),
        OptOutHonoured(days=10, business=True, source="15 U.S.C. 7704(a)(4); 47 CFR 64.1200(a)(10)"),
        StopMeans(scope="medium", until=_REVOKE_ALL_SINCE, source="FCC order of 6 January 2026: revoke-all waived"),
        StopMeans(scope="all", since=_REVOKE_ALL_SINCE, source="47 CFR 64.1200(a)(10)"),
    ),
)

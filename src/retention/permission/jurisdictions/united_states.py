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


def _states(week: Week, states: str, source: str = _STATES) -> SendingHours:
    return SendingHours(week=week, media=_TEXTS, regions=frozenset(states.split()), source=source)


US_QUIET_HOURS: Final = (
    _states(_hours(8, 21), "AK AZ AR CA CO DC DE GA HI ID IL IN IA KS ME MO MT NE", _FEDERAL),
    _states(_hours(8, 21), "NH NY NC ND OH OR PA SC SD TN UT VA VT WA WV WI WY", _FEDERAL),
    _states(_hours(8, 20), "FL OK MD NJ MA"),
    _states(_hours(9, 20), "CT NV"),
    _states(_hours(9, 21, _BUT_SUNDAY) + _hours(12, 21, _SUNDAY), "TX"),
    _states(_hours(9, 18, _WEEKDAYS), "RI"),
    _states(_hours(8, 21, _BUT_SUNDAY), "AL LA MS"),
    _states(_hours(9, 21), "MI MN NM"),
    _states(_hours(10, 21), "KY"),
    SendingHours(week=_hours(10, 17, _WEEKDAYS), media=_TEXTS, source=f"{_FEDERAL}; {_STATES}: open in all of them"),
)
"""The named profile of hours for texts. The last is for customers whose state is not known, or is none of these."""

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

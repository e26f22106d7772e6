"""What each country asks, as dated data with sources. Nothing here is legal advice, and a host can override all of
it."""

from typing import Final

from retention.permission.jurisdictions.elsewhere import ANYWHERE, AUSTRALIA, CANADA, JAPAN
from retention.permission.jurisdictions.europe import COUNTRIES, EUROPE
from retention.permission.jurisdictions.korea import KOREA
from retention.permission.jurisdictions.rules import (
    Dated,
    ExistingTrade,
    Jurisdiction,
    Jurisdictions,
    OptIn,
    OptOut,
    OptOutHonoured,
    Reconfirmation,
    ResultNotice,
    Rule,
    SendingHours,
    Showing,
    StopMeans,
)
from retention.permission.jurisdictions.united_states import UNITED_STATES, US_QUIET_HOURS

__all__ = [
    "SHIPPED",
    "US_QUIET_HOURS",
    "Dated",
    "ExistingTrade",
    "Jurisdiction",
    "Jurisdictions",
    "OptIn",
    "OptOut",
    "OptOutHonoured",
    "Reconfirmation",
    "ResultNotice",
    "Rule",
    "SendingHours",
    "Showing",
    "StopMeans",
]

SHIPPED: Final = Jurisdictions(
    {
        "KR": KOREA,
        "US": UNITED_STATES,
        "JP": JAPAN,
        "CA": CANADA,
        "AU": AUSTRALIA,
        **dict.fromkeys(COUNTRIES, EUROPE),
    },
    ANYWHERE,
)
"""The rules that come with the library, as known on 21 November 2026."""

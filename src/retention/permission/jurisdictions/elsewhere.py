"""Japan, Canada, Australia; and cautious rules for every country that has none here."""

from datetime import time
from typing import Final

from retention.permission.content.rules import ContentRules
from retention.permission.jurisdictions.rules import (
    BUT_EMAIL,
    ExistingTrade,
    Jurisdiction,
    OptIn,
    OptOutHonoured,
    SendingHours,
    Showing,
    StopMeans,
)
from retention.permission.quiet import Hours
from retention.spans import months, years

_JAPAN = "JP Act on Regulation of Transmission of Specified Electronic Mail"
_CASL = "CA Anti-Spam Legislation (CASL)"
_SPAM_ACT = "AU Spam Act 2003"
_CAUTION = "no rules of that country are known: what most others ask for"

JAPAN: Final = Jurisdiction(
    "Japan",
    (
        OptIn(source=f"{_JAPAN} art. 3(1)"),
        Showing(
            content=ContentRules(
                texts=frozenset({"sender name", "refusal"}),
                email=frozenset({"sender name", "contact", "unsubscribe link"}),
                source=f"{_JAPAN} art. 4",
            ),
            source=f"{_JAPAN} art. 4",
        ),
    ),
)

CANADA: Final = Jurisdiction(
    "Canada",
    (
        OptIn(source=f"{_CASL} s. 6(1)"),
        ExistingTrade(within=years(2), source=f"{_CASL} s. 10(9), 10(10)(a)"),
        ExistingTrade(within=months(6), enquiry=True, source=f"{_CASL} s. 10(9), 10(10)(e)"),
        Showing(
            content=ContentRules(
                texts=frozenset({"sender name", "refusal"}),
                email=frozenset({"sender name", "contact", "postal address", "unsubscribe link"}),
                source=f"{_CASL} s. 6(2)",
            ),
            source=f"{_CASL} s. 6(2)",
        ),
        OptOutHonoured(days=10, business=True, source=f"{_CASL} s. 11(3)"),
    ),
)

AUSTRALIA: Final = Jurisdiction(
    "Australia",
    (
        OptIn(source=f"{_SPAM_ACT} s. 16"),
        Showing(
            content=ContentRules(
                texts=frozenset({"sender name", "refusal"}),
                email=frozenset({"sender name", "contact", "unsubscribe link"}),
                source=f"{_SPAM_ACT} s. 17 and 18",
            ),
            source=f"{_SPAM_ACT} s. 17 and 18",
        ),
        OptOutHonoured(days=5, business=True, source=f"{_SPAM_ACT}, schedule 2; unsubscribing asks for no login"),
    ),
)

ANYWHERE: Final = Jurisdiction(
    "all other countries",
    (
        OptIn(source=_CAUTION),
        SendingHours(week=(Hours(time(8), time(21)),), media=BUT_EMAIL, source=_CAUTION),
        Showing(
            content=ContentRules(
                texts=frozenset({"sender name", "contact", "refusal"}),
                email=frozenset({"sender name", "contact", "postal address", "unsubscribe link"}),
                source=_CAUTION,
            ),
            source=_CAUTION,
        ),
        StopMeans(scope="all", source=_CAUTION),
    ),
)

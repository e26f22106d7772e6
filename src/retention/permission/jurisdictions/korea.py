"""The Republic of Korea: article 50 of the Network Act and its Decree, as in force on 2 October 2026
(www.law.go.kr)."""

from datetime import time
from typing import Final

from retention.permission.content.rules import ContentRules
from retention.permission.jurisdictions.rules import (
    BUT_EMAIL,
    ExistingTrade,
    Jurisdiction,
    OptIn,
    Reconfirmation,
    ResultNotice,
    SendingHours,
    Showing,
)
from retention.permission.quiet import Hours
from retention.spans import months

_ACT = "KR Network Act art. 50"
_DECREE = "KR Network Act Decree art. 61"

KOREA: Final = Jurisdiction(
    "Republic of Korea",
    (
        OptIn(source=f"{_ACT}(1)"),
        ExistingTrade(
            within=months(6), collected_directly=True, same_kind=True, source=f"{_ACT}(1)1, Decree art. 61(1)"
        ),
        SendingHours(
            week=(Hours(time(8), time(21)),),
            media=BUT_EMAIL,
            night_consent=True,
            source=f"{_ACT}(3), Decree art. 61(2)",
        ),
        Showing(
            content=ContentRules(
                text_label="(광고)",
                subject_label="(광고)",
                texts=frozenset({"sender name", "contact", "refusal"}),
                email=frozenset({"sender name", "contact", "unsubscribe link"}),
                refusal_words=("무료수신거부", "무료거부"),
                free_refusals=("080", "https://"),
                unsubscribe_words="수신거부",
                source=f"{_ACT}(4) and (6), Decree art. 61(3), annex 6",
            ),
            source=f"{_DECREE}(3), annex 6",
        ),
        ResultNotice(days=14, source=f"{_ACT}(7), Decree art. 62-2"),
        Reconfirmation(years=2, source=f"{_ACT}(8), Decree art. 62-3"),
    ),
)

"""The European Economic Area and the United Kingdom: the ePrivacy Directive, its British twin, the GDPR."""

from typing import Final

from retention.permission.content.rules import ContentRules
from retention.permission.jurisdictions.rules import (
    ExistingTrade,
    Jurisdiction,
    OptIn,
    OptOutHonoured,
    Showing,
    StopMeans,
)

COUNTRIES: Final = (
    *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT"),
    *("LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK", "IS", "LI", "NO", "GB"),
)

EUROPE: Final = Jurisdiction(
    "European Economic Area and United Kingdom",
    (
        OptIn(source="Directive 2002/58/EC art. 13(1); GDPR art. 7(1)"),
        ExistingTrade(
            collected_directly=True, same_kind=True, could_refuse=True, source="Directive 2002/58/EC art. 13(2)"
        ),
        Showing(
            content=ContentRules(
                texts=frozenset({"sender name", "refusal"}),
                email=frozenset({"sender name", "unsubscribe link"}),
                source="Directive 2002/58/EC art. 13(2) and (4)",
            ),
            source="Directive 2002/58/EC art. 13(2) and (4)",
        ),
        OptOutHonoured(days=0, source="GDPR art. 7(3) and 21(3)"),
        StopMeans(scope="all", source="GDPR art. 21(2) and (3): an objection to direct marketing is to all of it"),
    ),
)

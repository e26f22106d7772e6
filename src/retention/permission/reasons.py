"""Why a message may not go, or not now. Each problem has a code of its own; those of the content are beside its
checks."""

from datetime import datetime
from enum import StrEnum
from typing import TypeAlias, final

from attrs import frozen

from retention.permission.verdicts import Reason


@final
class Why(StrEnum):
    """What stands in the way, besides the content."""

    KIND_NOT_CARRIED = "kind-not-carried"
    EXPIRED = "expired"
    EXPIRES_FIRST = "expires-first"
    NEVER_OPEN = "never-open"
    NOT_DUE = "not-due"
    HARD_BOUNCE = "hard-bounce"
    COMPLAINT = "complaint"
    OPT_OUT = "opt-out"
    ERASED = "erased"
    WITHDRAWN = "withdrawn"
    TOPIC_NOT_WANTED = "topic-not-wanted"
    CONSENT_MISSING = "consent-missing"
    CONSENT_PENDING = "consent-pending"
    CONSENT_LAPSED = "consent-lapsed"
    TRADE_OVER = "trade-over"
    TRADE_INDIRECT = "trade-indirect"
    TRADE_OTHER_GOODS = "trade-other-goods"
    TRADE_NO_REFUSAL = "trade-no-refusal"
    COUNTRY_UNKNOWN = "country-unknown"
    QUIET_HOURS = "quiet-hours"
    ZONE_UNKNOWN = "zone-unknown"
    PLATFORM_HOURS = "platform-hours"
    PLATFORM_KIND = "platform-kind"
    PLATFORM_COUNTRY = "platform-country"
    PLATFORM_LIMIT = "platform-limit"
    NOT_A_FRIEND = "not-a-friend"
    REPLY_WINDOW_OVER = "reply-window-over"
    REPLY_WINDOW_CONSENT = "reply-window-consent"
    CAP_REACHED = "cap-reached"


@final
@frozen
class Stop:
    """Something that time alone does not mend."""

    reason: Reason


@final
@frozen
class Wait:
    """Something that is over at ``until`` if nothing new happens."""

    until: datetime
    reason: Reason


Finding: TypeAlias = Stop | Wait


def stop(why: Why, words: str, source: str | None = None) -> Stop:
    return Stop(Reason(why.value, words, source))


def wait(until: datetime, why: Why, words: str, source: str | None = None) -> Wait:
    return Wait(until, Reason(why.value, words, source))

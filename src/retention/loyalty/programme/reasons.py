"""Why something is not earned or not to be spent: everyday answers, as data that prints."""

from enum import StrEnum
from typing import final

from attrs import frozen


@final
class Why(StrEnum):
    """What stands in the way."""

    OTHER_TIME = "other-time"
    OTHER_TIER = "other-tier"
    NOT_ELIGIBLE = "not-eligible"
    NOTHING_COUNTS = "nothing-counts"
    BELOW_MINIMUM = "below-minimum"
    WAITS = "waits"
    GIVEN_ALREADY = "given-already"
    CAPPED = "capped"
    BALANCE = "balance"
    SHARE = "share"
    STEP = "step"


@final
@frozen
class Reason:
    """``why`` is made for programs, ``words`` for people; ``limit`` is the number that it comes to, if it is one."""

    why: Why
    words: str
    limit: int | None = None

    def __str__(self) -> str:
        return self.words


@final
@frozen
class Refused:
    """Not now, and why: an answer, not an error."""

    why: tuple[Reason, ...]

    def __str__(self) -> str:
        return "; ".join(map(str, self.why))

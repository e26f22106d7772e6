"""What can go wrong in the engine itself."""

from datetime import datetime
from typing import Final

from retention.errors import RetentionError
from retention.loyalty.errors import DamagedRecord, NewerRecord

UNREADABLE: Final = (DamagedRecord, NewerRecord)
"""What a document raises that cannot be read."""


class StoreBusy(RetentionError):
    """Somebody else was first at every attempt, or the database stayed locked; nothing was stored, and the call can be
    made again."""

    code = "store-busy"

    def __init__(self, attempts: int) -> None:
        self.attempts = attempts
        times = "once" if attempts == 1 else f"{attempts} times in a row"
        super().__init__(f"somebody else was first {times}", hint="Call it again")


class CustomerFailed(RetentionError):
    """Something that concerns one ``customer`` alone raised: the error is the cause. They are left alone for an hour,
    all others were seen to."""

    code = "customer-failed"

    def __init__(self, customer: str) -> None:
        self.customer = customer
        super().__init__("one customer could not be seen to", hint="Mend the cause; they are tried again in an hour")


class StillCounted(RetentionError):
    """What is to be cleared may be younger than what caps still count; nothing was deleted. ``latest`` is the latest
    instant that can be given."""

    code = "still-counted"

    def __init__(self, latest: datetime) -> None:
        self.latest = latest
        super().__init__(
            "messages are to be cleared that caps of the policy may still count",
            hint=f"Give before= as {latest.isoformat()} or earlier",
        )

"""What can go wrong in the engine itself."""

from retention.errors import RetentionError


class StoreBusy(RetentionError):
    """Somebody else was first at every attempt; nothing was stored, and the call can be made again."""

    code = "store-busy"

    def __init__(self, attempts: int) -> None:
        self.attempts = attempts
        super().__init__(f"somebody else committed first {attempts} times in a row", hint="Call it again")

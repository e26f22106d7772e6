"""What the ledger refuses, and why: nothing but settlement has happened when one of these is raised."""

from collections.abc import Sequence
from datetime import datetime

from retention.errors import ConfigurationError, RetentionError


class LedgerError(RetentionError, ValueError):
    """A command that the ledger refuses."""

    code = "ledger"


class InsufficientBalance(LedgerError):
    """More was asked for than is available; nothing was taken."""

    code = "insufficient-balance"

    def __init__(self, asked: int, available: int, unit: str) -> None:
        self.asked = asked
        self.available = available
        self.unit = unit
        super().__init__(
            f"{asked} {unit} are asked for, {available} are available",
            hint=f"Ask for {available} or less" if available else "Nothing can be taken",
        )


class AccountClosed(LedgerError):
    """The account was merged into another, which is where its commands belong now."""

    code = "account-closed"

    def __init__(self, account: str, merged_into: str) -> None:
        self.account = account
        self.merged_into = merged_into
        super().__init__(f"account {account!r} is closed", hint=f"It was merged into {merged_into!r}: use that account")


class KeyReused(LedgerError):
    """A command's key came before with another payload; the first command stands."""

    code = "key-reused"

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(
            f"the key {key!r} was used for a different command",
            hint="A key belongs to one command and its repetitions: derive it from the event that caused it",
        )


class UnknownHold(LedgerError):
    """No hold of that id was ever placed on the account."""

    code = "unknown-hold"

    def __init__(self, hold: str) -> None:
        self.hold = hold
        super().__init__(f"there is no hold {hold!r}", hint="Place it first: Place(hold=..., amount=..., until=...)")


class HoldResolved(LedgerError):
    """The hold has ended already, or its id was used before; ``how`` it ended: captured, voided, timed out."""

    code = "hold-resolved"

    def __init__(self, hold: str, how: str) -> None:
        self.hold = hold
        self.how = how
        super().__init__(f"the hold {hold!r} is {how}", hint="A hold ends once; place another one under a new id")


class UnknownLot(LedgerError):
    """The account has no open lot of that id."""

    code = "unknown-lot"

    def __init__(self, lot: str) -> None:
        self.lot = lot
        super().__init__(f"there is no open lot {lot!r}", hint="Take the id from the account's open lots")


class OverRefund(LedgerError):
    """More is refunded than the order came to; ``order`` names it."""

    code = "over-refund"

    def __init__(self, order: str, refunded: int, amount: int) -> None:
        self.order = order
        super().__init__(
            f"{refunded} of order {order!r} would be refunded, which came to {amount}",
            hint="Check the unit, and whether the refund came twice under two keys",
        )


class OverReturn(LedgerError):
    """More is returned of what was spent on an order than was spent."""

    code = "over-return"

    def __init__(self, order: str) -> None:
        self.order = order
        super().__init__(
            f"the shares returned of what was spent on order {order!r} are more than the whole",
            hint="Shares add up: a return of a quarter after three quarters is the last",
        )


class NothingSpent(LedgerError):
    """Nothing was spent on the order, or it has been returned in part and takes no more spending."""

    code = "nothing-spent"

    def __init__(self, order: str, problem: str) -> None:
        self.order = order
        super().__init__(f"order {order!r} {problem}", hint="Check the order's id and the account")


class ClockWentBackwards(LedgerError):
    """``now`` is before an instant at which the account was decided on; time only goes on."""

    code = "clock-went-backwards"

    def __init__(self, now: datetime, last: datetime) -> None:
        self.now = now
        self.last = last
        super().__init__(
            f"now is {now.isoformat()}, the account was last changed at {last.isoformat()}",
            hint="Give the present instant as now, and say when the event happened with at=...",
        )


class Conflict(RetentionError):
    """Somebody else committed first. The ledger loads again and decides anew; hosts do not see it."""

    code = "conflict"


class StayedLocked(Conflict):
    """Another has had the database for as long as its driver waits. Nobody tries again: each attempt would wait as
    long."""

    code = "stayed-locked"

    def __init__(self) -> None:
        super().__init__(
            "the database stayed locked for as long as its driver waits",
            hint="Keep transactions short, or wait longer: create_engine(url, connect_args={'timeout': seconds})",
        )


class LedgerBusy(RetentionError):
    """The account changed under every attempt, or the database stayed locked; nothing was stored, and the command can
    be sent again."""

    code = "ledger-busy"

    def __init__(self, attempts: int) -> None:
        self.attempts = attempts
        times = "once" if attempts == 1 else f"{attempts} times in a row"
        super().__init__(f"somebody else was first {times}", hint="Send the command again")


class AmountTooLarge(LedgerError):
    """A number is beyond what databases keep (2**63 - 1); nothing was stored. ``field`` says which."""

    code = "amount-too-large"

    def __init__(self, field: str) -> None:
        self.field = field
        super().__init__(
            f"{field} is beyond 9,223,372,036,854,775,807",
            hint="Check the unit: amounts count minor units, points or uses",
        )


class NotMigrated(ConfigurationError):
    """The database has no tables of the library: they are made once, before anything is stored."""

    code = "not-migrated"

    def __init__(self) -> None:
        super().__init__(
            "the library's tables are not in this database",
            hint="Make them first: with engine.begin() as connection: migrate(connection)",
        )


class WrongConnection(ConfigurationError, TypeError):
    """A ``call`` was given something else of SQLAlchemy than it takes; ``got`` is the type of what came."""

    code = "wrong-connection"

    def __init__(self, call: str, takes: str, given: object, hint: str) -> None:
        self.call = call
        self.got = type(given).__name__
        super().__init__(f"{call} takes {takes} (got {self.got})", hint=hint)


class WrongIsolation(ConfigurationError, ValueError):
    """A ``call`` was given a connection at another ``level`` of isolation than it needs."""

    code = "wrong-isolation"

    def __init__(self, call: str, needs: str, level: str) -> None:
        self.call = call
        self.level = level
        super().__init__(
            f"{call} takes a connection at {needs} (got {level})",
            hint=f"Write engine.connect().execution_options(isolation_level={needs!r}) before its transaction begins",
        )


class NewerRecord(RetentionError):
    """A stored document is of a later form than this version of the library knows; it was not read."""

    code = "newer-record"

    def __init__(self, version: int, newest: int) -> None:
        self.version = version
        self.newest = newest
        super().__init__(
            f"a stored document is of form {version}, the newest known is {newest}",
            hint="A newer version of the library wrote it: use that one here too",
        )


class DamagedRecord(RetentionError):
    """A stored document cannot be read: it was changed by hand, or cut short. ``document`` says which kind it is."""

    code = "damaged-record"

    def __init__(self, document: str) -> None:
        self.document = document
        super().__init__(
            f"the stored document ({document}) cannot be read",
            hint="Restore it from a backup; an account's head can be rebuilt from its entries",
        )


class UnreadableParcels(RetentionError):
    """Rows of the outbox that cannot be read, by their ``keys``; the cause says why of the first. All others are sent,
    and these are looked at again in an hour; in a minute where a newer version of the library wrote them."""

    code = "unreadable-parcels"

    def __init__(self, keys: Sequence[str]) -> None:
        self.keys = tuple(keys)
        super().__init__(
            f"{len(self.keys)} of the messages that are due cannot be read",
            hint="Restore the rows that keys names; if a newer version of the library wrote them, use that here too",
        )


class PolicyError(ConfigurationError, ValueError):
    """A programme, tier, coupon or other policy was put together wrongly; ``field`` says where, ``got`` the type of
    what came. It is raised when the policy is made, never when a customer is asked about."""

    code = "policy"

    def __init__(self, field: str, problem: str, *, got: object = None, hint: str = "") -> None:
        self.field = field
        self.got = type(got).__name__
        super().__init__(f"{field}: {problem} (got {self.got})", hint=hint)


class ForgedCode(RetentionError, ValueError):
    """A code that was never given out: mistyped or made up. Nothing was looked up, and the message never tells the
    code; ``kind`` says which sort of code was expected."""

    code = "forged-code"

    def __init__(self, kind: str, problem: str) -> None:
        self.kind = kind
        super().__init__(
            f"this is no {kind}: {problem}", hint="Compare it with what was sent or printed, and type again"
        )

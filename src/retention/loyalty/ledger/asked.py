"""What is handed to the ledger is an account and a command of it, or it is said at once which call was meant."""

from collections.abc import Sequence
from typing import Any, Final, get_args

from retention.checks import identifier
from retention.errors import FactError
from retention.loyalty.ledger.commands import Command, Move
from retention.loyalty.ledger.head import Account

_COMMANDS: Final = get_args(Command)
_MOVES: Final = get_args(Move)

_MAKERS: Final = {  # by their names: those who make commands know the ledger, and it knows none of them
    "Issued": "Use issue(ledger, issued, now=now) of retention.loyalty.coupons",
    "Order": "programme.earn(order, profile) makes the commands",
    "Refund": "programme.refund(order, refund) makes the command",
}
_ONE_BY_ONE: Final = "Send them one by one: for command in commands: ledger.run(account, command, now=now)"


def check_account(given: object, field: str = "account") -> None:
    """Raises FactError for anything but an account."""
    if not isinstance(given, Account):
        hint = 'Give programme.account("c-1"), or Account(programme, id)'
        raise FactError(field, "is not an Account", got=given, hint=hint)


def check_command(given: object) -> None:
    """Raises FactError for anything but a command on one account."""
    if not isinstance(given, _COMMANDS):
        raise FactError("command", "is not a command on one account", got=given, hint=_meant(given))


def check_move(given: object) -> None:
    """Raises FactError for anything but a move between two accounts."""
    if not isinstance(given, _MOVES):
        raise FactError("command", "is not a Transfer or Merge", got=given, hint=_meant(given))


def check_together(given: Any) -> None:
    """Raises FactError for anything but pairs of an account and a command, no account twice."""
    pairs = given if isinstance(given, Sequence) else [given]
    for each in pairs:
        if not isinstance(each, tuple) or len(each) != 2:
            raise FactError("commands", "are not pairs", got=each, hint="Give [(account, command), ...]")
        check_account(each[0])
        check_command(each[1])
    if len({account for account, _ in pairs}) < len(pairs):
        hint = "Send the commands of one account one after another"
        raise FactError("commands", "name one account twice", got=given, hint=hint)


def check_programme(given: object) -> None:
    """Raises FactError for anything but the name of a programme."""
    if not isinstance(given, str) and hasattr(given, "name"):
        raise FactError("programme", "is not a programme's name", got=given, hint="Give programme.name")
    identifier(given, "programme")


def _meant(given: object) -> str:
    """The call that this was made for."""
    kind = type(given).__name__
    if isinstance(given, _MOVES):
        return "Use ledger.move(account, command, now=now)"
    if isinstance(given, _COMMANDS):
        return "Use ledger.run(account, command, now=now)"
    if isinstance(given, tuple | list):
        return _ONE_BY_ONE
    if kind == "Refused":
        return f"It was refused: {given}. Ask isinstance(answer, Refused) before you send it"
    return _MAKERS.get(kind, "Give one of the commands of retention.loyalty, or what a programme makes")

"""Keys of commands: made of what happened, so that what comes twice is known."""

from attrs import evolve

from retention.loyalty.ledger.commands import Earn, payload

_SHORT = 12  # hexadecimal digits of a hash: enough for the few versions of one command


def joined(*parts: str) -> str:
    """Parts of a key as one text, different for different parts."""
    return ":".join(part.replace("%", "%25").replace(":", "%3A") for part in parts)


def by_content(command: Earn) -> Earn:
    """The command under a key that also says what it gives.

    Made anew from corrected facts it is another command, and its claim, not its key, sees to it that it gives nothing.
    """
    return evolve(command, key=f"{command.key}:{payload(command)[:_SHORT]}")

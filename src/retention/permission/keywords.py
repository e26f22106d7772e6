"""What a customer's short answer means: STOP and its synonyms in English, French and Korean.

The union of what 47 CFR 64.1200(a)(10) names (stop, quit, end, revoke, opt out, cancel, unsubscribe) and of what
Twilio, AWS and Telnyx act on. Only a message that is nothing but the word counts; whatever says more is for the host
to read.
"""

from typing import Final, Literal, TypeAlias
from unicodedata import normalize

Meaning: TypeAlias = Literal["opt-out", "opt-in", "help"]

_ENGLISH = ("stop", "stopall", "quit", "end", "revoke", "optout", "cancel", "unsubscribe", "remove", "td")
OPT_OUT: Final = frozenset((*_ENGLISH, "arret", "arrêt", "수신거부", "거부", "해지", "그만"))
OPT_IN: Final = frozenset(("start", "unstop"))
HELP: Final = frozenset(("help", "info"))

_LONGEST: Final = 64  # what is longer is not one word


def meaning(text: str, *, asked: bool = False) -> Meaning | None:
    """What the whole message means; None for anything that is not one of the words alone.

    Case, width, spaces, punctuation and emoji do not matter. ``asked``: the customer was asked to consent, so that
    YES is a consent; otherwise it answers something else.

    >>> meaning("  S.T.O.P!!! 🛑"), meaning("수신 거부"), meaning("please stop writing in the morning")
    ('opt-out', 'opt-out', None)
    """
    if len(text) > _LONGEST:
        return None
    word = "".join(each for each in normalize("NFKC", text).casefold() if each.isalnum())
    if word in OPT_OUT:
        return "opt-out"
    if word in OPT_IN or (asked and word == "yes"):
        return "opt-in"
    return "help" if word in HELP else None

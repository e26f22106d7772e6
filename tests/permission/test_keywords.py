"""STOP and its synonyms: 47 CFR 64.1200(a)(10), the sets of Twilio, AWS and Telnyx, and Korean words."""

from unicodedata import normalize

import pytest

from retention.permission import meaning


@pytest.mark.parametrize(
    "text",
    [
        *("stop", "quit", "end", "revoke", "opt out", "cancel", "unsubscribe"),  # 47 CFR 64.1200(a)(10)
        *("STOP", "UNSUBSCRIBE", "END", "QUIT", "STOPALL", "REVOKE", "OPTOUT", "CANCEL"),  # Twilio
        *("ARRET", "OPT-OUT", "REMOVE", "TD"),  # AWS
        "STOP ALL",  # Telnyx
        *("수신거부", "거부", "해지", "그만", "수신 거부"),
        *("Stop.", " stop!! ", "ＳＴＯＰ", "S.T.O.P", "🛑 stop 🛑", "“Stop”", "arrêt", "sTOP\n"),
        normalize("NFD", "수신거부"),
    ],
)
def test_these_refuse(text: str) -> None:
    assert meaning(text) == "opt-out"


@pytest.mark.parametrize("text", ["START", "unstop", "Start!"])
def test_these_consent(text: str) -> None:
    assert meaning(text) == "opt-in"


def test_yes_consents_only_when_that_was_asked() -> None:
    assert meaning("YES") is None
    assert meaning("YES", asked=True) == "opt-in"


@pytest.mark.parametrize("text", ["HELP", "info", "Help?"])
def test_these_ask_for_help(text: str) -> None:
    assert meaning(text) == "help"


@pytest.mark.parametrize(
    "text",
    [
        *("", "   ", "!!!", "🛑", "stop please", "don't stop", "the end", "nonstop", "stops", "거부하지 않아요"),
        *("st op it", "stop" + " " * 100),
    ],
)
def test_whatever_says_more_or_less_is_for_the_host(text: str) -> None:
    assert meaning(text) is None

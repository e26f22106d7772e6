"""Error codes of WhatsApp's Cloud API, and what each means for the message and for its address.

Source: https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes
"""

from datetime import timedelta
from typing import Final

from attrs import frozen

from retention.channels.exchange import LATER, SOON, Answer, by_status, retry_after
from retention.channels.payloads import fields, text
from retention.channels.protocol import Outcome, Rejected, SuppressAs


@frozen
class Failure:
    """``suppress``: the customer wants nothing more of this kind; None for all else."""

    reason: str
    retry_after: timedelta | None = None
    suppress: SuppressAs | None = None


_STATED: Final = {
    "a parameter is missing or wrong": "100 131008 131009 131051 131021",
    "the customer wrote more than 24 hours ago: send a template": "131047",
    "WhatsApp cannot deliver to that number": "131026",
    "the number is not among those that a test account may write to": "131030",
    "the customer is in an experiment of Meta's and gets no marketing": "130472",
    "WhatsApp does not carry such messages to that country": "130497",
    "the template does not exist in that language, or is not approved": "132001",
    "the variables differ from those of the template": "132000 132012",
    "the template's text is too long, or breaks a rule": "132005 132007",
    "the template is paused or disabled for its quality": "132015 132016",
}

_WITH_CONSEQUENCES: Final = {
    **dict.fromkeys(("4", "80007", "130429", "131056"), Failure("too many messages at once", SOON)),
    **dict.fromkeys(("2", "131016", "131057"), Failure("WhatsApp is not available just now", SOON)),
    **dict.fromkeys(("0", "3", "10", "190", "131005"), Failure("the access token is refused", LATER)),
    **dict.fromkeys(
        ("368", "131031", "133010"), Failure("the account is blocked, or its number not registered", LATER)
    ),
    "131042": Failure("the account has not paid", LATER),
    "131048": Failure("too many of the shop's messages were reported as spam", LATER),
    "131049": Failure("the customer has had enough marketing for now", timedelta(hours=24)),
    "131050": Failure("the customer has stopped the shop's marketing", suppress="opt-out"),
}

FAILURES: Final[dict[str, Failure]] = {
    code: Failure(reason) for reason, codes in _STATED.items() for code in codes.split()
} | _WITH_CONSEQUENCES
"""By code. 1 and 131000 are Meta's own words for not knowing, so they are not here: they are Unknown."""


def refused(answer: Answer) -> Outcome:
    """What an answer with an error means. Where waiting helps, at least as long as the provider asks."""
    code = text(fields(answer.fields().get("error")).get("code"))
    failure = FAILURES.get(code)
    if failure is None:
        return by_status(answer)
    wait = failure.retry_after
    if wait is not None:
        wait = max(wait, retry_after(answer, otherwise=wait))
    return Rejected(
        reason=failure.reason,
        retry_after=wait,
        suppress=failure.suppress is not None,
        suppress_as=failure.suppress or "hard bounce",
        code=code,
    )

"""SOLAPI's status codes, and what each means for the message and for its address.

Source: https://github.com/solapi/documents, api-reference/message-status-codes.md.
"""

from datetime import timedelta
from typing import Final, Literal, TypeAlias

from attrs import frozen

from retention.channels.exchange import LATER, SOON
from retention.channels.protocol import Outcome, Rejected, Status, SuppressAs, Unknown

Progress: TypeAlias = Literal["taken", "sent", "delivered"]

PROGRESS: Final[dict[str, Progress]] = {"2000": "taken", "3000": "sent", "4000": "delivered"}
"""What is no error: taken by SOLAPI, handed to the carrier or to Kakao, done."""


@frozen
class Failure:
    """``suppress``: the address will not do, or its owner wants no more advertising; None for neither. ``status`` is
    that of a receipt."""

    reason: str
    retry_after: timedelta | None = None
    suppress: SuppressAs | None = None
    status: Status = "failed"


_STATED: Final = {
    "a field is missing or has a wrong form": "1010 1011 1013 1014 1025 1027 1032 1033 1034 2011 3011",
    "a character that the carriers cannot show": "1028 1029",
    "the text is too long": "1031",
    "the sender number is not registered: register it with SOLAPI": "1062 2062",
    "the sender number is not allowed": "3013 3059",
    "the sender is blocked": "1064 2063 2064",
    "taken for spam": "2254 3054",
    "the same number twice in one request": "1026",
    "there is no route to it": "1058 3058",
    "the number has a wrong form": "3010",
    "the channel is not valid, or not linked to the account": "1041 3101 3106",
    "the template is not known": "1042 3105",
    "the message differs from the approved template": "1043 3103",
    "the buttons are not those of the template, or not allowed": "1044 1045 1046 1047 1048 1049 1050 1052 1053",
    "the image is not known": "1023 1051",
    "not a friend of the channel": "3102",
    "does not use KakaoTalk": "3104",
    "was not on KakaoTalk for 72 hours, or blocks Alimtalk": "3107",
    "the telephone could not be reached": "3031 3040 3041 3042 3043 3044 3045 3046 3051 3056 3057",
    "the telephone refused it": "3047 3050 3060",
    "the carrier failed": "3012 3024 3052 3053",
}

_WITH_CONSEQUENCES: Final = {
    "1020": Failure("the credentials are refused", LATER),
    "1024": Failure("SOLAPI failed", SOON),
    "2024": Failure("SOLAPI failed", SOON),
    "1030": Failure("the balance is used up", LATER),
    "2230": Failure("the balance is used up", LATER),
    "1060": Failure("the number is blocked", suppress="hard bounce", status="bounced"),
    "2060": Failure("the number is blocked", suppress="hard bounce", status="bounced"),
    "1061": Failure("its owner refused by the free 080 number", suppress="opt-out"),
    "2061": Failure("its owner refused by the free 080 number", suppress="opt-out"),
    "3032": Failure("nobody has that number", suppress="hard bounce", status="bounced"),
    "3055": Failure("its owner is on the register of those who want no advertising", suppress="opt-out"),
    "3108": Failure("outside the hours in which Kakao takes advertising", LATER),
}

FAILURES: Final[dict[str, Failure]] = {
    code: Failure(reason) for reason, codes in _STATED.items() for code in codes.split()
} | _WITH_CONSEQUENCES
"""By code. 3014 and 3048 are SOLAPI's own words for not knowing, so they are not here: they are Unknown."""


def refused(code: str) -> Outcome:
    """What a code means that came instead of an acceptance; one that is not documented is Unknown."""
    failure = FAILURES.get(code)
    if failure is None:
        return Unknown("SOLAPI answered with a status code that is not known")
    return Rejected(
        reason=failure.reason,
        retry_after=failure.retry_after,
        suppress=failure.suppress is not None,
        suppress_as=failure.suppress or "hard bounce",
        code=code,
    )


_OF_REQUESTS: Final[dict[str, Failure]] = {
    "ValidationError": Failure("SOLAPI finds a field missing or of a wrong form"),
    "RecipientsTooMany": Failure("more messages than SOLAPI takes at once"),
    "InvalidAPIKey": Failure("the API key is refused", LATER),
    "SignatureDoesNotMatch": Failure("the API secret is refused", LATER),
    "RequestTimeTooSkewed": Failure("the message waited longer than a signature holds", SOON),
    "Forbidden": Failure("the account may not send", LATER),
    "NotEnoughBalance": Failure("the balance is used up", LATER),
}
"""By errorCode, of a request of which nothing was taken. DuplicatedSignature is not here: SOLAPI has seen that very
request before, so what became of it is Unknown."""


def refused_whole(code: str, size: int) -> Outcome | None:
    """What the errorCode of a request of so many messages means for each; None if it is not known.

    One message that will not do brings down the others of its request, and nobody says which: so all may try again.
    """
    failure = _OF_REQUESTS.get(code)
    if failure is None:
        return None
    wait = SOON if failure.retry_after is None and size > 1 else failure.retry_after
    return Rejected(reason=failure.reason, retry_after=wait, code=code)

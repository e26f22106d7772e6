"""What SOLAPI answers and reports, told as outcomes and receipts."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, assert_never

from retention.channels.errors import MalformedWebhook
from retention.channels.exchange import Answer, Exchange, by_status
from retention.channels.korea.codes import FAILURES, PROGRESS, refused, refused_whole
from retention.channels.payloads import fields, instant, items, text
from retention.channels.protocol import Accepted, Outcome, Receipt, Rejected, Unknown
from retention.spans import utc

MARK: Final = "retention"
"""The field by which a message is found again in an answer."""


def outcomes(answer: Exchange, marks: Sequence[str]) -> list[Outcome]:
    """One for each mark, in their order."""
    match answer:
        case Answer(status=200):
            found = dict(map(_entry, _entries(answer.fields())))
            missing = Unknown("SOLAPI's answer does not speak of the message")
            return [found.get(mark, missing) for mark in marks]
        case Answer():
            code = text(answer.fields().get("errorCode"))
            return [refused_whole(code, len(marks)) or by_status(answer)] * len(marks)
        case Rejected() | Unknown():
            return [answer] * len(marks)
        case _:
            assert_never(answer)


def reported(report: object, now: datetime) -> Receipt | None:
    """One report, in an envelope or bare: SOLAPI has sent both. Raises MalformedWebhook."""
    parts = fields(report)
    data = fields(parts.get("data")) or parts
    id = text(data.get("messageId"))
    if not id:
        raise MalformedWebhook("a report that does not say of which message")
    return receipt(data, id, now)


def receipt(data: Mapping[str, object], id: str, now: datetime) -> Receipt | None:
    """None of a message that is still under way, and of a code that is not known."""
    code = text(data.get("statusCode"))
    times = (instant(data.get(name)) for name in ("dateReceived", "dateReported", "dateProcessed", "dateUpdated"))
    at = next((each for each in times if each is not None), utc(now))
    if (failure := FAILURES.get(code)) is not None:
        return Receipt(
            provider_id=id,
            status=failure.status,
            at=at,
            suppress=failure.suppress is not None,
            suppress_as=failure.suppress or "hard bounce",
            code=code,
        )
    match PROGRESS.get(code):
        case "sent" | "delivered" as status:
            return Receipt(provider_id=id, status=status, at=at, code=code)
        case "taken" | None:
            return None


def _entries(answer: Mapping[str, object]) -> list[Mapping[str, object]]:
    """Both lists; of a message that is in both, the failure counts."""
    return [fields(each) for name in ("messageList", "failedMessageList") for each in items(answer.get(name))]


def _entry(entry: Mapping[str, object]) -> tuple[str, Outcome]:
    mark = text(fields(entry.get("customFields")).get(MARK))
    code, id = text(entry.get("statusCode")), text(entry.get("messageId"))
    if code in PROGRESS:
        return mark, Accepted(id) if id else Unknown("SOLAPI took the message and did not say what it calls it")
    return mark, refused(code)

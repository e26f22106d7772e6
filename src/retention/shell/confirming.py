"""A consent that waits to be confirmed, and the token that does it."""

from collections.abc import Sequence
from datetime import datetime
from typing import final

from attrs import frozen

from retention.permission.consents import CONFIRMED_WITHIN, Standing, State, standing
from retention.permission.person import Consent
from retention.shell.handling import Handled, Handling
from retention.shell.proof import confirmation
from retention.shell.tokens import Question
from retention.spans import utc
from retention.storage.shop.port import Work


@final
@frozen(kw_only=True)
class Confirmed:
    """Where the consent stands now: ``confirmed``, by this token or one before; ``lapsed`` or ``withdrawn``, so it has
    to be asked for again; ``pending``, since it was asked for again meanwhile; ``none`` of who was erased; ``given``
    where it holds without."""

    state: State
    handled: Handled


def confirmed(work: Work, handling: Handling, question: Question) -> Confirmed:
    """What was asked for, confirmed if it is neither too late nor taken back. Doing it again changes nothing."""
    id = question.customer
    known = work.shoppers([id])  # and locked: what is read next does not change
    lines = work.consents([id]).get(id, ()) if known else ()
    asked = _asked(lines, question)
    handled = Handled(customer=id)
    if asked is not None:
        line = confirmation(asked, handling.now, source="message", method="link")
        if _counts(lines, asked, line):
            handled = handling.consented(work, id, line)
            lines = (*lines, line)
    policy = handling.shop.policy
    double = policy is not None and policy.double_opt_in
    latest = max([utc(handling.now), *(utc(each.at) for each in lines)])
    return Confirmed(state=_standing(lines, question, latest, double_opt_in=double).state, handled=handled)


def _asked(lines: Sequence[Consent], question: Question) -> Consent | None:
    """The line that the token is about. Its instant may be earlier than the token has it: it was none of the future
    when it was stored."""
    about = (question.medium, question.purpose, question.topic)
    asked = [
        each
        for each in lines
        if each.act in ("pending", "given")
        and (each.medium, each.purpose, each.topic) == about
        and utc(each.at) <= question.asked_at
    ]
    return max(asked, key=lambda each: utc(each.at), default=None)


def _counts(lines: Sequence[Consent], asked: Consent, line: Consent) -> bool:
    """Whether the confirmation is one: in time, of what was not taken back since, and the first."""
    before = _standing(lines, asked, line.at, double_opt_in=True)
    after = _standing([*lines, line], asked, line.at, double_opt_in=True)
    first = before.state != "confirmed" or before.line is None or utc(before.line.at) < utc(asked.at)
    return first and after.line == line and utc(line.at) < utc(asked.at) + CONFIRMED_WITHIN


def _standing(lines: Sequence[Consent], of: Question | Consent, at: datetime, *, double_opt_in: bool) -> Standing:
    return standing(lines, medium=of.medium, purpose=of.purpose, topic=of.topic, now=at, double_opt_in=double_opt_in)

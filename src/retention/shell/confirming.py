"""A consent that waits to be confirmed: asking for it, and the token that does it."""

from collections.abc import Sequence
from datetime import datetime
from typing import final

from attrs import evolve, frozen

from retention.permission.consents import CONFIRMED_WITHIN, Standing, State, standing
from retention.permission.media import MessageKind
from retention.permission.person import Consent
from retention.shell.handling import Handled, Handling
from retention.shell.notices import ConfirmationRequests
from retention.shell.owing import notice
from retention.shell.people import People
from retention.shell.proof import confirmation
from retention.shell.tokens import Question
from retention.spans import utc
from retention.storage.shop.port import Work
from retention.storage.shop.records import Parcel


@final
@frozen(kw_only=True)
class Confirmed:
    """Where the consent stands now: ``confirmed``, by this token or one before; ``lapsed`` or ``withdrawn``, so it has
    to be asked for again; ``pending``, since it was asked for again meanwhile; ``none`` of who was erased; ``given``
    where it holds without."""

    state: State
    handled: Handled


def consented(work: Work, handling: Handling, id: str, line: Consent) -> Handled:
    """A line of proof and what follows from it; the customer is asked to confirm it if it waits for that."""
    handled = handling.consented(work, id, line)
    wanted = [each for each in handling.shop.notices if isinstance(each, ConfirmationRequests)]
    double = handling.shop.policy is not None and handling.shop.policy.double_opt_in
    if not wanted or not (line.act == "pending" or (line.act == "given" and double)):
        return handled
    return evolve(handled, parcels=(*handled.parcels, *_requested(work, handling, id, line, wanted[0])))


def _requested(work: Work, handling: Handling, id: str, line: Consent, of: ConfirmationRequests) -> Sequence[Parcel]:
    shop, now, tokens = handling.shop, handling.now, handling.planner.tokens
    same = [each for each in of.channels if shop.channel(each).capabilities.medium.consent == line.medium]
    until = utc(line.at) + CONFIRMED_WITHIN
    if not same or utc(now) >= until:
        return ()
    at = utc(line.at).isoformat(timespec="microseconds")
    message = notice(
        line,
        id,
        now,
        until,
        of=evolve(of, channels=tuple(same)),
        key=f"confirm/{line.medium}/{line.purpose}/{line.topic or ''}/{at}",
        step="confirmation request",
        kind=MessageKind.TRANSACTIONAL,
        data={"confirm": tokens.confirm_address(id, line)} if tokens is not None and tokens.confirm_url else {},
    )
    shopper = work.shoppers([id])[id]
    planner = evolve(handling.planner, people=People.of(work, shop, [shopper], now), now=now)
    return work.put([planner.message(message, shopper)])


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

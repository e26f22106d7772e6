"""The gate: whether a message may go now, later or never. Nothing reaches a channel but what it lets through."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final, TypeAlias, assert_never

from attrs import evolve

from retention.permission import content
from retention.permission._seal import Seal
from retention.permission.capabilities import Capabilities
from retention.permission.checks.basics import country_known, in_time, kind_carried, not_suppressed
from retention.permission.checks.case import Case
from retention.permission.checks.consent import consented, not_withdrawn
from retention.permission.checks.hours import not_quiet, platform_open
from retention.permission.checks.often import not_too_often
from retention.permission.checks.platforms import platform_takes
from retention.permission.jurisdictions import SHIPPED
from retention.permission.jurisdictions.rules import Jurisdictions
from retention.permission.media import Medium, MessageKind
from retention.permission.messages import Draft, Outbound
from retention.permission.person import Person
from retention.permission.policy import Policy
from retention.permission.reasons import Finding, Stop, Wait, Why, stop
from retention.permission.verdicts import Allowed, Deferred, Reason, Refused, Verdict
from retention.spans import LATEST, utc

Check: TypeAlias = Callable[[Case], Iterator[Finding]]

HORIZON: Final = timedelta(days=400)
"""Nothing is deferred further: hours that never open in all zones of a country at once are found out."""


def written_lawfully(case: Case) -> Iterator[Finding]:
    """What the message says and how long it is."""
    rules = case.jurisdictions.of(case.country).content(case.on)
    for reason in content.problems(case.draft, case.capabilities, case.policy, rules, case.country):
        yield Stop(reason)


CHECKS: Final[tuple[Check, ...]] = (
    kind_carried,
    in_time,
    not_suppressed,
    not_withdrawn,
    consented,
    country_known,
    not_quiet,
    platform_open,
    platform_takes,
    not_too_often,
    written_lawfully,
)
"""In the order in which reasons are told, after those that wait. All are asked, whatever the others say."""

_THE_SAME_ALL_DAY: Final = (kind_carried, not_suppressed, not_withdrawn, country_known, written_lawfully)
"""What these find changes with what is known of the customer and with the rules of a date, not with the hour."""

_BY_THE_HOUR: Final = tuple(each for each in CHECKS if each not in _THE_SAME_ALL_DAY)


def permit(
    draft: Draft,
    capabilities: Capabilities,
    person: Person,
    *,
    policy: Policy,
    now: datetime,
    attempt: int = 1,
    jurisdictions: Jurisdictions = SHIPPED,
    lasting: timedelta = timedelta(),
) -> Verdict:
    """Whether the message may go by that channel to that customer at ``now``; asked again at the instant of sending.

    Deferred is until the first instant at which everything lets it through, if nothing new happens. What time alone
    does not mend is judged at that instant, not before: a cap that skips may have room by then, a trade may be too old.
    Refused lists all of it, and what it would have waited for. Allowed is what may go ``lasting`` later, too; of what
    may not, the answer is the one of then. ``attempt`` counts from 1. Raises NaiveInstant, and ConfigurationError for a
    channel whose send window has no zone.
    """
    asked_at = utc(now, "now")
    case = Case(
        draft=draft,
        capabilities=capabilities,
        person=_as_known(person, asked_at),
        policy=policy,
        jurisdictions=jurisdictions,
        at=asked_at,
        before=min(utc(draft.expires_at), _later(asked_at, HORIZON)),
    )
    verdict = _forbidden(case)
    if verdict is None and lasting:
        verdict = _forbidden_later(case, evolve(case, at=_later(asked_at, lasting)))
    return verdict or Allowed(_sealed(draft, capabilities, attempt, asked_at))


def _forbidden(case: Case) -> Deferred | Refused | None:
    """Until when a message has to wait, or why it may not go; None if it may at once."""
    waited: dict[Reason, None] = {}
    while waits := _waits(found := _found(CHECKS, case)):
        waited.update(dict.fromkeys(each.reason for each in waits))
        until = max(each.until for each in waits)
        if until >= case.before:
            return Refused(_told(case, tuple(waited) + _stops(found) + _too_late(case)))
        case = evolve(case, at=until)
    if stops := _stops(found):
        return Refused(_told(case, tuple(waited) + stops))
    return Deferred(case.at, _told(case, waited)) if waited else None


def _forbidden_later(case: Case, later: Case) -> Deferred | Refused | None:
    """The same of a later instant, before which it may go; on the same day only what the hour changes is looked at."""
    if later.on == case.on and not _found(_BY_THE_HOUR, later):
        return None
    return _forbidden(later)


def _found(checks: Iterable[Check], case: Case) -> list[Finding]:
    return [finding for check in checks for finding in check(case)]


def _as_known(person: Person, now: datetime) -> Person:
    """The person without what would permit something and is later than now. What forbids holds as soon as it is known:
    the clocks of whoever noted it and of this machine may differ."""
    return evolve(
        person,
        consents=tuple(
            [
                evolve(each, at=now) if utc(each.at) > now else each
                for each in person.consents
                if utc(each.at) <= now or each.act == "withdrawn"
            ]
        ),
        suppressions=tuple([evolve(each, at=min(utc(each.at), now)) for each in person.suppressions]),
        sent=tuple([evolve(each, at=min(utc(each.at), now)) for each in person.sent]),
        trades=tuple([each for each in person.trades if utc(each.ended_at) <= now]),
    )


def _waits(found: Iterable[Finding]) -> list[Wait]:
    return [each for each in found if isinstance(each, Wait)]


def _stops(found: Iterable[Finding]) -> tuple[Reason, ...]:
    return tuple(each.reason for each in found if isinstance(each, Stop))


def _told(case: Case, reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """The reasons, each with the channel that was asked: a message may be asked of several."""
    return tuple(evolve(each, channel=case.draft.channel) for each in reasons)


def _too_late(case: Case) -> tuple[Reason, ...]:
    expires_at = utc(case.draft.expires_at)
    if case.at >= expires_at:
        return ()
    if case.before >= expires_at:
        return (stop(Why.EXPIRES_FIRST, "the message expires before it may go").reason,)
    return (stop(Why.NEVER_OPEN, f"there is no allowed instant within {HORIZON.days} days").reason,)


def _sealed(draft: Draft, capabilities: Capabilities, attempt: int, now: datetime) -> Outbound:
    return Outbound(
        key=draft.key,
        recipient=draft.recipient,
        address=draft.address,
        content=draft.content,
        kind=draft.kind,
        medium=capabilities.medium,
        expires_at=draft.expires_at,
        sent_at=now,
        attempt=attempt,
        headers=_headers(draft) if capabilities.medium is Medium.EMAIL else {},
        seal=Seal(),
    )


def _headers(draft: Draft) -> Mapping[str, str]:
    """One-click unsubscribing for marketing alone (RFC 8058); what no person wrote says so (RFC 3834, section 5)."""
    match draft.kind:
        case MessageKind.MARKETING:
            return content.one_click_headers(draft.kind, draft.unsubscribe)
        case MessageKind.TRANSACTIONAL | MessageKind.LEGAL_NOTICE:
            return content.automatic_headers("auto-generated")
        case MessageKind.SERVICE:
            return {}
        case _:
            assert_never(draft.kind)


def _later(instant: datetime, by: timedelta) -> datetime:
    try:
        return instant + by
    except OverflowError:
        return LATEST

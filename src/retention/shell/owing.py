"""Which notices a customer is owed because of a consent; planned, planned again while nothing went out, and by when to
look again."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time, timedelta, tzinfo
from types import MappingProxyType
from typing import Any, Final, assert_never, final

from attrs import evolve, frozen

from retention.campaigns.carrying import nameless
from retention.campaigns.effects import SendMessage
from retention.campaigns.state import State
from retention.permission.duties import Duty, duties
from retention.permission.media import MessageKind
from retention.permission.messages import OnUnknown
from retention.permission.person import Consent
from retention.permission.where import clock_of, country_of
from retention.shell.notices import (
    ConfirmationRequests,
    Notices,
    OptOutConfirmations,
    ReconfirmationNotices,
    ResultNotices,
)
from retention.shell.people import People
from retention.shell.planning import Planner
from retention.shell.shop import NOTICES, Shop
from retention.spans import midnight, resolve, utc
from retention.storage.shop.port import Work
from retention.storage.shop.records import Parcel, ParcelStatus, Shopper

LOOK_AGAIN: Final = timedelta(days=1)
"""How long a notice that did not go out is left before it is looked at again."""

WEEKS_AHEAD: Final = timedelta(days=28)
"""How long before the last day of a reconfirmation it is planned: time to try again in."""

_MORNING: Final = time(10)
_WENT: Final[frozenset[ParcelStatus]] = frozenset({"sent", "held"})
_UNDER_WAY: Final[frozenset[ParcelStatus]] = frozenset({"waiting", "sending"})


@final
@frozen(kw_only=True)
class Owed:
    """A notice that is in time still, whether or not it went out: its key is always the same. ``recurs``: when its time
    is over, the next of its kind is owed."""

    message: SendMessage
    opens_at: datetime
    recurs: bool


def is_due(shopper: Shopper, now: datetime) -> bool:
    """Whether it is time to look at what the customer is owed."""
    state = shopper.states.get(NOTICES)
    return state is not None and state.next_due is not None and state.next_due <= utc(now)


def look_at(shopper: Shopper, at: datetime | None) -> Shopper:
    """The customer, to be looked at then. It is kept as the date that the engine's own campaign waits for."""
    others = {key: each for key, each in shopper.states.items() if key != NOTICES}
    return evolve(shopper, states=others if at is None else {**others, NOTICES: State(next_date=utc(at))})


def looked_after(work: Work, planner: Planner, shopper: Shopper) -> tuple[Shopper, tuple[Parcel, ...]]:
    """Plan what the customer is owed and nothing went out of; the customer, to be looked at when there is more to do,
    and the messages that are new in the outbox or wait there once more."""
    id, now = shopper.customer.id, planner.now
    consents = work.consents([id]).get(id, ())
    found = owed(planner.shop, shopper, consents, now)
    known = work.parcels([each.message.key for each in found]) if found else {}
    parcels = _planned(work, planner, shopper, [each for each in found if each.opens_at <= utc(now)], known)
    known = {**known, **{each.key: each for each in parcels}}
    looks = [at for each in found if (at := _next_look(each, known.get(each.message.key), now)) is not None]
    looks += [utc(each.at) for each in consents if utc(each.at) > utc(now)]  # noted by a clock that is ahead of ours
    return look_at(shopper, min(looks, default=None)), parcels


def owed(shop: Shop, shopper: Shopper, consents: Iterable[Consent], now: datetime) -> list[Owed]:
    """Those that are in time still, or will be."""
    assert shop.policy is not None, "the shop was checked"
    person = evolve(shop.person_of(shopper.customer), consents=tuple(consents))
    clock = clock_of(country_of(person, shop.policy), shop.jurisdictions)
    stands = duties(person, policy=shop.policy, now=now, jurisdictions=shop.jurisdictions)
    told = [(duty, notices) for duty in stands for notices in shop.notices if _tells(notices, duty)]
    found = [_owed(notices, duty, shopper.customer.id, clock, now) for duty, notices in told]
    return [each for each in found if utc(now) < utc(each.message.expires_at)]


def _tells(notices: Notices, duty: Duty) -> bool:
    match notices:
        case ResultNotices():
            return duty.what == "result notice"
        case ReconfirmationNotices():
            return duty.what == "reconfirmation"
        case OptOutConfirmations() | ConfirmationRequests():
            return False  # no duty: an answer, and a question
        case _:
            assert_never(notices)


def _owed(notices: Notices, duty: Duty, customer: str, clock: tzinfo, now: datetime) -> Owed:
    ends = midnight(duty.last_day + timedelta(days=1), clock)
    message = notice(duty.consent, customer, now, ends, of=notices, key=duty.key, step=duty.what)
    match duty.what:
        case "result notice":
            return Owed(message=message, opens_at=utc(duty.consent.at), recurs=False)
        case "reconfirmation":
            opens_at = resolve(datetime.combine(duty.last_day - WEEKS_AHEAD, _MORNING), clock)
            return Owed(message=message, opens_at=utc(opens_at), recurs=True)
        case _:
            assert_never(duty.what)


def notice(
    line: Consent,
    customer: str,
    now: datetime,
    expires_at: datetime,
    *,
    of: Notices,
    key: str,
    step: str,
    kind: MessageKind = MessageKind.LEGAL_NOTICE,
    on_unknown: OnUnknown = "retry",
    data: Mapping[str, Any] = MappingProxyType({}),
) -> SendMessage:
    """The message that tells a customer of a line of proof."""
    about = {"act": line.act, "medium": line.medium, "at": line.at, "purpose": line.purpose}
    return SendMessage(
        key=f"{NOTICES}:{key}:{nameless(customer)}",
        campaign=NOTICES,
        version=1,
        step=step,
        kind=kind,
        template=of.template,
        channels=of.channels,
        planned_at=utc(now),
        expires_at=expires_at,
        topic=None,
        tags=frozenset(),
        priority=0,
        on_unknown=on_unknown,
        asked_for=False,
        data={"consent": about, **data},
    )


def _planned(
    work: Work, planner: Planner, shopper: Shopper, found: Sequence[Owed], known: Mapping[str, Parcel]
) -> tuple[Parcel, ...]:
    """What is new, and what was given up and may go by now."""
    pending = [each.message for each in found if not _is_settled(known.get(each.message.key))]
    if not pending:
        return ()
    planner = evolve(planner, people=People.of(work, planner.shop, [shopper], planner.now))
    planned = [planner.message(each, shopper) for each in pending]
    anew = [_under_its_name(each, known[each.key]) for each in planned if each.key in known]
    new = work.put([each for each in planned if each.key not in known])
    return (*new, *work.reopen([each for each in anew if each.status == "waiting"]))


def _is_settled(parcel: Parcel | None) -> bool:
    """Whether it went out, may have, or is on its way."""
    return parcel is not None and parcel.status in _WENT | _UNDER_WAY


def _under_its_name(parcel: Parcel, before: Parcel) -> Parcel:
    """A parcel as it was planned anew, in the row that there is."""
    return evolve(parcel, effect=before.effect, planned_at=before.planned_at)


def _next_look(owed: Owed, parcel: Parcel | None, now: datetime) -> datetime | None:
    """None for what is done with. What is on its way may still be refused."""
    if utc(now) < owed.opens_at:
        return owed.opens_at
    if parcel is None or parcel.status not in _WENT:
        return utc(now) + LOOK_AGAIN
    return owed.message.expires_at if owed.recurs else None

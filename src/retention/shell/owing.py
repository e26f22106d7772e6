"""Which notices a customer is owed because of a consent; planned, planned again while nothing went out, and by when to
look again."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, final

from attrs import evolve, frozen

from retention.campaigns.carrying import nameless
from retention.campaigns.effects import SendMessage
from retention.campaigns.state import State
from retention.permission.duties import Duty, duties
from retention.permission.media import MessageKind
from retention.permission.person import Consent
from retention.permission.where import clock_of, country_of
from retention.shell.notices import ResultNotices
from retention.shell.people import People
from retention.shell.planning import Planner
from retention.shell.shop import NOTICES, Shop
from retention.spans import midnight, utc
from retention.storage.shop.port import Work
from retention.storage.shop.records import Parcel, ParcelStatus, Shopper

LOOK_AGAIN: Final = timedelta(days=1)
"""How long a notice that did not go out is left before it is looked at again."""

_WENT: Final[frozenset[ParcelStatus]] = frozenset({"sent", "held"})
_UNDER_WAY: Final[frozenset[ParcelStatus]] = frozenset({"waiting", "sending"})


@final
@frozen(kw_only=True)
class Owed:
    """A notice that is in time still, whether or not it went out: its key is always the same."""

    message: SendMessage


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
    found = owed(planner.shop, shopper, work.consents([id]).get(id, ()), now)
    known = work.parcels([each.message.key for each in found]) if found else {}
    parcels = _planned(work, planner, shopper, found, known) if found else ()
    now_known = {**known, **{each.key: each for each in parcels}}
    looks = [at for each in found if (at := _next_look(now_known[each.message.key], now)) is not None]
    return look_at(shopper, min(looks, default=None)), parcels


def owed(shop: Shop, shopper: Shopper, consents: Iterable[Consent], now: datetime) -> list[Owed]:
    """Those that are in time still."""
    assert shop.policy is not None, "the shop was checked"
    person = evolve(shop.person_of(shopper.customer), consents=tuple(consents))
    clock = clock_of(country_of(person, shop.policy), shop.jurisdictions)
    found = []
    for duty in duties(person, policy=shop.policy, now=now, jurisdictions=shop.jurisdictions):
        ends = midnight(duty.last_day + timedelta(days=1), clock)
        for notices in shop.notices:
            if duty.what == "result notice" and utc(now) < utc(ends):
                found.append(Owed(message=_notice(notices, duty, shopper.customer.id, now, ends)))
    return found


def _notice(notices: ResultNotices, duty: Duty, customer: str, now: datetime, ends: datetime) -> SendMessage:
    line = duty.consent
    return SendMessage(
        key=f"{NOTICES}:{duty.key}:{nameless(customer)}",
        campaign=NOTICES,
        version=1,
        step=duty.what,
        kind=MessageKind.LEGAL_NOTICE,
        template=notices.template,
        channels=notices.channels,
        planned_at=utc(now),
        expires_at=ends,
        topic=None,
        tags=frozenset(),
        priority=0,
        on_unknown="retry",
        asked_for=False,
        data={"consent": {"act": line.act, "medium": line.medium, "at": line.at, "purpose": line.purpose}},
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


def _next_look(parcel: Parcel, now: datetime) -> datetime | None:
    """None for what went out. What is on its way may still be refused."""
    return None if parcel.status in _WENT else utc(now) + LOOK_AGAIN

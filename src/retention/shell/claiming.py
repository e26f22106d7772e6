"""Claiming what is due in the outbox, and asking the gate: one transaction, and nothing is sent in it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from datetime import datetime, timedelta
from typing import Final, assert_never, final

from attrs import define, evolve, field, frozen

from retention.campaigns.effects import SendMessage
from retention.channels.protocol import Channel
from retention.loyalty.errors import NewerRecord
from retention.permission.media import MessageKind
from retention.permission.messages import Outbound
from retention.permission.verdicts import Allowed, Deferred, Reason, Refused
from retention.shell import gauge
from retention.shell.errors import UNREADABLE
from retention.shell.living import OTHERS_WORK
from retention.shell.people import People
from retention.shell.planning import Planner
from retention.shell.shop import Shop
from retention.spans import utc
from retention.storage.shop.port import Work
from retention.storage.shop.records import ChannelState, Parcel, ParcelStatus, Shopper

LEASE: Final = timedelta(minutes=15)
"""How long whoever claimed a message has it alone. A call of a channel must take less than that and FRESH."""

FRESH: Final = timedelta(minutes=1)
"""How long an answer of the gate is good for: what is allowed now must still be allowed then."""

NEWER_KNOWN: Final = timedelta(minutes=1)
"""How long a message in a newer form is left to a process that can read it."""

NO_CUSTOMER: Final = Reason("no-customer", "the customer is not there any more")
RUN_OVER: Final = Reason("run-over", "the customer has reached the campaign's goal, or left it")
NEW_ADDRESS: Final = Reason("new-address", "the customer has another address by now")
IN_DOUBT: Final = Reason("in-doubt", "it may have gone out, and nobody can say")


@final
@frozen
class Ready:
    """A message that may go now, whom it goes to, and by which channel."""

    parcel: Parcel
    message: Outbound
    shopper: Shopper
    channel: Channel


@final
@define
class Round:
    """What one worker claimed: messages to send, parcels to ask the provider about, hooks to call, and what is settled
    without any of it. ``failing`` are channels whose latest call failed."""

    people: People
    ready: list[Ready] = field(factory=list)
    doubtful: list[tuple[Parcel, Channel]] = field(factory=list)
    calls: list[Parcel] = field(factory=list)
    settled: list[Parcel] = field(factory=list)
    failing: set[str] = field(factory=set)
    unread: Mapping[str, Exception] = field(factory=dict)


def claim(work: Work, planner: Planner, now: datetime, limit: int, lease: timedelta = LEASE) -> Round:
    """The parcels that are due, judged. Their customers stay locked until the work ends, so that caps hold."""
    claimed = work.claim(utc(now), limit, lease)
    known = _known(work, planner.shop, {each.customer for each in claimed if each.customer is not None}, now)
    found = Round(known.people, unread=known.unread)
    planner = evolve(planner, people=known.people, now=now)
    left: list[Parcel] = []
    for parcel in claimed:
        problem = known.unread.get(parcel.customer or "")
        if problem is None or not isinstance(parcel.effect, SendMessage):
            left.append(parcel)
        else:
            found.settled.append(_unread(parcel, problem, now))
    admitted = _admitted(work, planner.shop, left, now, found)
    for parcel in sorted(admitted, key=lambda each: -each.priority):
        try:
            _judge(parcel, known.shoppers, planner, found)
        except Exception as problem:  # the host's functions and a plugin's checks: one customer stops no other
            found.settled.append(failed(parcel, problem, now))
    work.finish([*found.settled, *(each.parcel for each in found.ready)])
    return found


@final
@define
class _Known:
    """Customers, what the gate is told of them, and why others cannot be read."""

    shoppers: dict[str, Shopper] = field(factory=dict)
    people: People = field(factory=lambda: People({}, {}, {}))
    unread: dict[str, Exception] = field(factory=dict)


def _known(work: Work, shop: Shop, ids: Set[str], now: datetime) -> _Known:
    try:
        shoppers = work.shoppers([*ids])
        return _Known({**shoppers}, People.of(work, shop, shoppers.values(), now))
    except UNREADABLE:  # it comes again with whoever it is of
        return _known_one_by_one(work, shop, ids, now)


def _known_one_by_one(work: Work, shop: Shop, ids: Set[str], now: datetime) -> _Known:
    found = _Known()
    for id in sorted(ids):
        try:
            alone = work.shoppers([id])
            people = People.of(work, shop, alone.values(), now)
        except UNREADABLE as problem:
            found.unread[id] = problem
        else:
            found.shoppers |= alone
            found.people = found.people.with_others(people)
    return found


def _unread(parcel: Parcel, problem: Exception, now: datetime) -> Parcel:
    """A message to somebody who cannot be read here: whoever can read them decides, also whether it has expired."""
    reason = Reason("failed", f"reading the customer raised {type(problem).__name__}")
    return evolve(parcel, status="waiting", due_at=put_off_until(problem, now), reasons=(reason,))


def put_off_until(problem: BaseException | None, now: datetime) -> datetime:
    """When to look again at what cannot be read: another process may know a newer form, and nobody a damaged one."""
    return utc(now) + (NEWER_KNOWN if isinstance(problem, NewerRecord) else OTHERS_WORK)


def failed(parcel: Parcel, problem: Exception, now: datetime) -> Parcel:
    """A parcel that nobody could judge: looked at again in an hour, until it expires."""
    reason = Reason("failed", f"judging it raised {type(problem).__name__}")
    again = utc(now) + OTHERS_WORK
    over = isinstance(parcel.effect, SendMessage) and again >= utc(parcel.effect.expires_at)
    status: ParcelStatus = "expired" if over else "waiting"
    return evolve(parcel, status=status, due_at=again, reasons=(reason,))


def _admitted(work: Work, shop: Shop, claimed: Sequence[Parcel], now: datetime, found: Round) -> list[Parcel]:
    """Those that their channels have room for; the others wait, in order."""
    by_channel: dict[str, list[Parcel]] = defaultdict(list)
    for parcel in claimed:
        by_channel[parcel.channel].append(parcel)
    admitted: list[Parcel] = []
    for id, several in by_channel.items():
        channel = shop.channels.get(id)
        if channel is None:  # the call of a hook; and a channel that the shop has no more, which the judge settles
            admitted += several
            continue
        state = work.channel(channel.id, lock=channel.capabilities.per_second is not None)
        if state.failures:
            found.failing.add(channel.id)
        room, again = _room(work, channel, state, now, len(several))
        admitted += several[:room]
        found.settled += [evolve(each, status="waiting", due_at=utc(again)) for each in several[room:]]
    return admitted


def _room(work: Work, channel: Channel, state: ChannelState, now: datetime, wanted: int) -> tuple[int, datetime]:
    """How many a channel takes now, and when the others may come."""
    if gauge.is_open(state, now):
        assert state.open_until is not None, "it is open"
        return 0, state.open_until
    if channel.capabilities.per_second is None:
        return wanted, now
    state, room = gauge.take(state, channel.capabilities, now, wanted)
    work.keep_channel(channel.id, state)
    return room, gauge.refilled(state, channel.capabilities, now, wanted - room)


def _judge(parcel: Parcel, shoppers: Mapping[str, Shopper], planner: Planner, found: Round) -> None:
    if not isinstance(parcel.effect, SendMessage):
        found.calls.append(parcel)
        return
    shopper = None if parcel.customer is None else shoppers.get(parcel.customer)
    if shopper is None or parcel.draft is None:
        found.settled.append(evolve(parcel, status="cancelled", reasons=(NO_CUSTOMER,)))
        return
    channel = planner.shop.channels.get(parcel.channel)
    if channel is None:
        gone = Reason("no-channel", f"the shop has no channel {parcel.channel!r} any more")
        found.settled.append(evolve(parcel, status="dead", reasons=(gone,)))
        return
    if parcel.doubtful and parcel.effect.on_unknown != "retry":
        _doubt(parcel, channel, found)
        return
    if _is_over(parcel.effect, shopper):
        found.settled.append(_not_again(parcel, RUN_OVER) or evolve(parcel, status="cancelled", reasons=(RUN_OVER,)))
        return
    if planner.addressed_elsewhere(parcel, shopper, channel):
        found.settled.append(_not_again(parcel, NEW_ADDRESS) or planner.anew(parcel, shopper))
        return
    _ask(parcel, shopper, channel, planner, found)


def _not_again(parcel: Parcel, *reasons: Reason) -> Parcel | None:
    """A message that may have gone out and is not to go again, for staff to look at; None if it never went."""
    return evolve(parcel, status="held", reasons=(IN_DOUBT, *reasons)) if parcel.doubtful else None


def _is_over(effect: SendMessage, shopper: Shopper) -> bool:
    """Whether the run that advertises has reached its goal or was left since the message was planned."""
    state = shopper.states.get(effect.campaign)
    if effect.kind is not MessageKind.MARKETING or state is None:
        return False
    run = next((each for each in state.runs if each.subject == effect.subject), None)
    return run is not None and run.unwanted_at is not None and effect.planned_at <= run.unwanted_at


def _doubt(parcel: Parcel, channel: Channel, found: Round) -> None:
    """A parcel that may have gone out: asked about, or left to staff."""
    if (
        isinstance(parcel.effect, SendMessage)
        and parcel.effect.on_unknown == "query"
        and channel.capabilities.can_query
    ):
        found.doubtful.append((parcel, channel))
    else:
        found.settled.append(evolve(parcel, status="held", reasons=(IN_DOUBT,)))


def _ask(parcel: Parcel, shopper: Shopper, channel: Channel, planner: Planner, found: Round) -> None:
    verdict = planner.asked(parcel, shopper, channel, lasting=FRESH)
    match verdict:
        case Allowed(message):
            sending = evolve(parcel, sent_at=utc(planner.now), reasons=parcel.passed_over)
            found.ready.append(Ready(sending, message, shopper, channel))
            if sending.as_sent is not None:
                found.people.went(shopper.customer.id, sending.as_sent)
        case Deferred(until, reasons):
            sent_at = parcel.sent_at if parcel.doubtful else None
            why = (*reasons, *parcel.passed_over)
            found.settled.append(evolve(parcel, status="waiting", due_at=until, sent_at=sent_at, reasons=why))
        case Refused(reasons):  # by another channel, what is in doubt might come twice
            found.settled.append(
                _not_again(parcel, *reasons)
                or planner.rewritten(parcel, shopper)
                or planner.elsewhere(parcel, shopper, reasons)
            )
        case _:
            assert_never(verdict)

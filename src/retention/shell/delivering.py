"""The worker of the outbox: claim, send with no transaction open, and store what came of it."""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, Protocol, TypeVar, assert_never, cast, final, get_args

from attrs import evolve, field, frozen

from retention.campaigns.effects import CallHook
from retention.channels.errors import ChannelError
from retention.channels.protocol import Accepted, CanQuery, Channel, Outcome, Rejected, SuppressAs, Unknown
from retention.channels.receipts import is_name
from retention.loyalty.errors import Conflict, UnreadableParcels
from retention.permission.person import Suppression
from retention.permission.verdicts import Reason
from retention.shell import gauge, outcomes
from retention.shell.claiming import FRESH, LEASE, Ready, Round, claim, failed, put_off_until
from retention.shell.noting import note_sent
from retention.shell.people import People
from retention.shell.planning import Planner
from retention.spans import utc
from retention.storage.shop.port import Work
from retention.storage.shop.records import Parcel

_T = TypeVar("_T")


_LONGEST_WAIT: Final = timedelta(days=30)

MOST_AT_ONCE: Final = 100
"""How many messages one call of a channel takes at most, whatever it states: before each call it is asked whether the
gate's answer is still good."""


class Hook(Protocol):
    """What a step ``Call`` calls, at least once: with the shop's and the effect's key, the customer's id and the step's
    data."""

    def __call__(self, key: str, customer: str | None, data: Mapping[str, Any]) -> None: ...


class Attempts(Protocol):
    """Does a piece of work in a transaction, and again when somebody else was first."""

    def __call__(self, work: "Callable[[Work], _T]") -> "_T": ...


@final
@frozen(kw_only=True)
class Worker:
    """One worker among many. ``clock`` gives the present instant, ``elapsed`` the time since the round began,
    ``spread`` a number from 0 to 1 for the delays between attempts. ``early`` joins, at the end of the round,
    what was reported of messages before they were stored as sent. ``lease`` is how long what it claimed is its own.
    ``unreadable`` are the keys of messages that it could not read, ``unread`` such customers, and why."""

    planner: Planner
    attempts: Attempts
    clock: Callable[[], datetime]
    elapsed: Callable[[], timedelta]
    spread: Callable[[], float]
    early: Callable[[str, Sequence[str]], object]
    hooks: Mapping[str, Hook] = field(factory=dict)
    lease: timedelta = LEASE
    unreadable: dict[str, BaseException | None] = field(factory=dict)
    unread: dict[str, Exception] = field(factory=dict)

    def deliver(self, limit: int) -> list[Parcel]:
        """One round: what became of the parcels that were due, at most ``limit`` of them."""
        now = self.clock()
        found = self._claimed(now, limit)
        self.unread.update(found.unread)
        ended = [*found.settled]
        ended += self._all_sent(found, now)
        ended += self._all_queried(found, now)
        for parcel in found.calls:
            ended += self._called(parcel, now)
        return ended

    def _claimed(self, now: datetime, limit: int) -> Round:
        """What cannot be read is put off, and stops nothing else."""
        while True:
            try:
                return self.attempts(lambda work: claim(work, self.planner, now, limit, self.lease))
            except UnreadableParcels as problem:
                if not self.unreadable.keys().isdisjoint(problem.keys):  # a store that puts nothing off
                    raise
                self.unreadable.update(dict.fromkeys(problem.keys, problem.__cause__))
                self.attempts(partial(_put_off, keys=problem.keys, until=put_off_until(problem.__cause__, now)))

    def _all_sent(self, found: Round, now: datetime) -> list[Parcel]:
        done: list[Parcel] = []
        try:
            for several in _batches(found.ready):
                done += self._sent(several, now, found.failing)
        finally:
            self._heard(done)
        return done

    def _heard(self, sent: Sequence[Parcel]) -> None:
        """Join the receipts that came before the names of their messages were stored."""
        names: dict[str, list[str]] = defaultdict(list)
        for each in sent:
            if each.provider_id is not None and self.planner.shop.channels[each.channel].capabilities.receipts:
                names[each.channel].append(each.provider_id)
        for channel, several in names.items():
            self.early(channel, several)

    def _sent(self, several: Sequence[Ready], asked_at: datetime, failing: set[str]) -> Sequence[Parcel]:
        """Messages for one channel, handed to it in one call; released if the gate was asked too long ago, or the lease
        is over."""
        if self._took(asked_at) > min(FRESH, self.lease):
            return self.attempts(lambda work: self._release(work, several))
        channel = several[0].channel
        answers, failed = _given(channel, several)
        news = failed or channel.id in failing  # a channel that works costs no row
        done = self.attempts(lambda work: self._store(work, several, answers, failed=failed if news else None))
        (failing.add if failed else failing.discard)(channel.id)
        return done

    def _took(self, claimed_at: datetime) -> timedelta:
        """Since then, by the longer of two clocks."""
        return max(self.elapsed(), self.clock() - claimed_at)

    def _release(self, work: Work, several: Sequence[Ready]) -> Sequence[Parcel]:
        now = utc(self.clock())
        return work.finish([evolve(_not_sent(each.parcel), status="waiting", due_at=now) for each in several])

    def _left(self, work: Work, parcel: Parcel) -> Sequence[Parcel]:
        """To whoever claims it next, as it is."""
        return work.finish([evolve(parcel, status="waiting", due_at=utc(self.clock()))])

    def _store(
        self, work: Work, several: Sequence[Ready], answers: Sequence[Outcome], *, failed: bool | None
    ) -> Sequence[Parcel]:
        """What the channel answered; what it will never take goes by another, if the gate lets it. ``failed``: whether
        the call did as a whole, None if that is no news."""
        now = self.clock()
        channel = several[0].channel
        parcels = [self._ended(work, each, answer, now) for each, answer in zip(several, answers, strict=True)]
        done = work.finish(parcels)
        if failed is not None:
            state = work.channel(channel.id, lock=True)
            work.keep_channel(channel.id, gauge.noted(state, utc(now), failed=failed))
        note_sent(work, self.planner.shop, done, now)
        return done

    def _ended(self, work: Work, each: Ready, answer: Outcome, now: datetime) -> Parcel:
        """What became of a message. A function of the host that raises holds up no other, since those have gone out."""
        try:
            return self._after(work, each, answer, now)
        except Conflict:
            raise
        except Exception as problem:
            return failed(evolve(_not_sent(each.parcel), tries=each.parcel.tries + 1), problem, now)

    def _after(self, work: Work, each: Ready, answer: Outcome, now: datetime) -> Parcel:
        if isinstance(answer, Rejected) and answer.suppress:
            self._suppress(work, each, answer, now)
        found = outcomes.after(each.parcel, answer, now, self.spread())
        if isinstance(found, Parcel):
            return found
        people = People.of(work, self.planner.shop, [each.shopper], now)
        elsewhere = evolve(self.planner, people=people, now=now).elsewhere(found.parcel, each.shopper, found.reasons)
        return evolve(elsewhere, status="dead") if elsewhere.status == "refused" else elsewhere

    def _suppress(self, work: Work, each: Ready, answer: Rejected, now: datetime) -> None:
        medium = each.channel.capabilities.medium
        hashes = self.planner.shop.hashed(medium, each.message.address, each.shopper.customer.country)
        for hashed in sorted(hashes):
            work.suppress(hashed, Suppression(medium=medium, reason=answer.suppress_as, at=utc(now)))

    def _all_queried(self, found: Round, now: datetime) -> list[Parcel]:
        done: list[Parcel] = []
        try:
            for parcel, channel in found.doubtful:
                done += self._queried(parcel, channel, now)
        finally:
            self._heard(done)
        return done

    def _queried(self, parcel: Parcel, channel: Channel, claimed_at: datetime) -> Sequence[Parcel]:
        """Ask the provider about a message that may have gone out; one that it has never seen is sent as if anew."""
        assert parcel.draft is not None, "what has no draft was never sent"
        if self._took(claimed_at) > self.lease:
            return self.attempts(lambda work: self._left(work, parcel))
        try:
            said = cast(CanQuery, channel).query(parcel.draft.key)
            answer = None if said is None else _nameless(_believed(said), [parcel.draft.address])
        except Exception as problem:  # it may have gone out, and this is no answer
            answer = Unknown(f"the channel raised {type(problem).__name__}")
        now = self.clock()
        found = (
            evolve(parcel, status="waiting", due_at=utc(now), doubtful=False, sent_at=None)
            if answer is None
            else outcomes.after(parcel, answer, now, self.spread())
        )
        stored = found if isinstance(found, Parcel) else evolve(found.parcel, status="dead", reasons=found.reasons)

        def store(work: Work) -> Sequence[Parcel]:
            done = work.finish([stored])
            note_sent(work, self.planner.shop, done, now)
            return done

        return self.attempts(store)

    def _called(self, parcel: Parcel, claimed_at: datetime) -> Sequence[Parcel]:
        """Call a hook of the host."""
        assert isinstance(parcel.effect, CallHook), "only calls have no channel"
        if self._took(claimed_at) > self.lease:
            return self.attempts(lambda work: self._left(work, parcel))
        hook = self.hooks.get(parcel.effect.hook)
        if hook is None:
            stored = evolve(parcel, status="dead", reasons=(Reason("no-hook", "the shop has no hook of that name"),))
        else:
            stored = self._tried(hook, parcel, parcel.effect)
        return self.attempts(lambda work: work.finish([stored]))

    def _tried(self, hook: Hook, parcel: Parcel, effect: CallHook) -> Parcel:
        try:
            hook(self.planner.outside(effect.key), parcel.customer, effect.data)
        except Exception as problem:
            return outcomes.failed_call(parcel, problem, self.clock(), self.spread())
        return evolve(parcel, status="sent", sent_at=utc(self.clock()), tries=parcel.tries + 1, reasons=())


def _not_sent(parcel: Parcel) -> Parcel:
    """The parcel without its place in the caps, unless it may have gone out before."""
    return parcel if parcel.doubtful else evolve(parcel, sent_at=None)


def _put_off(work: Work, keys: Sequence[str], until: datetime) -> None:
    work.put_off_parcels(keys, until)


def _batches(ready: Sequence[Ready]) -> Iterable[Sequence[Ready]]:
    """By channel, as many as it takes at once."""
    by_channel: dict[str, list[Ready]] = defaultdict(list)
    for each in ready:
        by_channel[each.channel.id].append(each)
    for several in by_channel.values():
        size = min(several[0].channel.capabilities.batch, MOST_AT_ONCE)
        for start in range(0, len(several), size):
            yield several[start : start + size]


def _given(channel: Channel, several: Sequence[Ready]) -> tuple[Sequence[Outcome], bool]:
    """The channel's answers, and whether the call failed as a whole. What is no answer is Unknown."""
    try:
        answers = [*channel.send([each.message for each in several])]
    except ChannelError as problem:
        refused = Rejected(reason=problem.problem, retry_after=timedelta(0))
        return [_nameless(refused, [each.message.address for each in several])] * len(several), True
    except Exception as problem:
        return [Unknown(f"the channel raised {type(problem).__name__}")] * len(several), True
    if len(answers) != len(several):
        return [Unknown("the channel did not answer for each message")] * len(several), True
    found = [
        _nameless(_believed(answer), [each.message.address]) for answer, each in zip(answers, several, strict=True)
    ]
    return found, all(isinstance(each, Unknown) for each in found)


def _nameless(answer: Outcome, addresses: Collection[str]) -> Outcome:
    """The answer without the addresses: providers repeat them, and its words are kept as reasons."""
    match answer:
        case Accepted():
            return answer
        case Rejected(reason=reason, code=code):
            kept = None if code is None else _without(addresses, code)
            return evolve(answer, reason=_without(addresses, reason), code=kept)
        case Unknown(why):
            return Unknown(_without(addresses, why))
        case _:
            assert_never(answer)


def _without(addresses: Collection[str], words: str) -> str:
    for each in addresses:
        words = re.sub(re.escape(each.removeprefix("+")), "(the address)", words, flags=re.IGNORECASE)
    return words


def _is_kept(answer: Rejected) -> bool:
    """Whether what a plugin wrote there is of the types that it states."""
    return (
        isinstance(answer.reason, str)
        and isinstance(answer.code, str | None)
        and isinstance(answer.retry_after, timedelta | None)
        and answer.suppress_as in get_args(SuppressAs)
    )


def _believed(answer: object) -> Outcome:
    """The answer, if it is one that can be stored."""
    if isinstance(answer, Accepted) and is_name(answer.provider_id):
        return answer
    if isinstance(answer, Unknown) and isinstance(answer.why, str):
        return answer
    if isinstance(answer, Rejected) and _is_kept(answer):
        wait = answer.retry_after
        return answer if wait is None or wait <= _LONGEST_WAIT else evolve(answer, retry_after=_LONGEST_WAIT)
    return Unknown("the channel gave no answer that can be kept")

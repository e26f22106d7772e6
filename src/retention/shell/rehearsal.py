"""A campaign before it is let loose: what would have been sent, put off and refused, replayed on a simulated clock.

Customers do not know of one another, so each is replayed alone, in a store of their own; limits that channels have for
all customers together are not felt.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from hashlib import sha256
from itertools import groupby
from typing import Any, Literal, Protocol, TypeAlias, final

from attrs import evolve, frozen

from retention.campaigns.campaign import Campaign
from retention.campaigns.effects import SendMessage
from retention.campaigns.entries import Once, Recurring
from retention.campaigns.schedule import occurrences
from retention.channels.protocol import Accepted, Channel, Outcome, Receipt
from retention.customer import Customer
from retention.errors import FactError
from retention.permission.messages import Content, Draft, Outbound
from retention.permission.person import Consent
from retention.permission.verdicts import Reason
from retention.profile import Fact, Profile
from retention.shell.audiences import note_turned
from retention.shell.delivering import Hook
from retention.shell.proof import facts_of
from retention.shell.shop import Shop
from retention.spans import TICK, utc
from retention.storage.shop.memory import MemoryShopStore
from retention.storage.shop.records import Parcel, Shopper

What: TypeAlias = Literal["sent", "deferred", "refused", "expired", "cancelled", "dead", "held"]


@final
@frozen(kw_only=True)
class Foreseen:
    """One thing that would have happened to one message, at ``at`` (UTC), and why. ``until`` is to when it was put
    off."""

    at: datetime
    what: What
    customer: str
    campaign: str
    step: str
    channel: str
    reasons: tuple[Reason, ...] = ()
    until: datetime | None = None
    content: Content | None = None


@final
class Alone:
    """One customer on a store of their own. ``advance`` is what the engine does at an instant: facts, time, outbox."""

    def __init__(self, store: MemoryShopStore, customer: str) -> None:
        self.store = store
        self.customer = customer
        self._seen: dict[str, Parcel] = {}

    def next_due(self) -> datetime | None:
        return self.store.next_due()

    def happened(self, at: datetime) -> Iterator[Foreseen]:
        """What happened to messages since last asked."""
        with self.store.work() as work:
            parcels = work.parcels_of(self.customer)
        for parcel in parcels:
            before = self._seen.get(parcel.key)
            self._seen[parcel.key] = parcel
            if isinstance(parcel.effect, SendMessage):
                yield from self._foreseen(parcel, parcel.effect, before, utc(at))

    def _foreseen(self, parcel: Parcel, effect: SendMessage, before: Parcel | None, at: datetime) -> Iterator[Foreseen]:
        """What is new of a message: channels that did not take it first, and what became of it by its own."""
        known = () if before is None else before.passed_over
        theirs = Foreseen(
            at=at, what="refused", customer=self.customer, campaign=effect.campaign, step=effect.step, channel=""
        )
        for channel, why in groupby(parcel.passed_over, key=lambda each: each.channel):
            reasons = tuple(each for each in why if each not in known)
            if reasons and parcel.status != "refused":
                yield evolve(theirs, channel=str(channel), reasons=reasons)
        what = _what(parcel, before)
        if what is not None:
            yield evolve(
                theirs,
                what=what,
                channel=parcel.channel,
                reasons=parcel.reasons if what == "refused" else _own(parcel),
                until=parcel.due_at if what == "deferred" else None,
                content=None if parcel.draft is None else parcel.draft.content,
            )


def _what(parcel: Parcel, before: Parcel | None) -> What | None:
    """What is new of a parcel; None if nothing is, or if it only waits to be taken at once."""
    if before is not None and (parcel.status, parcel.due_at) == (before.status, before.due_at):
        return None
    if parcel.status == "waiting":
        return "deferred" if _own(parcel) else None
    return None if parcel.status == "sending" else parcel.status


def _own(parcel: Parcel) -> tuple[Reason, ...]:
    """The reasons that are of its own channel."""
    return tuple(each for each in parcel.reasons if each not in parcel.passed_over)


@final
class Rehearsed:
    """A channel that takes everything at once and sends nothing; all else is as the channel says."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self.capabilities = evolve(channel.capabilities, per_second=None)

    @property
    def id(self) -> str:
        return self._channel.id

    def validate_address(self, address: str) -> str:
        return self._channel.validate_address(address)

    def check(self, draft: Draft) -> Sequence[Reason]:
        return self._channel.check(draft)

    def send(self, batch: Sequence[Outbound]) -> Sequence[Outcome]:
        return [Accepted(sha256(each.key.encode()).hexdigest()) for each in batch]

    def parse_webhook(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Sequence[Receipt]:
        return ()


def rehearsed(shop: Shop, campaigns: Sequence[Campaign]) -> Shop:
    """The shop with channels that send nothing, and these campaigns; it owes nobody a notice."""
    channels = {id: Rehearsed(each) for id, each in shop.channels.items()}
    return evolve(shop, channels=channels, campaigns=tuple(campaigns), notices=())


def profiles_of(history: Iterable[Profile]) -> Iterator[Profile]:
    """One after the other, since there may be many. Raises FactError for what is none."""
    if not isinstance(history, Iterable):
        raise FactError("history", "is not a list", got=history, hint="Give [Profile.build(...)]")
    for each in history:
        if not isinstance(each, Profile):
            raise FactError("history", "has something else than profiles", got=each, hint="Give [Profile.build(...)]")
        yield each


def arrivals(profile: Profile, start: datetime, until: datetime) -> list[tuple[datetime, Fact]]:
    """When which fact, or a later form of it, became known in ``(start, until]``, in order."""
    found: list[tuple[datetime, Fact]] = []
    for fact in profile.facts():
        alone = Profile.build(profile.customer, (fact,), schema=profile.schema)
        for at in alone.instants():
            if utc(start) < at <= utc(until):
                found += [(at, each) for each in alone.until(at).facts()]
    return sorted(found, key=lambda each: (each[0], each[1].collection, each[1].id))


def joining(
    profile: Profile, consents: Sequence[Consent], start: datetime, until: datetime
) -> list[tuple[datetime, Customer]]:
    """The customer, if they were first known in ``(start, until]``."""
    known = first_known(profile, consents)
    return [(known, profile.customer)] if known is not None and utc(start) < known <= utc(until) else []


def agreements(consents: Iterable[Consent], start: datetime, until: datetime) -> list[tuple[datetime, Consent]]:
    """The lines of proof that came in ``(start, until]``, in order: before what came at the same instant."""
    found = [(at, each) for each in consents if utc(start) < (at := utc(each.at)) <= utc(until)]
    return sorted(found, key=lambda each: each[0])


def first_known(profile: Profile, consents: Iterable[Consent]) -> datetime | None:
    """When the customer joined, or was heard of before that; None if nobody has said."""
    joined = profile.customer.joined_at
    if joined is None:
        return None
    return min([utc(joined), *(utc(each.at) for each in consents), *profile.instants()])


def opened(shop: Shop, profile: Profile, consents: Sequence[Consent], start: datetime) -> MemoryShopStore:
    """A store that knows the customer as they were at ``start``, and that audiences before it have come in."""
    store, id = MemoryShopStore(), profile.customer.id
    known = first_known(profile, consents)
    with store.work() as work:
        for campaign in shop.newest:
            if isinstance(campaign.entry, Once | Recurring):
                note_turned(work, campaign, utc(start) - TICK)
        if known is not None and known > utc(start):
            return store
        work.keep([Shopper(customer=profile.customer)])
        work.add_facts(id, [*profile.until(start).facts()])
        for each in consents:
            if utc(each.at) <= utc(start):
                work.add_consent(id, each)
                work.add_facts(id, facts_of(each))
    return store


def rounds(shop: Shop, start: datetime, until: datetime) -> list[datetime]:
    """When audiences are due."""
    return [each.at for campaign in shop.newest for each in occurrences(campaign, utc(start) - TICK, until)]


def replay(
    theirs: Alone,
    given: Sequence[tuple[datetime, Customer | Fact | Consent]],
    audiences: Sequence[datetime],
    until: datetime,
    advance: Callable[[datetime, Sequence[Customer | Fact | Consent]], None],
) -> Iterator[Foreseen]:
    """Go from instant to instant: of the customer, facts and lines of proof, of audiences, of what is due."""
    moments = sorted({*(at for at, _ in given), *map(utc, audiences)})
    at: datetime | None = None
    while True:
        due = theirs.next_due()
        following = [each for each in (due, moments[0] if moments else None) if each is not None]
        if not following or min(following) > utc(until):
            return
        at = min(following) if at is None else max(at, min(following))
        moments = [each for each in moments if each > at]
        advance(at, [each for known, each in given if known == at])
        yield from theirs.happened(at)


class Engine(Protocol):
    """What a rehearsal asks of the engine."""

    def handle(self, customer: str | Customer, *facts: Fact, now: datetime) -> object: ...

    def consent(self, customer: str, consent: Consent, *, now: datetime) -> object: ...

    def wake(self, now: datetime) -> object: ...

    def deliver(self, now: datetime) -> object: ...


class Silent(dict[str, Hook]):
    """Hooks of a rehearsal: all are there, and do nothing."""

    def get(self, name: str, default: Any = None) -> Any:
        return lambda key, customer, data: None


def rehearse(
    engine_on: Callable[[MemoryShopStore], Engine],
    shop: Shop,
    history: Iterable[Profile],
    consents: Mapping[str, Iterable[Consent]],
    start: datetime,
    until: datetime,
) -> tuple[Foreseen, ...]:
    """Every customer's messages, in order of time, then of customers."""
    audiences = rounds(shop, start, until)
    found: list[Foreseen] = []
    for profile in history:
        id = profile.customer.id
        lines = [*consents.get(id, ())]
        store = opened(shop, profile, lines, start)
        engine, theirs = engine_on(store), Alone(store, id)
        engine.wake(start)
        found += theirs.happened(start)
        given: list[tuple[datetime, Customer | Fact | Consent]] = [
            *joining(profile, lines, start, until),
            *agreements(lines, start, until),
            *arrivals(profile, start, until),
        ]
        found += replay(theirs, given, audiences, until, partial(_advance, engine, id))
    return tuple(sorted(found, key=lambda each: (each.at, each.customer)))


def _advance(engine: Engine, id: str, at: datetime, given: Sequence[Customer | Fact | Consent]) -> None:
    facts: list[Fact] = []
    for each in given:
        match each:
            case Customer():
                engine.handle(each, now=at)
            case Consent():
                engine.consent(id, each, now=at)
            case _:
                facts.append(each)
    if facts:
        engine.handle(id, *facts, now=at)
    engine.wake(at)
    engine.deliver(at)

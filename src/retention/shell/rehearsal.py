"""A campaign before it is let loose: what would have been sent, put off and refused, replayed on a simulated clock.

Customers do not know of one another, so each is replayed alone, in a store of their own; limits that channels have for
all customers together are not felt.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Literal, Protocol, TypeAlias, final

from attrs import evolve, frozen

from retention.campaigns.campaign import Campaign
from retention.campaigns.effects import SendMessage
from retention.campaigns.schedule import occurrences
from retention.channels.protocol import Accepted, Channel, Outcome, Receipt
from retention.permission.capabilities import Capabilities
from retention.permission.messages import Content, Draft, Outbound
from retention.permission.person import Consent
from retention.permission.verdicts import Reason
from retention.profile import Fact, Profile
from retention.shell.delivering import Hook
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
            what = _what(parcel, before)
            if what is not None and isinstance(parcel.effect, SendMessage):
                yield Foreseen(
                    at=utc(at),
                    what=what,
                    customer=self.customer,
                    campaign=parcel.effect.campaign,
                    step=parcel.effect.step,
                    channel=parcel.channel,
                    reasons=parcel.reasons,
                    until=parcel.due_at if what == "deferred" else None,
                    content=None if parcel.draft is None else parcel.draft.content,
                )


def _what(parcel: Parcel, before: Parcel | None) -> What | None:
    """What is new of a parcel; None if nothing is, or if it only waits to be taken at once."""
    if before is not None and (parcel.status, parcel.due_at) == (before.status, before.due_at):
        return None
    if parcel.status == "waiting":
        return "deferred" if parcel.reasons else None
    return None if parcel.status == "sending" else parcel.status


@final
class Rehearsed:
    """A channel that takes everything and sends nothing; all else is as the channel says."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    @property
    def id(self) -> str:
        return self._channel.id

    @property
    def capabilities(self) -> Capabilities:
        return self._channel.capabilities

    def validate_address(self, address: str) -> str:
        return self._channel.validate_address(address)

    def check(self, draft: Draft) -> Sequence[Reason]:
        return self._channel.check(draft)

    def send(self, batch: Sequence[Outbound]) -> Sequence[Outcome]:
        return [Accepted(each.key) for each in batch]

    def parse_webhook(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Sequence[Receipt]:
        return ()


def rehearsed(shop: Shop, campaigns: Iterable[Campaign] | None) -> Shop:
    """The shop with channels that send nothing, and these campaigns if any are given; it owes nobody a notice."""
    channels = {id: Rehearsed(each) for id, each in shop.channels.items()}
    chosen = shop.campaigns if campaigns is None else tuple(campaigns)
    return evolve(shop, channels=channels, campaigns=chosen, notices=())


def arrivals(profile: Profile, start: datetime, until: datetime) -> list[tuple[datetime, Fact]]:
    """When which fact, or a later form of it, became known in ``(start, until]``, in order."""
    found: list[tuple[datetime, Fact]] = []
    for fact in profile.facts():
        alone = Profile.build(profile.customer, (fact,), schema=profile.schema)
        for at in alone.instants():
            if utc(start) < at <= utc(until):
                found += [(at, each) for each in alone.until(at).facts()]
    return sorted(found, key=lambda each: (each[0], each[1].collection, each[1].id))


def opened(profile: Profile, consents: Iterable[Consent], start: datetime) -> MemoryShopStore:
    """A store that knows the customer as they were at ``start``."""
    store = MemoryShopStore()
    with store.work() as work:
        work.keep([Shopper(customer=profile.customer)])
        work.add_facts(profile.customer.id, [*profile.until(start).facts()])
        for each in consents:
            work.add_consent(profile.customer.id, each)
    return store


def rounds(shop: Shop, start: datetime, until: datetime) -> list[datetime]:
    """When audiences are due."""
    return [each.at for campaign in shop.newest for each in occurrences(campaign, utc(start) - TICK, until)]


def replay(
    theirs: Alone,
    given: Sequence[tuple[datetime, Fact]],
    audiences: Sequence[datetime],
    until: datetime,
    advance: Callable[[datetime, Sequence[Fact]], None],
) -> Iterator[Foreseen]:
    """Go from instant to instant: of facts, of audiences, of what is due."""
    moments = sorted({*(at for at, _ in given), *map(utc, audiences)})
    at: datetime | None = None
    while True:
        due = theirs.next_due()
        following = [each for each in (due, moments[0] if moments else None) if each is not None]
        if not following or min(following) > utc(until):
            return
        at = min(following) if at is None else max(at, min(following))
        moments = [each for each in moments if each > at]
        advance(at, [fact for known, fact in given if known == at])
        yield from theirs.happened(at)


class Engine(Protocol):
    """What a rehearsal asks of the engine."""

    def handle(self, customer: str, *facts: Fact, now: datetime) -> object: ...

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
        store = opened(profile, consents.get(id, ()), start)
        engine, theirs = engine_on(store), Alone(store, id)
        engine.wake(start)
        found += theirs.happened(start)
        found += replay(theirs, arrivals(profile, start, until), audiences, until, partial(_advance, engine, id))
    return tuple(sorted(found, key=lambda each: (each.at, each.customer)))


def _advance(engine: Engine, id: str, at: datetime, facts: Sequence[Fact]) -> None:
    if facts:
        engine.handle(id, *facts, now=at)
    engine.wake(at)
    engine.deliver(at)

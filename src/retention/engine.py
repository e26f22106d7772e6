"""Retention: the shell around the pure core. It loads, decides, stores, sends, and reads the only clock."""

import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final, final

from attrs import evolve

from retention.campaigns.campaign import Campaign
from retention.campaigns.effects import CallHook, SendMessage
from retention.channels.protocol import Channel, Receipt
from retention.channels.receipts import is_name
from retention.checks import identifier, parts
from retention.customer import Customer
from retention.errors import ConfigurationError, FactError
from retention.loyalty.errors import UnreadableParcels
from retention.permission.jurisdictions import SHIPPED
from retention.permission.jurisdictions.rules import Jurisdictions
from retention.permission.media import Medium
from retention.permission.person import Consent, Person
from retention.permission.policy import Policy
from retention.plugins import Plugins
from retention.profile import Fact, Profile, checked_facts
from retention.schema import STANDARD, Schema
from retention.segments.segment import Segment
from retention.segments.segment_set import SegmentSet
from retention.shell.answering import Understood, understood
from retention.shell.asking import Asked
from retention.shell.claiming import LEASE
from retention.shell.clearing import Cleared
from retention.shell.confirming import Confirmed, confirmed, consented
from retention.shell.delivering import Hook, Worker
from retention.shell.desk import Desk, most
from retention.shell.errors import CustomerFailed, StillCounted, StoreBusy
from retention.shell.handling import Handled
from retention.shell.measured import ArmResults, CampaignResults
from retention.shell.notices import (
    ConfirmationRequests,
    Notices,
    OptOutConfirmations,
    ReconfirmationNotices,
    ResultNotices,
)
from retention.shell.receiving import Reported, early, joined, remember
from retention.shell.rehearsal import Foreseen, Silent, profiles_of, rehearse, rehearsed
from retention.shell.shop import Shop, address_of, channels_by_id, only_storage, person_of, several, zone_of
from retention.shell.silencing import unsubscribed
from retention.shell.tokens import Claim, ForgedToken, Tokens, checked_tokens
from retention.shell.waking import Waking
from retention.spans import local, utc
from retention.storage.shop.port import ShopStore, Work
from retention.storage.shop.records import ParcelStatus
from retention.templates import Templates

__all__ = [
    "ArmResults",
    "Asked",
    "CampaignResults",
    "Claim",
    "Cleared",
    "ConfirmationRequests",
    "Confirmed",
    "CustomerFailed",
    "Foreseen",
    "ForgedToken",
    "Handled",
    "Hook",
    "OptOutConfirmations",
    "ReconfirmationNotices",
    "ResultNotices",
    "Retention",
    "StillCounted",
    "StoreBusy",
    "Tokens",
    "Understood",
]

CLOCKS_DIFFER: Final = timedelta(minutes=1)
"""How far in the future a fact may lie and still be taken as of now: the clocks of a shop's machines differ."""


@final
class Retention(Desk):
    """A shop's retention engine: facts in, lawful messages and rewards out.

    ``storage`` keeps everything; ``zone`` is the shop's own, in which calendar words of segments are read. ``secret``
    (32 bytes or more, kept by the host) names suppressed addresses and recipients, ``tokens`` makes the addresses that
    end marketing and confirm consents. ``hooks`` are what steps ``Call``. ``address``, ``zone_of`` and ``person_of``
    say of a customer what the library cannot know. ``notices`` tell customers what the law wants told because of a
    consent. ``plugins`` bring channels, a storage, fields, and are told what is stored. ``clock`` and ``spread`` (a
    number from 0 to 1) are for tests. ``lease`` is how long a message that a worker claimed is left to it; after that
    it is taken for dead.

    Safe with any number of threads, processes and machines on one store. Every call takes ``now``, the clock's instant
    if None. Raises ConfigurationError for parts that do not fit together.
    """

    def __init__(
        self,
        storage: ShopStore | None = None,
        *,
        zone: tzinfo,
        segments: SegmentSet | Iterable[Segment] = (),
        campaigns: Iterable[Campaign] = (),
        channels: Iterable[Channel] = (),
        policy: Policy | None = None,
        templates: Templates | None = None,
        jurisdictions: Jurisdictions = SHIPPED,
        schema: Schema = STANDARD,
        secret: bytes = b"",
        tokens: Tokens | None = None,
        hooks: Mapping[str, Hook] | None = None,
        address: Callable[[Customer, Medium], str | None] = address_of,
        zone_of: Callable[[Customer], tzinfo | None] = zone_of,
        person_of: Callable[[Customer], Person] = person_of,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        spread: Callable[[], float] = random.random,
        notices: Iterable[Notices] = (),
        plugins: Plugins | None = None,
        attempts: int = 100,
        lease: timedelta = LEASE,
    ) -> None:
        self.plugins = plugins or Plugins()
        schema = self.plugins.schema(schema=schema)
        self.shop = Shop(
            zone=zone,
            segments=segments if isinstance(segments, SegmentSet) else SegmentSet(segments, schema=schema),
            campaigns=several(Campaign, campaigns, "campaigns"),
            channels=channels_by_id((*several(object, channels, "channels"), *self.plugins.channels())),
            policy=policy,
            templates=templates,
            jurisdictions=jurisdictions,
            schema=schema,
            address=address,
            secret=secret,
            zone_of=zone_of,
            person_of=person_of,
            notices=several(Notices, notices, "notices"),
        )
        self.storage = only_storage(storage, self.plugins.storage())
        self.tokens, self.hooks = checked_tokens(tokens, self.shop.advertises_by_mail), dict(hooks or {})
        self.clock, self.spread, self.attempts, self.lease = clock, spread, attempts, lease
        self._announced: list[str] = []  # in this storage
        self._borrowed = False

    def using(self, storage: ShopStore) -> "Retention":
        """The same engine on another storage, such as one inside the host's own transaction.

        Observers are not told, since the host may yet roll back: what followed is in what the calls return.
        """
        other = object.__new__(Retention)
        other.__dict__.update(self.__dict__, storage=storage, plugins=Plugins(), _borrowed=True, _announced=[])
        return other

    # Facts in. -------------------------------------------------------------------------------------------------------

    def handle(self, customer: Customer | str, *facts: Fact, now: datetime | None = None) -> Handled:
        """Facts of one customer, or the customer as they are now: memberships, campaigns and rewards, in one
        transaction.

        A fact that is known already changes nothing; one whose id is known takes the place of the older. Raises
        FactError for a fact of the future, and for all that a profile refuses.
        """
        at = self._at(now)
        for fact in checked_facts(facts):
            at = _not_before(fact.collection, fact.at, at)
        given = customer if isinstance(customer, Customer) else None
        id = identifier(customer, "customer") if given is None else given.id
        return self._told(self._in_work(lambda work: self._handling(at).facts(work, id, given, facts)))

    def introduce(self, customer: Customer, *facts: Fact, now: datetime | None = None) -> Handled:
        """A customer whom the shop had before the engine, with their history: judged, and nothing is set off."""
        at, known = self._at(now), checked_facts(facts)
        if not isinstance(customer, Customer):
            hint = "Build Customer(...), with all that the shop knows of them"
            raise FactError("customer", "is not a customer", got=customer, hint=hint)
        return self._in_work(lambda work: self._handling(at).introduce(work, customer, known))

    def consent(self, customer: str, consent: Consent, *, now: datetime | None = None) -> Handled:
        """A consent given, confirmed or withdrawn, with its proof. It holds from the moment this returns."""
        at = self._at(now)
        if not isinstance(consent, Consent):
            raise FactError("consent", "is not a line of proof", got=consent, hint="Build Consent(...)")
        if consent.act != "withdrawn":  # that holds from now on, whatever the clock of whoever noted it
            _not_before("Consent", consent.at, at)
        line = evolve(consent, at=min(utc(consent.at), utc(at)))  # one of the future would not be read
        id = identifier(customer, "customer")
        return self._told(self._in_work(lambda work: consented(work, self._handling(at), id, line)))

    def unsubscribe(self, token: str, *, now: datetime | None = None) -> Handled:
        """What the one-click POST of a message means (RFC 8058): no more of that topic by that medium.

        Never call it for a GET. Raises ForgedToken.
        """
        claim, at = self._given_tokens().read(token), self._at(now)
        handling = self._handling(at)

        def stop(work: Work) -> Handled:
            line = unsubscribed(work, self.shop, claim, utc(at))
            return Handled(customer=claim.customer) if line is None else handling.consented(work, claim.customer, line)

        return self._told(self._in_work(stop))

    def confirm(self, token: str, *, now: datetime | None = None) -> Confirmed:
        """What the POST of a page means that a double opt-in leads to: the consent that was asked for is confirmed,
        within 7 days. Never call it for a GET. Raises ForgedToken."""
        question, at = self._given_tokens().read_confirmation(token), self._at(now)
        found = self._in_work(lambda work: confirmed(work, self._handling(at), question))
        self._told(found.handled)
        return found

    def inbound(self, channel: str, customer: str, text: str, *, now: datetime | None = None) -> Understood:
        """What a customer answered by a channel. STOP and its synonyms withdraw at once; YES or START confirm the
        consent that was asked for last and waits; all else opens the hours in which a platform lets answers through,
        and changes nothing. Raises UnknownChoice for the channel."""
        at, by, id = self._at(now), self.shop.channel(channel), identifier(customer, "customer")
        if not isinstance(text, str):
            raise FactError("text", "is not text", got=text, hint="Give what the customer wrote")
        found = self._in_work(lambda work: understood(work, self._handling(at), by, id, text))
        self._told(found.handled)
        return found

    def receive(
        self, channel: str, headers: Mapping[str, str], body: bytes, *, now: datetime | None = None
    ) -> tuple[Handled, ...]:
        """A webhook of a channel's provider. Raises ForgedWebhook, MalformedWebhook, UnknownChoice."""
        at = self._at(now)
        receipts = self.shop.channel(channel).parse_webhook(headers, body, now=at)
        return self.report(channel, receipts, now=at)

    def report(self, channel: str, receipts: Iterable[Receipt], *, now: datetime | None = None) -> tuple[Handled, ...]:
        """Receipts that came another way than by a webhook: bounces from a mailbox, a provider that was polled.

        One with a name that no message can have is let go. One that is dated later than now is of now.
        """
        self.shop.channel(channel)
        at = self._at(now)
        given = [_as_of(at, each) for each in parts(Receipt, receipts, "receipts") if is_name(each.provider_id)]
        new = self._in_work(lambda work: remember(work, channel, given))
        found = self._in_work(lambda work: joined(work, self._handling(at), channel, given))
        return self._reported(evolve(found, receipts=tuple(each for each in found.receipts if each[1] in new)))

    # Time. -----------------------------------------------------------------------------------------------------------

    def wake(self, now: datetime | None = None, *, limit: int = 1000) -> int:
        """What time alone has made due, for at most about ``limit`` customers; how many there were.

        Call it every minute or so: memberships that change by time, waits that are over, audiences that are due.
        """
        at = self._at(now)
        waking = Waking(in_work=self._in_work, handling=self._handling(at), told=self._told)
        done = waking.run(most(limit))
        for problem in waking.failed.values():
            raise problem
        return done

    def deliver(self, now: datetime | None = None, *, limit: int = 100) -> Counter[ParcelStatus]:
        """One round of the outbox: what became of the messages that were due, at most ``limit``, by status; empty when
        nothing was. At its end it raises UnreadableParcels if there were some, or CustomerFailed if somebody cannot be
        read; all others were seen to."""
        if self._borrowed:
            raise ConfigurationError(
                "messages are not sent with the host's transaction open", hint="Call deliver of the engine itself"
            )
        clock = self.clock if now is None else lambda: self._at(now)
        begun = self.clock()
        worker = Worker(
            planner=self._planner(clock()),
            attempts=self._in_work,
            clock=clock,
            elapsed=lambda: self.clock() - begun,
            spread=self.spread,
            early=lambda channel, names: self._heard(clock(), channel, names),
            hooks=self.hooks,
            lease=self.lease,
        )
        ended = worker.deliver(most(limit))
        for parcel in ended:
            self.plugins.message_changed(parcel)
        if worker.unreadable:
            raise UnreadableParcels([*worker.unreadable]) from next(iter(worker.unreadable.values()))
        for customer, problem in worker.unread.items():
            raise CustomerFailed(customer) from problem
        return Counter(each.status for each in ended)

    # Rehearsing. -----------------------------------------------------------------------------------------------------

    def rehearse(
        self,
        history: Iterable[Profile],
        *,
        start: datetime,
        until: datetime,
        campaigns: Iterable[Campaign] | None = None,
        consents: Mapping[str, Iterable[Consent]] | None = None,
    ) -> tuple[Foreseen, ...]:
        """Everything that these campaigns, all of the shop's if None, would have sent, put off and refused.

        What was known at ``start`` is known silently; what came later, up to ``until``, arrives at its instant.
        ``consents`` are lines of proof by customer. Nothing is sent and nothing of the shop's storage is read. In order
        of time, then of customers.
        """
        chosen = self.shop.campaigns if campaigns is None else several(Campaign, campaigns, "campaigns")
        shop = rehearsed(self.shop, chosen)
        if not isinstance(consents, Mapping | None):
            raise ConfigurationError("rehearse: consents are by customer", hint='Give {"anna": [consent]}')
        lines = {id: parts(Consent, each, f"consents[{id!r}]") for id, each in (consents or {}).items()}

        def engine(store: ShopStore) -> Retention:
            copy = self.using(store)
            copy.shop, copy.spread, copy.hooks, copy._borrowed = shop, lambda: 0.5, Silent(), False
            return copy

        return rehearse(engine, shop, profiles_of(history), lines, start, until)

    # How. ------------------------------------------------------------------------------------------------------------

    def _given_tokens(self) -> Tokens:
        if self.tokens is None:
            raise ConfigurationError("there are no tokens to read", hint="Give tokens=Tokens(...)")
        return self.tokens

    def _told(self, handled: Handled) -> Handled:
        """Observers are told of what is stored."""
        for segment, direction, at in handled.changes:
            self.plugins.membership_changed(handled.customer, segment, direction, at)
        refused = {key for key, note in handled.notes if note.code == "not-granted"}
        for effect in handled.effects:
            if not isinstance(effect, SendMessage | CallHook) and effect.key not in refused:
                self.plugins.effect_stored(handled.customer, effect)
        for parcel in handled.parcels:
            self.plugins.message_changed(parcel)
        return handled

    def _heard(self, at: datetime, channel: str, names: Sequence[str]) -> None:
        """What was reported of messages before their names were stored."""
        self._reported(self._in_work(lambda work: early(work, self._handling(at), channel, names)))

    def _reported(self, found: Reported) -> tuple[Handled, ...]:
        for parcel, receipt in found.receipts:
            self.plugins.message_reported(parcel, receipt)
        return tuple(map(self._told, found.handled))


def _as_of(now: datetime, receipt: Receipt) -> Receipt:
    """One of the future would be refused as a fact, and a withdrawal of the future would stand against every consent
    until then."""
    return evolve(receipt, at=utc(now)) if utc(receipt.at, "Receipt.at") > now + CLOCKS_DIFFER else receipt


def _not_before(what: str, at: datetime, now: datetime) -> datetime:
    """The present, or the instant of what is told if that is only just later. Raises FactError for the future."""
    if utc(at, f"{what}.at") <= now:
        return now
    if at <= now + CLOCKS_DIFFER:
        return local(at, now.tzinfo or UTC)
    raise FactError(f"{what}.at", "is in the future", got=at, hint="Tell it when it has happened, or give a later now")

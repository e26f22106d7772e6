"""A shop as it was put together: what the engine is given, checked once, and what follows from it."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import tzinfo
from hashlib import sha256
from itertools import groupby
from json import dumps
from types import MappingProxyType
from typing import Any, final

from attrs import field, frozen

from retention.campaigns.asking import collections_of
from retention.campaigns.campaign import Campaign
from retention.campaigns.entries import Enters, Leaves, OnDate
from retention.campaigns.errors import CampaignError
from retention.campaigns.questions import questions
from retention.campaigns.steps import Send, Step
from retention.channels.protocol import Channel
from retention.customer import Customer
from retention.errors import ConfigurationError, UnknownChoice, nearest
from retention.money import Money
from retention.permission.capabilities import Capabilities
from retention.permission.countries import calling_code
from retention.permission.jurisdictions import SHIPPED
from retention.permission.jurisdictions.rules import Jurisdictions
from retention.permission.media import Medium, MessageKind
from retention.permission.person import Person
from retention.permission.policy import Policy
from retention.permission.suppression import hash_of
from retention.rules import nodes
from retention.rules.walk import iter_nodes
from retention.schema import STANDARD, CollectionSchema, Kind, Schema
from retention.segments.segment import Segment
from retention.segments.segment_set import SegmentSet
from retention.shell.notices import Notices
from retention.storage.shop.port import ShopStore
from retention.templates import Templates

NOTICES = "notices"
"""What reports call messages that belong to no campaign of the shop."""

_LEAST_SECRET = 32
_READ = dict.fromkeys(("customer", "fact", "subject"))  # what each of them holds differs from customer to customer
_WITH_ORDERS = ("orders", "purchases", "refunds")
ABOUT = "customer"
"""What a segment reads that asks for attributes: a change of the customer touches it."""


def address_of(customer: Customer, medium: Medium) -> str | None:
    """Where a customer is reached: the e-mail address, the telephone, or the first contact of the medium's name."""
    if medium is Medium.EMAIL:
        return customer.email
    if medium in (Medium.SMS, Medium.ALIMTALK, Medium.BRAND_MESSAGE, Medium.WHATSAPP):
        return customer.phone
    return next((each.value for each in customer.contacts if each.kind == medium.value), None)


def zone_of(customer: Customer) -> tzinfo | None:
    """The zone a customer lives in: nobody has said."""
    return None


def person_of(customer: Customer) -> Person:
    """What the gate is told of a customer that is not kept by the engine: where they live."""
    return Person(country=customer.country, region=customer.region)


@final
@frozen(kw_only=True, eq=False)
class Shop:
    """Segments, campaigns, channels and what the gate is told of the shop. Raises ConfigurationError for parts that do
    not fit together.

    ``collections`` are those of the store that rules are asked about; ``newest`` has the newest version of each
    campaign, those of a higher priority first; ``watchful`` are the keys of those with a goal or a way out.
    """

    zone: tzinfo
    segments: SegmentSet
    campaigns: tuple[Campaign, ...] = ()
    channels: Mapping[str, Channel] = field(factory=dict)
    policy: Policy | None = None
    templates: Templates | None = None
    jurisdictions: Jurisdictions = SHIPPED
    schema: Schema = STANDARD
    address: Callable[[Customer, Medium], str | None] = address_of
    zone_of: Callable[[Customer], tzinfo | None] = zone_of
    person_of: Callable[[Customer], Person] = person_of
    notices: tuple[Notices, ...] = ()
    secret: bytes = field(repr=False)
    reads: Mapping[str, frozenset[str]] = field(init=False)
    digests: Mapping[str, str] = field(init=False)
    definitions: str = field(init=False)
    collections: frozenset[str] = field(init=False)
    versions: Mapping[str, Mapping[int, Campaign]] = field(init=False)
    newest: tuple[Campaign, ...] = field(init=False)
    watchful: frozenset[str] = field(init=False)

    def __attrs_post_init__(self) -> None:
        put = object.__setattr__
        if not isinstance(self.zone, tzinfo):
            raise ConfigurationError("the shop's zone is no time zone", hint="Give zone=ZoneInfo('Asia/Seoul')")
        for name, kind in {"policy": Policy, "templates": Templates}.items():
            if not isinstance(getattr(self, name), kind | None):
                raise ConfigurationError(f"{name} is no {kind.__name__}", hint=f"Give {name}={kind.__name__}(...)")
        put(self, "reads", MappingProxyType({each.key: _reads(each) for each in self.segments}))
        put(self, "digests", MappingProxyType({each.key: _digest(each) for each in self.segments}))
        dates = {each.key: each.version for each in self.campaigns if isinstance(each.entry, OnDate)}
        told = sorted(map(_sort, self.notices))  # who begins to tell owes it to all they have
        put(self, "collections", self._collections())  # what nobody asked about before was never looked at
        defined = [{**self.digests}, dates, sorted(self.collections), *([told] if told else [])]
        put(self, "definitions", sha256(dumps(defined, sort_keys=True).encode()).hexdigest()[:16])
        put(self, "versions", _versions(self.campaigns))
        put(self, "newest", _newest(self.versions.values()))
        put(self, "watchful", frozenset(each.key for each in self.campaigns if _watches(each)))
        if not isinstance(self.secret, bytes):
            raise ConfigurationError("the shop's secret is not bytes", hint="Give secret=text.encode()")
        if self.channels and len(self.secret) < _LEAST_SECRET:
            raise ConfigurationError(
                f"the shop has channels and no secret of {_LEAST_SECRET} bytes or more",
                hint="Make one with secrets.token_bytes(32) and keep it",
            )
        _check_currencies(self.segments)
        for channel in self.channels.values():
            self._check_fallback(channel)
        for campaign in self.campaigns:
            self._check(campaign)
        for sort, alike in groupby(sorted(map(_sort, self.notices))):
            if len([*alike]) > 1:
                raise ConfigurationError(f"there are {sort} twice", hint="Give one, with all channels in order")
        for notices in self.notices:
            self.check_sending(_sort(notices), notices.template, notices.channels)

    def _collections(self) -> frozenset[str]:
        """Those of the store that can change an answer: what segments and campaigns ask about, and what has amounts,
        since all of a customer's are in one currency."""
        asked = frozenset().union(*self.reads.values(), *map(_asks, self.campaigns)) - {ABOUT}
        priced = {each.name for each in self.schema.collections.values() if _has_amounts(each)}
        return frozenset("orders" if each in _WITH_ORDERS else each for each in asked | priced)

    def _check_fallback(self, channel: Channel) -> None:
        for each in channel.capabilities.fallback:
            if each not in self.channels or each == channel.id:
                problem = f"channel {channel.id!r} falls back to {each!r}, which is no other channel of the shop"
                raise ConfigurationError(problem, hint=_like(each, self.channels.keys() - {channel.id}))

    def _check(self, campaign: Campaign) -> None:
        entry = campaign.entry
        if campaign.key == NOTICES:
            raise CampaignError(campaign.key, "its key is the engine's own", hint="Give it another")
        if isinstance(entry, Enters | Leaves) and entry.segment not in self.segments:
            hint = _like(entry.segment, self.segments.keys)
            raise CampaignError(campaign.key, f"the shop has no segment {entry.segment!r}", hint=hint)
        for step in campaign.steps:
            if isinstance(step, Send):
                self._check_send(campaign, step)

    def _check_send(self, campaign: Campaign, step: Send) -> None:
        try:
            self.check_sending(step.id, step.template, step.channels)
        except ConfigurationError as wrong:
            problem = wrong.problem.removeprefix(f"{step.id}: ")
            raise CampaignError(campaign.key, problem, step=step.id, hint=wrong.hint) from None
        assert self.templates is not None, "checked by now"
        for medium in {self.channels[channel].capabilities.medium for channel in step.channels}:
            for each in self.templates.unknown_names(step.template, medium, {**_READ, **step.data}):
                problem = f"template {each.template!r}, {each.part}, line {each.line}: {each.words}"
                hint = f"Templates of campaigns read {', '.join(_READ)} and the step's own data"
                raise CampaignError(campaign.key, problem, step=step.id, hint=hint)

    def check_sending(self, what: str, template: str, channels: Iterable[str]) -> None:
        """Raises ConfigurationError unless the shop has these channels, and the template for each."""
        if self.templates is None or self.policy is None:
            hint = "Give templates=Templates([…]) and policy=Policy(…)"
            raise ConfigurationError(f"{what}: it sends, and the shop has no templates or no policy", hint=hint)
        for channel in channels:
            if channel not in self.channels:
                problem = f"{what}: the shop has no channel {channel!r}"
                raise ConfigurationError(problem, hint=_like(channel, self.channels))
            medium = self.channels[channel].capabilities.medium
            if medium not in self.templates.media(template):
                problem = f"{what}: there is no template {template!r} for {medium.value}, by which {channel!r} sends"
                raise ConfigurationError(problem, hint=_like(template, {each.key for each in self.templates}))

    def hashes(self, customer: Customer) -> Mapping[Medium, frozenset[str]]:
        """Of each address that the shop's channels could write to, the keyed hashes under which it may be suppressed. A
        national number is looked for in every country that it may be of: who moves takes it along."""
        media = {each.capabilities.medium for each in self.channels.values()}
        countries = {customer.country, self._lives_in(customer), None}
        found = {medium: self.address(customer, medium) for medium in media}
        return {medium: self.hashed(medium, each, *countries) for medium, each in found.items() if each}

    def _lives_in(self, customer: Customer) -> str | None:
        try:
            return self.person_of(customer).country
        except Exception:  # it comes again where this customer alone is judged, and is told there
            return None

    def hashed(self, medium: Medium, address: str, *countries: str | None) -> frozenset[str]:
        """The keyed hashes of one address of somebody in one of these countries, None for the shop's: as it is written,
        and as channels of the medium write it, since that is what their providers tell of. Empty for what is no address
        at all."""
        own = None if self.policy is None else self.policy.country
        codes = {calling_code(each or own) for each in countries}
        forms = {address}
        for channel in self.channels.values():
            if channel.capabilities.medium.consent == medium.consent:
                with suppress(Exception):  # InvalidAddress, or what a plugin raises instead
                    forms.add(channel.validate_address(address))
        found = (hash_of(medium, each, key=self.secret, calling_code=code) for each in forms for code in codes)
        return frozenset(each for each in found if each is not None)

    @property
    def advertises_by_mail(self) -> str | None:
        """The first campaign that does."""
        return next(
            (each.key for each in self.campaigns if any(self._is_such(each, step) for step in each.steps)), None
        )

    def _is_such(self, campaign: Campaign, step: Step) -> bool:
        if not isinstance(step, Send) or (step.kind or campaign.kind) is not MessageKind.MARKETING:
            return False
        return any(self.channels[each].capabilities.medium is Medium.EMAIL for each in step.channels)

    def channel(self, id: str) -> Channel:
        """Raises UnknownChoice with the nearest name."""
        if id not in self.channels:
            raise UnknownChoice("channel", "channel of the shop", id, self.channels)
        return self.channels[id]

    def touched(self, collections: Iterable[str]) -> tuple[str, ...]:
        """The segments that read any of these collections, or attributes if ``ABOUT`` is among them."""
        changed = set(collections)
        if "orders" in changed:
            changed.update(_WITH_ORDERS)
        return tuple(key for key, reads in self.reads.items() if not reads.isdisjoint(changed))


def _sort(notices: Notices) -> str:
    return type(notices).__name__


def _like(name: str, known: Iterable[str]) -> str:
    like = nearest(name, known := sorted(known))
    return f"Did you mean {like!r}?" if like else f"The shop has {', '.join(known) or 'none'}"


def several(kind: Any, given: Any, name: str) -> tuple[Any, ...]:
    """Parts of a shop, all of one kind. Raises ConfigurationError for one alone, and for something else among them."""
    hint = f"Give {name}=[{getattr(kind, '__name__', name)}(...)]"
    if isinstance(given, str | bytes) or not isinstance(given, Iterable):
        raise ConfigurationError(f"{name} is no list", hint=hint)
    found = tuple(given)
    for each in found:
        if not isinstance(each, kind):
            raise ConfigurationError(f"{name} has a {type(each).__name__} among them", hint=hint)
    return found


def channels_by_id(channels: Iterable[Channel]) -> Mapping[str, Channel]:
    """Raises ConfigurationError for two with one id."""
    found: dict[str, Channel] = {}
    for each in channels:
        if not isinstance(getattr(each, "capabilities", None), Capabilities):
            hint = "Give channels=[SmtpChannel(...)], or one of your own with id and capabilities"
            raise ConfigurationError(f"a {type(each).__name__} among the channels is none", hint=hint)
        if "/" in each.id:
            raise ConfigurationError(f"a channel is called {each.id!r}", hint="Give it an id without /")
        if each.id in found:
            raise ConfigurationError(f"two channels are called {each.id!r}", hint="Give each an id of its own")
        found[each.id] = each
    return MappingProxyType(found)


def only_storage(given: ShopStore | None, brought: ShopStore | None) -> ShopStore:
    """Raises ConfigurationError for two, and for none."""
    if given is not None and brought is not None:
        raise ConfigurationError("the shop and a plugin both bring a storage", hint="Give one of them")
    found = given or brought
    if found is None:
        raise ConfigurationError("there is no storage", hint="Give one: SqlShopStore(engine)")
    return found


def _has_amounts(collection: CollectionSchema) -> bool:
    return any(column.kind is Kind.AMOUNT for column in collection.columns.values())


def _watches(campaign: Campaign) -> bool:
    return campaign.goal is not None or campaign.leave is not None


def _asks(campaign: Campaign) -> frozenset[str]:
    """The collections that a campaign's own rules read."""
    return frozenset().union(*(collections_of(each.as_rule().node) for each in questions(campaign)))


def _reads(segment: Segment) -> frozenset[str]:
    found = set()
    for node in iter_nodes(segment.meaning):
        if isinstance(node, nodes.Events):
            found.add(node.collection)
        elif isinstance(node, nodes.Attribute | nodes.Apply):
            found.add(ABOUT)
    return frozenset(found or {ABOUT})


def _check_currencies(segments: Iterable[Segment]) -> None:
    """All amounts of a customer are in one currency, so two segments in two could never be asked about one."""
    spoken = {money.currency: each.key for each in segments for money in _amounts(each)}
    if len(spoken) > 1:
        (one, first), (other, second) = sorted(spoken.items())[:2]
        raise ConfigurationError(
            f"segment {first!r} asks for amounts in {one} and segment {second!r} in {other}",
            hint="Write both in the shop's currency",
        )


def _amounts(segment: Segment) -> list[Money]:
    said = list(iter_nodes(segment.meaning))
    values = [each.value for each in said if isinstance(each, nodes.Literal)]
    options = [option for each in said if isinstance(each, nodes.IsIn) for option in each.options]
    return [each for each in (*values, *options) if isinstance(each, Money)]


def _digest(segment: Segment) -> str:
    """Changes when the definition does."""
    from retention.rules.backends import jsonform

    return sha256(dumps(jsonform.to_json(segment.meaning), sort_keys=True).encode()).hexdigest()[:8]


def _versions(campaigns: Iterable[Campaign]) -> Mapping[str, Mapping[int, Campaign]]:
    found: dict[str, dict[int, Campaign]] = {}
    for each in campaigns:
        if each.version in found.setdefault(each.key, {}):
            raise ConfigurationError(
                f"campaign {each.key!r} comes twice with version {each.version}", hint="Give the newer one version=…"
            )
        found[each.key][each.version] = each
    return MappingProxyType(found)


def _newest(versions: Iterable[Mapping[int, Campaign]]) -> tuple[Campaign, ...]:
    found = [of_key[max(of_key)] for of_key in versions]
    return tuple(sorted(found, key=lambda each: (-each.priority, each.key)))

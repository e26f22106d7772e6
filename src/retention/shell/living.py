"""What becomes of one customer when time passes and facts arrive: memberships, campaigns, effects. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Final, assert_never, final

from attrs import define, evolve, field

from retention.activity import CouponEvent, TicketEvent
from retention.campaigns.asking import holds
from retention.campaigns.campaign import Campaign
from retention.campaigns.decide import decide, is_indifferent
from retention.campaigns.effects import CallHook, Effect, GrantPoints, IssueCoupon, OpenTicket, SendMessage, SetTag
from retention.campaigns.state import Note, State
from retention.campaigns.triggers import CustomerChanged, FactArrived, SegmentEntered, SegmentLeft, TimePassed, Trigger
from retention.customer import Customer
from retention.errors import ConfigurationError
from retention.order import Order
from retention.profile import Fact, Profile
from retention.rules.rule import Rule
from retention.segments.membership import Direction
from retention.segments.segment import Segment
from retention.shell.shop import ABOUT, Shop
from retention.spans import local, utc
from retention.storage.shop.records import Shopper

OTHERS_WORK: Final = timedelta(hours=1)
"""How long something is left alone that another process knows what to do with, or that failed."""

_NOTHING_YET: Final = State()
_MOST_ROUNDS: Final = 64
"""How often campaigns may set one another off at one instant, by tags, before they are taken for a ring."""


@final
@define(kw_only=True)
class Life:
    """One customer in the making: what they are by now, what is to be done, and why.

    ``facts`` are those that effects made: they are in the profile already, and still to be stored. ``undefined`` are
    segments that are not asked, since by their new definitions nobody has been judged yet.
    """

    shop: Shop
    shopper: Shopper
    profile: Profile
    changes: list[tuple[str, Direction, datetime]] = field(factory=list)
    effects: list[Effect] = field(factory=list)
    facts: list[Fact] = field(factory=list)
    notes: list[tuple[str, Note]] = field(factory=list)
    undefined: frozenset[str] = frozenset()

    def pass_time(self, until: datetime) -> None:
        """What time alone has made due up to ``until``, inside, each thing at its own instant.

        What only another process knows, a campaign that this one has not or a newer version, is left to that.
        """
        if self.shopper.not_before is not None:
            self.shopper = evolve(self.shopper, not_before=None)
        while (due := self._next_due()) is not None and due <= until:
            self._at(due)
        left = self.shopper.next_due
        if left is not None and left <= until:
            self.shopper = evolve(self.shopper, not_before=utc(until) + OTHERS_WORK)

    def _next_due(self) -> datetime | None:
        """When something is due that this process knows what to do with."""
        due = self.shopper.next_due
        if due is None or all(map(self._knows, self.shopper.states.items())):
            return due
        newest = {each.key: each.version for each in self.shop.newest}
        known = {
            key: evolve(state, runs=tuple(run for run in state.runs if run.version <= newest[key]))
            for key, state in self.shopper.states.items()
            if key in newest
        }
        return evolve(self.shopper, states=known).next_due

    def _knows(self, named: tuple[str, State]) -> bool:
        """Whether this process has the campaign, in the versions of all runs."""
        key, state = named
        versions = self.shop.versions.get(key)
        return versions is not None and all(run.version <= max(versions) for run in state.runs)

    def _at(self, due: datetime) -> None:
        keys = [key for key, at in self.shopper.next_changes.items() if at <= due]
        facts: list[Fact] = []
        since = self.shopper.known_at
        if since is not None and since <= due:
            facts = [each for each in self.profile.facts() if _becomes_known(each, since, due)]
            keys = [*self.shop.segments.keys]
        self.know_until(due)
        self._go_on([*map(FactArrived, facts), *self._judged(keys, due), TimePassed()], due)

    def arrive(self, facts: Sequence[Fact], now: datetime, *, about: bool = False) -> None:
        """Facts that are in the profile by now, in whatever order they were told; ``about``: so are changes of the
        customer."""
        facts = sorted(facts, key=_happened)
        touched = {each.collection for each in facts} | ({ABOUT} if about else set())
        self.know_until(now)
        triggers = [*map(FactArrived, facts), *self._judged(self.shop.touched(touched), now)]
        if about:
            triggers.append(CustomerChanged())
        self._go_on(triggers, now)

    def tell(self, triggers: Sequence[Trigger], now: datetime) -> None:
        """Campaigns are told, with nothing new known."""
        self._go_on(triggers, now)

    def define(self, older: Mapping[str, str], now: datetime) -> None:
        """Judge anew the segments whose definitions are others than in ``older``, digests by key.

        What a definition changes sets off nothing: nobody did anything. What was due before comes before, by the
        segments that are as they were.
        """
        digests = self.shop.digests
        changed = frozenset(key for key, digest in digests.items() if older.get(key) != digest)
        kept = {key: since for key, since in self.shopper.segments.items() if key in digests}
        following = {key: at for key, at in self.shopper.next_changes.items() if key in digests.keys() - changed}
        self.shopper = evolve(self.shopper, segments=kept, next_changes=following, definitions=self.shop.definitions)
        self.undefined = changed
        self.pass_time(now)
        self.undefined = frozenset()
        self.know_until(now)
        self._judged([key for key in digests if key in changed], now)
        self._go_on([TimePassed()], now)  # so that campaigns find the dates that they wait for

    def begin(self, facts: Sequence[Fact], now: datetime) -> None:
        """A customer of whom nothing was known until now: every segment is judged."""
        self.shopper = evolve(self.shopper, definitions=self.shop.definitions)
        self.know_until(now)
        told = map(FactArrived, sorted(facts, key=_happened))
        self._go_on([*told, *self._judged(self.shop.segments.keys, now), TimePassed()], now)

    # Segments. -------------------------------------------------------------------------------------------------------

    def _judged(self, keys: Iterable[str], at: datetime) -> list[Trigger]:
        """Ask these segments; the triggers of what changed."""
        instant = local(at, self.shop.zone)
        inside, following = dict(self.shopper.segments), dict(self.shopper.next_changes)
        triggers: list[Trigger] = []
        for key in keys:
            if key in self.undefined:
                continue
            segment = self.shop.segments[key]
            if segment.contains(self.profile, instant) != (key in inside):
                triggers.append(self._changed(key, inside, utc(at)))
            following.pop(key, None)
            changes_at = segment.next_change(self.profile, instant)
            if changes_at is not None:
                following[key] = utc(changes_at)
        self.shopper = evolve(self.shopper, segments=inside, next_changes=following)
        return triggers

    def _changed(self, key: str, inside: dict[str, datetime], at: datetime) -> Trigger:
        if key in inside:
            del inside[key]
            self.changes.append((key, "left", at))
            return SegmentLeft(key)
        inside[key] = at
        self.changes.append((key, "entered", at))
        return SegmentEntered(key)

    def know_until(self, at: datetime) -> None:
        """When what was given in advance becomes known next."""
        later = None
        if self.profile.latest > utc(at):
            later = next((each for each in self.profile.instants() if each > utc(at)), None)
        if later != self.shopper.known_at:
            self.shopper = evolve(self.shopper, known_at=later)

    def holds(self, question: Segment | Rule, at: datetime) -> bool:
        """Whether a rule of a campaign holds for the customer; it may refer to segments of the shop."""
        return holds(question, self.profile, local(at, self.shop.zone), self.shop.segments)

    # Campaigns. ------------------------------------------------------------------------------------------------------

    def _go_on(self, triggers: Sequence[Trigger], at: datetime) -> None:
        waiting = list(triggers)
        for _ in range(_MOST_ROUNDS):
            if not waiting:
                return
            waiting = self._told(waiting, at)
        raise ConfigurationError(
            "campaigns set one another off without end at one instant",
            hint="Let no campaign begin with a tag that it leads back to",
        )

    def _told(self, triggers: Sequence[Trigger], at: datetime) -> list[Trigger]:
        """Every campaign is told of each trigger; what follows from what they did to the customer."""
        before = len(self.effects)
        for trigger in triggers:
            for campaign in self.shop.newest:
                self._decided(campaign, trigger, local(at, self.zone))
        done = self.effects[before:]
        facts = [fact for effect in done if (fact := fact_of(effect, at)) is not None]
        customer = tagged(self.shopper.customer, done)
        if not facts and customer == self.shopper.customer:
            return []
        changed = customer != self.shopper.customer
        touched = {each.collection for each in facts} | ({ABOUT} if changed else set())
        self.facts += facts
        marks = {each.tag: not each.remove for each in done if isinstance(each, SetTag)}
        self.shopper = evolve(self.shopper, customer=customer, tagged={**self.shopper.tagged, **marks})
        self.profile = Profile.build(customer, (*self.profile.facts(), *facts), schema=self.shop.schema)
        news = [*map(FactArrived, facts), *self._judged(self.shop.touched(touched), at)]
        return [*news, CustomerChanged()] if changed else news

    def _decided(self, campaign: Campaign, trigger: Trigger, at: datetime) -> None:
        state = self.shopper.states.get(campaign.key, _NOTHING_YET)
        if is_indifferent(campaign, state, trigger, now=at):
            return
        decision = decide(
            campaign,
            state,
            trigger,
            self.profile,
            now=at,
            versions=self.shop.versions[campaign.key],
            segments=self.shop.segments,
        )
        self.notes += [(campaign.key, each) for each in decision.notes]
        self.effects += decision.effects
        if decision.state != state:
            self.shopper = evolve(self.shopper, states={**self.shopper.states, campaign.key: decision.state})

    @property
    def zone(self) -> tzinfo:
        """The customer's zone, or the shop's."""
        return self.shop.zone_of(self.shopper.customer) or self.shop.zone


def _becomes_known(fact: Fact, since: datetime, until: datetime) -> bool:
    """Whether something of the fact becomes known between two instants, both inside."""
    instants = [fact.at]
    if isinstance(fact, Order):
        instants += [each for each in (fact.paid_at, fact.delivered_at, fact.confirmed_at) if each is not None]
        instants += [each.at for each in fact.refunds]
    return any(since <= each <= until for each in instants)


def fact_of(effect: Effect, at: datetime) -> Fact | None:
    """What an effect is from then on a fact of the customer: a coupon issued, a ticket opened."""
    match effect:
        case IssueCoupon():
            return CouponEvent(
                effect.key, at, kind="issued", code=effect.coupon, available_at=at, expires_at=effect.expires_at
            )
        case OpenTicket():
            return TicketEvent(effect.key, at, kind="opened", ticket_id=effect.key, topic=effect.topic)
        case SendMessage() | GrantPoints() | SetTag() | CallHook():
            return None
        case _:
            assert_never(effect)


def kept_tags(customer: Customer, marks: Mapping[str, bool]) -> Customer:
    """A customer as the host gives them, with the tags that campaigns gave and without those that they took."""
    given = {tag for tag, has in marks.items() if has}
    tags = (customer.tags | given) - (marks.keys() - given)
    return customer if tags == customer.tags else evolve(customer, tags=tags)


def tagged(customer: Customer, effects: Iterable[Effect]) -> Customer:
    """The customer with the tags that effects give and take, in order."""
    tags = customer.tags
    for effect in effects:
        if isinstance(effect, SetTag):
            tags = tags - {effect.tag} if effect.remove else tags | {effect.tag}
    return customer if tags == customer.tags else evolve(customer, tags=tags)


def _happened(fact: Fact) -> datetime:
    return utc(fact.at)

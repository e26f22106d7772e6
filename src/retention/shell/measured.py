"""What a campaign did, from what is stored: its messages and receipts, orders, who came in and who was held out.

Everything is read page by page, each in a transaction of its own, and no customer is locked.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Final, TypeVar, final

from attrs import define, evolve, field, frozen

from retention.campaigns.arms import arm_of
from retention.campaigns.campaign import Campaign
from retention.campaigns.effects import SendMessage
from retention.campaigns.measuring.lift import Lift, lift
from retention.campaigns.measuring.results import Result, results
from retention.campaigns.measuring.rows import Bought, Engagement, Entered, SentMessage, entered_of
from retention.campaigns.state import State
from retention.campaigns.steps import Split
from retention.channels.receipts import Progress, after
from retention.customer import Customer
from retention.errors import UnknownChoice
from retention.loyalty.keys import joined
from retention.money import Money
from retention.order import Order
from retention.permission.media import MessageKind
from retention.permission.person import Sent
from retention.profile import Fact, Profile
from retention.rules import Orders
from retention.schema import Schema
from retention.shell.planning import outside
from retention.shell.shop import Shop
from retention.shell.waking import InWork
from retention.spans import Duration, utc
from retention.storage.shop.port import Work
from retention.storage.shop.records import Parcel, Shopper

_PAGE: Final = 500
_ANOTHER: Final = ""  # what was written before an order and is not asked about: no campaign and no arm is called so

_T = TypeVar("_T")


@final
@frozen(kw_only=True)
class ArmResults:
    """One arm of a split: the messages to customers of that arm, and what the arm changed against all held out."""

    split: str
    arm: str
    result: Result
    lift: Lift


@final
@frozen(kw_only=True)
class CampaignResults:
    """What a campaign did: as a whole, by step in the order of their first messages, against the holdout, and by arm
    of each of its splits."""

    whole: Result
    steps: tuple[Result, ...]
    lift: Lift
    arms: tuple[ArmResults, ...]


@final
@frozen(kw_only=True)
class Span:
    """What is counted: what was sent, and who first came in, at or after ``since`` and by ``now``, both UTC. An order,
    if it is one of ``counting``, belongs to a message for ``window``; it counts for the lift for ``lift_window`` from
    coming in."""

    since: datetime | None
    now: datetime
    window: Duration
    lift_window: Duration
    confidence: float
    counting: Orders

    def has(self, at: datetime) -> bool:
        return (self.since is None or self.since <= at) and at <= self.now


def measured(in_work: InWork, shop: Shop, tenant: str, campaign: str, span: Span) -> CampaignResults:
    """Raises UnknownChoice, and what ``results`` and ``lift`` raise."""
    if campaign not in shop.versions:
        raise UnknownChoice("campaign", "campaign of the shop", campaign, shop.versions)
    found = _Found(tenant, campaign, span, shop.schema)
    for parcels in _pages(in_work, partial(_of_campaign, campaign), _key_of, f"{joined(campaign)}:"):
        found.add_messages(parcels, in_work(partial(_clicked, parcels)))
    for shoppers in _pages(in_work, _browse, _id_of, ""):
        found.add_entries(shoppers)
    ids = sorted(found.customers())
    for start in range(0, len(ids), _PAGE):
        page, first = ids[start : start + _PAGE], found.first()
        found.add_sent(in_work(lambda work, page=page, first=first: work.sent(page, first).items()))  # type: ignore[misc]
        found.add_orders(in_work(lambda work, page=page: work.facts(page, {"orders"}).items()))  # type: ignore[misc]
    return found.summed_up(shop.versions[campaign].values())


# Reading. ------------------------------------------------------------------------------------------------------------


def _pages(
    in_work: InWork, read: Callable[[str, Work], Sequence[_T]], name: Callable[[_T], str], last: str
) -> Iterator[Sequence[_T]]:
    while page := in_work(partial(read, last)):
        yield page
        last = name(page[-1])


def _of_campaign(campaign: str, last: str, work: Work) -> Sequence[Parcel]:
    return work.parcels_between(last, f"{joined(campaign)};", _PAGE)  # ";" comes after ":", which ends a part


def _browse(last: str, work: Work) -> Sequence[Shopper]:
    return work.browse(last, _PAGE)


def _key_of(parcel: Parcel) -> str:
    return parcel.key


def _id_of(shopper: Shopper) -> str:
    return shopper.customer.id


def _clicked(parcels: Iterable[Parcel], work: Work) -> frozenset[str]:
    """The keys of those that were clicked. It is no stage of its own: of what was read the receipts say it."""
    read: dict[str, dict[str, str]] = defaultdict(dict)
    for each in parcels:
        if each.receipt == "read" and each.provider_id is not None:
            read[each.channel][each.provider_id] = each.key
    return frozenset(
        keys[id]
        for channel, keys in read.items()
        for id, several in work.receipts(channel, [*keys]).items()
        if "clicked" in after(Progress(), several).marks
    )


# Rows. ---------------------------------------------------------------------------------------------------------------


@final
@define
class _Found:
    """The rows of one campaign, those of messages and entries with the version that they are of."""

    tenant: str
    campaign: str
    span: Span
    schema: Schema
    messages: list[tuple[SentMessage, int]] = field(factory=list)
    engagements: list[Engagement] = field(factory=list)
    came: list[tuple[Entered, int]] = field(factory=list)
    others: list[SentMessage] = field(factory=list)
    bought: list[Bought] = field(factory=list)

    def add_messages(self, parcels: Iterable[Parcel], clicked: frozenset[str]) -> None:
        for parcel in parcels:
            effect, at = parcel.effect, parcel.sent_at
            if parcel.status == "sent" and isinstance(effect, SendMessage) and at is not None and self.span.has(at):
                who = parcel.customer or _ANOTHER  # of somebody erased it counts that it was sent
                row = SentMessage(key=parcel.key, customer=who, campaign=self.campaign, step=effect.step, at=at)
                self.messages.append((row, effect.version))
                self.engagements += _proved(parcel, parcel.key in clicked)

    def add_entries(self, shoppers: Iterable[Shopper]) -> None:
        for shopper in shoppers:
            state = shopper.states.get(self.campaign, State())
            entered = [*entered_of([(shopper.customer.id, state)])]
            first = min((each.at for each in entered), default=None)
            if first is not None and self.span.has(first):  # by whichever subject
                came = zip(entered, state.runs, strict=True)
                self.came += [(each, run.version) for each, run in came if self.span.has(each.at)]

    def customers(self) -> set[str]:
        """Whose orders count."""
        return {each.customer for each, _ in self.messages if each.customer} | {each.customer for each, _ in self.came}

    def first(self) -> datetime:
        """From when on it matters what else was sent."""
        return min((each.at for each, _ in self.messages), default=self.span.now)

    def add_sent(self, several: Iterable[tuple[str, Sequence[Sent]]]) -> None:
        """What else was sent to sell something: an order belongs to the last message before it."""
        own = outside(self.tenant, f"{joined(self.campaign)}:")
        for customer, sent in several:
            for each in sent:
                key = each.key or ""
                if each.kind is MessageKind.MARKETING and not key.startswith(own):
                    row = SentMessage(key=key, customer=customer, campaign=_ANOTHER, step=_ANOTHER, at=each.at)
                    self.others.append(row)

    def add_orders(self, several: Iterable[tuple[str, Sequence[Fact]]]) -> None:
        now = self.span.now
        for customer, facts in several:
            for order in facts:
                if isinstance(order, Order) and utc(order.at) <= now and self._counts(order):
                    name, amount = joined(customer, order.id), _worth(order, now)
                    self.bought.append(Bought(customer=customer, order=name, at=utc(order.at), amount=amount))

    def _counts(self, order: Order) -> bool:
        alone = Profile.build(Customer(order.id), (order,), schema=self.schema)
        return self.span.counting.any().matches(alone, self.span.now)

    # Sums. -----------------------------------------------------------------------------------------------------------

    def summed_up(self, versions: Iterable[Campaign]) -> CampaignResults:
        known = sorted(versions, key=lambda each: each.version)
        own = [each for each in self._results([row for row, _ in self.messages]) if each.campaign == self.campaign]
        return CampaignResults(
            whole=next((each for each in own if each.step is None), self._none_sent()),
            steps=tuple(each for each in own if each.step is not None),
            lift=self._lift([row for row, _ in self.came]),
            arms=tuple(arm for step in known[-1].steps if isinstance(step, Split) for arm in self._arms(step, known)),
        )

    def _arms(self, split: Split, versions: Iterable[Campaign]) -> Iterator[ArmResults]:
        """By the arm that a customer has by the hash of their id, whether they came as far as the split or not: so
        arms differ by what the split did, and by nothing that led to it."""
        alike = _alike(versions, split)
        by_arm = {each.campaign: each for each in self._results(self._by_arm(split, alike)) if each.step is None}
        for arm, _, _ in split.arms:
            result = evolve(by_arm.get(arm, self._none_sent()), campaign=self.campaign)
            came = [row for row, version in self.came if row.held_out or self._arm(split, alike, row, version) == arm]
            yield ArmResults(split=split.id, arm=arm, result=result, lift=self._lift(came))

    def _by_arm(self, split: Split, alike: frozenset[int]) -> list[SentMessage]:
        """As if each arm were a campaign."""
        return [evolve(row, campaign=self._arm(split, alike, row, version)) for row, version in self.messages]

    def _arm(self, split: Split, alike: frozenset[int], row: SentMessage | Entered, version: int) -> str:
        known = row.customer != _ANOTHER and version in alike
        return arm_of(self.campaign, split, row.customer)[0] if known else _ANOTHER

    def _results(self, messages: Sequence[SentMessage]) -> tuple[Result, ...]:
        return results([*messages, *self.others], self.engagements, self.bought, window=self.span.window)

    def _lift(self, came: Iterable[Entered]) -> Lift:
        return lift(came, self.bought, window=self.span.lift_window, confidence=self.span.confidence)

    def _none_sent(self) -> Result:
        return Result(
            campaign=self.campaign, step=None, sent=0, delivered=0, opened=0, clicked=0, converted=0, revenue=None
        )


def _proved(parcel: Parcel, clicked: bool) -> list[Engagement]:
    """How far it is proved to have come."""
    if parcel.receipt == "read":
        return [Engagement(parcel.key, "clicked" if clicked else "opened")]
    return [Engagement(parcel.key, "delivered")] if parcel.receipt == "delivered" else []


def _worth(order: Order, now: datetime) -> Money:
    """What was charged, less what had been given back by then."""
    return order.total - sum([each.amount for each in order.refunds if utc(each.at) <= now], Money.zero(order.currency))


def _alike(versions: Iterable[Campaign], split: Split) -> frozenset[int]:
    """The versions in which customers have the same arms as now: step, names and weights are the same."""
    return frozenset(
        campaign.version
        for campaign in versions
        for each in campaign.steps
        if isinstance(each, Split) and each.id == split.id and _weights(each) == _weights(split)
    )


def _weights(split: Split) -> list[tuple[str, int]]:
    return [(name, weight) for name, weight, _ in split.arms]

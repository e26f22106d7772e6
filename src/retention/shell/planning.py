"""From what a campaign wants sent to a row of the outbox: the channel, the text, and what the gate says of it."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import assert_never, final

from attrs import evolve, frozen

from retention.campaigns.effects import CallHook, SendMessage
from retention.channels.protocol import Channel
from retention.permission.gate import permit
from retention.permission.messages import Draft
from retention.permission.person import Person
from retention.permission.preference import prefer
from retention.permission.reasons import Why
from retention.permission.verdicts import Allowed, Deferred, Reason, Refused, Verdict
from retention.shell.people import People
from retention.shell.shop import Shop
from retention.shell.texts import content
from retention.shell.tokens import Tokens, reference
from retention.spans import local, utc
from retention.storage.shop.records import Parcel, ParcelStatus, Shopper
from retention.templates.errors import UnknownTemplate, UnrenderedTemplate

NO_CHANNEL = Reason("no-channel", "no channel is left that could carry it")


@final
@frozen(kw_only=True)
class Planner:
    """Plans messages to customers at ``now``. ``tokens`` makes the addresses that end marketing by one POST."""

    shop: Shop
    people: People
    tokens: Tokens | None
    now: datetime
    tenant: str

    def outside(self, key: str) -> str:
        """The key as it is known outside of the shop's own storage."""
        return outside(self.tenant, key)

    def message(self, effect: SendMessage, shopper: Shopper) -> Parcel:
        """The row of the outbox for a message: waiting, or refused with the reasons of every channel."""
        now = utc(self.now)
        parcel = Parcel(
            key=effect.key,
            customer=shopper.customer.id,
            effect=effect,
            channel="",
            medium=None,
            draft=None,
            status="refused",
            planned_at=utc(effect.planned_at),
            due_at=now,
        )
        return self._through(parcel, effect, shopper, ())

    def call(self, effect: CallHook, customer: str) -> Parcel:
        """The row of the outbox for a call of a hook."""
        now = utc(self.now)
        return Parcel(
            key=effect.key,
            customer=customer,
            effect=effect,
            channel="",
            medium=None,
            draft=None,
            status="waiting",
            planned_at=now,
            due_at=now,
        )

    def elsewhere(self, parcel: Parcel, shopper: Shopper, reasons: Sequence[Reason]) -> Parcel:
        """The parcel by another channel, after its own did not take it for these reasons; refused if none is left."""
        assert isinstance(parcel.effect, SendMessage), "hooks have no channel"
        tried = (*parcel.tried, parcel.channel)
        why = [evolve(each, channel=parcel.channel) for each in reasons]
        if any(each.code == Why.EXPIRED for each in why):  # by whichever channel
            return evolve(parcel, status="expired", sent_at=None, reasons=tuple(why))
        return self._through(evolve(parcel, tried=tried, sent_at=None), parcel.effect, shopper, why)

    def anew(self, parcel: Parcel, shopper: Shopper) -> Parcel:
        """The parcel written and addressed once more, as the customer is now."""
        assert isinstance(parcel.effect, SendMessage), "hooks have no address"
        return self._through(evolve(parcel, sent_at=None), parcel.effect, shopper, ())

    def rewritten(self, parcel: Parcel, shopper: Shopper) -> Parcel | None:
        """The parcel with other words for the same channel, if those may go: the customer has moved to where another
        law holds, or the shop to another telephone. None if writing it once more does not help."""
        assert parcel.draft is not None, "what has no draft is never asked about"
        found = self.anew(parcel, shopper)
        if found.status != "waiting" or found.draft is None or found.channel != parcel.channel:
            return None
        return None if found.draft.content == parcel.draft.content else found

    def addressed_elsewhere(self, parcel: Parcel, shopper: Shopper, channel: Channel) -> bool:
        """Whether the customer has another address by now than the message."""
        address = self.shop.address(shopper.customer, channel.capabilities.medium)
        try:
            now = None if address is None else channel.validate_address(address)
        except Exception:  # the same
            now = None
        return parcel.draft is not None and now != parcel.draft.address

    def asked(self, parcel: Parcel, shopper: Shopper, channel: Channel, lasting: timedelta) -> Verdict:
        """What the gate says of a parcel at this instant, if it is the same for that long."""
        assert parcel.draft is not None, "what has no draft is never asked about"
        return self._asked(parcel.draft, shopper, channel, attempt=parcel.attempt, lasting=lasting)

    def _through(self, parcel: Parcel, effect: SendMessage, shopper: Shopper, reasons: Sequence[Reason]) -> Parcel:
        """The parcel by the first channel that may carry it, now or later."""
        refused = [*reasons]
        for channel in self._in_order(effect, shopper, parcel.tried):
            draft = self._draft(effect, shopper, channel)
            problems = [draft] if isinstance(draft, Reason) else _checked(channel, draft)
            if isinstance(draft, Reason) or problems:
                refused += [evolve(each, channel=channel.id) for each in problems]
                continue
            planned = evolve(
                parcel, channel=channel.id, medium=channel.capabilities.medium, draft=draft, status="waiting"
            )
            verdict = self._asked(draft, shopper, channel)
            match verdict:
                case Allowed():
                    return evolve(planned, due_at=utc(self.now), reasons=tuple(dict.fromkeys(refused)))
                case Deferred(until, why):
                    return evolve(planned, due_at=until, reasons=tuple(dict.fromkeys([*why, *refused])))
                case Refused(why):
                    refused += why
                case _:
                    assert_never(verdict)
        status: ParcelStatus = "expired" if utc(self.now) >= utc(effect.expires_at) else "refused"
        return evolve(parcel, status=status, reasons=tuple(dict.fromkeys(refused)) or (NO_CHANNEL,))

    def _in_order(self, effect: SendMessage, shopper: Shopper, tried: Sequence[str]) -> Iterator[Channel]:
        """The channels of a message that are left, and those they fall back to, as the customer prefers them."""
        ids = dict.fromkeys(effect.channels)
        for id in tried:
            if id in self.shop.channels:
                ids |= dict.fromkeys(self.shop.channels[id].capabilities.fallback)
        left = {id: self.shop.channels[id].capabilities for id in ids if id not in tried and id in self.shop.channels}
        for id in prefer(left, self.shop.person_of(shopper.customer)):
            yield self.shop.channels[id]

    def _draft(self, effect: SendMessage, shopper: Shopper, channel: Channel) -> Draft | Reason:
        medium, customer = channel.capabilities.medium, shopper.customer
        address = self.shop.address(customer, medium)
        if address is None:
            return Reason("no-address", f"the customer has no address for {channel.id!r}")
        try:
            address = channel.validate_address(address)
        except Exception:  # InvalidAddress, or what a plugin raises instead
            return Reason("invalid-address", f"the customer's address is none that {channel.id!r} could deliver to")
        unsubscribe = self.tokens and self.tokens.address(customer.id, medium, effect.topic, effect.planned_at)
        try:
            text = content(self.shop, effect, shopper, channel, unsubscribe, self.now)
        except (UnrenderedTemplate, UnknownTemplate) as problem:
            return Reason("unrendered", problem.problem)
        except Exception as problem:  # a renderer or a function of the host; its words may hold a value
            return Reason("unrendered", f"writing it raised {type(problem).__name__}")
        return Draft(
            key=self.outside(f"{effect.key}/{channel.id}"),
            kind=effect.kind,
            channel=channel.id,
            customer=customer.id,
            recipient=reference(self.shop.secret, customer.id),
            address=address,
            content=text,
            planned_at=utc(effect.planned_at),
            expires_at=utc(effect.expires_at),
            topic=effect.topic,
            tags=effect.tags,
            priority=effect.priority,
            asked_for=effect.asked_for,
            unsubscribe=unsubscribe,
            on_unknown=effect.on_unknown,
            campaign=effect.campaign,
            version=effect.version,
            step=effect.step,
        )

    def _asked(
        self,
        draft: Draft,
        shopper: Shopper,
        channel: Channel,
        *,
        attempt: int = 1,
        lasting: timedelta = timedelta(),
    ) -> Verdict:
        assert self.shop.policy is not None, "the shop was checked"
        medium = channel.capabilities.medium
        person = _without_own(self.people.person(self.shop, shopper, medium), draft)
        at = local(self.now, self.shop.zone_of(shopper.customer) or self.shop.zone)
        return permit(
            draft,
            channel.capabilities,
            person,
            policy=self.shop.policy,
            now=at,
            attempt=max(1, attempt),
            jurisdictions=self.shop.jurisdictions,
            lasting=lasting,
        )


def _without_own(person: Person, draft: Draft) -> Person:
    """By whichever channel it was tried before, a message does not stand in its own way."""
    own = draft.key.rpartition("/")[0]
    sent = tuple([each for each in person.sent if each.key is None or each.key.rpartition("/")[0] != own])
    return evolve(person, sent=sent)


def outside(tenant: str, key: str) -> str:
    """A key as channels, hooks and the ledger know it: they may know those of several shops."""
    return f"{tenant}/{key}"


def _checked(channel: Channel, draft: Draft) -> Sequence[Reason]:
    """What the channel itself finds wrong with a message."""
    try:
        return channel.check(draft)
    except Exception as problem:  # of a plugin; its words may hold an address
        return [Reason("failed", f"the check of {channel.id!r} raised {type(problem).__name__}")]

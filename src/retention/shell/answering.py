"""What a customer's short answer does: STOP ends, YES confirms what was asked, and all else is for people to read."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, assert_never, final

from attrs import evolve, field, frozen

from retention.campaigns.effects import SendMessage
from retention.channels.protocol import Channel
from retention.permission.consents import fold
from retention.permission.countries import iso
from retention.permission.jurisdictions.rules import StopMeans
from retention.permission.keywords import Meaning, meaning
from retention.permission.media import Medium
from retention.permission.person import Consent, Scope
from retention.permission.where import date_in
from retention.shell.handling import Handled, Handling
from retention.shell.notices import OptOutConfirmations
from retention.shell.owing import notice
from retention.shell.people import People
from retention.shell.proof import confirmation, not_before, stands
from retention.shell.shop import NOTICES, Shop
from retention.shell.silencing import silence
from retention.spans import utc
from retention.storage.shop.port import Work
from retention.storage.shop.records import Parcel, Shopper

CONFIRMED_WITHIN: Final = timedelta(minutes=5)
"""How long after a STOP its one confirmation may still go (47 CFR 64.1200(a)(12))."""

_METHOD: Final = "message"


@final
@frozen(kw_only=True)
class Understood:
    """What an answer was taken to mean, and what followed. None: it is not one of the words alone, so somebody has to
    read it. A ``help``, or an ``opt-in`` that nothing was asked before, changes nothing: the host answers it."""

    meaning: Meaning | None
    handled: Handled


def understood(work: Work, handling: Handling, channel: Channel, customer: str, text: str) -> Understood:
    """What a customer's message means that came by a channel, done."""
    return _Answer(work=work, handling=handling, channel=channel, customer=customer, text=text).understood()


@final
@frozen(kw_only=True)
class _Answer:
    """A message of a customer that came by a channel, at the instant of the handling."""

    work: Work
    handling: Handling
    channel: Channel
    customer: str
    text: str = field(repr=False)

    def understood(self) -> Understood:
        """What it means, done. The customer is locked from here on."""
        shopper = self._heard(self.work.shoppers([self.customer]).get(self.customer))
        lines = self.work.consents([self.customer]).get(self.customer, ())
        asked = self._asked(lines)
        means = meaning(self.text, asked=asked is not None)
        handled = Handled(customer=self.customer)
        match means:
            case "opt-out":
                handled = self._stopped(lines, shopper)
            case "opt-in":
                if asked is not None:
                    line = confirmation(asked, self._now, source=self.channel.id, method=_METHOD)
                    handled = self.handling.consented(self.work, self.customer, line)
            case "help" | None:
                pass  # for the host
            case _:
                assert_never(means)
        return Understood(meaning=means, handled=handled)

    def _heard(self, shopper: Shopper | None) -> Shopper | None:
        """The customer, who wrote just now: some platforms let free text through for a while after that."""
        if shopper is None:
            return None
        medium = self.channel.capabilities.medium
        wrote: dict[Medium, datetime] = {**shopper.wrote}
        wrote[medium] = max(self._now, wrote.get(medium, self._now))
        heard = evolve(shopper, wrote=wrote)
        self.work.keep([heard])
        return heard

    @property
    def _now(self) -> datetime:
        return utc(self.handling.now)

    def _asked(self, lines: Sequence[Consent]) -> Consent | None:
        """The consent to this medium that was asked for last and waits to be confirmed; not that to the night if
        another was asked for with it, since the night needs an answer of its own."""
        policy = self.handling.shop.policy
        found = fold(lines, now=self._now, double_opt_in=policy is not None and policy.double_opt_in)
        medium = self.channel.capabilities.medium.consent
        waiting = [each.line for each in found.values() if each.state == "pending" and each.line is not None]
        asked = [each for each in waiting if each.medium == medium]
        return max(asked, key=lambda each: (utc(each.at), each.purpose == "marketing", each.topic or ""), default=None)

    def _stopped(self, lines: Sequence[Consent], shopper: Shopper | None) -> Handled:
        line = Consent(
            medium=self.channel.capabilities.medium.consent,
            act="withdrawn",
            at=self._now,
            source=self.channel.id,
            method=_METHOD,
            scope=_reach(self.handling.shop, shopper, self._now),
        )
        standing = stands(lines, line)
        line = line if standing else not_before(lines, line)
        if shopper is not None:
            silence(self.work, self.handling.shop, shopper.customer, self.channel.capabilities.medium, line.at)
        if standing:
            return Handled(customer=self.customer)
        handled = self.handling.consented(self.work, self.customer, line)
        return evolve(handled, parcels=(*handled.parcels, *self._confirmed(line, handled)))

    def _confirmed(self, line: Consent, handled: Handled) -> Sequence[Parcel]:
        """The one confirmation, unless a notice of the result tells the same."""
        wanted = [each for each in self.handling.shop.notices if isinstance(each, OptOutConfirmations)]
        if not wanted or self.channel.id not in wanted[0].channels or any(map(_tells_already, handled.parcels)):
            return ()
        message = notice(
            line,
            self.customer,
            self._now,
            self._now + CONFIRMED_WITHIN,
            of=evolve(wanted[0], channels=(self.channel.id,)),
            key=f"opt-out/{line.medium}/{line.at.isoformat(timespec='microseconds')}",
            step="opt-out confirmation",
            on_unknown="hold",  # one, and not perhaps two
        )
        shopper = self.work.shoppers([self.customer])[self.customer]
        people = People.of(self.work, self.handling.shop, [shopper], self._now)
        planner = evolve(self.handling.planner, people=people, now=self.handling.now)
        return self.work.put([planner.message(message, shopper)])


def _tells_already(parcel: Parcel) -> bool:
    """Whether it is the notice of a withdrawal."""
    effect = parcel.effect
    told = parcel.status == "waiting" and isinstance(effect, SendMessage) and effect.campaign == NOTICES
    return told and effect.data["consent"]["act"] == "withdrawn"


def _reach(shop: Shop, shopper: Shopper | None, at: datetime) -> Scope:
    """How far a bare STOP goes where the customer is; where nobody knows that, as far as anywhere."""
    person = None if shopper is None else shop.person_of(shopper.customer)
    country = iso((person and person.country) or (shop.policy and shop.policy.country) or "")
    rules = shop.jurisdictions.of(country).of(StopMeans, date_in(country, at, shop.jurisdictions))
    return rules[-1].scope if rules else "medium"

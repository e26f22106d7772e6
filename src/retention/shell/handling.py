"""One customer in one transaction: load, live on, carry out, store."""

from collections.abc import Callable, Sequence
from datetime import datetime
from json import dumps, loads
from typing import Final, assert_never, final

from attrs import evolve, frozen

from retention.campaigns.effects import CallHook, Effect, GrantPoints, IssueCoupon, OpenTicket, SendMessage, SetTag
from retention.campaigns.state import Note
from retention.customer import Customer
from retention.loyalty.ledger.commands import Adjust
from retention.loyalty.ledger.entries import Validity
from retention.loyalty.ledger.head import Account
from retention.loyalty.ledger.ledger import Ledger
from retention.profile import Fact, Profile
from retention.segments.membership import Direction
from retention.shell.living import Life
from retention.shell.notices import ResultNotices, owed
from retention.shell.people import People
from retention.shell.planning import Planner
from retention.shell.shop import Shop
from retention.spans import local, utc
from retention.storage.shop.port import Work
from retention.storage.shop.records import Parcel, Shopper

_ACTOR: Final = "campaign"


@final
@frozen(kw_only=True)
class Handled:
    """What followed: memberships that changed and when, what was put into the outbox or refused, and why."""

    customer: str
    changes: tuple[tuple[str, Direction, datetime], ...] = ()
    parcels: tuple[Parcel, ...] = ()
    effects: tuple[Effect, ...] = ()
    notes: tuple[tuple[str, Note], ...] = ()


@final
@frozen(kw_only=True)
class Handling:
    """A customer's life goes on by a piece of work. ``planner`` plans at the instant of the call."""

    shop: Shop
    planner: Planner
    now: datetime

    def facts(self, work: Work, id: str, given: Customer | None, facts: Sequence[Fact]) -> Handled:
        """Facts arrived, or the customer changed. What is known already changes nothing."""
        known = work.shoppers([id]).get(id)
        new = work.add_facts(id, facts) if facts else ()
        if known is None:
            life = self._life(work, Shopper(customer=given or Customer(id)))
            life.begin(new, self.now)
            return self._stored(work, life)
        about = given is not None and given != known.customer
        if not (new or about):
            return Handled(customer=id)
        life = self._life(work, known if given is None else evolve(known, customer=given))
        self._define(work, life)
        life.pass_time(self.now)
        life.arrive(new, self.now, about=about)
        return self._stored(work, life)

    def live(self, work: Work, id: str, go_on: "Callable[[Life], None] | None" = None) -> Handled:
        """Time passed, and what ``go_on`` says."""
        shopper = work.shoppers([id]).get(id)
        if shopper is None:
            return Handled(customer=id)
        life = self._life(work, shopper)
        self._define(work, life)
        life.pass_time(self.now)
        if go_on is not None:
            go_on(life)
        return self._stored(work, life)

    def notices(self, work: Work, id: str, notices: ResultNotices) -> tuple[Parcel, ...]:
        """The notices that a customer is owed and that were not planned before."""
        shopper = work.shoppers([id])[id]
        planner = evolve(self.planner, people=People.of(work, self.shop, [shopper], self.now), now=self.now)
        found = owed(self.shop, notices, shopper, work.consents([id]).get(id, ()), self.now)
        return tuple(work.put([planner.message(each, shopper) for each in found])) if found else ()

    def _life(self, work: Work, shopper: Shopper) -> Life:
        facts = work.facts([shopper.customer.id]).get(shopper.customer.id, ())
        profile = Profile.build(shopper.customer, facts, schema=self.shop.schema)
        return Life(shop=self.shop, shopper=shopper, profile=profile)

    def _define(self, work: Work, life: Life) -> None:
        if life.shopper.definitions != self.shop.definitions:
            older = work.bookmark(f"definitions/{life.shopper.definitions}")
            life.define(loads(older) if older else {}, self.now)

    def _stored(self, work: Work, life: Life) -> Handled:
        """Carry out what is to be done, in the same transaction."""
        id = life.shopper.customer.id
        if life.facts:
            work.add_facts(id, life.facts)
        work.keep([life.shopper])
        parcels = self._carried_out(work, life)
        return Handled(
            customer=id,
            changes=tuple(life.changes),
            parcels=tuple(work.put(parcels)) if parcels else (),
            effects=tuple(life.effects),
            notes=tuple(life.notes),
        )

    def _carried_out(self, work: Work, life: Life) -> list[Parcel]:
        parcels: list[Parcel] = []
        planner = self.planner
        if any(isinstance(each, SendMessage) for each in life.effects):
            planner = evolve(planner, people=People.of(work, self.shop, [life.shopper], self.now), now=self.now)
        for effect in life.effects:
            match effect:
                case SendMessage():
                    parcels.append(planner.message(effect, life.shopper))
                case CallHook():
                    parcels.append(planner.call(effect, life.shopper.customer.id))
                case GrantPoints():
                    self._grant(work, effect, life.shopper.customer.id)
                case IssueCoupon() | SetTag() | OpenTicket():
                    pass  # facts and tags of the customer: stored with them
                case _:
                    assert_never(effect)
        return parcels

    def _grant(self, work: Work, effect: GrantPoints, customer: str) -> None:
        now = utc(self.now)
        validity = Validity(local(now, self.shop.zone).date(), now, effect.expires_at)
        command = Adjust(key=effect.key, amount=effect.amount, reason=_ACTOR, actor=_ACTOR, validity=validity)
        Ledger(store=work.ledger).run(Account(effect.programme, customer), command, now=now)


def announced(shop: Shop) -> tuple[str, str]:
    """The bookmark by which later definitions can tell what has changed since these."""
    return f"definitions/{shop.definitions}", dumps(dict(shop.digests))

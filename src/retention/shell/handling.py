"""One customer in one transaction: load, live on, carry out, store."""

from collections.abc import Callable, Container, Sequence
from contextlib import suppress
from datetime import datetime
from json import loads
from typing import Final, assert_never, final

from attrs import evolve, frozen

from retention.campaigns.effects import CallHook, Effect, GrantPoints, IssueCoupon, OpenTicket, SendMessage, SetTag
from retention.campaigns.state import Note
from retention.customer import Customer
from retention.loyalty.errors import ClockWentBackwards, Conflict, LedgerError
from retention.loyalty.ledger.commands import Adjust
from retention.loyalty.ledger.entries import Validity
from retention.loyalty.ledger.head import Account
from retention.loyalty.ledger.ledger import Ledger
from retention.permission.person import Consent
from retention.profile import Fact, Profile
from retention.segments.membership import Direction
from retention.shell.errors import UNREADABLE, CustomerFailed
from retention.shell.living import OTHERS_WORK, Life, kept_tags
from retention.shell.owing import is_due, look_at, looked_after
from retention.shell.people import People
from retention.shell.planning import Planner
from retention.shell.proof import facts_of
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
    """A customer's life goes on by a piece of work. ``planner`` plans at the instant of the call. ``without`` are
    customers who failed before and are left out of pages."""

    shop: Shop
    planner: Planner
    now: datetime
    without: Container[str] = frozenset()

    def facts(self, work: Work, id: str, given: Customer | None, facts: Sequence[Fact]) -> Handled:
        """Facts arrived, or the customer changed. What is known already changes nothing."""
        self._check(given or Customer(id), facts)
        known = work.shoppers([id]).get(id)
        if known is None:
            new = work.add_facts(id, facts) if facts else ()
            life = self._life(work, Shopper(customer=given or Customer(id)))
            life.begin(new, self.now)
            return self._stored(work, life)
        customer = known.customer if given is None else kept_tags(given, known.tagged)
        about, moved = customer != known.customer, customer.country != known.customer.country
        before = Handled(customer=id)
        if known.definitions != self.shop.definitions:  # judged by what was known before, or news would be no news
            known, before = self._defined(work, known)
        if moved and self.shop.notices:  # another law, and other duties
            known = look_at(known, self.now)
        known, notices = self._looked_after(work, evolve(known, customer=customer))
        before = _and(before, Handled(customer=id, parcels=notices))
        new = work.add_facts(id, facts) if facts else ()
        if not about and not self._minds(known, new):
            return before
        life = self._life(work, known)
        life.pass_time(self.now)
        life.arrive(new, self.now, about=about)
        return _and(before, self._stored(work, life))

    def consented(self, work: Work, id: str, line: Consent) -> Handled:
        """A line of proof, with the notices that it obliges to. One that is known already changes nothing."""
        work.shoppers([id])
        if not work.add_consent(id, line):
            return Handled(customer=id)
        handled = self.facts(work, id, None, facts_of(line))
        if not self.shop.notices:
            return handled
        _, notices = self._looked_after(work, look_at(work.shoppers([id])[id], self.now))
        return evolve(handled, parcels=(*handled.parcels, *notices))

    def introduce(self, work: Work, customer: Customer, facts: Sequence[Fact]) -> Handled:
        """A customer and facts from before the engine was there: judged, and nothing is set off."""
        self._check(customer, facts)
        known = work.shoppers([customer.id]).get(customer.id)
        work.add_facts(customer.id, facts)
        tags = {} if known is None else known.tagged
        shopper = evolve(known or Shopper(customer=customer), customer=kept_tags(customer, tags), known_at=None)
        life = self._life(work, shopper)
        life.define({}, self.now)
        life.know_until(self.now)
        return self._stored(work, life)

    def live(self, work: Work, id: str, go_on: "Callable[[Life], None] | None" = None) -> Handled:
        """Time passed, and what ``go_on`` says."""
        lived = self._lived(work, id)
        if lived is None:
            return Handled(customer=id)
        life, before = lived
        if go_on is not None:
            go_on(life)
        return _and(before, self._stored(work, life))

    def live_together(self, work: Work, ids: Sequence[str]) -> list[Handled]:
        """``live`` for several; what is asked of all is read at once, and who they are now is stored at once, which
        costs half of one by one. Nobody can say who of them failed."""
        work.shoppers(ids)
        work.facts(ids, self.shop.collections)
        lived = [each for id in ids if (each := self._lived(work, id)) is not None]
        work.keep([life.shopper for life, _ in lived])
        return [_and(before, self._followed(work, life)) for life, before in lived]

    def live_all(self, work: Work, ids: Sequence[str], go_on: "Callable[[Life], None] | None" = None) -> list[Handled]:
        """``live`` for several, but for those that are to be left out; what is asked of all is read at once. Raises
        CustomerFailed for the first that fails."""
        wanted = [id for id in ids if id not in self.without]
        with suppress(*UNREADABLE):  # it comes again with whoever it is of
            work.shoppers(wanted)
            work.facts(wanted, self.shop.collections)
        lived = []
        for id in wanted:
            try:
                lived.append(self.live(work, id, go_on))
            except Conflict:
                raise
            except Exception as problem:
                raise CustomerFailed(id) from problem
        return lived

    def leave_alone(self, work: Work, id: str) -> None:
        """Look at a customer again in an hour: something failed that may be mended by then."""
        again = utc(self.now) + OTHERS_WORK
        try:
            shopper = work.shoppers([id]).get(id)
        except UNREADABLE:
            work.put_off([id], again)
        else:
            work.keep([] if shopper is None else [evolve(shopper, not_before=again)])

    def _check(self, customer: Customer, facts: Sequence[Fact]) -> None:
        """Refuse what a profile refuses, also of what no rule asks about and is not read again. The last of one name
        counts."""
        latest = {(each.collection, each.id): each for each in facts}
        Profile.build(customer, latest.values(), schema=self.shop.schema)

    def _minds(self, shopper: Shopper, new: Sequence[Fact]) -> bool:
        """Whether these facts, or time until now, can change anything but what is stored of facts. What no rule asks
        about does not, unless a run is under way whose goal may have come with time."""
        if not new or any(each.collection in self.shop.collections for each in new):
            return bool(new)
        due = shopper.next_due
        if due is not None and due <= self.now:
            return True
        states = (shopper.states[key] for key in self.shop.watchful if key in shopper.states)
        return any(run.heeds(utc(self.now)) for state in states for run in state.runs)

    def _life(self, work: Work, shopper: Shopper) -> Life:
        facts = work.facts([shopper.customer.id], self.shop.collections).get(shopper.customer.id, ())
        profile = Profile.build(shopper.customer, facts, schema=self.shop.schema)
        return Life(shop=self.shop, shopper=shopper, profile=profile)

    def _looked_after(self, work: Work, shopper: Shopper) -> tuple[Shopper, tuple[Parcel, ...]]:
        """The customer, stored, after the notices that are to be looked at by now."""
        if not self.shop.notices or not is_due(shopper, self.now):
            return shopper, ()
        shopper, notices = looked_after(work, evolve(self.planner, now=self.now), shopper)
        work.keep([shopper])
        return shopper, notices

    def _defined(self, work: Work, shopper: Shopper) -> tuple[Shopper, Handled]:
        """The customer judged by definitions that are others than those they were judged by; stored, with what was due
        before that. What definitions change is no news."""
        noted = work.bookmark(f"definitions/{shopper.definitions}")
        older, digests = loads(noted) if noted else {}, self.shop.digests
        life = self._life(work, look_at(shopper, self.now if self.shop.notices else None))
        life.define(older, self.now)
        handled = self._stored(work, life)
        news = tuple(each for each in handled.changes if older.get(each[0]) == digests[each[0]])
        return life.shopper, evolve(handled, changes=news)

    def _lived(self, work: Work, id: str) -> tuple[Life, Handled] | None:
        """A customer to whom time passed, not stored yet, and what followed before that; None if not known."""
        shopper, before = work.shoppers([id]).get(id), Handled(customer=id)
        if shopper is None:
            return None
        if shopper.definitions != self.shop.definitions:
            shopper, before = self._defined(work, shopper)
        shopper, notices = self._looked_after(work, shopper)
        life = self._life(work, shopper)
        life.pass_time(self.now)
        return life, _and(before, Handled(customer=id, parcels=notices))

    def _stored(self, work: Work, life: Life) -> Handled:
        work.keep([life.shopper])
        return self._followed(work, life)

    def _followed(self, work: Work, life: Life) -> Handled:
        """Store what is new of a customer and carry out what is to be done, in the same transaction."""
        id = life.shopper.customer.id
        if life.facts:
            work.add_facts(id, life.facts)
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
                    refusal = self._grant(work, effect, life.shopper.customer.id)
                    life.notes += [] if refusal is None else [(effect.key, refusal)]
                case IssueCoupon() | SetTag() | OpenTicket():
                    pass  # facts and tags of the customer: stored with them
                case _:
                    assert_never(effect)
        return parcels

    def _grant(self, work: Work, effect: GrantPoints, customer: str) -> Note | None:
        now = utc(self.now)
        validity = Validity(local(now, self.shop.zone).date(), now, effect.expires_at)
        key = self.planner.outside(effect.key)
        command = Adjust(key=key, amount=effect.amount, reason=_ACTOR, actor=_ACTOR, validity=validity)
        try:
            _carry_out(Ledger(store=work.ledger), Account(effect.programme, customer), command, now)
        except LedgerError as problem:
            return Note("not-granted", problem.problem)
        return None


def _and(before: Handled, after: Handled) -> Handled:
    """What followed from both, of one customer."""
    if not (before.changes or before.parcels or before.effects or before.notes):
        return after
    return Handled(
        customer=after.customer,
        changes=(*before.changes, *after.changes),
        parcels=(*before.parcels, *after.parcels),
        effects=(*before.effects, *after.effects),
        notes=(*before.notes, *after.notes),
    )


def _carry_out(ledger: Ledger, account: Account, command: Adjust, now: datetime) -> None:
    """Who waited long for the customer finds that others have gone on, and comes after them."""
    try:
        ledger.run(account, command, now=now)
    except ClockWentBackwards as late:
        ledger.run(account, command, now=late.last)

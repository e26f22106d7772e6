"""What staff and reports ask of an engine, and what they settle by hand."""

from collections.abc import Callable
from datetime import datetime
from typing import Final, TypeVar, get_args

from retention.channels.protocol import SuppressAs
from retention.checks import identifier, instant, plain_text
from retention.errors import ConfigurationError, FactError, UnknownChoice
from retention.loyalty.errors import Conflict, StayedLocked
from retention.permission.media import Medium
from retention.permission.person import Suppression
from retention.rules import Orders, orders
from retention.shell.asking import Asked, asked
from retention.shell.audiences import announce
from retention.shell.clearing import Cleared, clear
from retention.shell.erasing import forget
from retention.shell.errors import StoreBusy
from retention.shell.handling import Handling
from retention.shell.measured import CampaignResults, Span, measured
from retention.shell.people import People
from retention.shell.planning import Planner
from retention.shell.redriving import redriven, settled
from retention.shell.shop import Shop
from retention.shell.silencing import readmit, suppressed
from retention.shell.tokens import Tokens
from retention.spans import Duration, local, utc
from retention.storage.shop.port import ShopStore, Work
from retention.storage.shop.records import Parcel, ParcelStatus

_T = TypeVar("_T")
_LARGEST_PAGE: Final = 2**31 - 1


def most(limit: int) -> int:
    """How many at once. Raises FactError for what is no number; more than a database counts is all."""
    if type(limit) is not int or limit < 0:
        raise FactError("limit", "is not a number of rows", got=limit, hint="Give limit=1000")
    return min(limit, _LARGEST_PAGE)


class Desk:
    """The part of ``Retention`` that takes no facts and sends nothing."""

    shop: Shop
    storage: ShopStore
    tokens: Tokens | None
    clock: Callable[[], datetime]
    attempts: int
    _announced: list[str]

    # By hand. --------------------------------------------------------------------------------------------------------

    def redrive(self, *keys: str, now: datetime | None = None) -> tuple[Parcel, ...]:
        """Try messages again that were given up, ``dead``, ``held`` or ``refused``: written anew, under the same key
        and by the channels they have not tried; which are waiting now. The gate is asked as for any other."""
        at = self._at(now)
        return self._in_work(lambda work: redriven(work, self._planner(at), keys))

    def settle(self, key: str, *, sent: bool, now: datetime | None = None) -> bool:
        """What staff found out of a ``held`` message: that it went out, or that it did not and is given up; False if it
        is not held."""
        at = self._at(now)
        return self._in_work(lambda work: settled(work, self.shop, key, sent=sent, at=utc(at)))

    def suppress(
        self,
        medium: Medium,
        address: str,
        reason: SuppressAs,
        *,
        country: str | None = None,
        now: datetime | None = None,
    ) -> bool:
        """Write to an address no more, whoever has it: of a list that another system kept, or by hand. False for what
        is no address of the medium. ``country`` is for telephones without a calling code."""
        if reason not in get_args(SuppressAs):
            raise UnknownChoice("reason", "reason to write no more", reason, get_args(SuppressAs))
        line = Suppression(medium=medium, reason=reason, at=utc(self._at(now)))
        address = plain_text(address, "address")
        return self._in_work(lambda work: suppressed(work, self.shop, line, address, country))

    def readmit(self, medium: Medium, address: str, *, country: str | None = None, now: datetime | None = None) -> bool:
        """Write again to an address that bounced for good and works now, or whose owner was erased and is back; False
        if neither stops it. A refusal or a complaint stays. ``country`` is for telephones without a calling code."""
        line = Suppression(medium=medium, reason="readmitted", at=utc(self._at(now)))
        address = plain_text(address, "address")
        return self._in_work(lambda work: readmit(work, self.shop, line, address, country))

    def clear(self, *, before: datetime, now: datetime | None = None) -> Cleared:
        """Delete messages that had ended before an instant, and receipts of messages that are not there any more; how
        many. What may still be asked for stays: see the reference. Raises StillCounted."""
        return clear(self._in_work, self.shop, utc(before, "before"), utc(self._at(now)))

    # Questions. ------------------------------------------------------------------------------------------------------

    def ask(self, customer: str, *, now: datetime | None = None) -> Asked | None:
        """What is known of a customer at an instant; None for one who is not known. Nothing is stored."""
        at, id = self._at(now), identifier(customer, "customer")
        return self._in_work(lambda work: asked(work, self.shop, id, at))

    def members(self, segment: str, *, after: str = "", limit: int = 1000) -> tuple[str, ...]:
        """Ids of the customers who are stored as in a segment, in order, those after one. Raises UnknownName."""
        key, page = self.shop.segments[plain_text(segment, "segment")].key, most(limit)
        return tuple(self._in_work(lambda work: work.members(key, after, page)))

    def outbox(self, status: ParcelStatus, *, after: str = "", limit: int = 1000) -> tuple[Parcel, ...]:
        """Messages of a status in order of their keys, those after one: what is held, what is dead. Raises
        UnknownChoice."""
        if status not in get_args(ParcelStatus):
            raise UnknownChoice("status", "status of a message", status, get_args(ParcelStatus))
        page = most(limit)
        return tuple(self._in_work(lambda work: work.parcels_by_status(status, after, page)))

    def results(
        self,
        campaign: str,
        *,
        window: Duration,
        lift_window: Duration | None = None,
        since: datetime | None = None,
        counting: Orders = orders,
        confidence: float = 0.95,
        now: datetime | None = None,
    ) -> CampaignResults:
        """What a campaign did at or after ``since``, of what is stored: an order belongs to the last message before it
        for ``window``, and counts for the lift for ``lift_window``, the same if None, from first coming in.
        ``counting`` says which orders are orders: ``orders.where(orders.status != "cancelled")``, say.

        Costs a pass over its messages and all customers. Raises UnknownChoice, CurrencyMismatch, and ConfigurationError
        for a window that is no span, a ``counting`` that is none of orders, and if the holdout was another meanwhile.
        """
        for name, given in {"window": window, "lift_window": lift_window or window}.items():
            if not isinstance(given, Duration):
                raise ConfigurationError(f"results: {name} is no span of time", hint=f"Write {name}=days(7)")
        if not isinstance(counting, Orders):
            hint = 'Write counting=orders.where(orders.status != "cancelled")'
            raise ConfigurationError("results: counting is no choice of orders", hint=hint)
        span = Span(
            since=since and utc(since, "since"),
            now=utc(self._at(now)),
            window=window,
            lift_window=lift_window or window,
            confidence=confidence,
            counting=counting,
        )
        return measured(self._in_work, self.shop, self.storage.tenant, campaign, span)

    def erase(self, customer: str, *, now: datetime | None = None) -> bool:
        """Delete a person; False for one who is not known. Sums and counts stay and name nobody.

        Their addresses stay as keyed hashes, so that no old list brings them back. The ledger keeps its entries under
        the customer's id, which the host may be bound by law to keep.
        """
        at, id = self._at(now), identifier(customer, "customer")
        return self._in_work(lambda work: forget(work, self.shop, id, utc(at)))

    # How. ------------------------------------------------------------------------------------------------------------

    def _at(self, now: datetime | None) -> datetime:
        return local(self.clock() if now is None else instant(now, "now"), self.shop.zone)

    def _planner(self, now: datetime) -> Planner:
        return Planner(
            shop=self.shop, people=People({}, {}, {}), tokens=self.tokens, now=now, tenant=self.storage.tenant
        )

    def _handling(self, now: datetime) -> Handling:
        return Handling(shop=self.shop, planner=self._planner(now), now=now)

    def _in_work(self, work: Callable[[Work], _T]) -> _T:
        """Do it in one transaction, and again when somebody else was first. Raises StoreBusy."""
        for number in range(self.attempts):
            try:
                with self.storage.work() as transaction:
                    if self.shop.definitions not in self._announced:
                        announce(transaction, self.shop)
                    found = work(transaction)
                if self.shop.definitions not in self._announced:
                    self._announced.append(self.shop.definitions)
            except StayedLocked as problem:
                raise StoreBusy(number + 1) from problem
            except Conflict:
                continue
            return found
        raise StoreBusy(self.attempts)

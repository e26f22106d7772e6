"""What the gate is told of customers, read from the store."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, final
from zoneinfo import ZoneInfo

from attrs import evolve, field, frozen

from retention.errors import ConfigurationError
from retention.permission.media import Medium
from retention.permission.person import Consent, Person, Sent, Suppression
from retention.permission.policy import Cap
from retention.shell.shop import Shop
from retention.spans import ago, utc
from retention.storage.shop.port import Work
from retention.storage.shop.records import Shopper

_SPARE: Final = timedelta(days=2)
"""Windows are counted on the customer's clocks, which may be a day away; platforms have daily limits of their own."""


@final
@frozen
class People:
    """Consents, suppressions and what was sent, of some customers, read at once."""

    consents: Mapping[str, Sequence[Consent]]
    sent: dict[str, list[Sent]]
    suppressions: Mapping[str, Sequence[Suppression]]
    hashes: Mapping[str, Mapping[Medium, frozenset[str]]] = field(factory=dict)

    @classmethod
    def of(cls, work: Work, shop: Shop, shoppers: Iterable[Shopper], now: datetime) -> "People":
        several = list(shoppers)
        ids = [each.customer.id for each in several]
        hashes = {each.customer.id: shop.hashes(each.customer) for each in several}
        hashed = sorted({each for of_media in hashes.values() for several in of_media.values() for each in several})
        sent = {id: [*found] for id, found in work.sent(ids, remembered(shop, several, now)).items()}
        return cls(work.consents(ids), sent, work.suppressions(hashed) if hashed else {}, hashes)

    def with_others(self, others: "People") -> "People":
        """These and those."""
        return People(
            {**self.consents, **others.consents},
            {**self.sent, **others.sent},
            {**self.suppressions, **others.suppressions},
            {**self.hashes, **others.hashes},
        )

    def person(self, shop: Shop, shopper: Shopper, medium: Medium) -> Person:
        """One of them, to be written to by a medium."""
        customer = shopper.customer
        hashed = self.hashes.get(customer.id, {}).get(medium, frozenset())
        person, zone = shop.person_of(customer), shop.zone_of(customer)
        if person.consents or person.suppressions or person.sent:
            raise ConfigurationError(
                "person_of gives consents, suppressions or what was sent, which the engine keeps itself",
                hint="Tell the engine of them: consent(), suppress()",
            )
        if not isinstance(zone, ZoneInfo | None):
            raise ConfigurationError(
                f"zone_of gives a {type(zone).__name__}", hint="Give ZoneInfo('Asia/Seoul'), or None"
            )
        return evolve(
            person,
            zone=person.zone if zone is None else zone.key,
            wrote=_latest(person.wrote, shopper.wrote),
            consents=tuple(self.consents.get(customer.id, ())),
            suppressions=tuple(found for each in sorted(hashed) for found in self.suppressions.get(each, ())),
            sent=tuple(self.sent.get(customer.id, ())),
        )

    def went(self, customer: str, sent: Sent) -> None:
        """One message more, for those that are asked about after it."""
        self.sent.setdefault(customer, []).append(sent)


def _latest(told: Mapping[Medium, datetime], heard: Mapping[Medium, datetime]) -> Mapping[Medium, datetime]:
    """When the customer last wrote by each medium, to the host or to the engine."""
    return {**told, **{each: max(at, told.get(each, at)) for each, at in heard.items()}}


def remembered(shop: Shop, shoppers: Iterable[Shopper], now: datetime) -> datetime:
    """From when on caps count, the shop's and the customers' own, with a day to spare for the zones of customers."""
    own = [_own_cap(shop, each) for each in shoppers]
    caps = [*(() if shop.policy is None else shop.policy.caps), *(each for each in own if each is not None)]
    return min([ago(cap.window, now) for cap in caps] + [utc(now)]) - _SPARE


def _own_cap(shop: Shop, shopper: Shopper) -> Cap | None:
    try:
        return shop.person_of(shopper.customer).at_most
    except Exception:  # it comes again where this customer alone is judged, and is told there
        return None

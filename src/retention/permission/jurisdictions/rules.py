"""What a country asks of advertising: one class for each sort of rule, all of them data with a date and a source."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import TypeAlias, TypeVar, final

from attrs import field, frozen

from retention.permission.content.rules import ContentRules
from retention.permission.countries import CALLING_CODES, iso
from retention.permission.jurisdictions.zones import ZONES
from retention.permission.media import Medium
from retention.permission.person import Scope
from retention.permission.quiet import Week
from retention.spans import Months

EVERY_MEDIUM = frozenset(Medium)
BUT_EMAIL = EVERY_MEDIUM - {Medium.EMAIL}


@frozen(kw_only=True)
class Dated:
    """A rule holds from ``since``, inside, to ``until``, outside, local dates of its country; None has no end on that
    side.

    ``source`` is the rule's text or address.
    """

    source: str
    since: date | None = None
    until: date | None = None

    def holds(self, on: date) -> bool:
        """Whether the rule is in force on that date."""
        return (self.since is None or self.since <= on) and (self.until is None or on < self.until)


@final
@frozen(kw_only=True)
class OptIn(Dated):
    """Advertising by these media needs consent. So does all that no rule speaks of: this one names the law."""

    media: frozenset[Medium] = EVERY_MEDIUM


@final
@frozen(kw_only=True)
class OptOut(Dated):
    """Advertising by these media needs no consent, only that nobody has refused it."""

    media: frozenset[Medium]


@final
@frozen(kw_only=True)
class ExistingTrade(Dated):
    """A trade stands in for consent, to the end of the local day ``within`` months after the day it ended (None: for
    ever).

    ``enquiry``: it is about questions, not purchases. The others say what the trade must have been.
    """

    within: Months | None = None
    media: frozenset[Medium] = EVERY_MEDIUM
    enquiry: bool = False
    collected_directly: bool = False
    same_kind: bool = False
    could_refuse: bool = False


@final
@frozen(kw_only=True)
class SendingHours(Dated):
    """Advertising by these media is sent in these hours of the customer's clocks.

    ``regions``: only there, in place of those without regions, which hold in all others and where the region is not
    known. ``night_consent``: a consent to advertising at night lifts it.
    """

    week: Week
    media: frozenset[Medium]
    regions: frozenset[str] = frozenset()
    night_consent: bool = False


@final
@frozen(kw_only=True)
class Showing(Dated):
    """What advertising must show."""

    content: ContentRules


@final
@frozen(kw_only=True)
class OptOutHonoured(Dated):
    """How long the law gives to act on a refusal; this library acts at once. ``business``: they are working days."""

    days: int
    business: bool = False


@final
@frozen(kw_only=True)
class StopMeans(Dated):
    """How far a refusal goes that says no more than STOP."""

    scope: Scope


@final
@frozen(kw_only=True)
class ResultNotice(Dated):
    """The customer is told what became of a consent or a withdrawal, within ``days`` after its day."""

    days: int


@final
@frozen(kw_only=True)
class Reconfirmation(Dated):
    """The customer is reminded of a consent every so many ``years``, before the same date. Nothing lapses by it."""

    years: int


Rule: TypeAlias = (
    OptIn | OptOut | ExistingTrade | SendingHours | Showing | OptOutHonoured | StopMeans | ResultNotice | Reconfirmation
)
_R = TypeVar("_R", bound=Dated)


@final
@frozen
class Jurisdiction:
    """The rules of a country or of several, those that no longer hold and those that do not yet among them."""

    name: str
    rules: tuple[Rule, ...]

    def of(self, kind: type[_R], on: date) -> tuple[_R, ...]:
        """The rules of one sort that are in force on a local date."""
        return tuple(each for each in self.rules if isinstance(each, kind) and each.holds(on))

    def content(self, on: date) -> ContentRules:
        """What advertising must show on that date; nothing but what every message must if no rule says more."""
        found = self.of(Showing, on)
        return found[-1].content if found else ContentRules()


def _frozen(given: Mapping[str, Jurisdiction]) -> Mapping[str, Jurisdiction]:
    return MappingProxyType(dict(given))


def _zones(given: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
    return MappingProxyType(dict(given))


@final
@frozen(hash=False)
class Jurisdictions:
    """The rules of each country, by ISO 3166 code, and those of all others. ``zones`` are the IANA zones of each."""

    countries: Mapping[str, Jurisdiction] = field(converter=_frozen)
    others: Jurisdiction
    zones: Mapping[str, tuple[str, ...]] = field(default=ZONES, converter=_zones, repr=False)

    def knows(self, country: str) -> bool:
        """Whether there is such a country, to ISO 3166 or to these rules."""
        return any(iso(country) in each for each in (CALLING_CODES, self.countries, self.zones))

    def of(self, country: str) -> Jurisdiction:
        """The rules of a country."""
        return self.countries.get(iso(country), self.others)

    def having(self, changed: Mapping[str, Jurisdiction]) -> "Jurisdictions":
        """These, with other rules for some countries."""
        return Jurisdictions({**self.countries, **changed}, self.others, self.zones)

"""Where a customer is, to the law and on the clock, as far as anybody knows."""

from datetime import UTC, date, datetime, tzinfo
from zoneinfo import ZoneInfo

from retention.permission.countries import iso
from retention.permission.jurisdictions.rules import Jurisdictions
from retention.permission.person import Person
from retention.permission.policy import Policy
from retention.permission.quiet import zone_of
from retention.spans import local


def country_of(person: Person, policy: Policy) -> str:
    """The customer's country, the shop's if that is not known."""
    return iso(person.country or policy.country)


def zones_of(person: Person, policy: Policy, jurisdictions: Jurisdictions) -> tuple[ZoneInfo, ...]:
    """The customer's zone; all zones of the country if that is not known; nothing for a country whose zones are not."""
    own = zone_of(person.zone)
    if own is not None:
        return (own,)
    names = jurisdictions.zones.get(country_of(person, policy), ())
    return tuple(zone for zone in map(zone_of, names) if zone is not None)


def clock_of(country: str, jurisdictions: Jurisdictions) -> tzinfo:
    """The clocks by which a country's rules begin and end: those of its first zone, UTC where none is known."""
    named = (zone for zone in map(zone_of, jurisdictions.zones.get(country, ())) if zone is not None)
    return next(named, UTC)


def date_in(country: str, instant: datetime, jurisdictions: Jurisdictions) -> date:
    """The date by a country's clocks."""
    return local(instant, clock_of(country, jurisdictions)).date()


def region_of(person: Person) -> str | None:
    """The region without its country: ``FL`` for ``US-FL``."""
    return None if not person.region else person.region.strip().upper().rpartition("-")[2] or None

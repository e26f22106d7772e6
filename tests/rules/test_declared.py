"""A profile built without the host's schema is refused by every engine, not answered wrongly."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from retention import STANDARD, Customer, Kind, Profile, Segment, SegmentSet
from retention.errors import ConfigurationError, FactError
from retention.rules import Collection, CustomerAttributes, NumberField, TextField
from retention.schema import Schema

NOW = datetime(2026, 3, 1, tzinfo=UTC)


class Account(CustomerAttributes):
    tier = TextField()


class Rentals(Collection):
    minutes = NumberField()


account, rentals = Account(), Rentals("rentals")
SHOP: Schema = STANDARD.extend(
    attributes={"tier": Kind.TEXT}, collections={"rentals": {"minutes": Kind.NUMBER}}, currency="KRW"
)
BY_TIER = Segment("by-tier", account.tier != "gold", schema=SHOP)
BY_RENTALS = Segment("by-rentals", rentals.none(), schema=SHOP)

QUESTIONS: tuple[Callable[[Segment, Any], object], ...] = (
    lambda segment, profile: segment.contains(profile, NOW),
    lambda segment, profile: segment.explain(profile, NOW),
    lambda segment, profile: segment.next_change(profile, NOW),
    lambda segment, profile: SegmentSet([segment]).labels(profile, NOW),
)


@pytest.mark.parametrize("ask", QUESTIONS)
@pytest.mark.parametrize(("segment", "lacking"), [(BY_TIER, "tier"), (BY_RENTALS, "rentals")])
def test_every_engine_asks_for_the_schema(ask: Callable[..., object], segment: Segment, lacking: str) -> None:
    with pytest.raises(ConfigurationError, match=f"built without '{lacking}'.*schema="):
        ask(segment, Profile.build(Customer("c")))
    assert ask(segment, Profile.build(Customer("c"), schema=SHOP)) is not False


@pytest.mark.parametrize("ask", QUESTIONS[:3])
def test_a_customer_is_not_a_profile(ask: Callable[..., object]) -> None:
    with pytest.raises(FactError, match=r"profile: is not a Profile .got Customer"):
        ask(Segment("everybody", rentals.none() | account.tier.is_present(), schema=SHOP), Customer("c"))


def test_another_schema_with_the_same_names_will_do() -> None:
    alike = STANDARD.extend(attributes={"tier": Kind.TEXT})
    assert BY_TIER.contains(Profile.build(Customer("c"), schema=alike), NOW)

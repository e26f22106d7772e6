"""A report for programs: one JSON document, instants in ISO 8601, money in minor units."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from attrs import asdict

from retention.adapters.order_csv import OrderReading
from retention.cli.findings import Due, Findings, Overlap
from retention.profile import Profile
from retention.spans import local

FORMAT = "retention-report/1"


def document(
    reading: OrderReading, found: Findings, currency: str, customer: Profile, told: Iterable[str]
) -> dict[str, Any]:
    """The whole report; ``told`` are the keys that are explained of the customer."""
    scale = found.scale
    return {
        "format": FORMAT,
        "as_of": found.as_of.isoformat(),
        "currency": currency,
        "file": {
            "rows": reading.rows,
            "orders": reading.order_count,
            "customers": len(reading.orders),
            "problems": [asdict(each) for each in reading.problems],
        },
        "customers": found.counts.total,
        "segments": [
            {
                "key": each.key,
                "name": each.words,
                "description": each.description,
                "customers": found.counts.size(each.key),
                "without": sorted(found.lacking.get(each.key, ())),
            }
            for each in found.segments
        ],
        "overlaps": [_overlap(each) for each in found.overlaps],
        "rfm": {
            "recency_days": list(scale.recency),
            "frequency": list(scale.frequency),
            "monetary": [amount.minor for amount in scale.monetary],
            "eleven_groups": dict(found.eleven),
            "five_groups": dict(found.five),
        },
        "due": {"until": found.until.isoformat(), "changes": [_due(each, found.as_of) for each in found.due]},
        "customer": _customer(customer, found, told),
    }


def _overlap(pair: Overlap) -> dict[str, Any]:
    return {"segments": [pair.one.key, pair.other.key], "both": pair.both, "only": [pair.only_one, pair.only_other]}


def _due(each: Due, as_of: datetime) -> dict[str, Any]:
    change = "enters" if each.enters else "leaves"
    at = local(each.at, as_of.tzinfo or UTC).isoformat()
    return {"at": at, "customer": each.customer, "segment": each.segment.key, "change": change}


def _customer(profile: Profile, found: Findings, told: Iterable[str]) -> dict[str, Any]:
    memberships: Mapping[str, bool] = found.segments.memberships(profile, found.as_of)
    segments: Sequence[str] = [key for key, holds in memberships.items() if holds]
    score = found.scale.score(profile, found.as_of)
    return {
        "id": profile.customer.id,
        "segments": segments,
        "rfm": {"r": score.r, "f": score.f, "m": score.m, "group": found.scale.group(profile, found.as_of)},
        "why": {key: str(found.segments[key].explain(profile, found.as_of)) for key in told},
    }

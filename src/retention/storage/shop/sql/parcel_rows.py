"""Parcels as rows of the outbox: what changes in columns, effect and draft as documents."""

from typing import Any

from retention.campaigns import wire as campaigns
from retention.loyalty.ledger.wire import micros
from retention.permission.messages import Draft
from retention.storage.shop import wire
from retention.storage.shop.records import Parcel
from retention.storage.sql.rows import Row, document, text


def row(parcel: Parcel) -> Row:
    """All of it."""
    return {
        **_columns(parcel),
        "planned_at": micros(parcel.planned_at),
        "receipt": parcel.receipt,
        "effect": text(campaigns.effect_to_json(parcel.effect)),
        "draft": _draft(parcel),
    }


def end(parcel: Parcel, claimed: Draft | None) -> Row:
    """What the end of an attempt changes. The draft only if it is not the very one that was claimed."""
    if claimed is not None and parcel.draft is claimed:
        return {**_columns(parcel), "redrafted": 0}
    return {**_columns(parcel), "redrafted": 1, "draft": _draft(parcel)}


def _columns(parcel: Parcel) -> Row:
    said: Row = {
        "parcel": parcel.key,
        "customer": parcel.customer,
        "channel": parcel.channel,
        "status": parcel.status,
        "due_at": micros(parcel.due_at),
        "attempt": parcel.attempt,
        "doubtful": int(parcel.doubtful),
        "tries": parcel.tries,
        "provider_id": parcel.provider_id,
    }
    if parcel.medium is not None:
        said["medium"] = parcel.medium.value
    if parcel.sent_at is not None:
        said["sent_at"] = micros(parcel.sent_at)
        counted = parcel.as_sent
        said["counted"] = None if counted is None else text(wire.sent_to_json(counted))
    if parcel.reasons or parcel.tried:
        said["outcome"] = text(wire.outcome_to_json(parcel))
    return said


def _draft(parcel: Parcel) -> str | None:
    return None if parcel.draft is None else text(campaigns.draft_to_json(parcel.draft))


def parcel(row: Any) -> Parcel:
    """Raises NewerRecord, DamagedRecord."""
    said: dict[str, Any] = {name: value for name, value in row._mapping.items() if value is not None}
    said |= {name: document(said[name]) for name in ("effect", "draft") if name in said}
    said |= {"v": wire.VERSION, "key": said.pop("parcel"), "doubtful": said["doubtful"] == 1}
    outcome = said.pop("outcome", None)
    return wire.parcel_from_json(said if outcome is None else {**said, **document(outcome)})

"""Parcels as rows of the outbox: what changes in columns, effect and draft as documents."""

from typing import Any

from attrs import evolve

from retention.campaigns import wire as campaigns
from retention.loyalty.errors import DamagedRecord
from retention.loyalty.ledger.wire import instant_of, micros
from retention.permission.messages import Draft
from retention.permission.person import Sent
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
        "priority": parcel.priority,
        **_message(parcel),
    }


def end(parcel: Parcel, claimed: Draft | None) -> Row:
    """What the end of an attempt changes. The message only if its draft is not the very one that was claimed."""
    if claimed is not None and parcel.draft is claimed and parcel.channel == claimed.channel:
        return {**_columns(parcel), "redrafted": 0}
    return {**_columns(parcel), "redrafted": 1, **_message(parcel)}


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
    if parcel.reasons or parcel.tried:
        said["outcome"] = text(wire.outcome_to_json(parcel))
    return said


def _message(parcel: Parcel) -> Row:
    """What goes out, and what caps will count of it: as if at ``planned_at``, because ``sent_at`` is beside it."""
    counted = evolve(parcel, sent_at=parcel.planned_at).as_sent
    return {
        "draft": None if parcel.draft is None else text(campaigns.draft_to_json(parcel.draft)),
        "counted": None if counted is None else text(wire.sent_to_json(counted)),
    }


def counted(said: str, sent_at: int) -> Sent:
    """What caps count of a message that went out. Raises NewerRecord, DamagedRecord."""
    return evolve(wire.sent_from_json(document(said)), at=instant_of(sent_at))


def parcel(row: Row) -> Parcel:
    """Raises NewerRecord, DamagedRecord."""
    said: dict[str, Any] = {name: value for name, value in row.items() if value is not None}
    said |= {name: document(said[name]) for name in ("effect", "draft") if name in said}
    said |= {"v": wire.VERSION, "key": said.pop("parcel"), "doubtful": said["doubtful"] == 1}
    outcome = said.pop("outcome", None)
    why = {} if outcome is None else document(outcome)
    if not isinstance(why, dict):
        raise DamagedRecord("parcel")
    return wire.parcel_from_json({**said, **why})

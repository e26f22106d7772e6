"""Rows of the tables, and what they mean: pure, no database is asked."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypeAlias, final

from attrs import frozen

from retention.loyalty.errors import DamagedRecord
from retention.loyalty.ledger import wire
from retention.loyalty.ledger.entries import Bucket, Entry
from retention.loyalty.ledger.head import Account, Head
from retention.loyalty.ledger.store import Batch, Change, check_amounts

Row: TypeAlias = dict[str, Any]


@final
@frozen(kw_only=True)
class Rows:
    """All that a batch writes. A row of ``accounts`` has the version that it replaces as ``expected``, 0 for a new
    account. Claims are in one order for everybody, so that two batches never wait for each other."""

    accounts: Sequence[Row]
    keys: Sequence[Row]
    claims: Sequence[Row]
    entries: Sequence[Row]
    orders: Sequence[Row]
    holds: Sequence[Row]
    expired: Sequence[Row]


def rows(batch: Batch) -> Rows:
    """Raises AmountTooLarge for a number that takes more than 64 bits."""
    check_amounts(batch)
    made: dict[str, list[Row]] = {"accounts": [], "keys": [], "entries": [], "orders": [], "holds": [], "expired": []}
    claims: list[Row] = []
    for change in batch.changes:
        decision, where = change.decision, _where(change.account)
        made["accounts"].append(_account(change))
        made["keys"] += [
            {**where, "command_key": key, "record": text(wire.done_to_json(done))}
            for key, done in decision.done.items()
        ]
        claims += [{**where, "rule": each.rule, "subject": each.subject} for each in decision.claims]
        made["entries"] += [entry_row(change.account, entry) for entry in decision.entries]
        made["orders"] += [
            {**where, "order_id": order, "record": text(wire.order_to_json(record))}
            for order, record in decision.orders.items()
        ]
        made["holds"] += [
            {**where, "hold": each.id, "record": text(wire.hold_to_json(each))} for each in decision.holds
        ]
        made["expired"] += [{**where, "lot": lot, "amount": amount} for lot, amount in decision.expired.items()]
    claims.sort(key=lambda row: (row["programme"], row["rule"], row["subject"]))
    return Rows(**made, claims=claims)


def _account(change: Change) -> Row:
    head, version = change.decision.head, change.expected_version + 1
    return {
        **_where(head.account),
        "unit": head.account.unit,
        "expected": change.expected_version,
        "version": version,
        "next_due": _moment(head.next_due),
        **{bucket.value: amount for bucket, amount in head.totals.items()},
        "head": text({**wire.head_to_json(head), "version": version}),  # as ``change.head``, without building that
    }


def _moment(at: datetime | None) -> int | None:
    return None if at is None else wire.micros(at)


def _where(account: Account) -> Row:
    return {"programme": account.programme, "account": account.id}


def entry_row(account: Account, entry: Entry) -> Row:
    """An entry as a row of ``retention_entries``: in one piece, because most of what a commit costs is making rows."""
    lot = entry.lot
    return {
        **_where(account),
        "seq": entry.seq,
        "recorded_at": wire.micros(entry.recorded_at),
        "effective_at": wire.micros(entry.effective_at),
        "kind": entry.kind.value,
        "source": entry.source.value,
        "target": entry.target.value,
        "amount": entry.amount,
        "lot_day": None if lot is None else lot.day.isoformat(),
        "lot_available_at": None if lot is None else wire.micros(lot.available_at),
        "lot_expires_at": None if lot is None else _moment(lot.expires_at),
        "order_id": entry.order,
        "hold": entry.hold,
        "hold_until": _moment(entry.until),
        "rule": entry.rule,
        "reason": entry.reason,
        "actor": entry.actor,
        "command_key": entry.key,
        "corrects": entry.corrects,
        "other_account": entry.other,
        "quotas": text(wire.entry_to_json(entry)["quotas"]) if entry.quotas else None,
        "previous_hash": entry.previous,
    }


# Where the row of an entry has the parts of its document, under the same names and under others.
_SAME: Final = (
    "seq", "recorded_at", "effective_at", "kind", "source", "target", "amount", "hold", "rule", "reason", "actor",
    "corrects",
)  # fmt: skip
_RENAMED: Final = {
    "order": "order_id",
    "until": "hold_until",
    "key": "command_key",
    "other": "other_account",
    "previous": "previous_hash",
}


def entry(row: Mapping[str, Any]) -> Entry:
    """The entry of a row. Raises DamagedRecord."""
    said = {name: row[name] for name in _SAME} | {name: row[column] for name, column in _RENAMED.items()}
    if row["lot_day"] is not None:
        said["lot"] = {part: row[f"lot_{part}"] for part in ("day", "available_at", "expires_at")}
    if row["quotas"] is not None:
        said["quotas"] = document(row["quotas"])
    return wire.entry_from_json(said)


def head(text: str) -> Head:
    return wire.head_from_json(document(text))


def totals(row: Mapping[str, int]) -> dict[Bucket, int]:
    """The sums of all buckets from those of their upper and lower halves, which no database counts too far."""
    return {bucket: (int(row[f"{bucket}_high"]) << 32) + int(row[f"{bucket}_low"]) for bucket in Bucket}


def document(text: str) -> Any:
    """Raises DamagedRecord."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise DamagedRecord("text") from problem


_WRITER: Final = json.JSONEncoder(separators=(",", ":"), check_circular=False)  # no document holds itself


def text(said: Any) -> str:
    return _WRITER.encode(said)

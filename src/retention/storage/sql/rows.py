"""Rows of the tables, and what they mean: pure, no database is asked."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias, final

from attrs import frozen

from retention.loyalty.errors import AmountTooLarge, DamagedRecord
from retention.loyalty.ledger import wire
from retention.loyalty.ledger.entries import Bucket, Entry
from retention.loyalty.ledger.head import Account, Head
from retention.loyalty.ledger.store import Batch, Change
from retention.money import LARGEST

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
    for table in (*made.values(), claims):
        for row in table:
            _check(row)
    return Rows(**made, claims=claims)


def _check(row: Row) -> None:
    for name, value in row.items():
        if isinstance(value, int) and not -LARGEST <= value <= LARGEST:
            raise AmountTooLarge(name)


def _account(change: Change) -> Row:
    head = change.head
    return {
        **_where(change.account),
        "unit": change.account.unit,
        "expected": change.expected_version,
        "version": head.version,
        "next_due": None if head.next_due is None else wire.micros(head.next_due),
        **{bucket.value: amount for bucket, amount in head.totals.items()},
        "head": text(wire.head_to_json(head)),
    }


def _where(account: Account) -> Row:
    return {"programme": account.programme, "account": account.id}


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


def entry_row(account: Account, entry: Entry) -> Row:
    """An entry as a row of ``retention_entries``."""
    said = wire.entry_to_json(entry)
    lot = said.get("lot", {})
    quotas = said.get("quotas")
    return {
        **_where(account),
        **{name: said.get(name) for name in _SAME},
        **{column: said.get(name) for name, column in _RENAMED.items()},
        **{f"lot_{part}": lot.get(part) for part in ("day", "available_at", "expires_at")},
        "quotas": None if quotas is None else text(quotas),
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


def text(said: Any) -> str:
    return json.dumps(said, separators=(",", ":"))

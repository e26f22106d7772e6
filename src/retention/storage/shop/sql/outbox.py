"""The outbox in a transaction: parcels and their receipts."""

from collections import Counter
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from datetime import datetime, timedelta
from typing import TypeAlias

from attrs import define, evolve

from retention.channels.protocol import Receipt
from retention.loyalty.errors import DamagedRecord, NewerRecord, UnreadableParcels
from retention.loyalty.ledger.wire import micros
from retention.permission.messages import Draft
from retention.spans import utc
from retention.storage.shop import wire
from retention.storage.shop.records import Parcel, ParcelStatus
from retention.storage.shop.sql import parcel_rows, statements
from retention.storage.shop.sql.transaction import Transaction, grouped
from retention.storage.sql.prepared import Answer
from retention.storage.sql.rows import Row, text

Drafts: TypeAlias = MutableMapping[str, Draft]
"""The drafts that were claimed, by the keys of their parcels, for as long as somebody holds them."""


@define(slots=False, kw_only=True, eq=False)
class Outbox(Transaction):
    """Claiming and finishing write only what changes: a draft that is still the one that was claimed stays where it
    is."""

    _drafts: Drafts

    def put(self, parcels: Sequence[Parcel]) -> Sequence[Parcel]:
        first: dict[str, Parcel] = {}
        for each in parcels:
            first.setdefault(each.key, each)
        if not first:
            return []
        stored = self._write(statements.PUT, [parcel_rows.row(first[key]) for key in sorted(first)])
        new = {key for (key,) in stored.rows}
        return [each for key, each in first.items() if key in new]

    def claim(self, now: datetime, limit: int, lease: timedelta) -> Sequence[Parcel]:
        at = utc(now, "now")
        free = _readable(self._run(statements.FREE, now=micros(at), most=limit))
        if not free:
            return []
        self._about(statements.CLAIM, [each.key for each in free], until=micros(at + lease))
        claimed = [each.claimed(at + lease) for each in free]
        self._drafts.update({each.key: each.draft for each in claimed if each.draft is not None})
        return claimed

    def put_off_parcels(self, keys: Sequence[str], until: datetime) -> None:
        self._about(statements.PUT_OFF_PARCELS, keys, until=micros(utc(until, "until")))

    def finish(self, parcels: Sequence[Parcel]) -> Sequence[Parcel]:
        left = {each.key: each for each in parcels}
        done = self._finish(left)
        erased = {key: each.without_person() for key, each in left.items() if key not in done}
        done |= self._finish(erased)
        return [done[key] for key in left if key in done]

    def _finish(self, parcels: Mapping[str, Parcel]) -> dict[str, Parcel]:
        """Those that were stored. Only a parcel that names nobody takes the place of one that does not."""
        if not parcels:
            return {}
        rows = [parcel_rows.end(each, self._drafts.get(key)) for key, each in sorted(parcels.items())]
        stored = self._write(statements.FINISH, rows, ids=text([*parcels]))
        return {key: evolve(parcels[key], receipt=receipt) for key, receipt in stored.rows}

    def reopen(self, parcels: Sequence[Parcel]) -> Sequence[Parcel]:
        given = {each.key: each for each in parcels}
        if not given:
            return []
        rows = [parcel_rows.end(each, None) for _, each in sorted(given.items())]
        stored = self._write(statements.REOPEN, rows, ids=text([*given]))
        done = {key: (attempt, receipt) for key, attempt, receipt in stored.rows}
        return [evolve(each, attempt=done[key][0], receipt=done[key][1]) for key, each in given.items() if key in done]

    def parcels(self, keys: Sequence[str]) -> Mapping[str, Parcel]:
        return {each.key: each for each in self._found(self._about(statements.PARCELS, keys))}

    def parcels_of(self, customer: str) -> Sequence[Parcel]:
        return self._found(self._run(statements.PARCELS_OF, customer=customer))

    def parcels_by_status(self, status: ParcelStatus, after: str, limit: int) -> Sequence[Parcel]:
        question = statements.PARCELS_ENDED if status in statements.ENDED else statements.PARCELS_BY_STATUS
        return self._found(self._run(question, status=status, after=after, most=limit))

    def parcels_between(self, after: str, before: str, limit: int) -> Sequence[Parcel]:
        return self._found(self._run(statements.PARCELS_BETWEEN, after=after, before=before, most=limit))

    def ended(self, before: datetime, after: str, limit: int) -> Sequence[Parcel]:
        at = micros(utc(before, "before"))
        return self._found(self._run(statements.PARCELS_PAST, before=at, after=after, most=limit))

    def discard(self, keys: Sequence[str]) -> int:
        return self._run(statements.DISCARD, ids=text([*keys])).count if keys else 0

    def parcels_by_receipt(self, channel: str, provider_ids: Sequence[str]) -> Mapping[str, Parcel]:
        found = self._found(self._about(statements.PARCELS_BY_RECEIPT, provider_ids, channel=channel))
        return {each.provider_id: each for each in found if each.provider_id is not None}

    def _found(self, answer: Answer) -> list[Parcel]:
        return [parcel_rows.parcel(each) for each in _named(answer)]

    def _erase(self, customer: str) -> None:
        """Take a person out of their parcels."""
        found = self._found(self._run(statements.PARCELS_TO_ERASE, customer=customer))
        if found:
            rows = [parcel_rows.row(each.without_person()) for each in found]
            self._write(statements.ERASE, rows, ids=text([each.key for each in found]))

    def add_receipt(self, channel: str, receipt: Receipt) -> bool:
        said = {"at": micros(receipt.at), "status": receipt.status, "document": text(wire.receipt_to_json(receipt))}
        added = self._run(statements.ADD_RECEIPT, channel=channel, provider_id=receipt.provider_id, **said)
        return added.count == 1

    def receipts(self, channel: str, provider_ids: Sequence[str]) -> Mapping[str, Sequence[Receipt]]:
        return grouped(self._about(statements.RECEIPTS, provider_ids, channel=channel), wire.receipt_from_json)

    def discard_receipts(self, before: datetime, after: tuple[str, str], limit: int) -> Mapping[tuple[str, str], int]:
        said = {"before": micros(utc(before, "before")), "channel": after[0], "name": after[1], "most": limit}
        deleted = self._run(statements.DISCARD_RECEIPTS, **said)
        return Counter((channel, name) for channel, name in deleted.rows)

    def set_receipt(self, parcel: Parcel) -> None:
        self._run(statements.SET_RECEIPT, parcel=parcel.key, receipt=parcel.receipt)


def _named(answer: Answer) -> Iterator[Row]:
    return (dict(zip(statements.PARCEL, each, strict=True)) for each in answer.rows)


def _readable(answer: Answer) -> list[Parcel]:
    """Raises UnreadableParcels."""
    found: list[Parcel] = []
    unreadable: dict[str, Exception] = {}
    for row in _named(answer):
        try:
            found.append(parcel_rows.parcel(row))
        except (NewerRecord, DamagedRecord) as problem:
            unreadable[row["parcel"]] = problem
    if unreadable:
        raise UnreadableParcels([*unreadable]) from next(iter(unreadable.values()))
    return found

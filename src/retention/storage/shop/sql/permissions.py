"""Consents, suppressions and what was sent, in a transaction."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from retention.loyalty.errors import Conflict
from retention.loyalty.ledger.wire import micros
from retention.permission.person import Consent, Sent, Suppression
from retention.spans import utc
from retention.storage.shop import wire
from retention.storage.shop.sql import parcel_rows, statements
from retention.storage.shop.sql.transaction import Transaction, grouped
from retention.storage.sql.rows import text


class Permissions(Transaction):
    """What the gate is told, read for many customers at once."""

    def consents(self, ids: Sequence[str]) -> Mapping[str, Sequence[Consent]]:
        return grouped(self._about(statements.CONSENTS, ids), wire.consent_from_json)

    def add_consent(self, customer: str, consent: Consent) -> bool:
        there = self.consents([customer]).get(customer, ())
        if consent in there:
            return False
        said = text(wire.consent_to_json(consent))
        if self._run(statements.ADD_CONSENT, customer=customer, line=len(there), document=said).count != 1:
            raise Conflict("somebody else added a consent first")
        return True

    def suppressions(self, hashes: Sequence[str]) -> Mapping[str, Sequence[Suppression]]:
        return grouped(self._about(statements.SUPPRESSIONS, hashes), wire.suppression_from_json)

    def suppress(self, hashed: str, suppression: Suppression) -> None:
        self._run(statements.SUPPRESS, hashed=hashed, document=text(wire.suppression_to_json(suppression)))

    def sent(self, ids: Sequence[str], since: datetime) -> Mapping[str, Sequence[Sent]]:
        found: dict[str, list[Sent]] = defaultdict(list)
        for id, said, at in self._about(statements.SENT, ids, since=micros(utc(since, "since"))).rows:
            found[id].append(parcel_rows.counted(said, at))
        return dict(found)

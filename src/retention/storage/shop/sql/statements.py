"""The statements of the store, in the SQL that both databases have; where they differ there is a word in braces.

Many values go as one text of JSON: ``:ids`` a list, ``:rows`` a list of objects. One statement does for
any number of them, is compiled once, and travels once. What changes rows by a list of objects names their keys in
``:ids`` too: a planner that expects few rows in a table would look at all of them otherwise.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final

from sqlalchemy import Dialect, text

from retention.storage.shop.records import CLEARABLE
from retention.storage.sql.prepared import Prepared

_NUMBERS: Final = frozenset(
    {
        "at",
        "attempt",
        "doubtful",
        "due_at",
        "line",
        "next_due",
        "planned_at",
        "priority",
        "redrafted",
        "sent_at",
        "tries",
    }
)


@lru_cache(maxsize=1024)
def prepared(statement: str, dialect: Dialect) -> Prepared:
    """A statement as the text that goes to the driver."""
    words = _WORDS[dialect.name]
    said = re.sub(r"\{(\w+)((?: \w+)*)\}", lambda found: words[found[1]](*found[2].split()), statement)
    return Prepared.of(text(said).compile(dialect=dialect))


def _record(*columns: str) -> str:
    typed = ", ".join(f"{name} {'bigint' if name in _NUMBERS else 'text'}" for name in columns)
    return f"json_to_recordset(CAST(:rows AS json)) AS given({typed})"


def _each(*columns: str) -> str:
    parts = ", ".join(f"json_extract(value, '$.{name}') AS {name}" for name in columns)
    return f"(SELECT {parts} FROM json_each(:rows)) AS given"


_WORDS: Final[Mapping[str, Mapping[str, Callable[..., str]]]] = {
    "postgresql": {
        "among": lambda name: f"= ANY (ARRAY(SELECT json_array_elements_text(CAST(:{name} AS json))))",
        "given": _record,
        "joined": lambda column: f"string_agg({column}, ',')",
        "locked": lambda: "FOR UPDATE",
        "skipping": lambda: "FOR UPDATE SKIP LOCKED",
    },
    "sqlite": {  # whoever writes has locked it all
        "among": lambda name: f"IN (SELECT value FROM json_each(:{name}))",
        "given": _each,
        "joined": lambda column: f"group_concat({column}, ',')",
        "locked": lambda: "",
        "skipping": lambda: "",
    },
}

# Customers. ----------------------------------------------------------------------------------------------------------

SHOPPERS: Final = """
SELECT customer, document FROM retention_shoppers WHERE tenant = :tenant AND customer {among ids}
ORDER BY customer {locked}
"""
NEW_SHOPPERS: Final = """
INSERT INTO retention_shoppers (tenant, customer, next_due, document)
SELECT :tenant, customer, next_due, document FROM {given customer next_due document} WHERE true
ON CONFLICT DO NOTHING
"""
CHANGE_SHOPPER: Final = """
UPDATE retention_shoppers SET next_due = :next_due, document = :document
WHERE tenant = :tenant AND customer = :customer
"""
JOIN: Final = """
INSERT INTO retention_members (tenant, segment, customer)
SELECT :tenant, segment, customer FROM {given segment customer} WHERE true
ON CONFLICT DO NOTHING
"""
LEAVE: Final = """
DELETE FROM retention_members WHERE tenant = :tenant AND segment = :segment AND customer = :customer
"""
FACTS: Final = """
SELECT customer, '[' || {joined document} || ']' FROM retention_facts WHERE tenant = :tenant AND customer {among ids}
GROUP BY customer
"""
"""All of a customer's in one document: a row for each would cost as much again."""
FACTS_OF: Final = """
SELECT customer, '[' || {joined document} || ']' FROM retention_facts
WHERE tenant = :tenant AND customer {among ids} AND collection {among collections}
GROUP BY customer
"""
NAMED_FACTS: Final = """
SELECT document FROM retention_facts
WHERE tenant = :tenant AND customer = :customer AND collection {among collections} AND fact {among ids}
"""
"""Of these collections with these ids: of two collections with one id in both it may be more than was asked."""
NEW_FACTS: Final = """
INSERT INTO retention_facts (tenant, customer, collection, fact, document)
SELECT :tenant, customer, collection, fact, document FROM {given customer collection fact document} WHERE true
ON CONFLICT DO NOTHING
RETURNING collection, fact
"""
ADD_FACTS: Final = """
INSERT INTO retention_facts (tenant, customer, collection, fact, document)
SELECT :tenant, customer, collection, fact, document FROM {given customer collection fact document} WHERE true
ON CONFLICT (tenant, customer, collection, fact) DO UPDATE SET document = excluded.document
"""
DUE: Final = """
SELECT customer, document FROM retention_shoppers WHERE tenant = :tenant AND next_due <= :until
ORDER BY next_due, customer LIMIT :most {skipping}
"""
PUT_OFF: Final = """
UPDATE retention_shoppers SET next_due = :until
WHERE tenant = :tenant AND customer {among ids} AND next_due < :until
"""
CUSTOMERS: Final = """
SELECT customer FROM retention_shoppers WHERE tenant = :tenant AND customer > :after ORDER BY customer LIMIT :most
"""
BROWSE: Final = """
SELECT document FROM retention_shoppers WHERE tenant = :tenant AND customer > :after ORDER BY customer LIMIT :most
"""
MEMBERS: Final = """
SELECT customer FROM retention_members WHERE tenant = :tenant AND segment = :segment AND customer > :after
ORDER BY customer LIMIT :most
"""
FORGET: Final = tuple(
    f"DELETE FROM {table} WHERE tenant = :tenant AND customer = :customer"
    for table in ("retention_shoppers", "retention_facts", "retention_consents")
)

# Permission. ---------------------------------------------------------------------------------------------------------

CONSENTS: Final = """
SELECT customer, document FROM retention_consents WHERE tenant = :tenant AND customer {among ids}
ORDER BY customer, line
"""
ADD_CONSENT: Final = """
INSERT INTO retention_consents (tenant, customer, line, document) VALUES (:tenant, :customer, :line, :document)
ON CONFLICT DO NOTHING
"""
SUPPRESSIONS: Final = """
SELECT hashed, document FROM retention_suppressions WHERE tenant = :tenant AND hashed {among ids}
ORDER BY hashed, document
"""
SUPPRESS: Final = """
INSERT INTO retention_suppressions (tenant, hashed, document) VALUES (:tenant, :hashed, :document)
ON CONFLICT DO NOTHING
"""
SENT: Final = """
SELECT customer, counted, sent_at FROM retention_parcels
WHERE tenant = :tenant AND customer {among ids} AND sent_at >= :since AND counted IS NOT NULL
ORDER BY sent_at, parcel
"""

# The outbox. ---------------------------------------------------------------------------------------------------------

PARCEL: Final = (
    "parcel", "customer", "channel", "medium", "status", "planned_at", "due_at", "attempt", "doubtful", "tries",
    "sent_at", "provider_id", "receipt", "effect", "draft", "outcome",
)  # fmt: skip
_PARCEL: Final = ", ".join(PARCEL)
PUT: Final = """
INSERT INTO retention_parcels
    (tenant, parcel, customer, channel, medium, status, planned_at, due_at, attempt, doubtful, tries, sent_at,
    provider_id, receipt, counted, effect, draft, outcome, priority)
SELECT :tenant, parcel, customer, channel, medium, status, planned_at, due_at, attempt, doubtful, tries, sent_at,
    provider_id, receipt, counted, effect, draft, outcome, priority
FROM {given parcel customer channel medium status planned_at due_at attempt doubtful tries sent_at provider_id receipt counted effect draft outcome priority}
WHERE true
ON CONFLICT DO NOTHING
RETURNING retention_parcels.parcel
"""  # noqa: E501 - what is in braces is one word
FREE: Final = f"""
SELECT {_PARCEL} FROM retention_parcels
WHERE tenant = :tenant AND status IN ('waiting', 'sending') AND due_at <= :now
ORDER BY due_at, priority DESC, parcel LIMIT :most {{skipping}}
"""
CLAIM: Final = """
UPDATE retention_parcels
SET doubtful = CASE WHEN status = 'sending' THEN 1 ELSE doubtful END, status = 'sending', attempt = attempt + 1,
    due_at = :until
WHERE tenant = :tenant AND parcel {among ids}
"""
PUT_OFF_PARCELS: Final = """
UPDATE retention_parcels SET due_at = :until
WHERE tenant = :tenant AND parcel {among ids} AND status IN ('waiting', 'sending') AND due_at < :until
"""
_OUTCOME: Final = """
channel = given.channel, medium = given.medium, status = given.status, due_at = given.due_at, doubtful = given.doubtful,
tries = given.tries, sent_at = given.sent_at, provider_id = given.provider_id, outcome = given.outcome
"""
FINISH: Final = f"""
UPDATE retention_parcels
SET {_OUTCOME},
    draft = CASE WHEN given.redrafted = 1 THEN given.draft ELSE retention_parcels.draft END,
    counted = CASE WHEN given.redrafted = 1 THEN given.counted ELSE retention_parcels.counted END
FROM {{given parcel customer attempt channel medium status due_at doubtful tries sent_at provider_id counted outcome redrafted draft}}
WHERE retention_parcels.tenant = :tenant AND retention_parcels.parcel {{among ids}} AND retention_parcels.parcel = given.parcel
    AND retention_parcels.status = 'sending' AND retention_parcels.attempt = given.attempt
    AND (retention_parcels.customer IS NULL) = (given.customer IS NULL)
RETURNING retention_parcels.parcel, retention_parcels.receipt
"""  # noqa: E501 - what is in braces is one word
REOPEN: Final = f"""
UPDATE retention_parcels
SET {_OUTCOME}, draft = given.draft, counted = given.counted
FROM {{given parcel channel medium status due_at doubtful tries sent_at provider_id counted outcome draft}}
WHERE retention_parcels.tenant = :tenant AND retention_parcels.parcel {{among ids}}
    AND retention_parcels.parcel = given.parcel AND retention_parcels.status NOT IN ('waiting', 'sending')
    AND retention_parcels.customer IS NOT NULL
RETURNING retention_parcels.parcel, retention_parcels.attempt, retention_parcels.receipt
"""
ERASE: Final = """
UPDATE retention_parcels
SET customer = NULL, draft = NULL, effect = given.effect, status = given.status
FROM {given parcel status effect}
WHERE retention_parcels.tenant = :tenant AND retention_parcels.parcel {among ids}
    AND retention_parcels.parcel = given.parcel
"""
PARCELS: Final = f"SELECT {_PARCEL} FROM retention_parcels WHERE tenant = :tenant AND parcel {{among ids}}"
PARCELS_OF: Final = f"""
SELECT {_PARCEL} FROM retention_parcels WHERE tenant = :tenant AND customer = :customer ORDER BY planned_at, parcel
"""
PARCELS_BY_STATUS: Final = f"""
SELECT {_PARCEL} FROM retention_parcels WHERE tenant = :tenant AND status = :status AND parcel > :after
ORDER BY parcel LIMIT :most
"""
ENDED: Final = ("refused", "expired", "cancelled", "dead", "held")
"""What has an index of its own, since it is few among what was sent; named in the statement, as SQLite asks for it."""

PARCELS_ENDED: Final = f"""
SELECT {_PARCEL} FROM retention_parcels
WHERE tenant = :tenant AND status = :status AND status IN {ENDED} AND parcel > :after
ORDER BY parcel LIMIT :most
"""
PARCELS_BETWEEN: Final = f"""
SELECT {_PARCEL} FROM retention_parcels WHERE tenant = :tenant AND parcel > :after AND parcel < :before
ORDER BY parcel LIMIT :most
"""
PARCELS_PAST: Final = f"""
SELECT {_PARCEL} FROM retention_parcels
WHERE tenant = :tenant AND parcel > :after AND status IN {CLEARABLE} AND customer IS NOT NULL
    AND planned_at < :before AND due_at < :before AND (sent_at IS NULL OR sent_at < :before)
ORDER BY parcel LIMIT :most
"""
DISCARD: Final = f"""
DELETE FROM retention_parcels WHERE tenant = :tenant AND parcel {{among ids}} AND status IN {CLEARABLE}
"""
PARCELS_TO_ERASE: Final = f"""
SELECT {_PARCEL} FROM retention_parcels WHERE tenant = :tenant AND customer = :customer ORDER BY parcel {{locked}}
"""
PARCELS_BY_RECEIPT: Final = f"""
SELECT {_PARCEL} FROM retention_parcels WHERE tenant = :tenant AND channel = :channel AND provider_id {{among ids}}
{{locked}}
"""
"""Locked, so that whoever reads their receipts next reads all of them."""
SET_RECEIPT: Final = """
UPDATE retention_parcels SET receipt = :receipt WHERE tenant = :tenant AND parcel = :parcel
"""
ADD_RECEIPT: Final = """
INSERT INTO retention_receipts (tenant, channel, provider_id, at, status, document)
VALUES (:tenant, :channel, :provider_id, :at, :status, :document)
ON CONFLICT DO NOTHING
"""
RECEIPTS: Final = """
SELECT provider_id, document FROM retention_receipts
WHERE tenant = :tenant AND channel = :channel AND provider_id {among ids}
ORDER BY provider_id, at, status
"""
DISCARD_RECEIPTS: Final = """
DELETE FROM retention_receipts
WHERE tenant = :tenant AND (channel, provider_id) IN (
    SELECT channel, provider_id FROM retention_receipts AS past
    WHERE tenant = :tenant AND (channel, provider_id) > (:channel, :name) AND NOT EXISTS (
        SELECT 1 FROM retention_parcels AS known
        WHERE known.tenant = :tenant AND known.channel = past.channel AND known.provider_id = past.provider_id
    )
    GROUP BY channel, provider_id HAVING max(at) < :before
    ORDER BY channel, provider_id LIMIT :most
)
RETURNING channel, provider_id
"""

# What is noted under a name: a channel's state, a bookmark. ----------------------------------------------------------

CHANNEL: Final = "SELECT document FROM retention_channels WHERE tenant = :tenant AND channel = :name"
LOCK_CHANNEL: Final = CHANNEL + " {locked}"
NEW_CHANNEL: Final = """
INSERT INTO retention_channels (tenant, channel) VALUES (:tenant, :name) ON CONFLICT DO NOTHING
"""
KEEP_CHANNEL: Final = """
INSERT INTO retention_channels (tenant, channel, document) VALUES (:tenant, :name, :document)
ON CONFLICT (tenant, channel) DO UPDATE SET document = excluded.document
"""
BOOKMARK: Final = "SELECT document FROM retention_bookmarks WHERE tenant = :tenant AND name = :name"
LOCK_BOOKMARK: Final = BOOKMARK + " {locked}"
NEW_BOOKMARK: Final = """
INSERT INTO retention_bookmarks (tenant, name) VALUES (:tenant, :name) ON CONFLICT DO NOTHING
"""
KEEP_BOOKMARK: Final = """
INSERT INTO retention_bookmarks (tenant, name, document) VALUES (:tenant, :name, :document)
ON CONFLICT (tenant, name) DO UPDATE SET document = excluded.document
"""

"""What a customer is owed: points, tiers, coupons, store credit and gift cards, on one ledger.

These are the names of the ledger that a shop needs first. Policies are pure functions that turn orders and rules into
its commands, each in a module of its own: ``programme``, ``tiers``, ``coupons``, ``credit``, ``gift_cards``,
``referrals``. ``reports`` read the entries, and ``facts`` makes rows of them that rules can ask about.
"""

from retention.loyalty.ledger.commands import (
    Adjust,
    Capture,
    Command,
    Earn,
    Expire,
    Merge,
    Move,
    Place,
    Redeem,
    Refund,
    Return,
    Revoke,
    Transfer,
    Void,
)
from retention.loyalty.ledger.decide import Decision
from retention.loyalty.ledger.entries import Bucket, Entry, EntryKind, Lot, Quota, Validity
from retention.loyalty.ledger.head import Account, Head, Hold
from retention.loyalty.ledger.ledger import Ledger
from retention.loyalty.ledger.records import Result
from retention.loyalty.ledger.store import LedgerStore
from retention.loyalty.ledger.terms import ByLines, Fixed, Line, Refunded

__all__ = [
    "Account",
    "Adjust",
    "Bucket",
    "ByLines",
    "Capture",
    "Command",
    "Decision",
    "Earn",
    "Entry",
    "EntryKind",
    "Expire",
    "Fixed",
    "Head",
    "Hold",
    "Ledger",
    "LedgerStore",
    "Line",
    "Lot",
    "Merge",
    "Move",
    "Place",
    "Quota",
    "Redeem",
    "Refund",
    "Refunded",
    "Result",
    "Return",
    "Revoke",
    "Transfer",
    "Validity",
    "Void",
]

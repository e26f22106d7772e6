"""What the ledger knows as facts for rules: points, store credit and coupon uses become rows of a profile.

A row says what was added to a lot or taken from it, when it happened, and from when to when the lot can be used. So
``points.balance()`` and the like are right at every instant, past and future, though nobody writes anything down when
a lot becomes available or expires. What is held for an order is still the customer's until it is captured.

What is owed counts against the balance, as in the ledger. Give an account in debt as it is ``now``
(``reports.history``): what becomes available pays debts first, and that is written down.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final, assert_never

from retention.activity import CouponEvent, CreditEvent, PointsEvent, Referral
from retention.loyalty.ledger.entries import Bucket, Entry, EntryKind
from retention.loyalty.ledger.head import Account
from retention.loyalty.referrals import Referred
from retention.money import Money

IN_LOTS: Final = frozenset({Bucket.PENDING, Bucket.AVAILABLE, Bucket.HELD})
"""Whose units are in lots that the customer has, or will have."""


def points_events(account: Account, entries: Iterable[Entry]) -> Iterator[PointsEvent]:
    """The rows of ``points`` that these entries of an account make."""
    for entry in entries:
        for row, gained in _rows(account, entry):
            kind = points_kind(entry.kind)
            signed = entry.amount if gained or kind != "adjusted" else -entry.amount
            yield PointsEvent(**row, kind=kind, amount=signed)


def credit_events(account: Account, entries: Iterable[Entry]) -> Iterator[CreditEvent]:
    """The rows of ``credits`` that these entries of an account in a currency make."""
    for entry in entries:
        for row, gained in _rows(account, entry):
            amount = Money(entry.amount, account.unit)
            yield CreditEvent(**row, kind=credit_kind(entry.kind, gained), amount=amount)


def coupon_events(account: Account, entries: Iterable[Entry]) -> Iterator[CouponEvent]:
    """The rows of ``coupons`` that the entries of an issued coupon's account make; the coupon's id is their ``code``.

    What is reserved for an order is still held.
    """
    coupon = coupon_id(account)
    for entry in entries:
        for row, gained in _rows(account, entry):
            named = {**row, "id": f"{account.id}/{row['id']}", "code": coupon}
            yield CouponEvent(**named, kind=coupon_kind(entry.kind, gained), uses=entry.amount)


def referral_event(referred: Referred) -> Referral:
    """The row of ``referrals`` of the customer who referred: somebody whom they brought has ordered."""
    return Referral(referred.order, referred.at, kind="ordered")


def coupon_id(account: Account) -> str:
    """The id of the coupon whose uses an account counts: in all, by one customer ("/"), or of one code ("#")."""
    return account.id.partition("/")[0].partition("#")[0]


def _rows(account: Account, entry: Entry) -> Iterator[tuple[dict[str, Any], bool]]:
    """What both kinds of rows say, and whether it was gained: one row for each side that is in lots or owed.

    A move inside the lots, from pending to available say, is none: the lot's life says it.
    """
    if entry.source in IN_LOTS and entry.target in IN_LOTS:
        return
    for bucket, gained in ((entry.source, False), (entry.target, True)):
        if bucket in IN_LOTS or bucket is Bucket.DEBT:
            yield _row(account, entry, bucket), gained


def _row(account: Account, entry: Entry, bucket: Bucket) -> dict[str, Any]:
    lot = None if bucket is Bucket.DEBT else entry.lot
    side = "-owed" if bucket is Bucket.DEBT else ""
    return {
        "id": f"{account.programme}/{entry.seq:013}{side}",
        "at": entry.effective_at,
        "code": entry.rule,
        "available_at": None if lot is None else lot.available_at,
        "expires_at": None if lot is None else lot.expires_at,
    }


def points_kind(kind: EntryKind) -> str:
    """What a row of ``points`` is called; ``adjusted`` ones have a sign."""
    match kind:
        case EntryKind.EARN:
            return "earned"
        case EntryKind.REDEEM | EntryKind.CAPTURE:
            return "spent"
        case EntryKind.EXPIRE:
            return "expired"
        case (
            EntryKind.ACTIVATE | EntryKind.HOLD | EntryKind.VOID | EntryKind.TIME_OUT | EntryKind.CLAW_BACK
            | EntryKind.REPAY | EntryKind.RETURN | EntryKind.ADJUST | EntryKind.REVOKE | EntryKind.TRANSFER
            | EntryKind.MERGE
        ):  # fmt: skip
            return "adjusted"
        case _:
            assert_never(kind)


def credit_kind(kind: EntryKind, gained: bool) -> str:
    """What a row of ``credits`` is called; it says which way the credit went."""
    match kind:
        case EntryKind.EARN:
            return "issued"
        case EntryKind.REDEEM | EntryKind.CAPTURE:
            return "spent"
        case EntryKind.EXPIRE:
            return "expired"
        case EntryKind.RETURN | EntryKind.REPAY:
            return "refunded" if gained else "revoked"
        case (
            EntryKind.ACTIVATE | EntryKind.HOLD | EntryKind.VOID | EntryKind.TIME_OUT | EntryKind.CLAW_BACK
            | EntryKind.ADJUST | EntryKind.REVOKE | EntryKind.TRANSFER | EntryKind.MERGE
        ):  # fmt: skip
            return "issued" if gained else "revoked"
        case _:
            assert_never(kind)


def coupon_kind(kind: EntryKind, gained: bool) -> str:
    """What a row of ``coupons`` is called; it says whether a use came or went."""
    match kind:
        case EntryKind.EARN:
            return "issued"
        case EntryKind.REDEEM | EntryKind.CAPTURE:
            return "redeemed"
        case EntryKind.EXPIRE:
            return "expired"
        case EntryKind.RETURN | EntryKind.REPAY:
            return "released" if gained else "revoked"
        case (
            EntryKind.ACTIVATE | EntryKind.HOLD | EntryKind.VOID | EntryKind.TIME_OUT | EntryKind.CLAW_BACK
            | EntryKind.ADJUST | EntryKind.REVOKE | EntryKind.TRANSFER | EntryKind.MERGE
        ):  # fmt: skip
            return "issued" if gained else "revoked"
        case _:
            assert_never(kind)

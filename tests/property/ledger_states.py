"""Accounts in the midst of random lives, for the laws of the ledger."""

from collections import Counter
from datetime import datetime
from functools import cache

from hypothesis import assume
from hypothesis import strategies as st

from retention.loyalty.ledger.commands import (
    Adjust,
    Earn,
)
from retention.loyalty.ledger.entries import Bucket, Lot, Validity
from retention.loyalty.ledger.head import Account, Head
from retention.loyalty.ledger.terms import Terms
from retention.testing.choices import Choices
from tests.loyalty.ledger import scenes
from tests.loyalty.ledger.lives import Life
from tests.loyalty.ledger.scenes import ACCOUNTS, DAY, TICK
from tests.loyalty.ledger.shelf import Shelf

OTHERS = (Bucket.PENDING, Bucket.AVAILABLE, Bucket.HELD, Bucket.SPENT, Bucket.EXPIRED, Bucket.REVOKED)


@cache
def lived(seed: int) -> Life:
    """A life of which nothing is changed any more."""
    life, choose = Life(), Choices.seeded(1_000 + seed)
    life.shelf.chained = False
    for _ in range(60):
        life.step(choose)
    return life


seeds = st.integers(0, 49)
owners = st.sampled_from(ACCOUNTS)
spans = st.timedeltas(min_value=TICK, max_value=90 * DAY)


def state(seed: int, who: Account) -> tuple[Shelf, datetime]:
    """An account at some time of a life, open, and with something in it."""
    life = lived(seed)
    assume(life.shelf.head(who).merged_into is None)
    return life.shelf.copy(), life.now


def stocked(seed: int, who: Account) -> tuple[Shelf, datetime]:
    """As ``state``, with three lots more."""
    shelf, now = state(seed, who)
    for number, ends in enumerate((2, 5, None)):
        lot = Validity(now.date(), now, None if ends is None else scenes.midnight(now, ends))
        shelf.run(who, gift(f"stock-{number}", 9, lot), now)
    return shelf, now


def gift(key: str, amount: int, validity: Validity) -> Adjust:
    return Adjust(key=key, amount=amount, reason="gift", actor="desk", validity=validity)


def laid_out(head: Head) -> list[str]:
    """The units that are open, one by one, in spend order."""
    return [lot.id for lot in head.open for _ in range(lot.amount)]


def by_lot(lots: tuple[Lot, ...]) -> Counter[str]:
    return Counter({lot.id: lot.amount for lot in lots})


def earn(key: str, terms: Terms, validity: Validity, *, order: str = "new", rule: str = "base") -> Earn:
    return Earn(key=key, rule=rule, order=order, terms=terms, validity=validity)


def content(head: Head) -> object:
    return head.open, head.pending, head.holds, dict(head.totals)

"""Work that raises leaves nothing behind."""

from collections.abc import Callable
from typing import Any

import pytest
from attrs import evolve

from retention.storage.shop.port import ShopStore, Work
from retention.testing.shop_scenes import (
    CHANNEL,
    COMPLAINT,
    CONSENT,
    DAY,
    FACTS,
    FULL,
    LEASE,
    NOW,
    WITHDRAWAL,
    asked,
    message,
    order,
    receipt,
    sent,
    shopper,
    stored,
)
from retention.testing.shop_tests import ShopStoreTests


class _Failed(BaseException):
    """No Exception: whatever ends the block undoes the work."""


def _everything(work: Work) -> list[Any]:
    """All that can be asked."""
    ids = ["anna", "ben"]
    facts = {id: sorted(several, key=repr) for id, several in work.facts(ids).items()}
    consents = {id: [*several] for id, several in work.consents(ids).items()}
    suppressions = {id: [*several] for id, several in work.suppressions(["h-1", "h-2"]).items()}
    return [
        dict(work.shoppers(ids)),
        facts,
        consents,
        suppressions,
        [*work.due(NOW + 99 * DAY, 9)],
        [*work.customers("", 9)],
        [*work.members("vip", "", 9)],
        [*work.members("new", "", 9)],
        dict(work.parcels(["a", "b", "c", "d"])),
        [*work.receipts("mail", ["p-1"]).get("p-1", [])],
        work.channel("mail"),
        work.channel("sms"),
        work.bookmark("page"),
        work.bookmark("place"),
    ]


def _begin(work: Work) -> None:
    work.keep([FULL])
    work.add_facts("anna", FACTS)
    work.add_consent("anna", CONSENT)
    work.suppress("h-1", COMPLAINT)
    work.put([message("a"), message("b"), evolve(message("d"), status="dead")])
    work.add_receipt("mail", receipt())
    work.keep_channel("mail", CHANNEL)
    work.keep_bookmark("page", "1")


def _change(work: Work) -> None:
    work.shoppers(["anna", "ben"])
    work.keep([shopper("anna", segments={"new": NOW}), shopper("ben", segments={"vip": NOW})])
    work.add_facts("anna", [order(minor=1_000), order("o-2")])
    work.add_facts("ben", [order("o-3")])
    work.add_consent("anna", WITHDRAWAL)
    work.suppress("h-1", evolve(COMPLAINT, reason="opt-out"))
    work.suppress("h-2", COMPLAINT)
    work.put([message("c", "ben")])
    first, *_ = work.claim(NOW, 9, LEASE)
    work.finish([sent(first)])
    work.set_receipt(evolve(first, receipt="read"))
    work.reopen([evolve(message("d"), due_at=NOW + DAY)])
    work.discard(["a"])
    work.discard_receipts(NOW + DAY, ("", ""), 9)
    work.add_receipt("mail", receipt(after=DAY))
    for id in ("mail", "sms"):
        work.channel(id, lock=True)
        work.keep_channel(id, evolve(CHANNEL, failures=9))
    for name in ("page", "place"):
        work.bookmark(name, lock=True)
        work.keep_bookmark(name, "2")


def _fail(store: ShopStore, do: Callable[[Work], object]) -> None:
    """After it has changed something."""
    with store.work() as work:
        before = _everything(work)
        do(work)
        assert _everything(work) != before
        raise _Failed


class Undoing(ShopStoreTests):
    """All of a piece of work is stored, or nothing."""

    def test_work_that_raises_is_undone(self, store: ShopStore) -> None:
        stored(store, _begin)
        before = asked(store, _everything)
        with pytest.raises(_Failed):
            _fail(store, _change)
        assert asked(store, _everything) == before

    def test_forgetting_that_raises_is_undone(self, store: ShopStore) -> None:
        stored(store, _begin)
        before = asked(store, _everything)
        with pytest.raises(_Failed):
            _fail(store, lambda work: work.forget("anna"))
        assert asked(store, _everything) == before

    def test_after_work_that_raised_the_same_can_be_done(self, store: ShopStore) -> None:
        stored(store, _begin)
        with pytest.raises(_Failed):
            _fail(store, _change)
        stored(store, _change)
        assert [*asked(store, lambda work: work.customers("", 9))] == ["anna", "ben"]

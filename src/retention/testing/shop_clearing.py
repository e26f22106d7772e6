"""What has ended long ago: listed page by page, and deleted with the receipts of what is not there any more."""

from datetime import datetime, timedelta
from typing import Any, get_args

import pytest
from attrs import evolve

from retention.spans import TICK
from retention.storage.shop.port import ShopStore
from retention.storage.shop.records import CLEARABLE, ParcelStatus
from retention.testing.shop_scenes import DAY, LEASE, NOW, TEXTS, asked, call, claim, message, receipt, sent, stored
from retention.testing.shop_tests import ShopStoreTests

_STATUSES: tuple[ParcelStatus, ...] = get_args(ParcelStatus)
_LATER = NOW + 9 * DAY
_FIRST = ("", "")


def _keys(store: ShopStore, before: datetime = _LATER) -> list[str]:
    return [each.key for each in asked(store, lambda work: work.ended(before, "", 9))]


class Clearing(ShopStoreTests):
    """``ended``, ``discard``, ``discard_receipts``."""

    @pytest.mark.parametrize("status", _STATUSES)
    def test_what_waits_for_nobody_is_listed_and_deleted(self, store: ShopStore, status: ParcelStatus) -> None:
        parcel = evolve(message("a"), status=status)
        stored(store, lambda work: work.put([parcel, evolve(call("b"), status=status)]))
        keys = ["a", "b"] if status in CLEARABLE else []
        assert _keys(store) == keys
        assert asked(store, lambda work: work.discard(["a", "b", "unknown"])) == len(keys)
        left = asked(store, lambda work: work.parcels(["a", "b"]))
        assert [*left] == [each for each in ("a", "b") if each not in keys]
        assert asked(store, lambda work: work.discard(keys)) == 0

    def test_what_has_ended_is_listed_as_it_is_in_order_page_by_page(self, store: ShopStore) -> None:
        keys = sorted(["b", "a", "B", "나", "가", "👋", "a b", "ab"])
        several = [evolve(message(each), status="dead") for each in keys]
        stored(store, lambda work: work.put([*several[::-1], message("a!")]))
        for place, after in enumerate(["", *keys]):
            with store.work() as work:
                assert [*work.ended(_LATER, after, 3)] == several[place : place + 3]

    @pytest.mark.parametrize("late", ["planned_at", "due_at", "sent_at"])
    def test_nothing_of_it_is_as_late_as_the_instant(self, store: ShopStore, late: str) -> None:
        said: dict[str, Any] = {"planned_at": NOW, "due_at": NOW, "sent_at": NOW, late: NOW + DAY}
        stored(store, lambda work: work.put([evolve(message("a"), status="sent", **said)]))
        assert (_keys(store, NOW + DAY), _keys(store, NOW + DAY + TICK)) == ([], ["a"])

    def test_what_names_nobody_is_not_listed(self, store: ShopStore) -> None:
        several = [evolve(message(key, customer), status="dead") for key, customer in (("a", "anna"), ("b", "ben"))]
        stored(store, lambda work: work.put(several))
        stored(store, lambda work: work.forget("anna"))
        assert _keys(store) == ["b"]

    def test_what_is_deleted_can_be_put_anew_and_counts_no_more(self, store: ShopStore) -> None:
        stored(store, lambda work: work.put([message("a")]))
        stored(store, lambda work: work.finish([sent(each) for each in work.claim(NOW, 9, LEASE)]))
        assert asked(store, lambda work: work.discard(["a"])) == 1
        with store.work() as work:
            assert not work.parcels_of("anna")
            assert not work.parcels_by_receipt("mail", ["p-1"])
            assert not work.sent(["anna"], NOW)
            assert [*work.put([message("a")])] == [message("a")]
        assert [each.key for each in claim(store)] == ["a"]

    def test_receipts_go_when_their_parcel_has_gone(self, store: ShopStore) -> None:
        stored(store, lambda work: work.put([message("a")]))
        stored(store, lambda work: work.finish([sent(each) for each in work.claim(NOW, 9, LEASE)]))
        for each in (receipt(), receipt(after=DAY)):
            stored(store, lambda work, each=each: work.add_receipt("mail", each))  # type: ignore[misc]
        stored(store, lambda work: work.add_receipt("sms", receipt()))

        def deleted(before: timedelta) -> dict[tuple[str, str], int]:
            return dict(asked(store, lambda work: work.discard_receipts(NOW + before, _FIRST, 9)))

        assert deleted(9 * DAY) == {("sms", "p-1"): 1}  # of that channel there is no parcel of that name
        stored(store, lambda work: work.discard(["a"]))
        assert deleted(DAY) == {}
        assert [*asked(store, lambda work: work.receipts("mail", ["p-1"]))["p-1"]] == [receipt(), receipt(after=DAY)]
        assert deleted(DAY + TICK) == {("mail", "p-1"): 2}
        assert deleted(DAY + TICK) == {}
        assert not asked(store, lambda work: work.receipts("mail", ["p-1"]))

    def test_receipts_are_deleted_in_order_page_by_page(self, store: ShopStore) -> None:
        names = sorted((channel, name) for channel in ("mail", "text") for name in ("a", "B", "나", "👋"))
        for channel, name in reversed(names):
            stored(store, lambda work, channel=channel, name=name: work.add_receipt(channel, receipt(name)))  # type: ignore[misc]
        with store.work() as work:
            assert dict(work.discard_receipts(_LATER, names[1], 3)) == dict.fromkeys(names[2:5], 1)
            assert dict(work.discard_receipts(_LATER, _FIRST, 3)) == dict.fromkeys([*names[:2], names[5]], 1)
            assert dict(work.discard_receipts(_LATER, _FIRST, 9)) == dict.fromkeys(names[6:], 1)

    @pytest.mark.parametrize("text", TEXTS)
    def test_what_says_any_text_is_deleted(self, store: ShopStore, text: str) -> None:
        stored(store, lambda work: work.put([evolve(message(text), status="dead")]))
        stored(store, lambda work: work.add_receipt(text, receipt(text)))
        assert _keys(store) == [text]
        assert asked(store, lambda work: work.discard([text])) == 1
        assert dict(asked(store, lambda work: work.discard_receipts(_LATER, _FIRST, 9))) == {(text, text): 1}

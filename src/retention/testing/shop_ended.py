"""What has ended: listed for staff, and opened again under its key."""

from typing import get_args

import pytest
from attrs import evolve

from retention.permission.verdicts import Reason
from retention.storage.shop.port import ShopStore
from retention.storage.shop.records import Parcel, ParcelStatus
from retention.testing.shop_races import threads
from retention.testing.shop_scenes import (
    DAY,
    LEASE,
    NOW,
    TEXTS,
    again,
    asked,
    call,
    claim,
    message,
    sent,
    stored,
)
from retention.testing.shop_tests import ShopStoreTests

_STATUSES: tuple[ParcelStatus, ...] = get_args(ParcelStatus)
_UNDER_WAY = ("waiting", "sending")


def _found(store: ShopStore, key: str) -> Parcel:
    return asked(store, lambda work: work.parcels([key]))[key]


def _dead(store: ShopStore, *parcels: Parcel) -> list[Parcel]:
    """Parcels that were tried three times, as they are stored."""
    stored(store, lambda work: work.put(parcels))
    dead = [
        evolve(each, status="dead", doubtful=True, tries=3, sent_at=NOW, provider_id="p-1", tried=("sms",))
        for each in claim(store)
    ]
    stored(store, lambda work: work.finish(dead))
    return dead


def _redriven(parcel: Parcel) -> Parcel:
    return evolve(
        parcel, status="waiting", due_at=NOW + DAY, doubtful=False, tries=0, sent_at=None, provider_id=None, tried=()
    )


class Ended(ShopStoreTests):
    """``reopen``, ``parcels_by_status``, ``parcels_between``."""

    def test_what_has_ended_is_opened_again_under_its_key(self, store: ShopStore) -> None:
        (dead,) = _dead(store, message("a"))
        assert [*asked(store, lambda work: work.put([message("a")]))] == []
        opened = _redriven(dead)
        assert [*asked(store, lambda work: work.reopen([opened]))] == [opened]
        assert _found(store, "a") == opened
        assert [*asked(store, lambda work: work.sent(["anna"], NOW))] == []
        assert [*claim(store, now=NOW + DAY)] == [opened.claimed(NOW + DAY + LEASE)]

    def test_what_is_opened_again_goes_another_way(self, store: ShopStore) -> None:
        (dead,) = _dead(store, message("a"))
        assert dead.draft is not None
        draft = evolve(
            dead.draft, key="a/sms", channel="sms", address="010", content=evolve(dead.draft.content, text="짧게")
        )
        opened = evolve(_redriven(dead), channel="sms", draft=draft, medium=None, reasons=(Reason("again", "다시"),))
        stored(store, lambda work: work.reopen([opened]))
        assert _found(store, "a") == opened
        (claimed,) = claim(store, now=NOW + DAY)
        assert claimed.draft == draft

    def test_what_caps_count_of_it_is_what_goes_out_then(self, store: ShopStore) -> None:
        (dead,) = _dead(store, message("a"))
        assert dead.draft is not None
        draft = evolve(dead.draft, key="a/sms", channel="sms")
        stored(store, lambda work: work.reopen([evolve(_redriven(dead), channel="sms", draft=draft)]))
        (claimed,) = claim(store, now=NOW + DAY)
        stored(store, lambda work: work.finish([sent(claimed)]))
        assert [*asked(store, lambda work: work.sent(["anna"], NOW))["anna"]] == [_found(store, "a").as_sent]

    @pytest.mark.parametrize("status", _STATUSES)
    def test_only_what_has_ended_is_opened_again(self, store: ShopStore, status: ParcelStatus) -> None:
        parcel = evolve(message("a"), status=status, attempt=2)
        opened = evolve(parcel, status="cancelled", due_at=NOW + DAY)
        stored(store, lambda work: work.put([parcel]))
        expected = [] if status in _UNDER_WAY else [opened]
        assert [*asked(store, lambda work: work.reopen([opened, message("unknown")]))] == expected
        assert _found(store, "a") == (parcel if status in _UNDER_WAY else opened)
        assert not asked(store, lambda work: work.parcels(["unknown"]))

    def test_what_never_changes_stays_when_it_is_opened_again(self, store: ShopStore) -> None:
        (dead,) = _dead(store, message("a"))
        stored(store, lambda work: work.set_receipt(evolve(dead, receipt="failed")))
        said = evolve(_redriven(dead), attempt=0, receipt="read")
        kept = evolve(said, attempt=1, receipt="failed")
        assert [*asked(store, lambda work: work.reopen([said]))] == [kept]
        assert _found(store, "a") == kept

    def test_whoever_had_it_before_finishes_nothing_of_what_is_opened_again(self, store: ShopStore) -> None:
        stored(store, lambda work: work.put([message("a")]))
        (late,) = claim(store)
        (dead,) = [evolve(each, status="dead") for each in claim(store, now=NOW + LEASE)]
        stored(store, lambda work: work.finish([dead]))
        stored(store, lambda work: work.reopen([evolve(_redriven(dead), attempt=0)]))
        assert [*asked(store, lambda work: work.finish([sent(late)]))] == []
        (claimed,) = claim(store, now=NOW + DAY)
        assert claimed.attempt == 3
        assert [*asked(store, lambda work: work.finish([sent(late), sent(dead)]))] == []
        assert [*asked(store, lambda work: work.finish([sent(claimed)]))] == [sent(claimed)]

    def test_several_are_opened_again_and_each_once(self, store: ShopStore) -> None:
        dead = _dead(store, message("a"), call("b"), message("c", "ben"))
        opened = [_redriven(each) for each in dead]
        assert [*asked(store, lambda work: work.reopen(opened[:2]))] == opened[:2]
        assert [*asked(store, lambda work: work.reopen(opened))] == opened[2:]
        assert [*asked(store, lambda work: work.reopen([]))] == []
        assert sorted(each.key for each in claim(store, now=NOW + DAY)) == ["a", "b", "c"]

    def test_of_several_who_open_it_again_one_does(self, store: ShopStore) -> None:
        opened = [_redriven(each) for each in _dead(store, *[message(f"m-{number}") for number in range(20)])]

        def reopen(store: ShopStore, number: int) -> list[str]:
            given = opened if number % 2 else opened[::-1]
            return [each.key for each in again(store, lambda work: work.reopen(given))]

        found = threads(store, reopen)
        assert sorted(key for keys in found for key in keys) == sorted(each.key for each in opened)

    @pytest.mark.parametrize("status", ["sent", "dead", "held", "refused", "expired"])
    def test_nobody_who_was_forgotten_is_written_to_again(self, store: ShopStore, status: ParcelStatus) -> None:
        parcel = evolve(message("a"), status=status)
        stored(store, lambda work: work.put([parcel]))
        stored(store, lambda work: work.forget("anna"))
        left = _found(store, "a")
        assert [*asked(store, lambda work: work.reopen([_redriven(parcel), _redriven(left)]))] == []
        assert _found(store, "a") == left
        assert (left.customer, left.draft) == (None, None)

    @pytest.mark.parametrize("status", _STATUSES)
    def test_parcels_of_a_status_are_listed_in_order_page_by_page(self, store: ShopStore, status: ParcelStatus) -> None:
        keys = sorted(["b", "a", "B", "나", "가", "👋", "a b", "ab"])
        several = [evolve(message(each), status=status) for each in reversed(keys)]
        others = [evolve(message(f"{each}!"), status=each) for each in _STATUSES if each != status]
        stored(store, lambda work: work.put([*several, *others]))
        in_order = sorted(several, key=lambda each: each.key)
        for after in ("", *keys):
            rest = [each for each in in_order if each.key > after]
            with store.work() as work:
                assert [*work.parcels_by_status(status, after, 3)] == rest[:3]

    def test_a_parcel_is_listed_by_the_status_that_it_has_now(self, store: ShopStore) -> None:
        (dead,) = _dead(store, message("a"))
        stored(store, lambda work: work.reopen([_redriven(dead)]))
        with store.work() as work:
            assert [*work.parcels_by_status("dead", "", 9)] == []
            assert [*work.parcels_by_status("waiting", "", 9)] == [_redriven(dead)]

    def test_parcels_are_listed_between_two_keys_in_order_page_by_page(self, store: ShopStore) -> None:
        keys = sorted(["a", "a!", "a:1", "a:2", "a:나", "a:👋", "a;", "b:1", "가:1"])
        stored(store, lambda work: work.put([message(each) for each in reversed(keys)]))
        for after, before in (("a:", "a;"), ("a:1", "a;"), ("", "b"), ("a", "가"), ("a;", "a:"), ("b:1", "b:1")):
            inside = [message(each) for each in keys if after < each < before]
            with store.work() as work:
                assert [*work.parcels_between(after, before, 3)] == inside[:3]

    @pytest.mark.parametrize("text", TEXTS)
    def test_what_is_opened_again_says_any_text(self, store: ShopStore, text: str) -> None:
        (dead,) = _dead(store, message(text, text))
        opened = evolve(_redriven(dead), channel=text, reasons=(Reason(text, text),), tried=(text,))
        stored(store, lambda work: work.reopen([opened]))
        assert [*asked(store, lambda work: work.parcels_by_status("waiting", "", 9))] == [opened]

"""Many at once: nothing is lost, and nothing is had twice."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any, TypeAlias, TypeVar, cast

import pytest

from retention.checks import identifier
from retention.loyalty.errors import Conflict
from retention.storage.shop.port import ShopStore
from retention.storage.shop.records import ChannelState
from retention.testing.ledger_processes import Workers
from retention.testing.shop_scenes import NOW, again, asked, claim_all, give_tags, message, see_to_all, shopper, stored
from retention.testing.shop_tests import ShopStoreTests

WORKERS = 8
PARCELS = 400
DUE = 200

ShopOpener: TypeAlias = Callable[[], ShopStore]
"""Opens a store again. It is pickled, so it is a function of a module, or ``functools.partial`` of one."""

_T = TypeVar("_T")


def threads(store: ShopStore, work: Callable[[ShopStore, int], _T]) -> list[_T]:
    """What eight threads that begin together come to."""
    barrier = Barrier(WORKERS)

    def begin(number: int) -> _T:
        barrier.wait(timeout=60)
        return work(store, number)

    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(begin, range(WORKERS)))


def _processes(opener: ShopOpener | None, work: Callable[[ShopStore, int], _T]) -> list[_T]:
    if opener is None:
        pytest.skip("the store is in one process alone")
    with Workers(WORKERS) as workers:
        return workers.run(cast(Callable[[Any, int], _T], work), cast(Any, opener))


def _arrive(store: ShopStore, number: int) -> bool:
    """Whether this worker made the customer."""
    try:
        with store.work() as work:
            if work.shoppers(["anna"]):
                return False
            work.keep([shopper("anna", definitions=f"{number}")])
    except Conflict:
        return False
    return True


def _count(store: ShopStore, number: int) -> None:
    """Ten more failures of a channel, and ten more pages of a bookmark; neither is there at first."""
    for _ in range(10):
        again(store, _count_once)


def _count_once(work: Any) -> None:
    state, page = work.channel("mail", lock=True), work.bookmark("page", lock=True)
    work.keep_channel("mail", ChannelState(failures=state.failures + 1))
    work.keep_bookmark("page", str(int(page or "0") + 1))


class Races(ShopStoreTests):
    """Threads on one store; processes where a store can be opened again."""

    @pytest.fixture
    def opener(self) -> ShopOpener | None:
        """What opens the same store in another process; None of a store that is in one process alone."""
        return None

    def test_no_change_of_a_customer_is_lost_by_threads(self, store: ShopStore) -> None:
        threads(store, give_tags)
        _check_tags(store)

    def test_no_change_of_a_customer_is_lost_by_processes(self, store: ShopStore, opener: ShopOpener | None) -> None:
        _processes(opener, give_tags)
        _check_tags(store)

    def test_its_name_is_the_same_wherever_it_is_opened(self, store: ShopStore, opener: ShopOpener | None) -> None:
        """The keys that channels, hooks and the ledger are given begin with it."""
        assert identifier(store.tenant, "tenant") == store.tenant
        assert opener is None or opener().tenant == store.tenant

    def test_a_new_customer_is_made_by_one(self, store: ShopStore) -> None:
        made = threads(store, _arrive)
        kept = asked(store, lambda work: work.shoppers(["anna"]))["anna"]
        assert [number for number, mine in enumerate(made) if mine] == [int(kept.definitions)]

    def test_each_parcel_is_had_by_one_thread(self, store: ShopStore) -> None:
        _put(store)
        _check_claims(threads(store, claim_all))

    def test_each_parcel_is_had_by_one_process(self, store: ShopStore, opener: ShopOpener | None) -> None:
        _put(store)
        _check_claims(_processes(opener, claim_all))

    def test_each_who_is_due_is_seen_to_by_one_thread(self, store: ShopStore) -> None:
        _come(store)
        _check_seen_to(store, threads(store, see_to_all))

    def test_each_who_is_due_is_seen_to_by_one_process(self, store: ShopStore, opener: ShopOpener | None) -> None:
        _come(store)
        _check_seen_to(store, _processes(opener, see_to_all))

    def test_what_is_locked_is_changed_by_one_at_a_time(self, store: ShopStore) -> None:
        threads(store, _count)
        with store.work() as work:
            assert (work.channel("mail").failures, work.bookmark("page")) == (10 * WORKERS, str(10 * WORKERS))


def _check_tags(store: ShopStore) -> None:
    tags = {f"{number}-{each}" for number in range(WORKERS) for each in range(10)}
    kept = asked(store, lambda work: work.shoppers(["anna"]))["anna"]
    assert kept.customer.tags == kept.segments.keys() == tags
    assert [*asked(store, lambda work: work.members("7-9", "", 9))] == ["anna"]


def _put(store: ShopStore) -> None:
    stored(store, lambda work: work.put([message(f"m-{number:03}") for number in range(PARCELS)]))


def _check_claims(found: list[list[str]]) -> None:
    assert sorted(key for keys in found for key in keys) == [f"m-{number:03}" for number in range(PARCELS)]


def _come(store: ShopStore) -> None:
    """Many who are due now."""
    stored(store, lambda work: work.keep([shopper(f"c-{each:03}", next_changes={"vip": NOW}) for each in range(DUE)]))


def _check_seen_to(store: ShopStore, found: list[list[str]]) -> None:
    assert sorted(id for ids in found for id in ids) == [f"c-{each:03}" for each in range(DUE)]
    assert [*asked(store, lambda work: work.due(NOW, 9))] == []

"""Many at once: each unit is spent once, whoever asks."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from retention.loyalty.ledger.store import LedgerStore
from retention.testing.ledger_processes import Opener, Workers
from retention.testing.ledger_scenes import ANNA, giving, run, spend_ten
from retention.testing.ledger_tests import StoreTests

WORKERS = 8


class Races(StoreTests):
    """Threads on one store; processes where a store can be opened again."""

    @pytest.fixture
    def opener(self) -> Opener | None:
        """What opens the same store in another process; None of a store that is in one process alone."""
        return None

    def test_threads_spend_each_point_once(self, store: LedgerStore) -> None:
        run(store, ANNA, giving(30, "give"))
        barrier = Barrier(WORKERS)

        def work(number: int) -> int:
            barrier.wait(timeout=60)
            return spend_ten(store, number)

        with ThreadPoolExecutor(WORKERS) as threads:
            spent = list(threads.map(work, range(WORKERS)))
        _check_spent(store, sum(spent))

    def test_processes_spend_each_point_once(self, store: LedgerStore, opener: Opener | None) -> None:
        if opener is None:
            pytest.skip("the store is in one process alone")
        run(store, ANNA, giving(30, "give"))
        with Workers(WORKERS) as workers:
            spent = workers.run(spend_ten, opener)
        _check_spent(store, sum(spent))

    def test_threads_that_make_an_account_make_it_once(self, store: LedgerStore) -> None:
        barrier = Barrier(WORKERS)

        def work(number: int) -> None:
            barrier.wait(timeout=60)
            run(store, ANNA, giving(1, f"give-{number}"))

        with ThreadPoolExecutor(WORKERS) as threads:
            list(threads.map(work, range(WORKERS)))
        head = store.load(ANNA).head
        assert (head.available, head.version) == (WORKERS, WORKERS)


def _check_spent(store: LedgerStore, spent: int) -> None:
    head = store.load(ANNA).head
    assert (spent, head.available, head.version) == (30, 0, 31)
    assert len(store.entries(ANNA)) == 32

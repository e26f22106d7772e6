"""Many processes at once on one store. Imports no test tool, so that a process starts quickly."""

from collections.abc import Callable
from multiprocessing import get_context
from typing import Any, Self, TypeAlias, TypeVar, final

from retention.loyalty.ledger.store import LedgerStore

Opener: TypeAlias = Callable[[], LedgerStore]
"""Opens a store again. It is pickled, so it is a function of a module, or ``functools.partial`` of one."""

_T = TypeVar("_T")
_PATIENCE = 300  # seconds for all processes to begin


@final
class Workers:
    """Processes that begin their work at the same moment. A context manager."""

    def __init__(self, count: int = 8) -> None:
        context = get_context("spawn")  # a fork would share the connections
        self.count = count
        self._pool = context.Pool(count, _meet, (context.Barrier(count),))

    def run(self, work: Callable[[LedgerStore, int], _T], opener: Opener) -> list[_T]:
        """What ``work``, a function of a module, returns for each number below ``count``, in a process each."""
        return self._pool.starmap(_work, [(work, opener, number) for number in range(self.count)], chunksize=1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.close()
        self._pool.join()


_meeting: list[Any] = []


def _meet(barrier: Any) -> None:
    _meeting.append(barrier)


def _work(work: Callable[[LedgerStore, int], _T], opener: Opener, number: int) -> _T:
    store = opener()
    _meeting[0].wait(timeout=_PATIENCE)  # so every process takes one piece of work, and none begins before the last
    return work(store, number)

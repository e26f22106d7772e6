"""Time passes for everybody it has something for, and audiences come in; one customer who fails stops no other."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Protocol, TypeVar, final

from attrs import define, evolve, field

from retention.shell.audiences import PAGE, note_first_seen, turn_page
from retention.shell.errors import CustomerFailed, StoreBusy
from retention.shell.handling import Handled, Handling
from retention.spans import utc
from retention.storage.shop.port import Work

_T = TypeVar("_T")


class InWork(Protocol):
    """Does a piece of work in a transaction, and again when somebody else was first."""

    def __call__(self, work: "Callable[[Work], _T]") -> "_T": ...


@final
@define
class _Page:
    """Who was found by the last attempt of a transaction, known also when it failed."""

    ids: Sequence[str] = ()

    def turned(self, work: Work, now: datetime) -> Sequence[str]:
        self.ids = work.due(now, PAGE)
        return self.ids


@final
@define(kw_only=True)
class Waking:
    """One call. ``failed`` are the customers whom something of their own stopped."""

    in_work: InWork
    handling: Handling
    told: Callable[[Handled], Any]
    failed: dict[str, CustomerFailed] = field(factory=dict)

    def run(self, limit: int) -> int:
        """How many customers there were: at most about ``limit`` who were due, and as many of audiences."""
        now = utc(self.handling.now)
        self.in_work(lambda work: note_first_seen(work, self.handling))
        done = turned = 0
        while done < limit and (ids := self._live_together(now)):
            done += len(ids)
        while turned < limit and (page := self._turn_page()) is not None:
            turned += len(page)
        return done + turned

    def _live_together(self, now: datetime) -> Sequence[str]:
        """A page of those who are due and whom nobody else has in hand, in the transaction that found them, which costs
        a fifth of one for each; in one for each if anybody fails."""
        page = _Page()
        try:
            several = self.in_work(lambda work: self.handling.live_together(work, page.turned(work, now)))
        except StoreBusy:
            raise
        except Exception:  # it comes again with whoever it is of
            if not page.ids:  # nobody's: who is due cannot even be found
                raise
            for id in page.ids:
                self._live(id)
        else:
            for each in several:
                self.told(each)
        return page.ids

    def _live(self, id: str) -> None:
        """One who fails is left alone for a while, and so is not the first again at once."""
        try:
            self.told(self.in_work(lambda work: self.handling.live(work, id)))
        except StoreBusy:
            raise
        except Exception as problem:
            self.failed[id] = CustomerFailed(id)
            self.failed[id].__cause__ = problem
            self.in_work(lambda work: self.handling.leave_alone(work, id))

    def _turn_page(self) -> Sequence[Handled] | None:
        """One page of an audience, without those who failed in it; None if no audience is under way."""
        while True:
            handling = evolve(self.handling, without=frozenset(self.failed))
            try:
                page = self.in_work(partial(turn_page, handling=handling))
            except CustomerFailed as problem:
                self.failed[problem.customer] = problem
            else:
                for each in page or ():
                    self.told(each)
                return page

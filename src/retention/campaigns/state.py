"""What is remembered of one customer in one campaign between two decisions."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Literal, TypeAlias, final

from attrs import field, frozen

from retention.campaigns.effects import Effect

Ended: TypeAlias = Literal["finished", "goal", "left", "held out", "migrated away", "version gone"]
"""``migrated away``: the version that it would have gone on with has no step for the one it stood at. ``version gone``:
nobody has the campaign any more that it began with."""


def _frozen(given: Mapping[str, int]) -> Mapping[str, int]:
    return MappingProxyType(dict(given))


@final
@frozen(kw_only=True)
class Run:
    """One way through the flow. Open while ``ended`` is None.

    ``number`` counts the customer's runs of this subject from 1; ``first_at`` is when the first of them began, None of
    the first itself. ``step`` is the one it came to at ``since`` and waits
    at; it goes on at ``until``, or earlier if it waits for a fact. ``fact`` is what began it (``cart/e-7``), if a fact
    did, and ``news`` the instant of the newest that would have: nothing as old begins another. ``jumps`` counts jumps
    by step, ``laps`` how often the run has gone back in the flow. Until ``advertises_until`` an advertisement of it may
    wait to be sent. ``over_at`` is when one of an earlier run was last no longer wanted, or of this one after it had
    finished: the goal was reached, or the customer left.
    """

    subject: str
    number: int
    version: int
    began_at: datetime
    step: str
    since: datetime | None = None
    until: datetime | None = None
    fact: str | None = None
    news: datetime | None = None
    laps: int = 0
    jumps: Mapping[str, int] = field(factory=dict, converter=_frozen, hash=False)
    ended: Ended | None = None
    ended_at: datetime | None = None
    first_at: datetime | None = None
    advertises_until: datetime | None = None
    over_at: datetime | None = None

    @property
    def unwanted_at(self) -> datetime | None:
        """What it advertises is wanted no more if it was planned by then: the last goal, or way out, of its subject."""
        return self.ended_at if self.ended in ("goal", "left") else self.over_at

    def heeds(self, at: datetime) -> bool:
        """Whether it matters at an instant if the goal is reached: it is open, or may still have something to send."""
        waits = self.ended == "finished" and self.advertises_until is not None and at < self.advertises_until
        return self.ended is None or waits


@final
@frozen(kw_only=True)
class State:
    """One customer in one campaign: of each subject the last run. ``next_date`` is when an ``OnDate`` opens next."""

    runs: tuple[Run, ...] = ()
    next_date: datetime | None = None

    @property
    def next_due(self) -> datetime | None:
        """When something is to be decided if nothing happens; None if never."""
        waiting = [run.until for run in self.runs if run.ended is None and run.until is not None]
        return min([*waiting, *([] if self.next_date is None else [self.next_date])], default=None)


@final
@frozen
class Note:
    """Why a decision is what it is. ``code`` is stable: entered, held-out, not-again, waits, branch, goal, left."""

    code: str
    words: str
    subject: str | None = None
    step: str | None = None


@final
@frozen
class Decision:
    """What follows from a trigger: the next state, what is to be done, and why."""

    state: State
    effects: tuple[Effect, ...] = ()
    notes: tuple[Note, ...] = ()

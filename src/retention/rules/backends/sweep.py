"""The first change of a rule that has been taken apart, as time sweeps over its parts.

Thresholds are known in advance, so they cut time into stretches. In a stretch where they and what stands still decide
the rule, the other parts are not asked at all.
"""

from collections.abc import Collection
from datetime import datetime, tzinfo
from heapq import merge

from retention.profile import Profile
from retention.rules.backends.leaves import Leaves, Part, Watch
from retention.spans import LATEST

_Answers = list[bool | None]


def first_change(leaves: Leaves, stills: _Answers, known: Profile, now: datetime, zone: tzinfo) -> datetime | None:
    """The first instant after ``now`` at which the whole is not what it is now; None if there is none."""
    answers = list(stills)
    flips: list[tuple[datetime, int]] = []
    watches: dict[int, Watch] = {}
    for place, leaf in enumerate(leaves.movers, len(answers)):
        if isinstance(leaf, Part):
            answers.append(None)
            watches[place] = Watch(leaf, known, now, zone)
        else:
            holds, changes = leaf.now_and_later(known, now, zone)
            answers.append(holds)
            flips.extend((each, place) for each in changes)
    answer = _decided(leaves, answers, watches, now)
    flips.sort()
    start = now
    for flip, place in (*flips, (LATEST, -1)):
        if flip > start:
            if _decided(leaves, answers, watches, start) is not answer:
                return start
            for instant in _within(leaves, answers, watches, start, flip):
                if _decided(leaves, answers, watches, instant) is not answer:
                    return instant
            start = flip
        if place >= 0:
            answers[place] = not answers[place]
    return None


def _within(
    leaves: Leaves, answers: _Answers, watches: dict[int, Watch], start: datetime, end: datetime
) -> Collection[datetime]:
    """The instants between two at which a part that matters may change."""
    if not watches or leaves.whole(answers) is not None:
        return ()
    return [each for each in merge(*(watch.tried() for watch in watches.values())) if start < each < end]


def _decided(leaves: Leaves, answers: _Answers, watches: dict[int, Watch], instant: datetime) -> bool | None:
    """The whole at an instant; parts are asked only as long as those asked before do not decide it."""
    found = leaves.whole(answers)
    if found is not None or not watches:
        return found
    asked = list(answers)
    for place, watch in watches.items():
        asked[place] = watch.at(instant)
        found = leaves.whole(asked)
        if found is not None:
            break
    return found

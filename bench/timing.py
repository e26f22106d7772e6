"""Ratios that a noisy machine cannot bend: the contenders take turns, and the median of the rounds counts."""

import gc
from collections.abc import Callable
from statistics import median
from time import process_time

Work = Callable[[], object]


def seconds(work: Work) -> float:
    """Processor time of one call, without garbage collection in between; other processes do not count."""
    gc.disable()
    try:
        start = process_time()
        work()
        return process_time() - start
    finally:
        gc.enable()


def ratio(ours: Work, theirs: Work, rounds: int = 9) -> float:
    """The median over rounds of our time divided by theirs in the same round, after one round for warmth."""
    ours(), theirs()
    found = []
    for turn in range(rounds):
        if turn % 2:
            other, mine = seconds(theirs), seconds(ours)
        else:
            mine, other = seconds(ours), seconds(theirs)
        found.append(mine / other)
    return median(found)


def typical(work: Work, rounds: int = 7) -> float:
    """The median time of a call in seconds, after one for warmth."""
    work()
    return median(seconds(work) for _ in range(rounds))

"""The questions a snapshot is asked."""

from collections.abc import Mapping

import numpy as np

from retention.rules.backends.arrays.columns import Mask
from retention.rules.backends.arrays.question import Question
from retention.rules.backends.arrays.snapshot import Snapshot
from retention.rules.backends.sets.terms import Test


def answers(snapshot: Snapshot, tests: Mapping[str, Test]) -> dict[str, Mask]:
    """Of each test by name for whom it is true, in the order of ``snapshot.ids``; what tests share is read once."""
    question = Question(snapshot)
    return {name: question.answer(test) for name, test in tests.items()}


def chosen(snapshot: Snapshot, test: Test) -> list[str]:
    """The ids of the customers for whom a test is true, in the order of ``snapshot.ids``."""
    places = np.flatnonzero(Question(snapshot).answer(test))
    ids = snapshot.ids
    return [ids[place] for place in places.tolist()]

"""The questions a snapshot is asked."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from retention.errors import ConfigurationError
from retention.rules.backends.arrays.columns import Mask
from retention.rules.backends.arrays.question import Question
from retention.rules.backends.sets.terms import Test

if TYPE_CHECKING:
    from retention.rules.backends.arrays.snapshot import Snapshot

ID: Final = "id"


def answers(snapshot: "Snapshot", tests: Mapping[str, Test]) -> dict[str, Mask]:
    """Of each test by name for whom it is true, in the order of ``snapshot.ids``; what tests share is read once."""
    question = Question(snapshot)
    return {name: question.answer(test) for name, test in tests.items()}


def chosen(snapshot: "Snapshot", test: Test) -> list[str]:
    """The ids, as texts, of the customers for whom a test is true, in the order of ``snapshot.ids``."""
    places = np.flatnonzero(Question(snapshot).answer(test))
    ids = snapshot.ids
    return [ids[place] for place in places.tolist()]


def answers_where(snapshot: "Snapshot", tests: Mapping[str, Test], where: Test) -> dict[str, NDArray[Any]]:
    """The ``id`` of every customer for whom ``where`` is true, and beside it whether each test is."""
    if ID in tests:
        raise ConfigurationError(f"{ID!r} names the array of the customers' ids", hint="Choose another key")
    question, ids = Question(snapshot), snapshot.ids
    places = np.flatnonzero(question.answer(where))
    found = np.array([ids[place] for place in places.tolist()], dtype=object)
    return {ID: found, **{name: question.answer(test)[places] for name, test in tests.items()}}

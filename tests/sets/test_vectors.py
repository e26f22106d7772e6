"""Every set-based engine gives every conformance vector's answer, or refuses it as it says it does."""

import pytest

from retention.errors import UnsupportedRule
from retention.schema import STANDARD
from tests.conformance.vectors import vectors
from tests.sets.engines import ARRAYS, DATABASES, FRAMES, PLANS, TERMS, SetEngine


@pytest.mark.no_cover
@pytest.mark.parametrize("engine", [TERMS, PLANS, ARRAYS, *DATABASES, *FRAMES], ids=lambda engine: engine.name)
def test_the_answers_of_all_vectors(engine: SetEngine, request: pytest.FixtureRequest) -> None:
    backend = engine.adapter(request.getfixturevalue(engine.fixture) if engine.fixture else None)
    wrong, answered = [], 0
    for vector in vectors():
        (row,) = backend([vector.rule], [vector.profile], vector.as_of, STANDARD)
        if isinstance(row, UnsupportedRule):
            assert engine.lists(row), row.problem
        else:
            answered += 1
            wrong += [] if row[0] is vector.holds else [f"{vector.id}: {vector.says}"]
    backend.close()
    assert not wrong
    assert answered >= 60

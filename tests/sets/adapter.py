"""A set-based engine as ``check_backend`` asks it: the profiles become tables, all rules are asked together."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeAlias, final

from attrs import define

from retention.errors import UnsupportedRule
from retention.profile import Profile
from retention.rules.backends.sets.layout import Layout
from retention.rules.backends.sets.lower import lower
from retention.rules.backends.sets.terms import ALWAYS, Test
from retention.rules.nodes import Rule
from retention.schema import Schema
from retention.testing.backends import Answers, Question
from tests.sets.hosts import Host

Found: TypeAlias = Mapping[str, Mapping[str, bool]]
"""Customer ids to answers by key."""


class Opened(Protocol):
    """A host's tables where an engine reads them."""

    @property
    def layout(self) -> Layout[Any, Any]: ...

    def build(self, test: Test) -> object:
        """What would be run; nothing is. Raises UnsupportedRule."""

    def chosen(self, test: Test) -> Collection[str]:
        """The ids of the customers for whom a test is true."""

    def answers(self, tests: Mapping[str, Test], where: Test) -> Found:
        """The answers to all tests of the customers for whom ``where`` is true, found in one go."""

    def close(self) -> None: ...


@final
@define
class Adapter:
    """A Backend; ``host`` makes tables of profiles in a form that the engine can read, ``open`` puts them there.

    A question's profiles are written down once, whatever it asks about them.
    """

    host: Callable[[Sequence[Profile], Schema], Host]
    open: Callable[[Host], Opened]
    _profiles: Sequence[Profile] = ()
    _schema: Schema | None = None
    _opened: Opened | None = None

    def __call__(
        self, rules: Sequence[Rule], profiles: Sequence[Profile], as_of: datetime, schema: Schema
    ) -> list[Answers]:
        opened = self._written(profiles, schema)
        found: list[Test | UnsupportedRule] = [_buildable(each, as_of, opened) for each in rules]
        tests = {f"rule {place}": each for place, each in enumerate(found) if not isinstance(each, UnsupportedRule)}
        answers = opened.answers(tests, ALWAYS) if tests else {}
        assert tests == {} or answers.keys() == {each.customer.id for each in profiles}, "the customers themselves"
        if tests:
            said = _told_otherwise(opened, tests, answers)
            assert said is None, f"{said} otherwise: {Question(tuple(rules), tuple(profiles), (as_of,), schema)!r}"
        return [
            each if isinstance(each, UnsupportedRule) else [answers[of.customer.id][f"rule {place}"] for of in profiles]
            for place, each in enumerate(found)
        ]

    def refusals(
        self, rules: Sequence[Rule], profiles: Sequence[Profile], as_of: datetime, schema: Schema
    ) -> list[UnsupportedRule]:
        """What is refused before anything runs."""
        opened = self._written(profiles, schema)
        found = (_buildable(each, as_of, opened) for each in rules)
        return [each for each in found if isinstance(each, UnsupportedRule)]

    def _written(self, profiles: Sequence[Profile], schema: Schema) -> Opened:
        if self._opened is None or self._profiles is not profiles or self._schema is not schema:
            self.close()
            self._profiles, self._schema = profiles, schema
            self._opened = self.open(self.host(profiles, schema))
        return self._opened

    def close(self) -> None:
        if self._opened is not None:
            self._opened.close()
            self._opened = None


def _told_otherwise(opened: Opened, tests: Mapping[str, Test], answers: Found) -> str | None:
    """Which of the calls that ask about some of the customers does not say what all rules in one call have said."""
    keys = tuple(tests)
    first, last = keys[0], keys[-1]
    among = [id for id, row in answers.items() if row[first]]
    if sorted(opened.chosen(tests[first])) != sorted(among):
        return f"{first}, who is chosen, is answered"
    if opened.answers({last: tests[last]}, tests[first]) != {id: {last: answers[id][last]} for id in among}:
        return f"{last}, where {first} is true, is answered"
    return None


def _buildable(rule: Rule, as_of: datetime, opened: Opened) -> Test | UnsupportedRule:
    try:
        test = lower(rule, as_of, opened.layout)
        opened.build(test)
    except UnsupportedRule as refusal:
        return refusal
    return test

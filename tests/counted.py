"""How many questions an engine has really answered: what ``make thorough`` tells of each."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final, TypeAlias, final

from attrs import define

from retention.errors import UnsupportedRule
from retention.profile import Profile
from retention.rules.nodes import Rule
from retention.schema import Schema
from retention.testing.backends import Answers, Backend

COUNTS: Final = "cases"
"""The property of a test's report under which they stand."""

RecordProperty: TypeAlias = Callable[[str, object], None]


@final
@define
class Counted:
    """A backend that counts the triples of a rule, a profile and an instant that it answers, and those it refuses."""

    backend: Backend
    answered: int = 0
    refused: int = 0

    def __call__(
        self, rules: Sequence[Rule], profiles: Sequence[Profile], as_of: datetime, schema: Schema
    ) -> Sequence[Answers]:
        rows = self.backend(rules, profiles, as_of, schema)
        refused = sum(isinstance(each, UnsupportedRule) for each in rows)
        self.refused += refused * len(profiles)
        self.answered += (len(rows) - refused) * len(profiles)
        return rows

    def tell(self, engine: str, record: RecordProperty) -> None:
        """To be called when every answer has been compared, and none was wrong: puts that into the test's report."""
        record(COUNTS, {"engine": engine, "cases": self.answered, "refused": self.refused, "disagreements": 0})

"""What a dialect refuses to say."""

from collections.abc import Iterator

from retention.errors import UnsupportedRule
from retention.rules.backends.sql.native import wording_of
from retention.rules.backends.sql.wordings import WORDINGS


def refusals(dialect: str) -> Iterator[UnsupportedRule]:
    """A refusal for each wording that the dialect lacks."""
    for name in WORDINGS:
        try:
            wording_of(name, dialect)
        except UnsupportedRule as refusal:
            yield refusal

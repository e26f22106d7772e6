"""From a segment and an instant to the terms that a population is asked; loaded by the first question."""

from datetime import datetime
from typing import TYPE_CHECKING, Any
from typing import Literal as OneOf

from retention.errors import WrongKind, with_article
from retention.rules import nodes
from retention.rules.validate import validate
from retention.schema import Schema

if TYPE_CHECKING:
    from retention.rules.backends.sets.layout import Layout
    from retention.rules.backends.sets.terms import Test


def question(meaning: nodes.Rule, schema: Schema, as_of: datetime, layout: "Layout[Any, Any]") -> "Test":
    """What a rule of a schema asks of tables at an instant.

    Raises UnknownName for a host's own name that the tables were mapped without, and whatever ``lower`` raises.
    """
    from retention.rules.backends.sets.lower import lower

    if layout.schema is not schema and layout.schema != schema:
        validate(meaning, layout.schema)
    return lower(meaning, as_of, layout)


def require(population: object, engine: OneOf["Tables", "Frames", "Snapshot"], question: str, hint: str) -> None:
    """Raises WrongKind for what another question is asked of.

    The class goes by its name: to import it would ask for packages that the host may not have.
    """
    if type(population).__name__ != engine:
        raise WrongKind(f"{question} is asked of {engine}, not of {with_article(population)}", hint=hint)

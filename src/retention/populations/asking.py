"""What every analysis wants of a population before it asks."""

from typing import Any

from retention.errors import ConfigurationError, WrongKind, with_article
from retention.rules.backends.sets.population import Measurable, Selectable
from retention.segments.segment import Segment
from retention.segments.segment_set import SegmentSet


def measurable(population: Measurable) -> Measurable:
    """The population. Raises WrongKind for tables without a connection, on which nothing can be asked."""
    if not hasattr(population, "groups"):
        problem = f"{type(population).__name__} alone cannot be asked for numbers"
        raise WrongKind(problem, hint="Give tables.on(connection), frames or a snapshot")
    return population


def selectable(population: Selectable[Any]) -> None:
    """Raises WrongKind for what gives no statement, frame or arrays, such as tables with a connection."""
    if not hasattr(population, "answers"):
        problem = f"customers are not selected from {with_article(population)}"
        raise WrongKind(problem, hint="Give the tables themselves, without .on(connection); frames or a snapshot")


def members(segments: SegmentSet | Segment) -> tuple[Segment, ...]:
    """The segments of a set, or the one. Raises WrongKind for anything else."""
    if isinstance(segments, Segment):
        return (segments,)
    if not isinstance(segments, SegmentSet):
        raise WrongKind(
            f"segments are counted, not {with_article(segments)}", hint="Give SegmentSet([...]) or Segment(...)"
        )
    return tuple(segments)


def one_segment(segment: Segment) -> None:
    """Raises WrongKind for anything but a segment."""
    if not isinstance(segment, Segment):
        problem = f"who changed is asked of one segment, not of {with_article(segment)}"
        raise WrongKind(problem, hint="Give one of them: segments['dormant']")


def one_currency(population: Measurable) -> str:
    """The currency of all its amounts. Raises ConfigurationError where none is said: sums would mean nothing."""
    currency = population.layout.currency
    if currency is None:
        raise ConfigurationError("the tables' amounts are of no one currency", hint='Map them with currency="KRW"')
    return currency

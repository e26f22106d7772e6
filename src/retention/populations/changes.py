"""Who entered and who left a segment: between two instants, or because its definition was edited."""

from datetime import datetime
from typing import TypeVar

from retention.errors import FactError
from retention.populations.asking import one_segment, selectable
from retention.rules.backends.sets.build import both, either, negation
from retention.rules.backends.sets.population import Selectable
from retention.segments.asking import question
from retention.segments.segment import Segment
from retention.spans import utc

R = TypeVar("R")


def changed(
    segment: Segment, population: Selectable[R], before: datetime, after: datetime, *, edited: Segment | None = None
) -> R:
    """The customers that are in the segment at one of the two instants only, in one query.

    Beside the id there are two columns, ``entered`` and ``left``, one of them true. With ``edited``, that definition is
    asked about at ``after``; the two instants may then be the same. Calendar words are read in each instant's zone.
    A statement or a lazy frame is for the host to run; being one query, it tells of no progress.
    Raises NaiveInstant, and FactError when ``after`` comes before ``before``.
    """
    for each in (segment, segment if edited is None else edited):
        one_segment(each)
    selectable(population)
    if utc(after, "after") < utc(before, "before"):
        raise FactError("after", "comes before the other instant", got=after, hint="Give the earlier instant first")
    later = segment if edited is None else edited
    was = question(segment.meaning, segment.schema, before, population.layout)
    now = question(later.meaning, later.schema, after, population.layout)
    entered, left = both(now, negation(was)), both(was, negation(now))
    return population.answers({"entered": entered, "left": left}, either(entered, left))

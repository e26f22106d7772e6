"""How many customers each segment has, and how many each pair shares, counted where the data lies."""

from collections import Counter
from datetime import datetime

from retention.populations.asking import measurable, members
from retention.rules.backends.sets.population import Measurable
from retention.segments.asking import question
from retention.segments.counts import Counts, add_pattern
from retention.segments.progress import Progress
from retention.segments.segment import Segment
from retention.segments.segment_set import SegmentSet


def count(
    segments: SegmentSet | Segment, population: Measurable, as_of: datetime, *, progress: Progress | None = None
) -> Counts:
    """Sizes and overlaps of the segments, or the size of one, over the whole population, in one query.

    What comes back is one row for each combination of answers that occurs. Customers who deal in another currency than
    a segment's rule count in the total and are in none. ``progress`` is told of queries, not of customers.
    """
    asked, counted = members(segments), measurable(population)
    keys = tuple(each.key for each in asked)
    tests = [question(each.meaning, each.schema, as_of, counted.layout) for each in asked]
    if progress is not None:
        progress(0, 1)
    groups = counted.groups(tests, ())
    shared: Counter[tuple[str, str]] = Counter()
    for answers, size, _ in groups:
        add_pattern(keys, answers, size, shared)
    if progress is not None:
        progress(1, 1)
    return Counts(keys, sum(size for _, size, _ in groups), shared)

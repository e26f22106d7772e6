"""Who a customer is to the shop: segments, sets of them, journeys, RFM groups, and how memberships change."""

from retention.segments.counts import Counts
from retention.segments.journey import Journey
from retention.segments.membership import (
    ByDefinition,
    ByEvent,
    ByTime,
    Cause,
    Change,
    KnownFact,
    changes,
    redefined,
)
from retention.segments.progress import Progress
from retention.segments.rfm import ELEVEN_GROUPS, FIVE_GROUPS, RFM, Scale, Scheme
from retention.segments.segment import Segment
from retention.segments.segment_set import SegmentSet

__all__ = [
    "ELEVEN_GROUPS",
    "FIVE_GROUPS",
    "RFM",
    "ByDefinition",
    "ByEvent",
    "ByTime",
    "Cause",
    "Change",
    "Counts",
    "Journey",
    "KnownFact",
    "Progress",
    "Scale",
    "Scheme",
    "Segment",
    "SegmentSet",
    "changes",
    "redefined",
]

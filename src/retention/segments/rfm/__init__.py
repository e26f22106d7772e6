"""Recency, frequency, monetary value: scores from 1 to 5, groups of scores, and each group as an ordinary rule."""

from retention.segments.rfm.scale import Scale
from retention.segments.rfm.schemes import ELEVEN_GROUPS, FIVE_GROUPS, RFM, Scheme

__all__ = ["ELEVEN_GROUPS", "FIVE_GROUPS", "RFM", "Scale", "Scheme"]

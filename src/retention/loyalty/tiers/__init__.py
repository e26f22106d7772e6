"""Tiers: thresholds, evaluation by schedule or at once, grace, benefits, progress. All of it is pure."""

from retention.loyalty.tiers.benefits import (
    Benefit,
    CouponByAmount,
    Discount,
    ExtraPoints,
    FreeShipping,
    GiftWithOrder,
    OnlyHere,
    Perks,
)
from retention.loyalty.tiers.evaluation import Downgrade, Evaluation, Progress, Standing, Verdict
from retention.loyalty.tiers.metrics import Counting, Metrics
from retention.loyalty.tiers.schedule import AtOnce, Complete, Daily, Monthly, Schedule, Window
from retention.loyalty.tiers.tier import Missing, Tier
from retention.loyalty.tiers.tiers import Tiers

__all__ = [
    "AtOnce",
    "Benefit",
    "Complete",
    "Counting",
    "CouponByAmount",
    "Daily",
    "Discount",
    "Downgrade",
    "Evaluation",
    "ExtraPoints",
    "FreeShipping",
    "GiftWithOrder",
    "Metrics",
    "Missing",
    "Monthly",
    "OnlyHere",
    "Perks",
    "Progress",
    "Schedule",
    "Standing",
    "Tier",
    "Tiers",
    "Verdict",
    "Window",
]

"""What a campaign did: messages by step, what was bought after them, and what it changed against the holdout."""

from retention.campaigns.measuring.lift import Estimate, Lift, lift
from retention.campaigns.measuring.results import Result, results
from retention.campaigns.measuring.rows import Bought, Engagement, Entered, SentMessage, entered_of

__all__ = [
    "Bought",
    "Engagement",
    "Entered",
    "Estimate",
    "Lift",
    "Result",
    "SentMessage",
    "entered_of",
    "lift",
    "results",
]

"""Programmes: earning, rewards, spending, reminders. All of it is pure and makes commands for the ledger."""

from retention.loyalty.programme.asking import Outcome
from retention.loyalty.programme.dates import NEVER, During, Expiry, OrderEvent, Pending, birthday_in
from retention.loyalty.programme.earning import EarnRule
from retention.loyalty.programme.eligibility import Eligible
from retention.loyalty.programme.occasions import (
    Action,
    Answered,
    Birthday,
    BroughtFriend,
    Consented,
    Did,
    Happened,
    Occasion,
    Ordered,
    Reviewed,
    SignUp,
)
from retention.loyalty.programme.programme import Preview, Programme
from retention.loyalty.programme.reasons import Reason, Refused, Why
from retention.loyalty.programme.redeeming import Conversion, Redeemable, Redemption
from retention.loyalty.programme.reminders import Expiring, Reminder, Reminders, expiring_within
from retention.loyalty.programme.rewards import Reward, comeback, first_order, first_purchase

__all__ = [
    "NEVER",
    "Action",
    "Answered",
    "Birthday",
    "BroughtFriend",
    "Consented",
    "Conversion",
    "Did",
    "During",
    "EarnRule",
    "Eligible",
    "Expiring",
    "Expiry",
    "Happened",
    "Occasion",
    "OrderEvent",
    "Ordered",
    "Outcome",
    "Pending",
    "Preview",
    "Programme",
    "Reason",
    "Redeemable",
    "Redemption",
    "Refused",
    "Reminder",
    "Reminders",
    "Reviewed",
    "Reward",
    "SignUp",
    "Why",
    "birthday_in",
    "comeback",
    "expiring_within",
    "first_order",
    "first_purchase",
]

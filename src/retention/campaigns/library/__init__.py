"""Campaigns that every shop starts with, as functions whose parameters are open.

Each returns an ordinary ``Campaign``; ``attrs.evolve(campaign, holdout=0.1, topic="offers")`` gives it what else it
needs. The docstring of each names its templates and, where it needs one, its segment. All messages are marketing but
where the docstring says otherwise. ``channels`` are tried in that order,
``counting`` says which orders are orders: ``counting=orders.where(orders.status != "cancelled")``.
"""

from retention.campaigns.library.beginning import first_purchase_follow_up, referral_invitation, review_request, welcome
from retention.campaigns.library.coming_back import browse_abandonment, cart_recovery, repeat_nurture, win_back
from retention.campaigns.library.dates import birthday, consent_reconfirmation, points_expiring
from retention.campaigns.library.knowing import cross_sell, replenishment, restock, tier_change, vip_recognition

__all__ = [
    "birthday",
    "browse_abandonment",
    "cart_recovery",
    "consent_reconfirmation",
    "cross_sell",
    "first_purchase_follow_up",
    "points_expiring",
    "referral_invitation",
    "repeat_nurture",
    "replenishment",
    "restock",
    "review_request",
    "tier_change",
    "vip_recognition",
    "welcome",
    "win_back",
]

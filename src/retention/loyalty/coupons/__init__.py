"""Coupons: what they give, to whom they are issued, what a cart costs with them, and how their uses are counted."""

from retention.loyalty.coupons.benefits import AmountOff, FreeShipping, Gift, PercentOff, Worth
from retention.loyalty.coupons.cart import Cart
from retention.loyalty.coupons.coupon import Coupon, Scope, Valid
from retention.loyalty.coupons.entering import Entered, entered, written
from retention.loyalty.coupons.held import Held, Issued, Usable
from retention.loyalty.coupons.occasions import BirthdayMonth, Comeback, FirstPurchase, IssuedOn
from retention.loyalty.coupons.offers import Offer, mint
from retention.loyalty.coupons.pricing import Applied, Mode, Priced, price
from retention.loyalty.coupons.reasons import NotApplied, WhyNot
from retention.loyalty.coupons.uses import Used, cancel, parts, redeem, release, reserve
from retention.loyalty.coupons.wallet import behind, issue, revoke, wallet

__all__ = [
    "AmountOff",
    "Applied",
    "BirthdayMonth",
    "Cart",
    "Comeback",
    "Coupon",
    "Entered",
    "FirstPurchase",
    "FreeShipping",
    "Gift",
    "Held",
    "Issued",
    "IssuedOn",
    "Mode",
    "NotApplied",
    "Offer",
    "PercentOff",
    "Priced",
    "Scope",
    "Usable",
    "Used",
    "Valid",
    "WhyNot",
    "Worth",
    "behind",
    "cancel",
    "entered",
    "issue",
    "mint",
    "parts",
    "price",
    "redeem",
    "release",
    "reserve",
    "revoke",
    "wallet",
    "written",
]

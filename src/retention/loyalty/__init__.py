"""What a customer is owed: points, tiers, coupons, store credit and gift cards, on one ledger.

The ledger is in ``retention.loyalty.ledger``. Policies (programmes, tiers, coupons, referrals) are pure functions that
turn orders and rules into its commands.
"""

"""The ledger: accounts in a unit, moved by entries that never change.

``decide`` is pure: an account's bounded head, the records that a command names, the command and ``now`` give a
decision. ``Ledger`` carries decisions out on a store.
"""

"""Rules over whole populations: what the set-based engines (sql, frames, arrays) have in common.

``lower`` turns a rule and an instant into terms (``terms``): integer arithmetic, comparisons with constants, and
tallies over rows. ``passes`` arranges the tallies of many rules into one pass over each collection. An engine says both
in its own language and decides nothing about what a rule means.
"""

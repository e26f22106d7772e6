"""Rules over a population held in memory: columns clustered by customer, in NumPy.

``snapshot`` is what is held, ``intake`` how a host's columns come in, ``files`` how they are kept on disk. ``question``
reads terms over them; ``selections`` finds the rows that a tally speaks of and touches no others, ``reductions`` makes
one value for each customer out of them.
"""

from retention.rules.backends.arrays.snapshot import Snapshot

__all__ = ["Snapshot"]

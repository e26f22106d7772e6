"""Rules over a population held in memory: what makes a live count possible while somebody edits a rule.

Needs NumPy: ``pip install 'shop-retention[arrays]'``.
"""

try:
    import numpy as _numpy  # noqa: F401
except ImportError as missing:
    from retention.errors import MissingExtra

    raise MissingExtra("retention.arrays", "numpy", "arrays") from missing

from retention.rules.backends.arrays import Snapshot
from retention.rules.backends.sets.layout import As
from retention.rules.backends.sets.storage import (
    Aware,
    Decimals,
    Epoch,
    Json,
    Listed,
    Major,
    Minor,
    Naive,
    Separated,
    Stored,
)

__all__ = [
    "As",
    "Aware",
    "Decimals",
    "Epoch",
    "Json",
    "Listed",
    "Major",
    "Minor",
    "Naive",
    "Separated",
    "Snapshot",
    "Stored",
]

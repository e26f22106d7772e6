"""A snapshot on disk: one ``.npy`` file for each array, and ``snapshot.json`` that says what there is.

Version 1. Numbers are ``<name>.npy`` and, if any is missing, ``<name>.missing.npy``; texts ``<name>.codes.npy`` with
``<name>.letters.npy`` and ``<name>.ends.npy``; labels have ``<name>.offsets.npy`` besides. Columns are named
``customers.<attribute>`` and ``<collection>.<column>``, a collection's offsets ``<collection>.offsets.npy``.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NoReturn

import numpy as np
from numpy.typing import NDArray

from retention.errors import ConfigurationError
from retention.rules.backends.arrays.columns import WIDTH, Column, Labels, Numbers, Words
from retention.rules.backends.arrays.table import Table
from retention.rules.backends.arrays.texts import Texts
from retention.rules.backends.sets.layout import CURRENCY, As, Layout, Source
from retention.rules.backends.sets.storage import Decimals, Epoch, Stored
from retention.schema import Kind, Schema

FORMAT: Final = "retention snapshot"
VERSION: Final = 1
MANIFEST: Final = "snapshot.json"

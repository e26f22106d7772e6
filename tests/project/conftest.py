"""What tests of the project itself share."""

import gc
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def _quick_collections() -> Iterator[None]:
    """Benchmarks collect garbage before each timing: not that of thousands of tests before, which takes seconds."""
    gc.freeze()
    yield
    gc.unfreeze()

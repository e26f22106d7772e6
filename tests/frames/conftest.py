"""Every library whose frames are tested here; PySpark is asked in tests/sets, where it has a session."""

import pytest

from tests.frames.shop import LIBRARIES, Make


@pytest.fixture(params=LIBRARIES)
def make(request: pytest.FixtureRequest) -> Make:
    """What makes a frame of an Arrow table."""
    return LIBRARIES[request.param]

"""A pytest plugin for runs that are meant to fail: Hypothesis stops at the first failure and does not shrink it, and
what goes on for ever ends with MemoryError before it has the machine's memory."""

import resource
from typing import Final

import hypothesis
import pytest

_MOST: Final = 8 * 2**30  # bytes of addresses, of which the data engines reserve many and use few


@pytest.hookimpl(trylast=True)
def pytest_configure() -> None:
    """After the project's own profile, before any test is read."""
    resource.setrlimit(resource.RLIMIT_AS, (_MOST, _MOST))
    phases = (hypothesis.Phase.explicit, hypothesis.Phase.generate)
    hypothesis.settings.register_profile("quick", deadline=None, derandomize=True, phases=phases)
    hypothesis.settings.load_profile("quick")

"""A pytest plugin for runs that are meant to fail: Hypothesis stops at the first failure and does not shrink it."""

import hypothesis
import pytest


@pytest.hookimpl(trylast=True)
def pytest_configure() -> None:
    """After the project's own profile, before any test is read."""
    phases = (hypothesis.Phase.explicit, hypothesis.Phase.generate)
    hypothesis.settings.register_profile("quick", deadline=None, derandomize=True, phases=phases)
    hypothesis.settings.load_profile("quick")

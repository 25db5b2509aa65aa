"""Hypothesis profiles for all tests. Fixtures belong in the conftest.py of their kind of test."""

import gc

from hypothesis import HealthCheck, settings

# A deadline measures the machine, and the machines that run this are shared.
settings.register_profile(
    "shared machine", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("long", settings.get_profile("shared machine"), max_examples=2_000)
settings.load_profile("shared machine")

gc.disable()


def pytest_collection_finish() -> None:
    """Collect garbage from here on, but never look through what was imported: it all stays."""
    gc.freeze()
    gc.enable()

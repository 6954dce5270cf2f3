"""What every test shares: one event loop, fixed chance, and a seed to repeat it by."""

import os

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "ci",
    derandomize=True,  # the same examples on every run, so that a red run is about the change
    print_blob=True,
    deadline=None,  # a slow machine is not a wrong answer
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("dev", print_blob=True, deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Khata runs on asyncio alone."""
    return "asyncio"

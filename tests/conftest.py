"""What every test shares: one event loop, and chance that can be repeated."""

import os
import random

import pytest
from hypothesis import settings
from polyfactory.factories.base import BaseFactory

from tests.databases import (  # noqa: F401  # fixtures, found by their names here
    book_database,
    book_template,
    empty_database,
    shared_database,
)
from tests.engines import engines  # noqa: F401  # as above
from tests.log_lines import log  # noqa: F401  # as above

SEED = os.environ.setdefault(
    "KHATA_TEST_SEED", "0" if os.environ.get("CI") else str(random.randrange(10**6))
)
"""Kept in the environment, so that every xdist worker has the same."""

settings.register_profile("dev", deadline=None, print_blob=True)
settings.register_profile(
    "ci",
    settings.get_profile("dev"),  # no deadline: a slow machine is not a wrong answer
    derandomize=True,  # the same examples every time: a red run is about the change
)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


def pytest_report_header() -> str:
    return f"chance: KHATA_TEST_SEED={SEED} repeats this run"


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Khata runs on asyncio alone."""
    return "asyncio"


@pytest.fixture(autouse=True)
def chance(request: pytest.FixtureRequest) -> None:
    """Each test draws from its own seed, whatever ran before it."""
    random.seed(f"{SEED}/{request.node.nodeid}")
    BaseFactory.seed_random(random.randrange(10**6))

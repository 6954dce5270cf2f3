"""A throw-away PostgreSQL and Valkey for the tests: real ones, started once per test process.

Each pytest-xdist worker has its own, because a shared one would end with the worker
that started it. A test takes the fixture `engines`; nothing starts before the first does.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from src.embedded import Engines, EnginesSettings, start_engines


def start_throw_away_engines(home: Path) -> Engines:
    """In memory where there is some, never synced, removed by `stop()` or at our death."""
    return start_engines(EnginesSettings(home=home, durable=False))


@pytest.fixture(scope="session")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engines]:
    """PostgreSQL and Valkey for every test of this process."""
    with start_throw_away_engines(tmp_path_factory.mktemp("engines")) as started:
        yield started

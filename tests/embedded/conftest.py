"""Homes for engines that are started, killed and started again."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from src.embedded import EnginesSettings, start_engines
from tests.engines import engines as engines  # noqa: PLC0414 - a fixture, found by its name here


@pytest.fixture
def empty_home() -> Iterator[Path]:
    """A home that every account can pass through; pytest's own directories are closed."""
    with _open_directory() as directory:
        yield directory / "home"


@pytest.fixture(scope="session")
def seed() -> Iterator[Path]:
    """A durable home, started and stopped once, to copy: making a cluster is the slow part."""
    with _open_directory() as directory:
        start_engines(EnginesSettings(home=directory / "home")).stop()
        yield directory / "home"


@pytest.fixture
def home(seed: Path, empty_home: Path) -> Path:
    """A durable home with an empty shop."""
    subprocess.run(["cp", "-a", str(seed), str(empty_home)], check=True)  # noqa: S607 - cp keeps owners, shutil does not
    return empty_home


@contextmanager
def _open_directory() -> Iterator[Path]:
    directory = Path(tempfile.mkdtemp(prefix="khata-test-"))
    directory.chmod(0o711)
    try:
        yield directory
    finally:
        shutil.rmtree(directory)

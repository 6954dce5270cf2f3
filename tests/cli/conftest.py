"""Homes for shops that are started, killed and started again."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from src.embedded import Engines
from src.settings import Settings
from tests.databases import BookDatabase


@pytest.fixture
def home() -> Iterator[Path]:
    """A home that every account can pass through; pytest's own directories are closed."""
    directory = Path(tempfile.mkdtemp(prefix="khata-cli-"))
    directory.chmod(0o711)
    yield directory / "home"
    shutil.rmtree(directory)


@pytest.fixture
def own_environ(home: Path, book_database: BookDatabase, engines: Engines) -> dict[str, str]:
    """A shop on a book and engines of the tests."""
    return {
        "KHATA_HOME": str(home),
        "KHATA_PORT": "0",
        "KHATA_SANDBOX_PORT": "0",
        "DATABASE_URL": book_database.app_url,
        "KHATA_OWNER_DATABASE_URL": book_database.owner_url,
        "REDIS_URL": engines.redis_url,
    }


@pytest.fixture
def settings(own_environ: dict[str, str]) -> Settings:
    """The same, as its commands take it."""
    return Settings.from_environ(own_environ)

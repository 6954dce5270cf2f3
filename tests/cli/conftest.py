"""Homes for shops that are started, killed and started again."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def home() -> Iterator[Path]:
    """A home that every account can pass through; pytest's own directories are closed."""
    directory = Path(tempfile.mkdtemp(prefix="khata-cli-"))
    directory.chmod(0o711)
    yield directory / "home"
    shutil.rmtree(directory)

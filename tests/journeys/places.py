"""Directories for shops that run as processes; pytest's own are closed to the engines' account."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def passable_place() -> Iterator[Path]:
    """Yield a new directory that every account can pass through, and remove it afterwards."""
    directory = Path(tempfile.mkdtemp(prefix="khata-test-"))
    directory.chmod(0o711)
    try:
        yield directory
    finally:
        shutil.rmtree(directory)

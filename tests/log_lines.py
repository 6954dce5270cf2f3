"""What is logged while a test runs."""

import io
from collections.abc import Iterator

import pytest

from src.telemetry import configure_logging


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Every line that is logged meanwhile, wherever an earlier test had sent them."""
    lines = io.StringIO()
    configure_logging(file=lines)
    yield lines
    configure_logging()

"""The tiny shop, fresh for each test."""

from pathlib import Path

import pytest

from tests.http.tiny import Shop


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)

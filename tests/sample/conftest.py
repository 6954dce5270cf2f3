"""Two books with the same past, made once for all tests here."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec import Struct

from src.cli.sample_history.report import Made
from src.embedded import Engines
from src.settings import Settings
from tests.databases import TEMPLATE, BookDatabase, copied_database
from tests.sample.past import made, request, settings_on


class Sampled(Struct, frozen=True):
    """A book with a past."""

    settings: Settings
    made: Made


@pytest.fixture(scope="package")
def homes() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="khata-sample-") as directory:
        yield Path(directory)


@pytest.fixture(scope="package")
def sampled(engines: Engines, book_template: BookDatabase, homes: Path) -> Iterator[Sampled]:
    """A book that was empty, with a week in it."""
    assert book_template.app_url.endswith(TEMPLATE)
    with copied_database(engines) as database:
        settings = settings_on(database, engines, homes / "first")
        yield Sampled(settings, made(settings, request()))


@pytest.fixture(scope="package")
def sampled_again(engines: Engines, book_template: BookDatabase, homes: Path) -> Iterator[Sampled]:
    """Another installation, asked for the same."""
    assert book_template.app_url.endswith(TEMPLATE)
    with copied_database(engines) as database:
        settings = settings_on(database, engines, homes / "second")
        yield Sampled(settings, made(settings, request()))


@pytest.fixture
def settings(book_database: BookDatabase, engines: Engines, tmp_path: Path) -> Settings:
    """An empty book of this test alone."""
    return settings_on(book_database, engines, tmp_path / "home")

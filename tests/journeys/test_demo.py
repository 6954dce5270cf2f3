"""`khata demo` as a newcomer runs it, and the picture of it in README.md."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from src.cli.demo.stories.book import STORIES
from src.cli.demo.words import PROMISES
from tests.cli.commands import ROOT, environment
from tests.journeys.places import passable_place

DEMO_SECONDS_MAX = 120.0
WHAT_DIFFERS = re.compile(
    r"\d+\.\d\d s|(?:order|pay)_\w+|\b[0-9A-Z]{5}-[0-9A-Z]{5}\b|, in \d+ s; .*"
)
"""Times, ids and order numbers."""


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """Where the demo makes its shop; the engines' account must pass through."""
    with passable_place() as directory:
        yield directory


@pytest.fixture(scope="module")
def run(place: Path) -> subprocess.CompletedProcess[str]:
    """One run, with variables of a real shop around that must not reach it."""
    real_shop = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/real", "TMPDIR": str(place)}
    return subprocess.run(
        [sys.executable, "-P", "-m", "src", "demo"],
        env=environment(place / "home", **real_shop),
        capture_output=True,
        text=True,
        check=False,
        timeout=DEMO_SECONDS_MAX,
    )


def test_every_promise_holds(run: subprocess.CompletedProcess[str]) -> None:
    assert run.returncode == 0, run.stdout + run.stderr
    assert "BROKEN" not in run.stdout


def test_every_story_is_told_with_the_promises_it_shows(
    run: subprocess.CompletedProcess[str],
) -> None:
    told = run.stdout.split("\n\n")
    for number, story in enumerate(STORIES, start=1):
        part = next(part for part in told if part.startswith(f"{number}. {story.title}\n"))
        assert "ORDER_CREATED" in part
        for promise in story.shows:
            assert f"promise {promise} {PROMISES[promise]}" in part


def test_piped_it_is_plain_text(run: subprocess.CompletedProcess[str]) -> None:
    assert "\x1b" not in run.stdout
    assert run.stderr == ""


def test_nothing_is_left(run: subprocess.CompletedProcess[str], place: Path) -> None:
    assert run.returncode == 0
    assert list(place.iterdir()) == []
    if sys.platform == "linux":
        assert [pid for pid in _processes() if str(place) in pid] == []


def test_the_picture_in_the_readme_is_a_run(run: subprocess.CompletedProcess[str]) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    picture = readme.split("```text\n")[1].split("```")[0]
    told = _without_what_differs(run.stdout)
    assert [line for line in _without_what_differs(picture) if line not in told] == []
    assert "1. A guest buys" in picture


def _without_what_differs(text: str) -> list[str]:
    return [
        " ".join(WHAT_DIFFERS.sub("…", line).split()).rstrip(" …") for line in text.splitlines()
    ]


def _processes() -> Iterator[str]:
    """Yield every process's command line and directory."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            yield f"{process.name} {words} {(process / 'cwd').readlink()}"
        except OSError:  # It ended while we looked, or is not ours to look at.
            continue

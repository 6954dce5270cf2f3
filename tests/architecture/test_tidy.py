"""Our own lint: what no tool checks for us, and a person forgets."""

import ast
import io
import re
import tokenize
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, SRC, calls, files, name, python_files, syntax

# Put together here, so that this file does not name what it looks for.
REGISTRY_HOSTS = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("crates", "io"),
        ("deb", "debian", "org"),
    )
]
MACHINE_PATHS = [f"/{directory}/" for directory in ("work", "root", "Users")]
LEFT_FOR_LATER = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME")) + r")\b")

SILENCED = re.compile(
    r"#\s*(?:noqa(?::\s*[A-Z]+\d+(?:[,\s]+[A-Z]+\d+)*)?|\w+:\s*ignore(\[[^]]*])?)"
)
REASON_CHARACTERS_MIN = 8
SKIPS = {"skip", "skipif", "xfail"}

POLLING_LOOPS = {
    "src/bootstrap/worker.py": "deadlines are looked for now and then; facts decide",
    "src/bootstrap/process_figures.py": "figures are written down now and then for who watches",
    "src/bootstrap/notary.py": "a notary that failed rests; it goes on from what it signed",
    "src/commands/group_commit.py": "for no time at all: a batch leaves before the last is told of",
    "src/commands/folding.py": "for no time at all: who folds a long stream gives others a turn",
    "src/cli/demo/polling.py": "a visitor looks until an order can be seen; the shop never waits",
    "src/embedded/processes.py": "a foreign process says that it is ready only when it is asked",
    "src/embedded/server.py": "a port that was taken is tried again a little later",
    "src/http/shared_answer.py": "who asks for figures too often waits; no answer depends on it",
    "src/http/sandbox/lifespan.py": "the sandbox's clock is looked at now and then",
    "src/events/wake.py": "wake-ups save waiting and decide nothing; a busy book calls less often",
    "src/events/lines.py": "a restarting server gets time; the stream's version decides",
}
"""Files in src that may sleep, and why waiting there is not what makes anything correct."""


def lines_with(words: list[str]) -> list[str]:
    return [
        f"{name(path)}:{number}: {word}"
        for path in files()
        for number, line in enumerate(text(path).splitlines(), start=1)
        for word in words
        if word in line
    ]


def text(path: Path) -> str:
    """A file's text; a picture has none."""
    return path.read_bytes().decode("utf-8", errors="ignore")


def comments(path: Path) -> Iterator[tuple[int, str]]:
    for token in tokenize.generate_tokens(io.StringIO(text(path)).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def without_reason(comment: str) -> bool:
    """Whether a comment silences a tool and does not go on to say why."""
    silenced = list(SILENCED.finditer(comment))
    said = comment[silenced[-1].end() :].strip(" #-:") if silenced else ""
    return bool(silenced) and len(said) < REASON_CHARACTERS_MIN


def test_no_file_names_a_package_registry() -> None:
    assert lines_with(REGISTRY_HOSTS) == []


def test_no_file_names_a_directory_of_somebodys_machine() -> None:
    assert lines_with(MACHINE_PATHS) == []


def test_every_silenced_tool_is_silenced_for_a_reason() -> None:
    assert [
        f"{name(path)}:{number}: {comment}"
        for path in python_files()
        for number, comment in comments(path)
        if without_reason(comment)
    ] == []


@pytest.mark.parametrize(
    ("comment", "bare"),
    [
        ("# noqa: S311", True),
        ("# noqa", True),
        ("# type: ignore[arg-type]", True),
        ("# pyright: ignore[reportPrivateUsage]  # no", True),
        ("# noqa: S311, S105 - a game of chance needs no secrecy", False),
        ("# type: ignore[arg-type]  # the stub forgets that None is allowed", False),
        ("# The guest's secret is never stored.", False),
    ],
)
def test_a_reason_is_told_from_its_absence(comment: str, *, bare: bool) -> None:
    assert without_reason(comment) is bare


def test_every_skipped_test_says_why() -> None:
    assert [
        f"{name(path)}:{line}"
        for path in python_files(ROOT / "tests")
        for line in unexplained_skips(syntax(path))
    ] == []


def unexplained_skips(module: ast.Module) -> list[int]:
    nodes = list(ast.walk(module))
    explained = [node.func for node in nodes if isinstance(node, ast.Call) and says_why(node)]
    return [
        node.lineno
        for node in nodes
        if isinstance(node, ast.Attribute) and node.attr in SKIPS and node not in explained
    ]


def says_why(call: ast.Call) -> bool:
    """By name; `pytest.skip` alone takes its reason as the first argument."""
    named = any(keyword.arg == "reason" for keyword in call.keywords)
    return named or (ast.unparse(call.func) == "pytest.skip" and bool(call.args))


def test_nothing_is_left_for_later() -> None:
    assert [
        f"{name(path)}:{number}: {line.strip()}"
        for path in files()
        for number, line in enumerate(text(path).splitlines(), start=1)
        if LEFT_FOR_LATER.search(line)
    ] == []


def test_only_loops_that_poll_sleep() -> None:
    sleepers = {name(path) for path in python_files(SRC) if any(map(is_sleep, calls(path)))}
    assert sleepers == set(POLLING_LOOPS)


def is_sleep(call: tuple[int, str]) -> bool:
    return call[1].split(".")[-1] == "sleep"


def test_the_changelog_begins_with_the_version_that_is_built() -> None:
    version = tomllib.loads(text(ROOT / "pyproject.toml"))["project"]["version"]
    newest = re.search(r"^## (\S+)", text(ROOT / "CHANGELOG.md"), flags=re.MULTILINE)
    assert newest is not None
    assert newest[1] == version

"""The files of this repository, as the tests of its shape read them."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SRC = ROOT / "src"
MADE_HERE = {".git", ".venv", ".khata", ".hypothesis", "__pycache__", "dist"}
"""Directories that are made by working here and never committed."""


def files(below: Path = ROOT) -> Iterator[Path]:
    """Every file below a directory that is ours, in a fixed order."""
    for path in sorted(below.iterdir()):
        if path.name in MADE_HERE or path.name.endswith("_cache"):
            continue
        if path.is_dir():
            yield from files(path)
        elif not path.is_symlink() and path.name != "uv.lock":
            yield path


def python_files(below: Path = ROOT) -> Iterator[Path]:
    return (path for path in files(below) if path.suffix == ".py")


def name(path: Path) -> str:
    """How a file is called in a message: from the repository's root."""
    return path.relative_to(ROOT).as_posix()


@cache
def syntax(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=name(path))


def calls(path: Path) -> Iterator[tuple[int, str]]:
    """Each call in a file: its line, and what is called as it is written there."""
    for node in ast.walk(syntax(path)):
        if isinstance(node, ast.Call):
            yield node.lineno, ast.unparse(node.func)

"""Files on two screens, functions on half of one, and a first sentence for each."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.tree import SRC, files, name, python_files, syntax

FILE_LINES_MAX = 300
FUNCTION_LINES_MAX = 40
PACKAGE_LINES_MAX = 80

LONG_FILES: dict[str, str] = {}
"""Files that may be longer, and why cutting them would cost more than it gives."""

LONG_FUNCTIONS: dict[str, str] = {
    "src/bootstrap/api.py:_shop": "names every part of the shop once, a line each",
    "src/bootstrap/parts.py:_joined": "opens every part once, in the order in which they need it",
    "src/settings.py:from_environ": "reads every variable once, a line for each",
}
"""Functions that may be longer, as `path:name`, and why."""


def line_count(path: Path) -> int:
    return path.read_bytes().count(b"\n")


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(syntax(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def test_only_listed_files_are_long() -> None:
    long = {name(path) for path in files(SRC) if line_count(path) > FILE_LINES_MAX}
    assert long == set(LONG_FILES)


def test_only_listed_functions_are_long() -> None:
    assert {
        f"{name(path)}:{function.name}"
        for path in python_files(SRC)
        for function in functions(path)
        if length(function) > FUNCTION_LINES_MAX
    } == set(LONG_FUNCTIONS)


def test_a_package_file_introduces_and_holds_no_code() -> None:
    packages = (path for path in python_files(SRC) if path.name == "__init__.py")
    assert [name(path) for path in packages if line_count(path) > PACKAGE_LINES_MAX] == []


def test_every_module_begins_by_saying_what_it_is_for() -> None:
    written = (path for path in python_files() if SRC in path.parents or line_count(path))
    assert [name(path) for path in written if not ast.get_docstring(syntax(path))] == []

"""Time, identity and chance are arguments; rules and folds touch no world."""

import ast

import grimp

from tests.architecture.tree import SRC, calls, name, python_files, syntax

INNER = ("commands", "events", "projections", "queries")
WORLDLY_CALLS = {
    "date.today",
    "datetime.now",
    "datetime.today",
    "datetime.utcnow",
    "time.time",
    "time.time_ns",
    "uuid.uuid4",
    "uuid4",
}
WORLDLY_MODULES = {
    "aiohttp",
    "asyncio",
    "asyncpg",
    "litestar",
    "os",
    "random",
    "razorpay",
    "redis",
    "requests",
    "secrets",
    "socket",
    "sqlalchemy",
    "time",
}


def is_fold(module: ast.Module) -> bool:
    return any(isinstance(node, ast.FunctionDef) and node.name == "evolve" for node in module.body)


def test_nobody_inside_asks_for_the_time_or_makes_up_an_id() -> None:
    assert [
        f"{name(path)}:{line}: {called}"
        for folder in INNER
        for path in python_files(SRC / folder)
        for line, called in calls(path)
        if called in WORLDLY_CALLS or called.split(".")[0] in {"random", "secrets"}
    ] == []


def test_a_module_that_folds_reaches_no_world() -> None:
    graph = grimp.build_graph("src", include_external_packages=True, cache_dir=None)
    folds = [path for path in python_files(SRC / "events") if is_fold(syntax(path))]
    assert folds
    assert {
        f"{name(path)} reaches {module}"
        for path in folds
        for module in graph.find_upstream_modules(f"src.events.{path.stem}") & WORLDLY_MODULES
    } == set()

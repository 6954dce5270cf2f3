"""The notebook of docs/analysts runs from its first cell to its last, in any shop."""

import asyncio
import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode
from traitlets.config import Config

from tests.analytics.read_shop import ReadShop, busy_shop, new_shop

__all__ = ["busy_shop", "new_shop"]

NOTEBOOK = Path(__file__).parents[2] / "docs" / "analysts" / "notebook.ipynb"
CELL_SECONDS = 120
"""Far more than it takes: a slow machine is not a wrong notebook."""
RECONCILIATION = "reconciliation"


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where everything of the kernel lies; a short path, because sockets have no room for more."""
    directory = Path(tempfile.mkdtemp(prefix="khata-nb-"))
    for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"):
        monkeypatch.setenv(name, str(directory))
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "1")  # this Python's kernel, whoever's is there
    yield directory
    shutil.rmtree(directory)


def notebook() -> NotebookNode:
    """Return it as it is committed."""
    read: NotebookNode = nbformat.read(NOTEBOOK, as_version=nbformat.NO_CONVERT)  # type: ignore[no-untyped-call]  # nbformat leaves it untyped
    return read


def run(folder: Path) -> NotebookNode:
    """Return it with its outputs: none failed or warned; the kernel ends either way."""
    client = NotebookClient(
        notebook(),
        timeout=CELL_SECONDS,
        startup_timeout=CELL_SECONDS,
        resources={"metadata": {"path": str(folder)}},
        # A free port may be taken before the kernel binds it; a folder of the test's own is not.
        config=Config({"KernelManager": {"transport": "ipc", "ip": str(folder / "socket")}}),
    )
    done = asyncio.run(client.async_execute())
    assert [each for cell in done.cells for each in cell.get("outputs", []) if _warns(each)] == []
    return done


def _warns(output: NotebookNode) -> bool:
    return bool(output.output_type == "stream" and output.name == "stderr")


def shown(done: NotebookNode, cell_id: str) -> str:
    """Return what a cell shows, as text."""
    (cell,) = (each for each in done.cells if each.id == cell_id)
    text: str = cell.outputs[-1]["data"]["text/plain"]
    return text


def numbers(table: str) -> list[int]:
    """Return the numbers of the one row of a table."""
    row = table.splitlines()[-2]
    return [int(each) for each in row.strip("│ ").split("┆")]


def test_it_runs_in_a_busy_shop(
    busy_shop: ReadShop, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KHATA_READ_DATABASE_URL", busy_shop.read_url)
    *money, positions_apart = numbers(shown(run(folder), RECONCILIATION))
    assert positions_apart == 0
    assert len(money) == 4
    assert len(set(money)) == 1
    assert money[0] > 0


def test_it_finds_a_shop_that_opened_today_by_itself(
    new_shop: ReadShop, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KHATA_READ_DATABASE_URL", raising=False)
    monkeypatch.delenv("KHATA_HOME", raising=False)
    home = folder / ".khata"
    home.mkdir()
    (home / "engines.json").write_text(json.dumps({"read_url": new_shop.read_url}))
    assert numbers(shown(run(folder), RECONCILIATION)) == [0, 0, 0, 0, 0]


def test_it_is_committed_as_nobody_has_run_it_yet() -> None:
    committed = notebook()
    nbformat.validate(committed)
    assert committed.metadata.kernelspec.name == "python3"
    code = [each for each in committed.cells if each.cell_type == "code"]
    assert [each.outputs for each in code] == [[]] * len(code)
    assert {each.execution_count for each in code} == {None}
    assert "pip install polars asyncpg" in committed.cells[0].source

"""A file is there when it is whole: no half of one is left by anything that ends an export."""

import asyncio
import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from src.cli.complaint import Complaint
from src.cli.export.place import whole_files
from src.cli.export.run import Request, run_export
from src.embedded import Engines
from src.events.ports import DatabaseUnavailableError
from src.queries.export.columns import Column, Kind
from src.queries.export.formats import Format
from src.queries.export.pouring import pour
from src.queries.export.source import Page
from tests.cli.commands import ROOT, TIMEOUT_SECONDS, environment
from tests.databases import BookDatabase
from tests.export.conftest import Exporting
from tests.export.sources import Rows

pytestmark = pytest.mark.anyio
COLUMNS = [Column(name="n", kind=Kind.INT64, comment="")]
PAGES = [Page(3, [[1, 2, 3]])] * 4
BYTES_MAX = 4_096
WITH_LITTLE_ROOM = f"""
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, ({BYTES_MAX}, {BYTES_MAX}))
from src.__main__ import main
main()
"""
STOPPED_ON_THE_WAY = """
import os, signal, sys
parts = set()
def stop(event, arguments):
    if event == "open" and str(arguments[0]).endswith(".part"):
        parts.add(str(arguments[0]))
        if len(parts) == 2:
            parts.add("stopped")
            os.kill(os.getpid(), signal.{signal})
sys.addaudithook(stop)
from src.__main__ import main
main()
"""
"""The signal comes when the first part is there, and the second is about to be."""


def nothing(done: int, expected: int | None) -> None:
    del done, expected


def left_in(folder: Path) -> list[str]:
    """Return what is in each file of a folder."""
    return [each.read_text() for each in folder.iterdir()]


async def ran_as(
    script: str, of: Exporting, database: BookDatabase, engines: Engines, form: str
) -> tuple[subprocess.CompletedProcess[str], Path]:
    """Export the book in a process of its own; return how it ended, and the folder of the file."""
    files = of.folder / "files"
    files.mkdir()
    variables = {
        "DATABASE_URL": database.app_url,
        "KHATA_OWNER_DATABASE_URL": database.owner_url,
        "REDIS_URL": engines.redis_url,
    }
    arguments = ["export", "events", "--format", form, "--output", str(files / "events")]
    ran = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-P", "-c", script, *arguments],
        env=environment(of.folder / "home", **variables),
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT_SECONDS,
        cwd=ROOT,
    )
    return ran, files


def names_in(folder: Path) -> list[str]:
    """Return the name of each file of a folder."""
    return sorted(each.name for each in folder.iterdir())


@pytest.mark.parametrize("form", Format)
@pytest.mark.parametrize(
    "end", [KeyboardInterrupt(), DatabaseUnavailableError("gone"), asyncio.CancelledError()]
)
async def test_what_ends_an_export_leaves_nothing(
    folder: Path, form: Format, end: BaseException
) -> None:
    source, path = Rows(COLUMNS, PAGES, end), folder / "rows"
    with pytest.raises(type(end)), whole_files([path], overwrite=False) as [file]:
        await pour(source, file, form, {}, nothing)
    assert left_in(folder) == []


async def test_what_ends_an_export_leaves_the_file_of_before(folder: Path) -> None:
    path = folder / "rows"
    path.write_text("before")
    with (
        pytest.raises(KeyboardInterrupt),
        whole_files([path], overwrite=True) as [file],
    ):
        await pour(Rows(COLUMNS, PAGES, KeyboardInterrupt()), file, Format.CSV, {}, nothing)
    assert left_in(folder) == ["before"]


async def test_a_file_that_is_there_is_replaced_only_when_that_was_said(
    exporting: Exporting,
) -> None:
    path = exporting.folder / "events.csv"
    path.write_text("before")
    request = Request(table="events", form="csv", output=path)
    with pytest.raises(Complaint, match="--overwrite"):
        await asyncio.to_thread(run_export, exporting.settings, request)
    assert path.read_text() == "before"
    again = Request(table="events", form="csv", output=path, overwrite=True)
    await asyncio.to_thread(run_export, exporting.settings, again)
    assert path.read_bytes().startswith(b'"position",')


async def test_a_file_that_came_meanwhile_is_not_replaced_either(folder: Path) -> None:
    path = folder / "rows"
    with pytest.raises(Complaint, match="--overwrite"), whole_files([path], overwrite=False):
        path.write_text("somebody else's")
    assert left_in(folder) == ["somebody else's"]


async def test_a_folder_that_is_not_there_is_named(folder: Path) -> None:
    with (
        pytest.raises(Complaint, match="no directory"),
        whole_files([folder / "none" / "rows"], overwrite=False),
    ):
        pass


async def test_a_link_stays_a_link_to_the_new_file(exporting: Exporting) -> None:
    target, link = exporting.folder / "october.csv", exporting.folder / "latest.csv"
    target.write_text("before")
    link.symlink_to(target)
    request = Request(table="events", form="csv", output=link, overwrite=True)
    await asyncio.to_thread(run_export, exporting.settings, request)
    assert link.is_symlink()
    assert target.read_bytes().startswith(b'"position",')


async def test_what_is_no_file_is_never_replaced(folder: Path) -> None:
    pipe, link = folder / "pipe", folder / "link"
    os.mkfifo(pipe)
    link.symlink_to(folder / "none")
    for path in (pipe, link):
        with pytest.raises(Complaint, match="say a file"), whole_files([path], overwrite=True):
            pass
    assert (pipe.is_fifo(), link.is_symlink(), len(names_in(folder))) == (True, True, 2)


async def test_what_a_killed_export_left_goes_with_the_next_one(folder: Path) -> None:
    path, other = folder / "rows", folder / "other"
    left, elsewhere = folder / ".rows.khata-0.part", folder / ".other.khata-0.part"
    for each in (left, elsewhere):
        each.write_text("half")
    with whole_files([path], overwrite=False):
        assert not left.exists()
    assert names_in(folder) == [elsewhere.name, path.name]
    with whole_files([other], overwrite=False):
        pass
    assert not elsewhere.exists()


async def test_what_another_export_still_writes_is_left_alone(folder: Path) -> None:
    with whole_files([folder / "rows"], overwrite=True) as [file]:
        file.write(b"first")
        with whole_files([folder / "rows"], overwrite=True):
            pass
    assert left_in(folder) == ["first"]


@pytest.mark.parametrize("form", ["parquet", "csv", "jsonl"])
async def test_a_full_disk_is_said_and_leaves_nothing(
    exporting: Exporting, book_database: BookDatabase, engines: Engines, form: str
) -> None:
    ran, files = await ran_as(WITH_LITTLE_ROOM, exporting, book_database, engines, form)
    why = f"cannot be written: {os.strerror(errno.EFBIG)}. Nothing is left of it."
    said = f"khata: {files / 'events'} {why}\n"
    assert (ran.returncode, ran.stdout, ran.stderr) == (1, "", said)
    assert left_in(files) == []


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
async def test_a_polite_end_leaves_nothing(
    exporting: Exporting, book_database: BookDatabase, engines: Engines, name: str
) -> None:
    ran, files = await ran_as(
        STOPPED_ON_THE_WAY.format(signal=name), exporting, book_database, engines, "csv"
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (130, "", "")
    assert left_in(files) == []


async def test_rows_are_printed_where_no_file_was_said(
    exporting: Exporting, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    request = Request(table="events", form="jsonl", output=Path("-"), end="3")
    await asyncio.to_thread(run_export, exporting.settings, request)
    said = capfdbinary.readouterr()
    assert [json.loads(line)["position"] for line in said.out.splitlines()] == [1, 2, 3]
    assert said.err.startswith(b"events: 3 rows in ")

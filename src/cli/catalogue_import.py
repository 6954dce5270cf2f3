"""`khata import catalogue`: a file of products becomes facts, by the rules staff works by."""

import asyncio
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import typer

from src.bootstrap import Parts, new_id, open_parts
from src.cli.by_whom import operator
from src.cli.catalogue_file import CatalogueRow, Line, RefusedLine, read_catalogue
from src.cli.complaint import Complaint
from src.cli.engines_here import with_engines
from src.cli.offering import offer
from src.commands.rejections import Rejection
from src.commands.view import Fact, View
from src.events.envelope import Cause
from src.events.identifiers import PRODUCT, STOCK, stream
from src.settings import Settings

ROWS_AT_ONCE = 200
NAME = "khata-import"
"""In the book, of whoever does not say who they are."""


class Report:
    """Who imports, and what became of the lines so far."""

    def __init__(self, actor: str) -> None:
        self.actor = actor
        self.changed = 0
        self.unchanged = 0
        self.refused: list[RefusedLine] = []
        self.lines_by_sku: dict[str, int] = {}


def import_catalogue(
    settings: Settings, path: Path, by: str | None = None, reason: str | None = None
) -> int:
    """Import the file; returns 1 if any line was refused."""
    actor = operator(NAME, by, reason)
    try:
        file = path.open("rb")
    except OSError as error:
        raise Complaint(f"{path} cannot be read: {error.strerror}.", exit_code=2) from error
    with file, with_engines(settings) as addressed:
        report = asyncio.run(_import(addressed, file, actor))
    _print(report)
    return 1 if report.refused else 0


async def _import(settings: Settings, file: BinaryIO, actor: str) -> Report:
    report = Report(actor)
    parts = await open_parts(settings)
    try:
        with _progress(file) as lines:
            while batch := list(islice(lines, ROWS_AT_ONCE)):
                await _take(parts, batch, report)
    finally:
        await parts.close()
    return report


async def _take(parts: Parts, batch: list[Line], report: Report) -> None:
    """A batch is loaded in one round trip, and its rows are written in as few appends as may be."""
    rows = [line for line in batch if isinstance(line, tuple)]
    report.refused += [line for line in batch if isinstance(line, RefusedLine)]
    fresh = [line for line in rows if not _is_repeated(report, *line)]
    await parts.ledger.load(stream(kind, row.sku) for _, row in fresh for kind in (PRODUCT, STOCK))
    await asyncio.gather(*(_offer(parts, number, row, report) for number, row in fresh))


def _is_repeated(report: Report, number: int, row: CatalogueRow) -> bool:
    first = report.lines_by_sku.setdefault(row.sku, number)
    if first != number:
        report.refused.append(RefusedLine(number, f"{row.sku} is on line {first} already"))
    return first != number


async def _offer(parts: Parts, number: int, row: CatalogueRow, report: Report) -> None:
    decided: list[Fact] = []

    def decide(view: View) -> list[Fact]:
        decided[:] = offer(view, row)
        return list(decided)

    try:
        command = new_id()
        cause = Cause(command_id=command, correlation_id=command, actor=report.actor)
        await parts.ledger.transact(cause, decide)
    except Rejection as refusal:
        report.refused.append(RefusedLine(number, str(refusal)))
    else:
        report.changed += bool(decided)
        report.unchanged += not decided


@contextmanager
def _progress(file: BinaryIO) -> Generator[Iterator[Line]]:
    """Show how far the file is read, if a person is watching."""
    if not sys.stderr.isatty():
        yield read_catalogue(file)
        return
    from rich.console import Console  # noqa: PLC0415 - only where a person is watching
    from rich.progress import wrap_file  # noqa: PLC0415 - the same

    total = file.seek(0, 2)
    file.seek(0)
    console = Console(stderr=True)
    with wrap_file(file, total, description="importing", console=console) as watched:
        yield read_catalogue(watched)


def _print(report: Report) -> None:
    accepted = report.changed + report.unchanged
    others = f", {report.unchanged} as before" if report.unchanged else ""
    typer.echo(f"accepted {accepted}: {report.changed} new or changed{others}")
    typer.echo(f"refused {len(report.refused)}")
    for line in sorted(report.refused, key=lambda line: line.line):
        typer.echo(f"  line {line.line}: {line.reason}")

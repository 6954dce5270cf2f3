"""`khata audit verify`: every place where the book is not as it was written, one a line."""

import asyncio
import sys
from collections.abc import Sequence

import typer

from src.cli.complaint import Complaint
from src.cli.engines_here import with_engines
from src.cli.notarised import notarised
from src.events.checkpoint_notes import BadNoteError
from src.events.findings import Finding
from src.events.identifiers import Stream
from src.queries.stream_verification import StreamReport, verify_stream
from src.queries.verification import NoSuchCheckpointError, Report, verify
from src.settings import Settings


def verify_book(settings: Settings, after: int) -> int:
    """Go through the whole book, or what stands above a checkpoint; 1 unless it is whole."""
    with with_engines(settings) as addressed:
        report = asyncio.run(_book(addressed, after))
    _print(report.findings)
    if not report.is_complete:
        typer.echo("there is so much that the rest was not looked at")
    typer.echo(_verdict(report))
    return 0 if report.is_whole else 1


def verify_one(settings: Settings, name: str, after: int) -> int:
    """Prove one stream's events at once; 1 unless all of them are as they were signed."""
    if after:
        raise Complaint("--after and --stream do not go together.", exit_code=2)
    with with_engines(settings) as addressed:
        report = asyncio.run(_stream(addressed, name))
    if not report.events:
        raise Complaint(f"There is nothing in the stream {name}.")
    _print(report.findings)
    typer.echo(
        f"{_word(report.findings)}: {_count(report.events, 'event')} of {name}, "
        f"{report.signed:,} under a checkpoint"
    )
    return 1 if report.findings else 0


async def _book(settings: Settings, after: int) -> Report:
    async with notarised(settings) as audited:
        try:
            return await verify(audited, after=after, progress=_show)
        except NoSuchCheckpointError as error:
            raise Complaint(f"--after: {error}.") from error
        finally:
            _clear()


async def _stream(settings: Settings, name: str) -> StreamReport:
    async with notarised(settings) as audited:
        try:
            return await verify_stream(audited.db, audited.key, Stream(name), audited.book)
        except BadNoteError as error:
            raise Complaint(f"The newest checkpoint is not the notary's: {error}.") from error


def _print(findings: Sequence[Finding]) -> None:
    for each in findings:
        typer.echo(str(each))


def _verdict(report: Report) -> str:
    events = report.head - report.after
    above = max(report.head - max(report.signed, report.after), 0)
    counted = f"{_count(events, 'event')}, {_count(report.checkpoints, 'checkpoint')}"
    said = f"{_word(report.findings)}: {counted}, signed up to {report.signed:,}"
    return f"{said}; nobody vouches yet for the last {above:,}" if above else said


def _word(findings: Sequence[Finding]) -> str:
    return f"not whole, {_count(len(findings), 'finding')}" if findings else "whole"


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def _show(done: int, total: int) -> None:
    if sys.stderr.isatty():
        typer.echo(f"\r{done:,} of {total:,} events ", nl=False, err=True)


def _clear() -> None:
    if sys.stderr.isatty():
        typer.echo("\r\x1b[K", nl=False, err=True)

"""`khata audit verify`: every place where the book is not as it was written, one a line."""

import asyncio
import sys

import typer

from src.bootstrap.moments import monotonic
from src.cli.asked import Named, stream_of, stream_or_number
from src.cli.audit_words import Told, counted
from src.cli.complaint import Complaint
from src.cli.engines_here import with_engines
from src.cli.history import nothing
from src.cli.notarised import notarised
from src.events.checkpoint_notes import BadNoteError
from src.events.identifiers import Stream
from src.queries.replaying import ReplayReport, replay_streams
from src.queries.stream_range import only
from src.queries.stream_verification import StreamReport, verify_stream
from src.queries.verification import NoSuchCheckpointError, Report, verify
from src.settings import Settings

SIZES = (
    "GET /audit/checkpoints/latest shows the newest; every note in KHATA_HOME/checkpoints says its "
    "size in its second line."
)


def verify_book(settings: Settings, after: int, *, hashes_only: bool = False) -> int:
    """Go through the whole book, or through the hashes above a checkpoint; 1 unless it is whole."""
    with with_engines(settings) as addressed:
        report, replayed = asyncio.run(_book(addressed, after, hashes_only=hashes_only))
    told = Told(report.findings, replayed)
    told.places()
    if not (report.is_complete and (replayed is None or replayed.is_complete)):
        typer.echo("there is so much that the rest was not looked at")
    told.verdict(_signed(report))
    return 0 if report.is_whole and told.is_whole else 1


def verify_one(settings: Settings, name: str, after: int, *, hashes_only: bool = False) -> int:
    """Prove one stream's events at once, and replay them; 1 unless all is as it was signed."""
    if after:
        raise Complaint("--after and --stream do not go together.", exit_code=2)
    named = stream_or_number(name)
    with with_engines(settings) as addressed:
        stream, report, replayed = asyncio.run(_stream(addressed, named, hashes_only=hashes_only))
    if not report.events:
        raise nothing(stream, None)
    told = Told(report.findings, replayed)
    told.places()
    told.verdict(
        f"{counted(report.events, 'event')} of {stream}, {report.signed:,} under a checkpoint"
    )
    return 0 if told.is_whole else 1


async def _book(
    settings: Settings, after: int, *, hashes_only: bool
) -> tuple[Report, ReplayReport | None]:
    async with notarised(settings) as audited:
        try:
            report = await verify(audited, after=after, progress=_Pace("hashed"))
            if after or hashes_only:
                return report, None
            return report, await replay_streams(
                audited.db,
                audited.book,
                head=report.head,
                hashed=report.findings,
                progress=_Pace("replayed"),
            )
        except NoSuchCheckpointError as error:
            raise Complaint(f"--after: {error}. {SIZES}", exit_code=2) from error
        finally:
            _clear()


async def _stream(
    settings: Settings, named: Named, *, hashes_only: bool
) -> tuple[Stream, StreamReport, ReplayReport | None]:
    stream = await stream_of(settings, named)
    async with notarised(settings) as audited:
        try:
            report = await verify_stream(audited.db, audited.key, stream, audited.book)
        except BadNoteError as error:
            raise Complaint(f"The newest checkpoint is not the notary's: {error}.") from error
        if hashes_only:
            return stream, report, None
        return (
            stream,
            report,
            await replay_streams(
                audited.db, audited.book, within=only(stream), hashed=report.findings
            ),
        )


def _signed(report: Report) -> str:
    events = report.head - report.after
    above = max(report.head - max(report.signed, report.after), 0)
    gone = f"{counted(events, 'event')}, {counted(report.checkpoints, 'checkpoint')}"
    said = f"{gone}, signed up to {report.signed:,}"
    said = f"{said}; nobody vouches yet for the last {above:,}" if above else said
    return (
        f"{said}; only what stands after {report.after:,} was looked at" if report.after else said
    )


class _Pace:
    """How far it has come, and how fast; on a terminal only."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._began = monotonic()

    def __call__(self, done: int, total: int) -> None:
        if sys.stderr.isatty():
            rate = round(done / max(monotonic() - self._began, 1e-3))
            words = f"\r{done:,} of {total:,} events {self._what}, {rate:,}/s "
            typer.echo(words, nl=False, err=True)


def _clear() -> None:
    if sys.stderr.isatty():
        typer.echo("\r\x1b[K", nl=False, err=True)

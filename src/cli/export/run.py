"""`khata export`: a table or the book into one file, whole or not at all."""

import asyncio
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import IO

import typer
from msgspec import Struct

from src.bootstrap.moments import now
from src.bootstrap.parts import BOOK
from src.cli.complaint import Complaint
from src.cli.engines_here import with_engines
from src.cli.export.bounds import Asked, asked
from src.cli.export.choice import chosen, lines
from src.cli.export.place import (
    FOR_EVERYBODY,
    FOR_NOBODY_ELSE,
    PRINTED,
    beside,
    check_free,
    followed,
    printed,
    whole_files,
)
from src.cli.export.progress import Progress
from src.cli.export.sources import source_of_book, source_of_view
from src.cli.printing import at
from src.projections.published.catalogue import VERSION
from src.projections.published.view import View
from src.queries.export.disclosure import Disclosure
from src.queries.export.formats import DESCRIBES_ITSELF, Format
from src.queries.export.pouring import pour
from src.queries.export.schema_file import schema_file
from src.queries.export.source import Source
from src.settings import Settings
from src.telemetry import configure_logging, logger

MISUSED = 2
log = logger("export")


class Request(Struct, frozen=True, kw_only=True):
    """What somebody typed."""

    table: str | None
    form: str
    output: Path | None
    begin: str | None = None
    end: str | None = None
    overwrite: bool = False
    as_stored: bool = False
    with_personal_data: bool = False
    token_file: Path | None = None


class Checked(Struct, frozen=True, kw_only=True):
    """The same, as far as it can be judged without the database."""

    view: View | None
    """None is the book."""
    form: Format
    output: Path
    said: Asked
    overwrite: bool
    shown: Disclosure

    @property
    def files(self) -> list[Path]:
        """The file, and what stands beside it."""
        return [self.output, *([] if self.form in DESCRIBES_ITSELF else [beside(self.output)])]


def list_tables(table: str | None) -> None:
    """Say what can be exported; raises Complaint where one of it is named."""
    if table is not None:
        raise Complaint(
            f"--list says which tables there are and writes none: leave out {table}, or --list.",
            exit_code=MISUSED,
        )
    for line in lines():
        typer.echo(line)


def run_export(settings: Settings, request: Request) -> None:
    """Write the file, and say in a line what is in it."""
    checked = _checked(request, settings.time_zone)
    if checked.shown is Disclosure.PERSONAL:
        from src.cli.export.permission import (  # noqa: PLC0415 - a second of imports that few exports need
            allowed_person,
        )

        _note_who(allowed_person(settings, request.token_file), checked)
    with with_engines(settings) as addressed:
        asyncio.run(_export(addressed, checked))


def _checked(request: Request, zone: str) -> Checked:
    view, form = chosen(request.table), _form(request.form)
    if request.output is None:
        raise Complaint("Say where to: --output PATH.", exit_code=MISUSED)
    if request.output == PRINTED and form in DESCRIBES_ITSELF:
        raise Complaint("Parquet is no text to print: say --output PATH.", exit_code=MISUSED)
    checked = Checked(
        view=view,
        form=form,
        output=followed(request.output),
        said=asked(request.begin, request.end, zone),
        overwrite=request.overwrite,
        shown=_shown(request, view),
    )
    if checked.output != PRINTED:
        check_free(checked.files, overwrite=checked.overwrite)
    return checked


def _form(name: str) -> Format:
    try:
        return Format(name)
    except ValueError as error:
        raise Complaint(f"--format is {', '.join(Format)}.", exit_code=MISUSED) from error


def _shown(request: Request, view: View | None) -> Disclosure:
    if request.as_stored and request.with_personal_data:
        raise Complaint(
            "--as-stored and --with-personal-data do not go together.", exit_code=MISUSED
        )
    if view is not None and (request.as_stored or request.with_personal_data):
        raise Complaint(f"{view.name} holds no personal data; only events do.", exit_code=MISUSED)
    if request.token_file is not None and not request.with_personal_data:
        raise Complaint("--token-file goes with --with-personal-data.", exit_code=MISUSED)
    if request.as_stored:
        return Disclosure.AS_STORED
    return Disclosure.PERSONAL if request.with_personal_data else Disclosure.CAREFUL


def _note_who(person: str, checked: Checked) -> None:
    configure_logging()
    log.warning("personal data is exported", by=person, output=str(checked.output))


async def _export(settings: Settings, checked: Checked) -> None:
    is_printed = checked.output == PRINTED
    name = "events" if checked.view is None else checked.view.name
    progress = Progress(name, is_printed=is_printed)
    try:
        async with _source(settings, checked) as source:
            with _files(checked) as files:
                size, last = await _written(source, files, checked, progress)
    finally:
        progress.clear()
    progress.tell(int(last["rows"]), size, _standing(last))


@asynccontextmanager
async def _source(settings: Settings, checked: Checked) -> AsyncGenerator[Source]:
    async with AsyncExitStack() as closing:
        if checked.view is None:
            yield await source_of_book(settings, checked.said, checked.shown, closing)
        else:
            yield await source_of_view(settings, checked.view, checked.said, closing)


@contextmanager
def _files(checked: Checked) -> Generator[list[IO[bytes]]]:
    if checked.output == PRINTED:
        with printed() as file:
            yield [file]
        return
    mode = FOR_EVERYBODY if checked.shown is Disclosure.CAREFUL else FOR_NOBODY_ELSE
    try:
        with whole_files(checked.files, overwrite=checked.overwrite, mode=mode) as files:
            yield files
    except OSError as error:
        why = f"{checked.output} cannot be written: {error.strerror or error}"
        raise Complaint(f"{why}. Nothing is left of it.") from error


async def _written(
    source: Source, files: list[IO[bytes]], checked: Checked, progress: Progress
) -> tuple[int | None, Mapping[str, str]]:
    """Return how many bytes the rows are, and what is said of them."""
    file, *others = files
    last = await pour(source, file, checked.form, _about(source, checked), progress.show)
    for each in others:
        each.write(schema_file(source, last))
    return None if checked.output == PRINTED else file.tell(), last


def _about(source: Source, checked: Checked) -> dict[str, str]:
    return {
        "relation": source.name,
        "book": str(BOOK),
        "exported_at": at(now()),
        "khata_version": version("khata"),
        "schema_version": str(VERSION),
        "disclosure": checked.shown,
    }


def _standing(last: Mapping[str, str]) -> str:
    if "last_position" in last:
        return f"positions {last['first_position']} to {last['last_position']}"
    begun, ended = last.get("position_at_start"), last.get("position_at_end")
    if begun is None:
        return "of a view that has seen nothing yet"
    return f"true up to position {begun}" + ("" if begun == ended else f"; it went on to {ended}")

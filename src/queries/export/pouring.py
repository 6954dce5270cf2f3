"""From a source into a file: the next page is asked for while the last one is written."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import aclosing
from typing import IO, Any

from src.queries.export.arrow import batch_of, schema_of
from src.queries.export.formats import WRITERS, Format, Writer
from src.queries.export.source import Page, Source

Progress = Callable[[int, int | None], object]
"""Is told how many rows were read, and how many there will be, where that is known."""


async def pour(
    source: Source,
    file: IO[bytes],
    form: Format,
    about: Mapping[str, str],
    progress: Progress,
) -> dict[str, str]:
    """Write everything; return what is said of it, with the number of rows."""
    said = {**about, **_words(source.begun_at)}
    schema = schema_of(source, said)
    writer = WRITERS[form](file, schema)
    rows = await _write_pages(source, writer, schema, progress)
    last_words = {**_words(await source.ended_at()), "rows": str(rows)}
    await asyncio.to_thread(writer.close, last_words)
    return {**said, **last_words}


def _words(standing: Mapping[str, int | None]) -> dict[str, str]:
    return {name: str(value) for name, value in standing.items() if value is not None}


async def _write_pages(source: Source, writer: Writer, schema: Any, progress: Progress) -> int:  # noqa: ANN401 - Arrow has no types
    rows = 0
    writing: asyncio.Future[None] | None = None
    try:
        async with aclosing(source.pages()) as pages:
            async for page in pages:
                if writing is not None:
                    await writing
                writing = asyncio.ensure_future(asyncio.to_thread(_write, writer, schema, page))
                rows += page.rows
                progress(rows, source.rows_expected)
        if writing is not None:
            await writing
    finally:
        # A thread cannot be stopped; nobody closes a file below its hands.
        if writing is not None:
            await asyncio.wait([writing])
    return rows


def _write(writer: Writer, schema: Any, page: Page) -> None:  # noqa: ANN401 - as above
    writer.write(batch_of(schema, page))

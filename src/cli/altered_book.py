"""Whether a book may be built from: not where the notary met what it would not sign."""

import typer

from src.cli.complaint import Complaint
from src.events import notary_rows
from src.events.connection import connecting

_ADVICE = "build nothing from it until what khata audit verify says is understood"


async def refuse_what_was_altered(url: str, *, anyway: bool) -> None:
    """Complain about every book whose notary has stopped; only warn if it is wanted anyway."""
    for book, position in await _stopped(url):
        said = f"book {book} was altered at position {position:,}, where its notary stopped"
        if not anyway:
            raise Complaint(f"{said}: {_ADVICE}; --anyway builds all the same.")
        typer.echo(f"khata: {said}: {_ADVICE}; it is built from all the same.", err=True)


async def _stopped(url: str) -> list[tuple[int, int]]:
    """Return the books with the positions of what was not signed."""
    db = await connecting(url, "khata rebuild")()
    try:
        books = [row[0] for row in await db.fetch("select book from khata.books order by book")]
        found = [(book, (await notary_rows.health(db, book)).stopped_at) for book in books]
        return [(book, position) for book, position in found if position is not None]
    finally:
        await db.close()

"""`khata audit`: is the book as it was written, and what can be taken home as proof."""

import os
from pathlib import Path
from typing import Annotated

import typer

from src.cli.outcome import told
from src.cli.shop_place import settings_of_a_shop

audit = typer.Typer(help="Prove that nothing in the book was altered.", no_args_is_help=True)


@audit.command()
def verify(
    after: Annotated[
        int, typer.Option(min=0, help="Begin at the checkpoint over so many events.")
    ] = 0,
    stream: Annotated[
        str | None,
        typer.Option(help="Only this stream, an id's or an order number's, by one proof."),
    ] = None,
    hashes_only: Annotated[  # noqa: FBT002 - an option has a default
        bool, typer.Option("--hashes-only", help="Replay nothing; --after does not either.")
    ] = False,
) -> None:
    """Compare the book with what was signed, and replay it.

    Every stream is folded again and compared with its snapshot and its rows in
    the read models. The exit code is 0 only if all is whole.
    """
    from src.cli.audit_verify import verify_book, verify_one  # noqa: PLC0415 - it imports much

    told(
        lambda: (
            verify_book(settings_of_a_shop(os.environ), after, hashes_only=hashes_only)
            if stream is None
            else verify_one(settings_of_a_shop(os.environ), stream, after, hashes_only=hashes_only)
        )
    )


@audit.command()
def bundle(
    output: Annotated[Path, typer.Option(help="The file to write; it must not exist.")],
    order: Annotated[str | None, typer.Option(help="An order's id or number.")] = None,
    first: Annotated[int | None, typer.Option("--from", min=1, help="The first position.")] = None,
    last: Annotated[int | None, typer.Option("--to", min=1, help="The last position.")] = None,
) -> None:
    """Write events and their proof into one file.

    It is checked by verify_bundle.py, without Khata.
    """
    from src.cli.audit_bundle import Wanted, write_bundle  # noqa: PLC0415 - as above

    told(lambda: write_bundle(settings_of_a_shop(os.environ), Wanted(order, first, last), output))


@audit.command()
def proof(
    position: Annotated[int, typer.Argument(metavar="POSITION", min=1, help="Of the event.")],
    size: Annotated[int | None, typer.Option(min=1, help="Not the newest checkpoint.")] = None,
) -> None:
    """Prove that an event is under a checkpoint (RFC 9162)."""
    from src.cli.audit_proof import show_proof  # noqa: PLC0415 - as above

    told(lambda: show_proof(settings_of_a_shop(os.environ), position, size))


@audit.command()
def consistency(
    older: Annotated[
        int, typer.Argument(metavar="OLDER", min=1, help="The size of the older checkpoint.")
    ],
    newer: Annotated[
        int | None, typer.Argument(metavar="NEWER", min=1, help="Not the newest one.")
    ] = None,
) -> None:
    """Prove that one checkpoint extends another (RFC 9162)."""
    from src.cli.audit_proof import show_consistency  # noqa: PLC0415 - as above

    told(lambda: show_consistency(settings_of_a_shop(os.environ), older, newer))

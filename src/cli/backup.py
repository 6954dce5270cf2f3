"""`khata backup` and `khata restore`: their names and options."""

import os
from pathlib import Path
from typing import Annotated

import typer

from src.cli.outcome import read_settings, told
from src.cli.shop_place import settings_of_a_shop

backup = typer.Typer(
    help="Write book and keys into files, never side by side.", no_args_is_help=True
)
restore = typer.Typer(help="Bring book and keys back from files.", no_args_is_help=True)

Output = Annotated[
    Path, typer.Argument(metavar="FILE", help="The file to write; it must not exist.")
]
Archive = Annotated[Path, typer.Argument(metavar="FILE", help="What khata backup wrote.")]


@backup.command("book")
def back_up_book(file: Output) -> None:
    """Write the book, without any key."""
    from src.cli.backups import back_up_book as run  # noqa: PLC0415 - each imports what it needs

    told(lambda: run(settings_of_a_shop(os.environ), file.absolute()))


@backup.command("keys")
def back_up_keys(file: Output) -> None:
    """Write the wrapped keys.

    Keep the file for less long than an erasure may take.
    """
    from src.cli.backups import back_up_keys as run  # noqa: PLC0415 - as above

    told(lambda: run(settings_of_a_shop(os.environ), file.absolute()))


@restore.command("book")
def restore_book(file: Archive) -> None:
    """Restore the book into an empty database."""
    from src.cli.backups import restore_book as run  # noqa: PLC0415 - as above

    told(lambda: run(read_settings(), file.absolute()))


@restore.command("keys")
def restore_keys(file: Archive) -> None:
    """Restore keys beside a restored book.

    Whoever was erased stays erased.
    """
    from src.cli.backups import restore_keys as run  # noqa: PLC0415 - as above

    told(lambda: run(settings_of_a_shop(os.environ), file.absolute()))

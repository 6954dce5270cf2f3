"""`khata import`: what is brought in from files: names and options."""

from pathlib import Path
from typing import Annotated

import typer

from src.cli.outcome import read_settings, told
from src.cli.staff_options import Because, By

imports = typer.Typer(help="Bring things in from files.", no_args_is_help=True)


@imports.command()
def catalogue(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV with a header, or JSON Lines.")],
    by: By = None,
    reason: Because = None,
) -> None:
    """List products and their opening stock.

    Columns or fields: sku, name, price in minor units (149900 is 1,499.00), and
    perhaps currency (INR), weight_grams (0), opening_stock (0, counted in once).
    """
    from src.cli.catalogue_import import import_catalogue  # noqa: PLC0415 - heavy, and the help does without it

    told(lambda: import_catalogue(read_settings(), file, by, reason))

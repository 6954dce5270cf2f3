"""The options by which whoever works at the command line says who they are, and why."""

from typing import Annotated

import typer

By = Annotated[str | None, typer.Option(help="Who does this, as the book will name them.")]
Because = Annotated[str | None, typer.Option("--reason", help="Why; it names no person.")]

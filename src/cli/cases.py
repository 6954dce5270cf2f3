"""`khata cases`: what waits for a person, and how it is settled: names and options."""

import os
from typing import Annotated

import typer

from src.cli.outcome import told
from src.cli.shop_place import settings_of_a_shop
from src.cli.staff_options import By

cases = typer.Typer(help="Show what waits for a person, and settle it.")


@cases.callback(invoke_without_command=True)
def khata_cases(
    context: typer.Context,
    every: Annotated[bool, typer.Option("--all", help="Those that are settled, too.")] = False,  # noqa: FBT002 - an option
) -> None:
    """Show what waits for a person, the oldest last, and for how long already."""
    from src.cli.case_list import show_cases  # noqa: PLC0415 - each imports what it needs

    if context.invoked_subcommand is None:
        told(lambda: show_cases(settings_of_a_shop(os.environ), every=every))


@cases.command()
def resolve(
    case_id: Annotated[str, typer.Argument(metavar="ID", help="As khata cases shows it.")],
    note: Annotated[str, typer.Option(help="How it was settled; it names no person.")],
    refund: Annotated[bool, typer.Option("--refund", help="Give its money back.")] = False,  # noqa: FBT002 - an option
    by: By = None,
) -> None:
    """Close a case, and give its money back if you say so.

    The note stays in the book for ever. With --refund as much goes back as is still
    here; a running shop asks Razorpay for it in a moment.
    """
    from src.cli.case_settling import settle_case  # noqa: PLC0415 - as above

    told(lambda: settle_case(settings_of_a_shop(os.environ), case_id, note, by, refund=refund))

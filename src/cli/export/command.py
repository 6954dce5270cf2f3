"""`khata export` on the command line: its options, and nothing that takes long to load."""

import os
import signal
from pathlib import Path
from typing import Annotated

import typer

from src.cli.outcome import told
from src.cli.shop_place import settings_of_a_shop

Table = Annotated[
    str | None, typer.Argument(metavar="TABLE", help="A view of the schema read, or events.")
]
Form = Annotated[str, typer.Option("--format", help="parquet, csv or jsonl.")]
Output = Annotated[Path | None, typer.Option(help="The file; - prints csv and jsonl.")]
Begin = Annotated[
    str | None, typer.Option("--from", help="A position, a time, or a day of the shop.")
]
End = Annotated[str | None, typer.Option("--to", help="The last one, likewise.")]
Listing = Annotated[bool, typer.Option("--list", help="Say which tables there are.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace the file.")]
AsStored = Annotated[
    bool, typer.Option("--as-stored", help="Events to the byte, with what is sealed.")
]
WithPersonalData = Annotated[
    bool, typer.Option("--with-personal-data", help="Events with what was sealed, opened.")
]
TokenFile = Annotated[
    Path | None, typer.Option(help="Who may see personal data: a token, or - for the input.")
]


def export(  # noqa: PLR0913, PLR0917 - one for each option
    table: Table = None,
    form: Form = "parquet",
    output: Output = None,
    begin: Begin = None,
    end: End = None,
    listing: Listing = False,  # noqa: FBT002 - an option
    overwrite: Overwrite = False,  # noqa: FBT002 - an option
    as_stored: AsStored = False,  # noqa: FBT002 - an option
    with_personal_data: WithPersonalData = False,  # noqa: FBT002 - an option
    token_file: TokenFile = None,
) -> None:
    """Write a table or the book into a file.

    Parquet, CSV or JSON lines. The file is there when it is whole, and not before.
    Nothing in it names a person, unless an administrator or an auditor asks for
    that with their token.
    """
    from src.cli.export.run import Request, list_tables, run_export  # noqa: PLC0415 - it imports much

    request = Request(
        table=table,
        form=form,
        output=output,
        begin=begin,
        end=end,
        overwrite=overwrite,
        as_stored=as_stored,
        with_personal_data=with_personal_data,
        token_file=token_file,
    )
    _end_as_with_ctrl_c()
    if listing:
        told(lambda: list_tables(table))
    else:
        told(lambda: run_export(settings_of_a_shop(os.environ), request))


def _end_as_with_ctrl_c() -> None:
    """Let whoever stops us politely leave no half of a file; `nohup` stays what it is."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, lambda _number, _frame: signal.raise_signal(signal.SIGINT))

"""The command `khata`: every command and its options."""

import os
from typing import Annotated

import typer

from src.cli.audit import audit
from src.cli.backup import backup, restore
from src.cli.cases import cases
from src.cli.export.command import export
from src.cli.imports import imports
from src.cli.keys import keys
from src.cli.outcome import INTERRUPTED, environment, read_settings, told
from src.cli.sample_history.command import sample
from src.cli.shop_place import settings_of_a_shop, settings_of_a_signer
from src.cli.staff_options import Because, By

app = typer.Typer(
    name="khata",
    help="Keeps a shop's book: from cart to paid order, through Razorpay.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(imports, name="import")
app.add_typer(audit, name="audit")
app.add_typer(keys, name="keys")
app.add_typer(backup, name="backup")
app.add_typer(cases, name="cases")
app.add_typer(restore, name="restore")
app.command()(sample)
app.command()(export)

Fd = Annotated[int, typer.Option(hidden=True)]
"""A listening socket that `khata up` opened."""
Lifeline = Annotated[bool, typer.Option("--lifeline", hidden=True)]
"""Whether another `khata` started us: standard input brings the order, and its end is ours."""
Sample = Annotated[bool, typer.Option("--sample", hidden=True)]
"""Whether an empty book gets the sample shop."""
BelowJust = Annotated[bool, typer.Option("--below-just", hidden=True)]
"""Whether `just` started us: it would call a 0 after Ctrl-C an error, and this code it does not."""
NO_FD = -1


def _say_version(wanted: bool) -> None:  # noqa: FBT001 - typer calls it by position
    if wanted:
        from importlib.metadata import version  # noqa: PLC0415 - nobody else asks

        typer.echo(version("khata"))
        raise typer.Exit


Version = Annotated[
    bool,
    typer.Option("--version", callback=_say_version, is_eager=True, help="Say which this is."),
]


@app.callback()
def khata(
    _version: Version = False,  # noqa: FBT002 - an option of the command line has a default
) -> None:
    """Keep a shop's book: from cart to paid order, through Razorpay."""


@app.command()
def up(
    lifeline: Lifeline = False,  # noqa: FBT002 - an option
    below_just: BelowJust = False,  # noqa: FBT002 - an option
) -> None:
    """Run the whole shop here until Ctrl-C.

    That is PostgreSQL, Valkey, the sandbox that plays Razorpay, API and worker.
    """
    from src.cli.up import up as run  # noqa: PLC0415 - each command imports what it alone needs

    stopped = INTERRUPTED if below_just else 0
    told(lambda: run(environment(lifeline=lifeline)) or stopped)


@app.command()
def demo() -> None:
    """Buy in a throw-away shop, and check what Khata promises."""
    from src.cli.demo.run import demo as run  # noqa: PLC0415 - as above

    told(lambda: run(os.environ))


@app.command()
def conformance(
    only: Annotated[str | None, typer.Option(help="Like 'refund-*': only these ids.")] = None,
    listing: Annotated[bool, typer.Option("--list", help="Name them, run none.")] = False,  # noqa: FBT002 - an option
    json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,  # noqa: FBT002 - an option
) -> None:
    """Suffer what Razorpay can do, and say what held.

    In throw-away shops of its own, for about two minutes. Ends with 0 only if every
    scenario held.
    """
    from src.cli.conformance.run import Request, run_conformance  # noqa: PLC0415 - as above

    told(lambda: run_conformance(os.environ, Request(only=only, listing=listing, as_json=json)))


@app.command()
def serve(fd: Fd = NO_FD, lifeline: Lifeline = False) -> None:  # noqa: FBT002 - an option
    """Run one API process."""
    from src.cli.parts import serve as run  # noqa: PLC0415 - as above

    told(lambda: run(lambda: read_settings(lifeline=lifeline), fd))


@app.command()
def worker(lifeline: Lifeline = False, sample: Sample = False) -> None:  # noqa: FBT002 - both are options
    """Run one worker: read models, deadlines, unfinished webhooks."""
    from src.cli.parts import worker as run  # noqa: PLC0415 - as above

    told(lambda: run(lambda: read_settings(lifeline=lifeline), with_sample=sample))


@app.command()
def sandbox(fd: Fd = NO_FD, lifeline: Lifeline = False) -> None:  # noqa: FBT002 - an option
    """Run the sandbox that plays Razorpay."""
    from src.cli.parts import sandbox as run  # noqa: PLC0415 - as above

    told(lambda: run(lambda: read_settings(lifeline=lifeline), fd))


@app.command(hidden=True)
def prepare(lifeline: Lifeline = False) -> None:  # noqa: FBT002 - an option
    """Migrate, unless that was done."""
    from src.cli.preparing import prepare as run  # noqa: PLC0415 - as above

    told(lambda: run(lambda: read_settings(lifeline=lifeline)))


@app.command()
def migrate() -> None:
    """Bring the database to this version; twice is harmless."""
    from src.cli.parts import migrate as run  # noqa: PLC0415 - as above

    told(lambda: run(read_settings()))


@app.command()
def token(
    role: Annotated[str, typer.Option(help="customer, operator, analyst, auditor or admin")],
    subject: Annotated[str | None, typer.Option(help="Who it is for.")] = None,
    hours: Annotated[int, typer.Option(help="How long it is good for, up to a week.")] = 12,
) -> None:
    """Print a token signed with this shop's key.

    It prints nothing else, so that it can stand in $(…). Staff have no passwords:
    whoever may run this beside the keys is the first administrator, and gives the
    others their tokens, each with a --subject of their own.
    """
    from src.cli.token_for import print_token  # noqa: PLC0415 - as above

    told(lambda: print_token(settings_of_a_signer(os.environ), role, subject, hours))


@app.command()
def history(
    stream: Annotated[
        str,
        typer.Argument(
            metavar="STREAM",
            help="For example stock-CHAI-250, an id (ord_…, cs_…, pay_…), an order's number.",
        ),
    ],
    as_of: Annotated[str | None, typer.Option(help="A position, or a time like …Z.")] = None,
    state: Annotated[bool, typer.Option("--state", help="What the facts add up to.")] = False,  # noqa: FBT002 - an option
    why: Annotated[bool, typer.Option("--why", help="What led to each fact.")] = False,  # noqa: FBT002 - an option
    json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,  # noqa: FBT002 - an option
) -> None:
    """Show every fact of one stream, oldest first.

    With --why each fact is told with who wanted it in which request, and with the exact
    webhooks that brought it. An order of ours (ord_…, or its number) is then told as a
    whole, from the first item in the cart on; what Razorpay calls order_… or pay_… is
    still that payment's part of it.
    """
    from src.cli.history import telling  # noqa: PLC0415 - as above

    told(
        lambda: telling(state=state, why=why)(
            settings_of_a_shop(os.environ), stream, as_of, as_json=json
        )
    )


@app.command()
def replay(
    begin: Annotated[str | None, typer.Option("--from", help="A position, or a time.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="The last one, likewise.")] = None,
    types: Annotated[
        list[str] | None, typer.Option("--type", help="Only facts of this name; may be repeated.")
    ] = None,
    stream: Annotated[str | None, typer.Option(help="Only facts of this stream.")] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,  # noqa: FBT002 - an option
) -> None:
    """Show the facts of the whole book in their order."""
    from src.cli.replay import Request, show_replay  # noqa: PLC0415 - as above

    request = Request(begin=begin, end=end, types=types or (), stream=stream, as_json=json)
    told(lambda: show_replay(settings_of_a_shop(os.environ), request))


@app.command()
def erase(
    email: Annotated[
        str,
        typer.Argument(metavar="EMAIL", help="The address, or - to read it from the input."),
    ],
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing.")] = False,  # noqa: FBT002 - an option
    by: By = None,
    reason: Because = None,
) -> None:
    """Erase everybody who gave an e-mail address.

    For whoever has shown that the address is theirs: the account, all guests, and
    what Razorpay told of them. Orders stay, without the person.
    """
    from src.cli.erase import erase_mailbox  # noqa: PLC0415 - as above

    told(lambda: erase_mailbox(settings_of_a_shop(os.environ), email, by, reason, is_sure=yes))


@app.command()
def rebuild(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME", help="For example orders; all without a name."),
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Compare, and change nothing.")] = False,  # noqa: FBT002 - an option
    back: Annotated[bool, typer.Option("--back", help="Let the one that is kept serve.")] = False,  # noqa: FBT002 - an option
    status: Annotated[bool, typer.Option("--status", help="Say where each stands.")] = False,  # noqa: FBT002 - an option
    anyway: Annotated[  # noqa: FBT002 - an option
        bool, typer.Option("--anyway", help="Build from a book that was altered.")
    ] = False,
) -> None:
    """Build read models anew, beside those that serve.

    Each is built from the book, compared with what served, swapped in, and the old
    one kept.
    """
    from src.cli.rebuild import run_rebuild  # noqa: PLC0415 - as above

    told(
        lambda: run_rebuild(
            settings_of_a_shop(os.environ),
            names or [],
            check=check,
            back=back,
            status=status,
            anyway=anyway,
        )
    )


@app.command()
def reconcile(
    day: Annotated[str | None, typer.Option(help="Like 2026-08-28; yesterday without it.")] = None,
    zone: Annotated[str, typer.Option(help="Whose day, like Asia/Kolkata.")] = "UTC",
    mend: Annotated[bool, typer.Option("--mend", help="Take in what Razorpay says.")] = False,  # noqa: FBT002 - an option
    json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,  # noqa: FBT002 - an option
) -> None:
    """Compare a day of money at Razorpay with the book.

    Each payment and refund that differs is named, money that is not this shop's is
    told apart. Ends with 0 when both sides are equal, with 1 when something differs.
    """
    from src.cli.reconcile_day import Request, reconcile_day  # noqa: PLC0415 - as above

    request = Request(day=day, zone=zone, as_json=json, mending=mend)
    told(lambda: reconcile_day(settings_of_a_shop(os.environ), request))


@app.command()
def doctor() -> None:
    """Check settings and connections, and say what to mend."""
    from src.cli.doctor import examine  # noqa: PLC0415 - as above

    told(lambda: examine(os.environ))


def run() -> None:
    """Run the command that the arguments name."""
    from src.cli.simulate import simulate  # noqa: PLC0415 - it imports nothing heavy, but needs `app` whole

    app.add_typer(simulate, name="simulate")
    app()

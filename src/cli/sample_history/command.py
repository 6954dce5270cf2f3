"""`khata sample`: fill an empty book with a believable past."""

from typing import Annotated

import typer

from src.cli.complaint import Complaint
from src.cli.outcome import INTERRUPTED, read_settings, told

ORDERS_DEFAULT, DAYS_DEFAULT, SEED_DEFAULT = 2_000, 90, 1


def sample(
    orders: Annotated[int, typer.Option(help="About how many.")] = ORDERS_DEFAULT,
    days: Annotated[int, typer.Option(help="Over how many days.")] = DAYS_DEFAULT,
    seed: Annotated[int, typer.Option(help="The same seed makes the same past.")] = SEED_DEFAULT,
    until: Annotated[
        str | None, typer.Option(help="Its end, like 2026-11-23T00:00:00Z; this hour without it.")
    ] = None,
) -> None:
    """Fill an empty book with a believable past.

    Carts, payments, failures, late money, refunds, parcels, disputes and stock, by
    simulated customers with invented names, and Razorpay played in this process. For
    trying out reports and the console: never in a book that is to be a shop's own.
    """
    told(lambda: _run(orders, days, seed, until))


def _run(orders: int, days: int, seed: int, until: str | None) -> int:
    import uvloop  # noqa: PLC0415 - each command imports what it alone needs

    from src.bootstrap.moments import now  # noqa: PLC0415 - as above
    from src.cli.engines_here import with_engines  # noqa: PLC0415 - as above
    from src.cli.sample_history.report import lines_of  # noqa: PLC0415 - as above
    from src.cli.sample_history.request import checked  # noqa: PLC0415 - as above
    from src.cli.sample_history.run import make  # noqa: PLC0415 - as above

    request = checked(orders, days, seed, until, now())
    given = read_settings()
    if given.razorpay.is_live:
        raise Complaint("khata sample makes payments up: it needs a test key, and this one is live")
    with with_engines(given) as settings:
        made = uvloop.run(make(settings, request, lambda line: typer.echo(line, err=True)))
    for line in lines_of(made):
        typer.echo(line)
    return INTERRUPTED if made.stopped else 0

"""`khata erase`: everybody who gave an e-mail address, for whoever showed that it is theirs."""

import asyncio
import re
import sys

import typer

from src.bootstrap import new_id, open_parts
from src.bootstrap.erasing import Found, erase_everybody_of, finish_erasures, look_for
from src.cli.by_whom import operator
from src.cli.complaint import Complaint
from src.cli.engines_here import with_engines
from src.events.envelope import Cause
from src.http.fields import EMAIL_PATTERN
from src.settings import Settings

FROM_INPUT = "-"
"""In place of the address, so that neither the shell's history nor a process list holds it."""
NAME = "khata-erase"
"""In the book, of whoever does not say who they are."""


def erase_mailbox(
    settings: Settings,
    email: str,
    by: str | None = None,
    reason: str | None = None,
    *,
    is_sure: bool,
) -> None:
    """Say in numbers what there is, ask, and erase it."""
    if not is_sure and (email == FROM_INPUT or not sys.stdin.isatty()):
        raise Complaint("Nobody can be asked here; say --yes to erase.", exit_code=2)
    address = sys.stdin.readline().strip() if email == FROM_INPUT else email
    if not re.search(EMAIL_PATTERN, address):
        raise Complaint("This is no e-mail address: one is like asha@example.com.", exit_code=2)
    actor = operator(NAME, by, reason)
    with with_engines(settings) as addressed:
        found = asyncio.run(_look(addressed, address))
        typer.echo(_numbers(found))
        if not is_sure and not typer.confirm("Erase all of it? It cannot be undone."):
            raise Complaint("Nothing was erased.")
        asyncio.run(_erase(addressed, address, actor))
    typer.echo("erased: the orders stay in the book, without the person")


async def _look(settings: Settings, email: str) -> Found:
    parts = await open_parts(settings)
    try:
        await parts.runner.catch_up()
        found = await look_for(parts, parts.people.mailbox(email))
        if not (found.has_account or found.guests):
            # An erasure that was killed has its facts; its keys may still be there.
            await finish_erasures(parts)
    finally:
        await parts.close()
    if not (found.has_account or found.guests):
        raise Complaint("Nobody here gave this address, or all who did are erased.")
    return found


async def _erase(settings: Settings, email: str, actor: str) -> None:
    parts = await open_parts(settings)
    try:
        await erase_everybody_of(parts, _cause(actor), parts.people.mailbox(email))
        # The worker does the same; there may be none.
        await parts.runner.catch_up()
        await finish_erasures(parts)
    finally:
        await parts.close()


def _cause(actor: str) -> Cause:
    command = new_id()
    return Cause(command_id=command, correlation_id=command, actor=actor)


def _numbers(found: Found) -> str:
    said = (
        (int(found.has_account), "account"),
        (found.guests, "guest"),
        (found.orders, "order"),
        (found.open_checkouts, "open checkout"),
        (found.deliveries, "stored message"),
    )
    return ", ".join(f"{number} {what}{'' if number == 1 else 's'}" for number, what in said)

"""`khata token`: a token of this installation, for people and scripts."""

from datetime import timedelta

import typer

from src.bootstrap.api import tokens_of
from src.cli.complaint import Complaint
from src.http.tokens import CUSTOMER, ROLES, SUBJECT_LENGTH_MAX
from src.settings import Settings

HOURS = 12
"""A working day; the API's own tokens live for minutes, but they can be refreshed."""
HOURS_MAX = 7 * 24
"""What was printed can only be taken back by taking its signing key away."""
SUBJECT_LENGTHS = range(1, SUBJECT_LENGTH_MAX + 1)


def print_token(settings: Settings, role: str, subject: str | None, hours: int = HOURS) -> None:
    """Print only the token, so that it can stand in $(…)."""
    if not 1 <= hours <= HOURS_MAX:
        raise Complaint(f"--hours must be from 1 to {HOURS_MAX}.", exit_code=2)
    if role not in ROLES:
        raise Complaint(f"--role must be one of {', '.join(sorted(ROLES))}.", exit_code=2)
    if role == CUSTOMER and subject is None:
        raise Complaint("--role customer needs --subject with the customer's id.", exit_code=2)
    if subject is not None and not (subject.isprintable() and len(subject) in SUBJECT_LENGTHS):
        wanted = f"--subject must be 1 to {SUBJECT_LENGTH_MAX} printable characters."
        raise Complaint(wanted, exit_code=2)
    said = tokens_of(settings).sign([role], subject or f"khata-{role}", timedelta(hours=hours))
    typer.echo(said)

"""Who works at the command line, and why, as the book will name them."""

import re

from src.cli.complaint import Complaint
from src.events.actors import staff_actor
from src.http.fields import NAME_LENGTH_MAX, PRINTABLE_PATTERN, REASON_LENGTH_MAX
from src.http.tokens import OPERATOR


def operator(usual: str, by: str | None, reason: str | None = None) -> str:
    """Return the actor for the book; without a name it is that of the command."""
    _check("--by", by, NAME_LENGTH_MAX)
    _check("--reason", reason, REASON_LENGTH_MAX)
    return staff_actor(OPERATOR, by or usual, reason)


def _check(option: str, text: str | None, length_max: int) -> None:
    """Hold it to the same limits as over HTTP; raises Complaint."""
    if text is None:
        return
    if not 1 <= len(text) <= length_max or not re.search(PRINTABLE_PATTERN, text):
        raise Complaint(f"{option} takes one line of 1 to {length_max} characters.", exit_code=2)

"""Who may have the personal data of the book in a file: an administrator or an auditor, by name."""

import sys
from pathlib import Path

from src.bootstrap.api import tokens_of
from src.cli.complaint import Complaint
from src.http.refusals import BadToken
from src.http.tokens import ADMIN, AUDITOR, TOKEN_LENGTH_MAX
from src.settings import Settings

FROM_INPUT = Path("-")
ALLOWED = frozenset({ADMIN, AUDITOR})
HOW = "khata token --role auditor --subject NAME makes one"
MISUSED = 2


def allowed_person(settings: Settings, token_file: Path | None) -> str:
    """Return who asks, by a token that this shop signed; raises Complaint."""
    if token_file is None:
        wanted = f"--with-personal-data needs --token-file with a token of staff; {HOW}."
        raise Complaint(wanted, exit_code=MISUSED)
    if not settings.signing_keys_dir.is_dir():
        raise Complaint(f"No token was ever signed here: {settings.signing_keys_dir} is not there.")
    try:
        claims = tokens_of(settings).verify(_token(token_file))
    except BadToken as bad:
        raise Complaint(f"The token is not valid here, or not any more; {HOW}.") from bad
    if not ALLOWED.intersection(claims.roles):
        raise Complaint("Personal data is for administrators and auditors; the token is neither's.")
    return f"{'+'.join(sorted(ALLOWED.intersection(claims.roles)))}:{claims.sub}"


def _token(path: Path) -> str:
    try:
        if path == FROM_INPUT:
            return sys.stdin.readline(TOKEN_LENGTH_MAX + 1).strip()
        with path.open(encoding="ascii") as file:
            return file.read(TOKEN_LENGTH_MAX + 1).strip()
    except (OSError, UnicodeDecodeError) as error:
        # Not the path: it may be the token itself, and this line may go into a log.
        unread = "--token-file names no file that can be read as a token; - is the input."
        raise Complaint(unread, exit_code=MISUSED) from error

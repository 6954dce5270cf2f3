"""How a command begins and ends: its settings, and an exit code or one line that says why."""

import os
import traceback
from collections.abc import Callable, Mapping

import typer

from src.cli.complaint import AlreadySaidError, Complaint
from src.cli.unanswered import unanswered
from src.settings import Settings, SettingsError

INTERRUPTED = 130
MISUSED = 2


def told(run: Callable[[], int | None]) -> None:
    """Run a command; an error is one line that says what to do, and an exit code."""
    try:
        code = run() or 0
    except KeyboardInterrupt:
        code = INTERRUPTED
    except AlreadySaidError as said:
        code = said.exit_code
    except Exception as error:  # noqa: BLE001 - the last place; a person reads it
        code = _say(error)
    raise typer.Exit(code)


def _say(error: Exception) -> int:
    if os.environ.get("KHATA_DEBUG") == "1":
        traceback.print_exception(error)
    for line in _words(error).splitlines():
        typer.echo(f"khata: {line}", err=True)
    if isinstance(error, SettingsError) or _is_about_the_key(error):
        return MISUSED
    return error.exit_code if isinstance(error, Complaint) else 1


def _words(error: Exception) -> str:
    if isinstance(error, PermissionError) and error.filename is not None:
        whose = "run khata as the user whose shop it is"
        return f"{error.filename} is closed to this user ({error.strerror}): {whose}."
    if _is_about_the_database(error):
        return unanswered(error, os.environ)
    known = isinstance(error, Complaint | SettingsError)
    named = "" if known or type(error).__doc__ else f"{type(error).__name__}: "
    return f"{named}{str(error) or type(error).__name__}"


def _is_about_the_database(error: Exception) -> bool:
    from src.events.ports import DatabaseUnavailableError  # noqa: PLC0415 - only a failure asks

    return isinstance(error, DatabaseUnavailableError)


def _is_about_the_key(error: Exception) -> bool:
    from src.events.master_key import (  # noqa: PLC0415 - ciphers that only a failure asks for
        UnusableMasterKeyError,
    )

    return isinstance(error, UnusableMasterKeyError)


def read_settings(*, lifeline: bool = False) -> Settings:
    """Read every variable; raises SettingsError."""
    return Settings.from_environ(environment(lifeline=lifeline))


def environment(*, lifeline: bool = False) -> Mapping[str, str]:
    """Return the environment, with what the starting `khata` adds to it."""
    if not lifeline:
        return os.environ
    from src.cli.lifeline import hear_order  # noqa: PLC0415 - only what we started hears one

    return {**os.environ, **hear_order()}

"""Standard output, for commands that print much: in large pieces, and until nobody reads it."""

import os
import sys
from datetime import UTC, datetime

from src.cli.complaint import AlreadySaidError


class ReaderGoneError(AlreadySaidError):
    """Whoever reads what we print has seen enough, as `head` does after ten lines."""

    def __init__(self) -> None:
        super().__init__(0)


def at(time: datetime) -> str:
    """Write a time to the microsecond, as `--as-of`, `--from` and `--to` take it."""
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"


def put(text: str) -> None:
    """Print this; raises ReaderGoneError when nobody reads any more."""
    try:
        sys.stdout.write(text)
    except BrokenPipeError as gone:
        raise reader_gone() from gone


def put_line(text: str) -> None:
    """Print this and end the line; raises ReaderGoneError."""
    put(f"{text}\n")


def put_all() -> None:
    """Hand over what was printed and still waits here; raises ReaderGoneError."""
    try:
        sys.stdout.flush()
    except BrokenPipeError as gone:
        raise reader_gone() from gone


def reader_gone() -> ReaderGoneError:
    """Return what to raise after a write that nobody reads."""
    # The interpreter flushes once more when it ends, and would complain aloud.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
    return ReaderGoneError()

"""What a person sees while a file is written, and the line that remains."""

import sys

import typer

from src.bootstrap.moments import monotonic

SHOWN_EVERY_SECONDS = 0.1
SECONDS_MIN = 1e-3


class Progress:
    """How far it is, and how fast it goes."""

    def __init__(self, name: str, *, is_printed: bool) -> None:
        self._name = name
        self._began = self._shown = monotonic()
        self._is_printed = is_printed
        # On one screen with the rows it would only be in their way.
        self._is_shown = sys.stderr.isatty() and not (is_printed and sys.stdout.isatty())

    def show(self, rows: int, expected: int | None) -> None:
        """Show it on a terminal, now and then."""
        now = monotonic()
        if self._is_shown and now - self._shown >= SHOWN_EVERY_SECONDS:
            self._shown = now
            of = "" if expected is None else f" of {expected:,}"
            line = f"\r{self._name}: {rows:,}{of} rows, {self._rate(rows):,} a second "
            typer.echo(line, nl=False, err=True)

    def clear(self) -> None:
        """Take away what was shown."""
        if self._is_shown:
            typer.echo("\r\x1b[K", nl=False, err=True)

    def tell(self, rows: int, size: int | None, standing: str) -> None:
        """Say what was written; beside rows on standard output, it goes elsewhere."""
        self.clear()
        seconds = monotonic() - self._began
        counted = "1 row" if rows == 1 else f"{rows:,} rows"
        written = "" if size is None else f", {size:,} bytes"
        typer.echo(
            f"{self._name}: {counted}{written} in {seconds:.1f} s"
            f" ({self._rate(rows):,} a second), {standing}",
            err=self._is_printed,
        )

    def _rate(self, rows: int) -> int:
        return round(rows / max(monotonic() - self._began, SECONDS_MIN))

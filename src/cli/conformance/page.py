"""The table on a screen: coloured in a terminal, plain lines when piped."""

from collections.abc import Iterator, Mapping, Sequence

from rich.console import Console
from rich.text import Text

from src.cli.conformance.finding import Verdict
from src.cli.conformance.row import Group, Row

HELD, BROKEN, UNKNOWN = "held", "BROKEN", ""
ID_WIDTH = 36
MARK_WIDTH = 8
STYLES = {HELD: "green", BROKEN: "bold red"}
MARGIN = " " * (MARK_WIDTH + 2)

Line = tuple[tuple[str, str], ...]
"""Pieces of text, and their style."""


def table(groups: Sequence[Group], verdicts: Mapping[str, Verdict]) -> Iterator[Line]:
    """Yield the lines of the table; without verdicts it is the list of all scenarios."""
    for group in groups:
        yield ()
        yield ((group.title, "bold"),)
        for row in group.rows:
            yield from _row(row, verdicts.get(row.id))


def plain(line: Line) -> str:
    """Return a line without its colours."""
    return "".join(text for text, _ in line).rstrip()


def show(console: Console, line: Line) -> None:
    text = Text.assemble(*line)
    text.rstrip()
    console.print(text, soft_wrap=True)


def mark_of(verdict: Verdict | None) -> str:
    """Return the one word for how a scenario went."""
    if verdict is None:
        return UNKNOWN
    return HELD if verdict.held else BROKEN


def _row(row: Row, verdict: Verdict | None) -> Iterator[Line]:
    mark = mark_of(verdict)
    yield (
        (f"  {mark:<{MARK_WIDTH}}", STYLES.get(mark, "")),
        (f"{row.id:<{ID_WIDTH}}", "cyan"),
        (f" {row.title}", ""),
    )
    yield ((f"{MARGIN}{row.done}", "dim"), (f" [{row.source}]", "dim"))
    if verdict is None or verdict.held:
        return
    for check in verdict.checks:
        if not check.held:
            words = f"{check.statement}: expected {check.expected}, found {check.found}"
            yield ((f"{MARGIN}{words}", "red"),)
    if verdict.stopped:
        yield ((f"{MARGIN}it could not go on: {verdict.stopped}", "red"),)
    if not (verdict.checks or verdict.stopped):
        yield ((f"{MARGIN}nothing was looked at", "red"),)

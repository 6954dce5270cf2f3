"""What an audit says: the places first, then what follows for whom, and one last line of counts."""

from collections.abc import Sequence

import typer

from src.events.findings import Finding, Kind
from src.queries.consequences import together
from src.queries.replaying import ReplayReport

SNAPSHOTS_CAN_GO = (
    "snapshots are of no worth but speed: delete those rows of models.snapshots, and start"
    " the processes again"
)
BUILD_NOTHING = "build no read model from this book before you know what happened to it"


class Told:
    """Both halves of an audit, told together."""

    def __init__(self, hashed: Sequence[Finding], replayed: ReplayReport | None) -> None:
        self._findings = list(hashed)
        self._replayed = replayed
        if replayed is not None and replayed.findings:
            self._findings = together(hashed, replayed.findings)

    @property
    def is_whole(self) -> bool:
        """Whether there is nothing to say of any place."""
        return not self._findings and (self._replayed is None or self._replayed.is_whole)

    def places(self) -> None:
        """Say what is wrong, one a line, and after that what could not be judged."""
        for finding in self._findings:
            typer.echo(str(finding))
        if any(each.kind is Kind.SNAPSHOT for each in self._findings):
            typer.echo(SNAPSHOTS_CAN_GO)
        if self._replayed is not None:
            self._rows(self._replayed)

    def verdict(self, signed: str) -> None:
        """Say in one line what was gone through."""
        said = f"{self._word()}: {signed}"
        typer.echo(said if self._replayed is None else f"{said}; {_compared(self._replayed)}")

    def _rows(self, replayed: ReplayReport) -> None:
        for each in replayed.differences:
            # A book that was altered is no pattern for anything.
            typer.echo(f"{each}: {each.remedy}" if self._is_book_whole() else str(each))
        if replayed.differences and not self._is_book_whole():
            typer.echo(BUILD_NOTHING)
        for note in replayed.notes:
            typer.echo(note)

    def _is_book_whole(self) -> bool:
        return all(each.kind is Kind.SNAPSHOT for each in self._findings)

    def _word(self) -> str:
        if not self._is_book_whole():
            return f"not whole, {counted(len(self._findings), 'finding')}"
        beside = len(self._findings) + len(self._replayed.differences if self._replayed else ())
        if beside:
            return f"the book is whole, but not what is kept of it, {counted(beside, 'finding')}"
        return "whole"


def _compared(replayed: ReplayReport) -> str:
    done = replayed.counted
    kept = f"{counted(done.snapshots, 'snapshot')} and {counted(done.rows, 'row')} compared"
    return f"{counted(done.streams, 'stream')} replayed, {kept}"


def counted(number: int, what: str) -> str:
    """Say how many there are of something."""
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"

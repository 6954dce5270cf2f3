"""The table for machines."""

from collections.abc import Mapping, Sequence

import msgspec
from msgspec import Struct

from src.cli.conformance.finding import Check, Verdict
from src.cli.conformance.page import mark_of
from src.cli.conformance.row import Group


class RowReport(Struct, frozen=True, kw_only=True):
    """One line of the table; `verdict` is held, BROKEN, or null where it was not run."""

    id: str
    group: str
    title: str
    done: str
    source: str
    verdict: str | None
    seconds: float | None
    stopped: str | None
    checks: tuple[Check, ...]


class Report(Struct, frozen=True, kw_only=True):
    """All of it."""

    held: int
    broken: int
    seconds: float
    rows: tuple[RowReport, ...]


def report(groups: Sequence[Group], verdicts: Mapping[str, Verdict], seconds: float) -> Report:
    """Put every scenario and its verdict together."""
    return Report(
        held=sum(each.held for each in verdicts.values()),
        broken=sum(not each.held for each in verdicts.values()),
        seconds=round(seconds, 1),
        rows=tuple(_rows(groups, verdicts)),
    )


def document(report: Report) -> str:
    """Write it as one JSON document."""
    return msgspec.json.format(msgspec.json.encode(report)).decode()


def _rows(groups: Sequence[Group], verdicts: Mapping[str, Verdict]) -> list[RowReport]:
    found: list[RowReport] = []
    for group in groups:
        for row in group.rows:
            verdict = verdicts.get(row.id)
            found.append(
                RowReport(
                    id=row.id,
                    group=group.title,
                    title=row.title,
                    done=row.done,
                    source=row.source,
                    verdict=mark_of(verdict) or None,
                    seconds=verdict.seconds if verdict else None,
                    stopped=verdict.stopped if verdict else None,
                    checks=verdict.checks if verdict else (),
                )
            )
    return found

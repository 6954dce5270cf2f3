"""The last line of the table: whether the book of a shop that suffered all this is whole."""

import time

from src.cli.conformance.command import khata
from src.cli.conformance.finding import Findings, Verdict
from src.cli.conformance.row import Group, Row
from src.cli.conformance.stage import Stage
from src.cli.demo.throw_away import ThrowAwayShop


async def _never(_stage: Stage) -> None:
    """It is no scenario: it looks at all of them afterwards."""


BOOK = Row(
    id="audit-verify",
    title="After all of it, the book is whole and the read models follow from it",
    source="promise 7",
    done="`khata audit verify` goes through each throw-away shop's book",
    steps=_never,
)
WHOLE = Group("The book", (BOOK,))


async def verified(places: list[ThrowAwayShop]) -> Verdict:
    """Let `khata audit verify` go through each shop's book."""
    findings, since = Findings(), time.monotonic()
    for place in places:
        code, said = await khata(place, "audit", "verify")
        findings.hold("khata audit verify ends with 0", (code, said if code else ""), (0, ""))
    return findings.verdict(time.monotonic() - since)

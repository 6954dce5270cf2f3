"""The figures of letters: how many wait, since when, and what became of the others."""

from collections.abc import Iterator

from src.events.letter import LetterKind, Outcome
from src.queries.letters import Letters
from src.telemetry import Gauge


def of_letters(letters: Letters) -> Iterator[Gauge]:
    """Every kind and outcome has its figure, also while it is 0."""
    yield Gauge("khata_letters_waiting", "Letters that are still to be sent.", letters.waiting)
    yield Gauge(
        "khata_oldest_letter_seconds",
        "Age of the oldest letter that is still to be sent; 0 for none.",
        letters.oldest_seconds,
    )
    for kind in LetterKind:
        for outcome in Outcome:
            yield Gauge(
                "khata_letters",
                "Letters that were asked for and wait no longer, by what became of them.",
                letters.outcomes.get((kind, outcome), 0),
                {"about": kind.value, "outcome": outcome.value},
                only_grows=True,
            )

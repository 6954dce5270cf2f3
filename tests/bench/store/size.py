"""How much is measured: enough for medians, never longer than it says."""

from msgspec import Struct


class Size(Struct, frozen=True, kw_only=True):
    """The bounds of one run."""

    rounds: int = 5
    seconds: float = 0.5
    """How long each kind of writing takes in a round."""
    replayed: int = 100_000
    """Events in the book that is replayed, rebuilt and verified."""
    books: tuple[int, ...] = (10_000, 1_000_000)
    """Events in the books beside which one buyer and one worker are measured."""
    buyer_commands: int = 200
    """Commands of the lone buyer in a round and book."""
    reader_seconds: float = 24.0
    """How long the idle reader stays, with all three books beside each other."""


USUAL = Size()
QUICK = Size(
    seconds=0.3, replayed=40_000, books=(10_000, 100_000), buyer_commands=100, reader_seconds=15.0
)
FULL = Size(books=(10_000, 1_000_000, 5_000_000))

"""Ranges of streams, in the order in which the book and the read models keep them.

Names are ordered by their bytes (`collate "C"`), which for UTF-8 is the order of
Python's own strings.
"""

from typing import NamedTuple

from src.events.identifiers import STREAM_LENGTH_MAX, Stream

FIRST = Stream("")
BEYOND = Stream("\U0010ffff" * (STREAM_LENGTH_MAX + 1))
"""Behind every name that a stream can have."""


class Range(NamedTuple):
    """Streams from one name up to another, which is outside."""

    begin: Stream
    end: Stream

    def keys_of(self, category: str) -> tuple[str, str]:
        """Return the keys of a category's streams in this range, the second outside as well."""
        return self._key(category, self.begin), self._key(category, self.end)

    @staticmethod
    def _key(category: str, name: Stream) -> str:
        head = f"{category}-"
        if name.startswith(head):
            return name[len(head) :]
        return "" if name < head else BEYOND


WHOLE = Range(FIRST, BEYOND)


def only(name: Stream) -> Range:
    """Return the range that holds one stream."""
    return Range(name, Stream(f"{name}\x01"))

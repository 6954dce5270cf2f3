"""Tills that are killed again and again, and what all of them were told."""

import asyncio
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from uuid import UUID

import msgspec

from src.events.envelope import StoredEvent
from src.events.identifiers import event_id
from tests.journeys.till import BUSY, Note
from tests.processes import cause

ROOT = Path(__file__).parents[2]
TILLS = 3
NOTES_BETWEEN_CRASHES = 15
"""So much has each till been told before the next crash."""
WAIT_SECONDS_MAX = 60.0
POLL_SECONDS = 0.02


@contextmanager
def open_tills(url: str, place: Path) -> "Iterator[Tills]":
    """Open the tills, and leave nobody behind."""
    tills = Tills(url, place)
    try:
        yield tills
    finally:
        tills.kill_all()


class Tills:
    """The tills of the shop: who is killed is followed by another."""

    def __init__(self, url: str, place: Path) -> None:
        self._url, self._place = url, place
        self._numbers = count(1)
        self._open: list[tuple[Path, subprocess.Popen[bytes]]] = []
        for _ in range(TILLS):
            self._start()

    def _start(self) -> None:
        name = f"t{next(self._numbers)}"
        notes = self._place / f"{name}.notes"
        command = [sys.executable, "-P", "-m", "tests.journeys.till", name, self._url, str(notes)]
        till = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdin=subprocess.PIPE
        )
        self._open.append((notes, till))

    def kill_one(self) -> None:
        """Kill the oldest till in the middle of whatever it does, and open another."""
        _, till = self._open.pop(0)
        till.kill()
        till.communicate()
        self._start()

    def kill_all(self) -> None:
        """Leave nobody behind."""
        for _, till in self._open:
            till.kill()
            till.communicate()

    async def go_on(self) -> None:
        """Wait until each till that is open has been told some more."""
        before = {notes: len(_read(notes)) for notes, _ in self._open}
        async with asyncio.timeout(WAIT_SECONDS_MAX):
            for notes, till in self._open:
                while len(_read(notes)) < before[notes] + NOTES_BETWEEN_CRASHES:  # another process
                    assert till.poll() is None, f"the till of {notes.name} gave up"
                    await asyncio.sleep(POLL_SECONDS)

    async def close(self) -> list[Note]:
        """Let everybody finish; return what all tills, also the dead, were told."""
        for _, till in self._open:
            assert till.stdin is not None
            till.stdin.close()
        async with asyncio.timeout(WAIT_SECONDS_MAX):
            ends = [await asyncio.to_thread(till.wait) for _, till in self._open]
        assert ends == [0] * TILLS
        self._open.clear()
        return [note for notes in self._place.glob("*.notes") for note in _read(notes)]


def _read(notes: Path) -> list[Note]:
    lines = notes.read_bytes().splitlines() if notes.exists() else []
    return [msgspec.json.decode(line, type=Note) for line in lines]


def check_told(events: Sequence[StoredEvent], notes: Sequence[Note]) -> None:
    """Whatever was acknowledged stands in the book once, whole, where it was said."""
    by_command: defaultdict[UUID, list[StoredEvent]] = defaultdict(list)
    for event in events:
        by_command[event.command_id].append(event)
    assert not [note for note in notes if note.command == BUSY]
    for note in notes:
        command = cause(note.command).command_id
        written = by_command[command]
        assert [event.event_id for event in written] == [
            event_id(command, ordinal) for ordinal in range(max(len(written), 1))
        ]
        last = written[-1].position
        assert [event.position for event in written] == list(
            range(last - len(written) + 1, last + 1)
        )
        # Who had to ask again may have been answered from what stood there already.
        assert last <= note.position <= len(events)
        assert last == note.position or note.attempts > 1

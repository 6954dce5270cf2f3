"""Whatever happens to three processes that write one book: the log stays whole.

Their caches are stale, their wires are cut before and after the commit, their
backends are killed; a reader and a notary look on. Which faults, and where, is
drawn; how the processes interleave is left to the machine.
"""

import asyncio
import os
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from src.events.checkpoint_folder import CheckpointFolder
from src.events.connection import connecting
from src.events.envelope import Outcome, StoredEvent
from src.events.ledger import PostgresBook, open_book
from src.events.notary import Notary
from src.events.notary_key import load_signer
from tests.cut_wire import Cut
from tests.databases import BookDatabase, connected
from tests.events.writer import UNKNOWN, Answer, Command, Job, Told
from tests.journeys.whole_book import check_checkpoints, check_log, stored_chain

ROOT = Path(__file__).parents[2]
WRITERS = 3
EXAMPLES_MAX = 12
JOB_SECONDS_MAX = 60.0
PACE_SECONDS = 0.005
"""Those who look on leave the machine to those who write."""
BOOKS = count(1_000)
"""Each example has a book of its own, in one database."""

commands = st.builds(
    Command,
    st.dictionaries(
        st.sampled_from(["cart-1", "cart-2", "stock-1", "stock-2", "stock-3"]),
        st.integers(0, 2),
        min_size=1,
        max_size=3,
    ),
    st.integers(0, 2),
)
appends = st.lists(st.lists(commands, min_size=1, max_size=3), min_size=4, max_size=10)
# A run of cuts outlasts the patience of one append: then the outcome stays unknown.
runs = st.tuples(st.integers(8, 60), st.integers(1, 4), st.sampled_from(Cut))
kills = st.lists(st.integers(0, 9), max_size=2)
held = st.lists(st.integers(0, 9), max_size=6)
scripts = st.tuples(appends, st.lists(runs, max_size=4), kills, held)


class Process:
    """A writer, in a process of its own."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "tests.events.writer"],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def play(self, job: Job) -> Answer:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(msgspec.json.encode(job) + b"\n")
        self._process.stdin.flush()
        return msgspec.json.decode(self._process.stdout.readline(), type=Answer)

    def end(self) -> None:
        self._process.kill()
        self._process.communicate()


@pytest.fixture
def processes() -> Iterator[list[Process]]:
    started = [Process() for _ in range(WRITERS)]
    yield started
    for each in started:
        each.end()


def test_the_log_is_whole_whatever_happens_to_its_writers(
    book_database: BookDatabase, processes: list[Process], tmp_path: Path
) -> None:
    met: Counter[str] = Counter()

    @given(st.tuples(*[scripts] * WRITERS))
    @settings(
        max_examples=EXAMPLES_MAX,
        # The machine interleaves them as it likes: a smaller example need not fail again.
        phases=[Phase.explicit, Phase.reuse, Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    def whatever(drawn: Sequence[Any]) -> None:
        scene = Scene(book_database, next(BOOKS), tmp_path)
        jobs = [scene.job(name, *script) for name, script in zip("abc", drawn, strict=True)]
        met.update(asyncio.run(scene.play(processes, jobs)))

    whatever()
    assert min(met[kind] for kind in (Outcome.WRITTEN, UNKNOWN, "cut", "note")) > 0, met


class Scene:
    """One book, and everybody who writes, reads and signs it."""

    def __init__(self, database: BookDatabase, number: int, place: Path) -> None:
        self._database = database
        self._number = number
        self._folder = CheckpointFolder(place / f"{number}", number)
        self._signer = load_signer(place / "notary")

    def job(
        self,
        name: str,
        appends: list[list[Command]],
        runs: list[tuple[int, int, Cut]],
        kills: list[int],
        held: list[int],
    ) -> Job:
        cuts = {begin + n: cut for begin, length, cut in runs for n in range(length)}
        return Job(
            name=f"{self._number} {name}",
            app_url=self._database.app_url,
            superuser_url=self._database.superuser_url,
            book=self._number,
            appends=appends,
            cuts=cuts,
            kills=kills,
            held=held,
        )

    async def play(self, processes: list[Process], jobs: list[Job]) -> Counter[str]:
        begin = "insert into khata.books (book) values ($1)"
        await connected(self._database.owner_url, lambda db: db.execute(begin, self._number))
        book = await open_book(self._database.app_url, self._number)
        over = asyncio.Event()
        reading = asyncio.create_task(self._read(book, over))
        signing = asyncio.create_task(self._sign(over))
        async with asyncio.timeout(JOB_SECONDS_MAX):
            working = (
                asyncio.to_thread(each.play, job) for each, job in zip(processes, jobs, strict=True)
            )
            answers = await asyncio.gather(*working)
        over.set()
        await signing
        told = [each for answer in answers for each in answer.told]
        await self._check(book, told, await reading)
        await book.close()
        outcomes = Counter(each.outcome for each in told)
        cuts = sum(answer.cuts for answer in answers)
        notes = len(list(self._folder.notes()))
        return outcomes + Counter({"cut": cuts, "note": notes})

    async def _read(self, book: PostgresBook, over: asyncio.Event) -> list[StoredEvent]:
        """Follow the book with one number, as every reader does."""
        seen: list[StoredEvent] = []
        while True:
            last = over.is_set()
            seen += await book.read_page(len(seen), 1_000)
            if last:
                return seen
            await asyncio.sleep(PACE_SECONDS)

    async def _sign(self, over: asyncio.Event) -> None:
        connect = connecting(self._database.app_url, "khata notary")
        notary = Notary(connect, self._folder, self._signer, self._number)
        while True:
            last = over.is_set()
            await notary.catch_up()
            if last:
                assert notary.stopped is None
                await notary.close()
                return
            await asyncio.sleep(PACE_SECONDS)

    async def _check(
        self, book: PostgresBook, told: list[Told], seen: Sequence[StoredEvent]
    ) -> None:
        events = await book.read_page(0, 10_000)
        check_log(events)
        assert list(seen) == list(events)[: len(seen)], "nothing comes later below what was seen"
        unknown = [each for each in told if each.outcome == UNKNOWN]
        _is_as_told(events, [each for each in told if each.outcome != UNKNOWN])
        resolved = [await _resolved(book, each) for each in unknown]
        after = await book.read_page(0, 10_000)
        assert list(after)[: len(events)] == list(events), "what was there is there for ever"
        check_log(after)
        settled = [each for each in told if each.outcome != UNKNOWN]
        _is_as_told(after, [*settled, *resolved])
        _is_nothing_else(after, told)
        await self._check_hashes(after)

    async def _check_hashes(self, events: Sequence[StoredEvent]) -> None:
        """Leaves, roots and chain are made anew; every checkpoint is of a prefix."""
        leaves, chains = await stored_chain(self._database.app_url, events, self._number)
        check_checkpoints(self._folder, self._signer.key, leaves, chains)


async def _resolved(book: PostgresBook, told: Told) -> Told:
    """Send again what nobody answered: afterwards it is known, once and for all."""
    first, second = [(await book.append([told.entry])).verdicts[0] for _ in range(2)]
    once = {Outcome.WRITTEN: Outcome.ALREADY_WRITTEN}.get(first.outcome, first.outcome)
    if told.entry.events:
        assert (second.outcome, second.position) == (once, first.position)
    return msgspec.structs.replace(told, outcome=first.outcome.value, position=first.position)


def _is_as_told(events: Sequence[StoredEvent], told: Sequence[Told]) -> None:
    """Acknowledged is there, whole and where it was said; refused has left nothing."""
    by_command: defaultdict[UUID, list[StoredEvent]] = defaultdict(list)
    for event in events:
        by_command[event.command_id].append(event)
    for each in told:
        sent, found = each.entry, by_command[each.entry.cause.command_id]
        if each.outcome == Outcome.MOVED:
            assert found == []
            continue
        assert [(event.event_id, event.stream, event.version) for event in found] == [
            (event.event_id, event.stream, event.version) for event in sent.events
        ]
        if found:
            assert found[-1].position == each.position


def _is_nothing_else(events: Sequence[StoredEvent], told: Sequence[Told]) -> None:
    asked = {each.entry.cause.command_id for each in told}
    assert {event.command_id for event in events} <= asked

"""One writer in a process of its own: stale about every stream, on a wire that is cut.

`python -m tests.events.writer` reads jobs from its input, a line each, and
answers each with a line that says what it was told of every command.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence

import msgspec
from msgspec import Struct

from src.events import lines
from src.events.envelope import Appended, Entry, Outcome
from src.events.identifiers import Stream
from src.events.ledger import PostgresBook, open_book
from src.events.lines import ConnectionLostError
from src.events.ports import DatabaseUnavailableError, OutcomeUnknownError, Reread
from tests.cut_wire import Cut, CutWire
from tests.databases import connected
from tests.events.entries import entry

IMPATIENT_SECONDS = (0.0, 0.0)
"""Three attempts without a pause: an outcome soon stays unknown."""
ROUNDS_MAX = 4
"""So often is a command that has moved decided again."""
UNKNOWN = "unknown"
AWAY = (ConnectionLostError, DatabaseUnavailableError)

KILL = """
select pg_terminate_backend(pid) from pg_stat_activity
where application_name = 'khata' and datname = current_database()
"""


class Command(Struct, frozen=True):
    """What one command writes, and how old its idea of those streams is."""

    adds: dict[str, int]
    """Events by stream; 0 only checks the version."""
    stale: int


class Job(Struct, frozen=True, kw_only=True):
    """A script to play in a book."""

    name: str
    app_url: str
    superuser_url: str
    book: int
    appends: list[list[Command]]
    cuts: dict[int, Cut]
    kills: list[int]
    """Before these appends it kills everybody's connections."""
    held: list[int]
    """These appends are decided while the book is held."""


class Told(Struct, frozen=True, kw_only=True):
    """What a writer was told of a command in the end, and what it had sent."""

    command: str
    writes: list[tuple[str, int, int]]
    outcome: str
    position: int | None = None

    @property
    def entry(self) -> Entry:
        """The very same entry."""
        checks = {stream: at for stream, at, adds in self.writes if not adds}
        return entry(self.command, *(write for write in self.writes if write[2]), checks=checks)


class Answer(Struct, frozen=True):
    """All that a job came to."""

    told: list[Told]
    cuts: int


Send = Callable[[dict[str, Command], list[Told]], Awaitable[Appended]]


class Writer:
    """Plays one script."""

    def __init__(self, job: Job, book: PostgresBook) -> None:
        self._job = job
        self._book = book
        self._versions: dict[str, int] = {}
        self.told: list[Told] = []

    async def play(self) -> None:
        for number, append in enumerate(self._job.appends):
            if number in self._job.kills:
                await connected(self._job.superuser_url, lambda db: db.execute(KILL))
            names = (f"{self._job.name} {number} {place}" for place in range(len(append)))
            commands = dict(zip(names, append, strict=True))
            await self._settle(commands, self._hold if number in self._job.held else self._append)

    async def _settle(self, commands: dict[str, Command], send: Send) -> None:
        for round_number in range(ROUNDS_MAX):
            sent = list(self._sent(commands, stale=not round_number))
            try:
                answer = await send(commands, sent)
            except (OutcomeUnknownError, DatabaseUnavailableError):
                self.told += sent
                return
            told = [_heard(each, answer, place) for place, each in enumerate(sent)]
            self._learn(told, answer)
            moved = {each.command for each in told if each.outcome == Outcome.MOVED}
            last = round_number == ROUNDS_MAX - 1
            self.told += [each for each in told if last or each.command not in moved]
            commands = {name: command for name, command in commands.items() if name in moved}
            if not commands:
                return

    async def _append(self, _: dict[str, Command], sent: list[Told]) -> Appended:
        return await self._book.append([each.entry for each in sent])

    async def _hold(self, commands: dict[str, Command], sent: list[Told]) -> Appended:
        async def decide(reread: Reread) -> Sequence[Entry]:
            streams = {stream for command in commands.values() for stream in command.adds}
            for event in await reread({Stream(name): 0 for name in streams}):
                self._versions[event.stream] = event.version
            sent[:] = self._sent(commands, stale=False)
            return [each.entry for each in sent]

        return await self._book.append_holding(decide)

    def _sent(self, commands: dict[str, Command], *, stale: bool) -> Iterator[Told]:
        """Each command is decided on what the ones before it will have written."""
        versions = dict(self._versions)
        for name, command in commands.items():
            writes = [
                (stream, max(versions.get(stream, 0) - command.stale * stale, 0), adds)
                for stream, adds in command.adds.items()
            ]
            versions |= {stream: at + adds for stream, at, adds in writes}
            yield Told(command=name, writes=writes, outcome=UNKNOWN)

    def _learn(self, told: Sequence[Told], answer: Appended) -> None:
        reached = [
            (stream, at + adds)
            for each in told
            if each.outcome != Outcome.MOVED
            for stream, at, adds in each.writes
        ]
        for stream, version in [*reached, *((e.stream, e.version) for e in answer.tails)]:
            self._versions[stream] = max(self._versions.get(stream, 0), version)


def _heard(sent: Told, answer: Appended, place: int) -> Told:
    verdict = answer.verdicts[place]
    return msgspec.structs.replace(sent, outcome=verdict.outcome.value, position=verdict.position)


async def play(job: Job) -> Answer:
    """Play a script over a wire of its own."""
    wire = CutWire(job.app_url, job.cuts)
    book = await _opened(await wire.open(), job.book)
    writer = Writer(job, book)
    await writer.play()
    await book.close()
    await wire.close()
    return Answer(writer.told, len(wire.made))


async def _opened(url: str, number: int) -> PostgresBook:
    while True:  # every cut is made once
        try:
            return await open_book(url, number)
        except AWAY:
            continue


def main() -> None:
    """Play what is asked for until the input ends."""
    lines.PAUSES_SECONDS = IMPATIENT_SECONDS  # type: ignore[assignment]  # fewer pauses will do
    for line in sys.stdin.buffer:
        answer = asyncio.run(play(msgspec.json.decode(line, type=Job)))
        sys.stdout.buffer.write(msgspec.json.encode(answer) + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()

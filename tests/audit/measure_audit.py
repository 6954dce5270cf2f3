"""How fast the notary signs and an audit goes through the book, beside reading the same rows.

`python -m tests.audit.measure_audit [EVENTS]` starts engines of its own. The kinds
take turns, so that a noisy machine is noisy to all of them.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median

from msgspec import structs

from src.embedded import EnginesSettings, start_engines
from src.events.checkpoint_folder import CheckpointFolder
from src.events.connection import connecting
from src.events.envelope import Entry
from src.events.ledger import PostgresBook, open_book
from src.events.migrations import migrate
from src.events.notary import Notary
from src.events.notary_key import load_signer
from src.queries.audit_pages import PAGE_EVENTS
from src.queries.audit_pool import open_audit_pool
from src.queries.audit_walk import Audited
from src.queries.proofs import inclusion_proof
from src.queries.read_pool import ReadPool
from src.queries.verification import verify
from tests.events.entries import entry

EVENTS = 200_000
ROUNDS = 5
ENTRIES_PER_APPEND = 250
PROOFS = 200
PAYLOAD = b'{"x": "' + b"a" * 192 + b'"}'
RAW = """
    select position, recorded_at, payload, leaf from khata.events
    where book = 1 and position > $1 and position <= $2 order by position
"""


async def measure(owner_url: str, app_url: str, home: Path, events: int) -> None:
    await migrate(owner_url, "khata_app")
    book, pool = await open_book(app_url), await open_audit_pool(app_url)
    await _fill(book, events)
    folder, signer = CheckpointFolder(home / "outside"), load_signer(home / "notary")
    notary = Notary(connecting(app_url, "khata notary"), folder, signer)
    _print("notary", events, [await _timed(notary.catch_up)])
    await notary.close()
    audited = Audited(db=pool, key=signer.key, folder=folder)
    audits, reads = list[tuple[float, float]](), list[tuple[float, float]]()
    for _ in range(ROUNDS):
        reads.append(await _timed(lambda: _read(pool, events)))
        audits.append(await _timed(lambda: verify(audited)))
    _print("raw read", events, reads)
    _print("verify", events, audits)
    step = events // PROOFS
    wanted = range(1, events, step)
    begun = time.perf_counter()
    for position in wanted:
        assert await inclusion_proof(pool, 1, signer.key, position) is not None
    _say(f"inclusion proof: {(time.perf_counter() - begun) / len(wanted) * 1e3:.2f} ms")
    await pool.close()
    await book.close()


async def _fill(book: PostgresBook, events: int) -> None:
    for begin in range(0, events // 2, ENTRIES_PER_APPEND):
        await book.append([_entry(begin + n) for n in range(ENTRIES_PER_APPEND)])


def _entry(number: int) -> Entry:
    made = entry(f"{number}", (f"checkout-{number:020d}", 0, 2))
    return structs.replace(
        made, events=[structs.replace(event, payload=PAYLOAD) for event in made.events]
    )


async def _read(pool: ReadPool, events: int) -> None:
    for after in range(0, events, PAGE_EVENTS):
        await pool.fetch(RAW, after, after + PAGE_EVENTS)


async def _timed(work: Callable[[], Awaitable[object]]) -> tuple[float, float]:
    """Return the seconds that passed, and those that this process worked."""
    begun, worked = time.perf_counter(), time.process_time()
    await work()
    return time.perf_counter() - begun, time.process_time() - worked


def _print(name: str, events: int, rounds: list[tuple[float, float]]) -> None:
    passed, worked = (median(each[n] for each in rounds) for n in (0, 1))
    _say(f"{name}: {events / passed:,.0f}/s; {events / worked:,.0f}/s per core of this process")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


def main() -> None:
    events = int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS
    with tempfile.TemporaryDirectory() as home:
        engines = EnginesSettings(home=Path(home) / "engines", durable=False)
        with start_engines(engines) as started:
            urls = started.owner_url, started.app_url
            asyncio.run(measure(*urls, Path(home), events))


if __name__ == "__main__":
    main()

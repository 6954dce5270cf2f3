"""What an auditor recomputes of a whole book, and of what was made from it."""

from collections import Counter
from collections.abc import Mapping, Sequence

from src.bootstrap.parts import BOOK
from src.events.checkpoint_folder import CheckpointFolder
from src.events.checkpoint_notes import NoteKey
from src.events.connection import Connection, Row, connecting
from src.events.envelope import StoredEvent
from src.events.leaf import EMPTY_CHAIN, chain, leaf, root
from src.events.ledger import open_book
from src.events.merkle import Frontier
from src.projections.catalogue import PROJECTIONS
from src.projections.rebuild.work import check, rebuild
from src.projections.runner import Runner


async def whole_book(app_url: str) -> list[StoredEvent]:
    book = await open_book(app_url, BOOK)
    try:
        events: list[StoredEvent] = []
        while page := await book.read_page(len(events), 5_000):
            events += page
        assert len(events) == await book.head()
        return events
    finally:
        await book.close()


def check_log(events: Sequence[StoredEvent]) -> None:
    """No position missing, no version missing, nothing twice."""
    assert [event.position for event in events] == list(range(1, len(events) + 1))
    assert len({event.event_id for event in events}) == len(events)
    versions: Counter[str] = Counter()
    for event in events:
        versions[event.stream] += 1
        assert event.version == versions[event.stream]


async def stored_chain(
    app_url: str, events: Sequence[StoredEvent], book: int = BOOK
) -> tuple[list[bytes], dict[int, bytes]]:
    """Return the leaves, and the chain after each append, once all of it was recomputed."""
    db = await connecting(app_url, "khata tests")()
    try:
        stored = "select leaf from khata.events where book = $1 order by position"
        leaves = [row["leaf"] for row in await db.fetch(stored, book)]
        appends = await db.fetch(
            "select * from khata.appends where book = $1 order by first_position", book
        )
        head = await db.fetchval("select chain from khata.books where book = $1", book)
    finally:
        await db.close()
    chains = check_hashes(events, leaves, appends, book)
    assert chains[len(events)] == head
    return leaves, chains


def check_hashes(
    events: Sequence[StoredEvent],
    leaves: Sequence[bytes],
    appends: Sequence[Row],
    book: int = BOOK,
) -> dict[int, bytes]:
    """Recompute every leaf, root and chain from the envelopes and payloads alone."""
    assert [leaf(book, event) for event in events] == list(leaves)
    last, chains = 0, {0: EMPTY_CHAIN}
    for append in appends:
        first, to = append["first_position"], append["last_position"]
        assert first == last + 1
        assert append["root"] == root(leaves[first - 1 : to])
        chains[to] = chain(chains[last], append["root"], first, to)
        assert append["chain"] == chains[to]
        last = to
    assert last == len(events)
    return chains


def check_checkpoints(
    folder: CheckpointFolder,
    key: NoteKey,
    leaves: Sequence[bytes],
    chains: Mapping[int, bytes],
) -> list[int]:
    """Return the sizes that were signed, each shown to be a prefix of the book as it is now."""
    sizes: list[int] = []
    for note in folder.notes():
        signed, tree = key.read(note), Frontier()
        tree.extend(leaves[: signed.size])
        assert (signed.root, signed.chain) == (tree.root, chains[signed.size])
        sizes.append(signed.size)
    return sizes


async def read_models(db: Connection) -> dict[str, list[str]]:
    return {
        table: [
            row["row"]
            for row in await db.fetch(f"select t::text as row from models.{table} as t order by 1")  # noqa: S608  # our own names
        ]
        for projection in PROJECTIONS
        for table in projection.TABLES
    }


async def check_rebuild(app_url: str) -> None:
    """Read models are what a fresh start makes of the book."""
    connect = connecting(app_url, "khata tests")
    book, db = await open_book(app_url, BOOK), await connect()
    runner = Runner(book, connect, BOOK)
    try:
        await runner.catch_up()
        before = await read_models(db)
        assert await check(app_url, PROJECTIONS) == []
        await rebuild(app_url, PROJECTIONS)
        assert await read_models(db) == before
        assert any(before.values())
    finally:
        await runner.close()
        await db.close()
        await book.close()

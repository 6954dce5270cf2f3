"""Reading: the whole book again, decoded, into read models, and hashed for an audit."""

import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from src.bootstrap.notary import notary_of
from src.events.checkpoint_folder import CheckpointFolder
from src.events.checkpoint_notes import NoteKey
from src.events.codec import recorded
from src.events.connection import Connection, connecting
from src.events.envelope import StoredEvent
from src.events.ledger import PostgresBook, open_book
from src.events.notary_key import load_note_key
from src.projections import orders, stock
from src.projections.rebuild.work import rebuild
from src.projections.runner import Runner
from src.queries.audit_pool import open_audit_pool
from src.queries.audit_walk import Audited
from src.queries.proofs import inclusion_proof
from src.queries.read_pool import ReadPool
from src.queries.verification import verify
from tests.bench.store.cost import Cost, Costs, in_the_middle
from tests.bench.store.place import Place
from tests.bench.store.size import Size
from tests.bench.store.stories import EVENTS_PER_STORY, buy, fill
from tests.bench.store.table import Line, beside, rate
from tests.bench.store.turns import Rates, in_turns, ratio
from tests.databases import BookDatabase

PAGE_EVENTS = 5_000
REPLAY_LEAST, REBUILD_LEAST, VERIFY_LEAST = 300_000, 100_000, 200_000
RAW_READS_ON_RECORD = 785_000
"""What raw reads of such rows gave a second where the marks were set."""
PROOFS, SINGLE_ORDERS = 100, 100
READ_MODELS = (orders, stock)
READS = "raw reads"
RAW = """
select position, stream, version, type, schema_version, event_id, recorded_at,
    command_id, correlation_id, causation_id, actor, payload
from khata.events where book = 1 and position > $1 and position <= $2 order by position
"""


async def replaying(place: Place, size: Size) -> list[Line]:
    """Fill a book, and read it in every way that there is."""
    database = await place.database("replaying")
    await fill(await place.connection(database.superuser_url), size.replayed)
    book = await open_book(database.app_url)
    place.closing.push_async_callback(book.close)
    return [
        *await _replayed(place, database, book, size),
        *await _rebuilt(place, database, book, size),
        *await _followed(place, database, book),
        *await _audited(place, database, await book.head(), size),
    ]


async def _replayed(
    place: Place, database: BookDatabase, book: PostgresBook, size: Size
) -> list[Line]:
    head = await book.head()
    raw = await _raw(place, database)
    pages = [await book.read_page(after, PAGE_EVENTS) for after in range(0, head, PAGE_EVENTS)]
    decodes = "decode alone"
    rates = await in_turns(
        size.rounds,
        {
            "replay": partial(_per_second, head, partial(_replay, book, head)),
            READS: partial(_per_second, head, partial(_read, raw, head)),
            decodes: partial(_per_second, head, partial(_decode, pages)),
        },
    )
    what = "replay with decode"
    return [*_marked(what, rates, REPLAY_LEAST), beside(what, rates, decodes)]


def _marked(what: str, rates: Rates, least: float) -> list[Line]:
    """Return a rate with its mark, and what it were if this machine read as fast as on record."""
    ours = next(iter(rates.values()))
    scaled = [ratio(ours, rates[READS]) * RAW_READS_ON_RECORD]
    return [
        rate(what, ours, least),
        beside(what, rates, READS),
        rate(f"{what}, if raw reads gave {RAW_READS_ON_RECORD:,}/s", scaled, least),
    ]


async def _raw(place: Place, database: BookDatabase) -> Connection:
    raw = await place.connection(database.app_url)
    await raw.set_type_codec(
        "json", schema="pg_catalog", encoder=bytes, decoder=bytes, format="binary"
    )
    return raw


async def _replay(book: PostgresBook, head: int) -> None:
    seen = 0
    for after in range(0, head, PAGE_EVENTS):
        facts = [recorded(stored) for stored in await book.read_page(after, PAGE_EVENTS)]
        seen += len(facts)
    assert seen == head


async def _read(db: Connection, head: int) -> None:
    for after in range(0, head, PAGE_EVENTS):
        await db.fetch(RAW, after, after + PAGE_EVENTS)


async def _decode(pages: Sequence[Sequence[StoredEvent]]) -> None:
    for page in pages:
        _ = [recorded(stored) for stored in page]


async def _rebuilt(
    place: Place, database: BookDatabase, book: PostgresBook, size: Size
) -> list[Line]:
    runner = Runner(book, connecting(database.app_url, "khata bench"), 1, READ_MODELS)
    await runner.catch_up()
    await runner.close()
    head, raw = await book.head(), await _raw(place, database)
    rates = await in_turns(
        size.rounds,
        {
            "rebuild": partial(_per_second, head, partial(rebuild, database.app_url, READ_MODELS)),
            READS: partial(_per_second, head, partial(_read, raw, head)),
        },
    )
    return _marked("rebuild of orders and stock", rates, REBUILD_LEAST)


async def _followed(place: Place, database: BookDatabase, book: PostgresBook) -> list[Line]:
    """All read models: at first the whole book, then one order after another as on a quiet day."""
    runner = Runner(book, connecting(database.app_url, "khata bench"))
    db = await place.connection(database.superuser_url)
    head = await book.head()
    whole = await _per_second(head, runner.catch_up)
    singles = list[float]()
    for _ in range(SINGLE_ORDERS):
        await buy(db)
        singles.append(await _per_second(EVENTS_PER_STORY, runner.catch_up))
    await runner.close()
    return [
        rate("all read models, the whole book", [whole]),
        rate("all read models, order by order", singles),
    ]


async def _audited(place: Place, database: BookDatabase, head: int, size: Size) -> list[Line]:
    settings = place.settings(database)
    notary = notary_of(settings)
    signed = await _per_second(head, notary.catch_up)
    await notary.close()
    pool = await open_audit_pool(database.app_url)
    key = load_note_key(settings.home / "keys" / "notary", 1)
    audited = Audited(db=pool, key=key, folder=CheckpointFolder(settings.home / "checkpoints", 1))
    passed, worked = list[float](), list[Cost]()
    costs = Costs(place.engines)
    for _ in range(size.rounds):
        worked.append(await costs.of(_verified(audited, passed)))
    wanted = range(1, head, head // PROOFS)[:PROOFS]
    proved = await _per_second(PROOFS, partial(_prove, pool, key, wanted))
    await pool.close()
    return [
        rate("audit verify, per core", [each.per_second for each in worked], VERIFY_LEAST),
        Line(what="audit verify, CPU an event: Python + PostgreSQL", figure=in_the_middle(worked)),
        rate("audit verify, as it passes", passed),
        rate("notary signs", [signed]),
        rate("inclusion proofs", [proved]),
    ]


async def _verified(audited: Audited, passed: list[float]) -> int:
    begun = time.perf_counter()
    report = await verify(audited)
    assert report.is_whole
    passed.append(report.head / (time.perf_counter() - begun))
    return report.head


async def _prove(pool: ReadPool, key: NoteKey, positions: Sequence[int]) -> None:
    for position in positions:
        assert await inclusion_proof(pool, 1, key, position) is not None


async def _per_second(things: int, work: Callable[[], Awaitable[object]]) -> float:
    begun = time.perf_counter()
    await work()
    return things / (time.perf_counter() - begun)

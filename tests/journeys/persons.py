"""One invented person, what would betray them, and everywhere that Khata writes."""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from redis.asyncio import Redis

from src.embedded import Engines
from src.events.envelope import StoredEvent
from src.events.ports import Sealed
from src.http.idempotency import NONCE_BYTES
from tests.databases import BookDatabase, connected
from tests.shop import ShopUnderTest

EMAIL = "zenobia.quillfeather@private-mail.example"
PERSON: dict[str, object] = {
    "email": EMAIL,
    "name": "Zenobia Quillfeather",
    "phone": "+91 77665 54433",
    "shipping_address": {
        "line1": "77 Hidden Lotus Lane",
        "line2": "Behind the Banyan",
        "city": "Zirakpur",
        "state": "Punjab-on-Test",
        "postal_code": "140603",
        "country": "IN",
    },
}
TRACES = (  # each too long or too odd to turn up in a time, a random id or ciphertext by chance
    "zenobia",
    "quillfeather",
    "77665 54433",
    "7766554433",
    "hidden lotus",
    "behind the banyan",
    "zirakpur",
    "punjab-on-test",
    '"140603"',
    "=140603",
)


async def everything_in(database: BookDatabase) -> dict[str, str]:
    """Return every row of every table as text, by table."""
    tables = await connected(
        database.superuser_url,
        lambda db: db.fetch(
            "select format('%I.%I', schemaname, tablename) as name from pg_tables"
            " where schemaname not in ('pg_catalog', 'information_schema')"
        ),
    )
    return {
        table["name"]: await rows_of(
            database,
            f"select t::text as row from {table['name']} as t",  # noqa: S608  # a name from the catalogue
        )
        for table in tables
    }


async def rows_of(database: BookDatabase, statement: str) -> str:
    """Return one text of all rows."""
    rows = await connected(database.superuser_url, lambda db: db.fetch(statement))
    return "\n".join(row["row"] for row in rows).lower()


READERS: dict[object, Callable[[Redis, bytes], Any]] = {
    b"stream": lambda redis, key: redis.xrange(key),
    b"list": lambda redis, key: redis.lrange(key, 0, -1),
    b"hash": lambda redis, key: redis.hgetall(key),
    b"set": lambda redis, key: redis.smembers(key),
    b"zset": lambda redis, key: redis.zrange(key, 0, -1),
    b"string": lambda redis, key: redis.get(key),
    b"none": lambda _redis, _key: _nothing(),
}
"""How each kind of value is read; one that expires between two questions is none."""


async def _nothing() -> None:
    """What is not there any more."""


async def everything_in_redis(engines: Engines) -> str:
    """Return every key and every value."""
    client = Redis.from_url(engines.redis_url)
    texts: list[object] = []
    async for key in client.scan_iter():
        kind = await client.type(key)
        texts += [key, await READERS[kind](client, key)]
    await client.aclose()
    return repr(texts).lower()


def hex_of(text: str) -> str:
    """Return how PostgreSQL shows these bytes of a bytea."""
    return text.encode().hex()


def traces_in(text: str) -> list[str]:
    """Return which traces a text holds, in clear or as PostgreSQL shows their bytes."""
    said = text.lower()
    return [
        trace
        for trace in TRACES
        if any(each in said for each in (trace, hex_of(trace), hex_of(trace.title())))
    ]


def boxes_of(event: StoredEvent) -> list[Sealed]:
    """Return everything that is sealed in a fact, however deep it lies."""
    return list(_boxes(msgspec.json.decode(event.payload)))


def _boxes(value: Any) -> Iterator[Sealed]:  # noqa: ANN401  # any JSON
    match value:
        case {"key_id": str(key_id), "box": str(box)}:
            yield Sealed(key_id=key_id, box=box)
        case dict():
            for each in value.values():
                yield from _boxes(each)
        case list():
            for each in value:
                yield from _boxes(each)
        case _:
            pass


async def kept_answers(shop: ShopUnderTest, database: BookDatabase) -> list[str]:
    """Return every kept answer as whoever has the installation's key reads it."""
    key = AESGCM(await shop.parts.keys.installation_secret("answers"))
    rows = await connected(
        database.superuser_url,
        lambda db: db.fetch("select key, answer from edge.idempotency where answer is not null"),
    )
    return [
        key.decrypt(
            row["answer"][:NONCE_BYTES], row["answer"][NONCE_BYTES:], row["key"].encode()
        ).decode(errors="replace")
        for row in rows
    ]

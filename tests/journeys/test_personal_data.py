"""Who bought, and where to, stands in clear nowhere that Khata writes."""

import io
from collections.abc import Iterator

import pytest
from redis.asyncio import Redis

from src.embedded import Engines
from src.telemetry import configure_logging
from tests.databases import BookDatabase, connected
from tests.journeys.buyers import Buyer, ok, order_of
from tests.shop import ShopUnderTest

pytestmark = pytest.mark.anyio

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
    rows = await connected(database.superuser_url, lambda db: db.fetch(statement))
    return "\n".join(row["row"] for row in rows).lower()


async def everything_in_redis(engines: Engines) -> str:
    client = Redis.from_url(engines.redis_url)
    texts: list[object] = []
    async for key in client.scan_iter():
        kind = await client.type(key)
        value = await (client.xrange(key) if kind == b"stream" else client.get(key))
        texts += [key, value]
    await client.aclose()
    return repr(texts).lower()


def hex_of(text: str) -> str:
    """Return how PostgreSQL shows these bytes of a bytea."""
    return text.encode().hex()


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Every line that is logged meanwhile, wherever an earlier test had sent them."""
    lines = io.StringIO()
    configure_logging(file=lines)
    yield lines
    configure_logging()


async def test_after_purchase_failure_and_login_nothing_personal_is_in_clear(
    shop: ShopUnderTest,
    shared_database: BookDatabase,
    engines: Engines,
    capfd: pytest.CaptureFixture[str],
    log: io.StringIO,
) -> None:
    await shop.stocked("SECRET", units=9)
    buyer = await Buyer.guest(shop, EMAIL, SECRET=1)
    buyer.who = dict(PERSON)
    pending = ok(await buyer.order(key=f"key of {EMAIL}".replace(" ", "-")))
    await buyer.order(name="Zenobia Other")
    await shop.pay(order_of(pending), method="upi")
    done = await buyer.until(pending, "ORDER_CREATED")
    account = {
        "email": EMAIL,
        "password": "zenobia quillfeather 77665 54433",
        "name": "Zenobia Quillfeather",
    }
    await shop.sent("POST", "/customers", {**account, "phone": PERSON["phone"]})
    login = {"email": EMAIL, "password": "zenobia quillfeather wrong"}
    assert (await shop.client.post("/customers/login", json=login)).status_code == 401
    tokens = await shop.sent(
        "POST", "/customers/login", {"email": EMAIL, "password": account["password"]}
    )
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    address = PERSON["shipping_address"]
    await shop.sent("POST", "/customers/me/addresses", address, bearer)
    await shop.client.get(f"/shipping-methods?cart_id={buyer.cart_id}&postal_code=140603")
    await shop.work()
    order = ok(await buyer.ask("GET", f"/orders/{done['order_id']}"))
    assert "zenobia" in str(order).lower()  # the buyer does read it
    tables = await everything_in(shared_database)
    assert tables["khata.events"]
    assert tables["edge.idempotency"]
    for trace in TRACES:
        for name, text in tables.items():
            assert trace not in text, f"{trace} in {name}"
            assert hex_of(trace) not in text, f"{trace} in bytes of {name}"
            assert hex_of(trace.title()) not in text, f"{trace} in bytes of {name}"
        assert trace not in await everything_in_redis(engines)
    captured = capfd.readouterr()
    said = log.getvalue() + captured.out + captured.err
    assert "/carts" in log.getvalue()  # it does log what happens
    assert not [trace for trace in TRACES if trace in said.lower()]
    for secret in (buyer.headers["X-Session-Id"], tokens["access_token"]):
        assert secret.lower() not in "".join(tables.values())
        assert secret not in said

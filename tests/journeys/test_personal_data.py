"""Who bought, and where to, stands in clear nowhere that Khata writes."""

import io

import pytest

from src.embedded import Engines
from tests.databases import BookDatabase
from tests.journeys.buyers import Buyer, ok, order_of
from tests.journeys.persons import (
    EMAIL,
    PERSON,
    TRACES,
    everything_in,
    everything_in_redis,
    traces_in,
)
from tests.shop import ShopUnderTest

pytestmark = pytest.mark.anyio


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
    assert {name: traces_in(text) for name, text in tables.items() if traces_in(text)} == {}
    assert traces_in(await everything_in_redis(engines)) == []
    captured = capfd.readouterr()
    said = log.getvalue() + captured.out + captured.err
    assert "/carts" in log.getvalue()  # it does log what happens
    assert not [trace for trace in TRACES if trace in said.lower()]
    for secret in (buyer.headers["X-Session-Id"], tokens["access_token"]):
        assert secret.lower() not in "".join(tables.values())
        assert secret not in said

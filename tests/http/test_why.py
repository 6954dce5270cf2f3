"""/audit/orders/{order_id}/why: who may ask, what is opened, what stays sealed, what is noted."""

import base64
import hashlib
import hmac
import json
from io import StringIO
from pathlib import Path
from typing import Any

import httpx
import pytest

from src.embedded import Engines
from src.events.connection import Connection
from tests.databases import BookDatabase, connected
from tests.queries.test_why import bought_by_webhook, key_of_body
from tests.shop import ShopUnderTest, opened_shop, shop

__all__ = ["shop"]

pytestmark = pytest.mark.anyio


async def asked(shop: ShopUnderTest, order: str, role: str = "auditor") -> httpx.Response:
    return await shop.client.get(f"/audit/orders/{order}/why", headers=shop.bearer(role))


async def document(shop: ShopUnderTest, order: str, role: str = "auditor") -> dict[str, Any]:
    answer = await asked(shop, order, role)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_it_is_for_auditors_and_admins_alone(shop: ShopUnderTest) -> None:
    order = await bought_by_webhook(shop)
    assert (await shop.client.get(f"/audit/orders/{order}/why")).status_code == 401
    for role in ("operator", "analyst", "customer"):
        assert (await asked(shop, order, role)).status_code == 403
    assert await document(shop, order, "auditor") == await document(shop, order, "admin")
    for unknown in ("ord_none", "AAAAA-AAAAA"):
        answer = await asked(shop, unknown)
        assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


async def test_an_operator_can_repeat_the_signature_that_an_auditor_is_told_of(
    shop: ShopUnderTest,
) -> None:
    order = await bought_by_webhook(shop)
    why = await document(shop, order)
    [placed] = [each for each in why["events"] if each["event"] == "OrderPlaced"]
    [delivery] = [each for each in why["webhooks"] if each["webhook_id"] == placed["webhook_id"]]
    path = f"/admin/webhooks/{delivery['webhook_id']}"
    shown = await shop.client.get(path, headers=shop.bearer("operator"))
    raw = base64.b64decode(shown.json()["body"]["base64"])
    assert hashlib.sha256(raw).hexdigest() == delivery["sha256"]
    secret = shop.settings.razorpay.webhook_secrets[delivery["secret_index"]]
    assert hmac.new(secret.encode(), raw, "sha256").hexdigest() == delivery["signature"]
    assert placed["causation_id"] == delivery["fact_id"]
    assert (placed["came_by"], delivery["verified_again"]) == ("webhook", "yes")
    await shop.work()
    number = placed["fact"]["order_number"].lower()
    assert await document(shop, number) == why


async def test_what_is_sealed_stays_sealed(shop: ShopUnderTest) -> None:
    order = await bought_by_webhook(shop)
    for role in ("auditor", "admin"):
        why = await document(shop, order, role)
        assert [each["body"] for each in why["webhooks"]] == [None] * len(why["webhooks"])
        assert '"box":' in json.dumps(why["events"])


async def test_every_look_of_an_operator_at_bytes_is_noted_and_names_nobody(
    shop: ShopUnderTest, log: StringIO
) -> None:
    order = await bought_by_webhook(shop)
    webhooks = [each["webhook_id"] for each in (await document(shop, order))["webhooks"]]
    for webhook in webhooks:
        path = f"/admin/webhooks/{webhook}"
        assert (await shop.client.get(path, headers=shop.bearer("operator"))).is_success
    await document(shop, order)
    logged = [json.loads(line) for line in log.getvalue().splitlines()]
    notes = [note for note in logged if note["event"] == "webhook bytes were shown"]
    assert [note["webhooks"] for note in notes] == [[each] for each in webhooks]
    assert len({note["looker"] for note in notes}) == 1
    assert "staff:asha" not in log.getvalue()
    assert all("asha" not in note.values() for note in logged)


async def test_after_an_erasure_the_verdict_remains(
    engines: Engines, book_database: BookDatabase, tmp_path: Path
) -> None:
    async with opened_shop(engines, book_database, tmp_path) as first:
        order = await bought_by_webhook(first)
        before = await document(first, order)
        keys = [await key_of_body(first, each["webhook_id"]) for each in before["webhooks"]]
        await first.parts.keys.destroy(keys)
    # Another process, because in this one the keys are open for a minute yet.
    async with opened_shop(engines, book_database, tmp_path) as second:
        after = await document(second, order)
    erased = {"verified_again": "erased"}
    assert after["events"] == before["events"]
    assert after["webhooks"] == [each | erased for each in before["webhooks"]]
    assert {each["verdict"] for each in after["webhooks"]} >= {"applied"}


async def test_a_box_that_was_altered_is_an_altered_book(
    shop: ShopUnderTest, book_database: BookDatabase
) -> None:
    order = await bought_by_webhook(shop)

    async def alter(db: Connection) -> None:
        await db.execute("alter table khata.events disable trigger append_only")
        await db.execute(
            "update khata.events"
            " set payload = jsonb_set(payload::jsonb, '{body,box}', '\"AQAA\"')::json"
            " where type = 'WebhookReceived'"
        )
        await db.execute("alter table khata.events enable always trigger append_only")

    await connected(book_database.superuser_url, alter)
    answer = await asked(shop, order)
    assert (answer.status_code, answer.json()["code"]) == (500, "book-altered")

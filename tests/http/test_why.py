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
from src.telemetry import configure_logging
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


async def test_the_signature_can_be_repeated_over_the_bytes_that_are_shown(
    shop: ShopUnderTest,
) -> None:
    order = await bought_by_webhook(shop)
    why = await document(shop, order)
    [placed] = [each for each in why["events"] if each["event"] == "OrderPlaced"]
    [delivery] = [each for each in why["webhooks"] if each["webhook_id"] == placed["webhook_id"]]
    raw = base64.b64decode(delivery["body"])
    assert hashlib.sha256(raw).hexdigest() == delivery["sha256"]
    secret = shop.settings.razorpay.webhook_secrets[delivery["secret_index"]]
    assert hmac.new(secret.encode(), raw, "sha256").hexdigest() == delivery["signature"]
    assert placed["causation_id"] == delivery["fact_id"]
    assert (placed["came_by"], delivery["verified_again"]) == ("webhook", "yes")
    await shop.work()
    number = placed["fact"]["order_number"].lower()
    assert await document(shop, number) == why


async def test_what_is_sealed_about_the_buyer_stays_sealed(shop: ShopUnderTest) -> None:
    order = await bought_by_webhook(shop)
    why = await document(shop, order)
    told = json.dumps(why["events"])
    assert '"box":' in told
    assert "asha@example.in" not in told
    assert "Example Road" not in told


async def test_every_look_at_bytes_is_noted_and_names_nobody(shop: ShopUnderTest) -> None:
    order = await bought_by_webhook(shop)
    lines = StringIO()
    configure_logging(file=lines)
    try:
        why = await document(shop, order)
        await document(shop, order, "admin")
    finally:
        configure_logging()
    notes = [json.loads(line) for line in lines.getvalue().splitlines()]
    first, second = [note for note in notes if note["event"] == "webhook bytes were shown"]
    assert set(first) == {
        "event",
        "level",
        "looker",
        "part",
        "request_id",
        "timestamp",
        "webhooks",
    }
    assert first["webhooks"] == [each["webhook_id"] for each in why["webhooks"]]
    assert first["looker"] == second["looker"]
    assert "staff:asha" not in lines.getvalue()
    assert all("asha" not in note.values() for note in notes)


async def test_after_an_erasure_the_verdict_remains(
    engines: Engines, book_database: BookDatabase, tmp_path: Path
) -> None:
    async with opened_shop(engines, book_database, tmp_path) as first:
        order = await bought_by_webhook(first)
        before = await document(first, order)
        keys = [await key_of_body(first, each["webhook_id"]) for each in before["webhooks"]]
        await first.parts.keys.destroy(keys)
    # Another process, because in this one the keys are open for a minute yet.
    lines = StringIO()
    async with opened_shop(engines, book_database, tmp_path) as second:
        configure_logging(file=lines)
        try:
            after = await document(second, order)
        finally:
            configure_logging()
    assert "webhook bytes were shown" not in lines.getvalue(), "there were none to show"
    erased = {"body": None, "verified_again": "erased"}
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

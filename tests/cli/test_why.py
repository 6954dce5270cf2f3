"""`khata history … --why`: an order on the command line, down to the bytes of its webhooks."""

import asyncio
import base64
import hmac
import json
from collections.abc import Mapping
from typing import Any

import pytest
from msgspec.structs import replace

from src.cli.complaint import Complaint
from src.cli.history import telling
from src.cli.why import show_why
from src.events.identifiers import WEBHOOK, stream
from src.settings import Settings
from tests.cli.commands import khata
from tests.queries.test_why import bought_by_webhook, key_of_body
from tests.shop import ShopUnderTest, shop

__all__ = ["shop"]

pytestmark = pytest.mark.anyio


async def told(
    settings: Settings, capsys: pytest.CaptureFixture[str], name: str, *, as_json: bool = False
) -> str:
    capsys.readouterr()
    await asyncio.to_thread(show_why, settings, name, None, as_json=as_json)
    return capsys.readouterr().out


async def facts(
    shop: ShopUnderTest, capsys: pytest.CaptureFixture[str], name: str
) -> list[dict[str, Any]]:
    text = await told(shop.settings, capsys, name, as_json=True)
    return [json.loads(line) for line in text.splitlines()]


async def test_an_order_is_explained_by_id_by_stream_and_by_number(
    shop: ShopUnderTest, capsys: pytest.CaptureFixture[str]
) -> None:
    order = await bought_by_webhook(shop)
    await shop.work()
    story = await facts(shop, capsys, order)
    [placed] = [fact for fact in story if fact["event"] == "OrderPlaced"]
    assert story[0]["event"] == "CartOpened"
    assert await facts(shop, capsys, f"order-{order}") == story
    assert await facts(shop, capsys, placed["fact"]["order_number"].lower()) == story
    webhook = placed["webhook"]
    body = base64.b64decode(webhook["body"])
    secret = shop.settings.razorpay.webhook_secrets[webhook["secret_index"]]
    assert hmac.new(secret.encode(), body, "sha256").hexdigest() == webhook["signature"]
    assert webhook["verified_again"] == "yes"
    assert [fact["webhook"] for fact in story[:3]] == [None, None, None]


async def test_a_payment_is_explained_by_what_razorpay_calls_it(
    shop: ShopUnderTest, capsys: pytest.CaptureFixture[str]
) -> None:
    await bought_by_webhook(shop)
    await shop.work()
    staff = shop.bearer("operator")
    [payment] = (await shop.client.get("/admin/payments", headers=staff)).json()["items"]
    name = payment["razorpay_payment_id"]
    story = await facts(shop, capsys, name)
    assert story == await facts(shop, capsys, payment["razorpay_order_id"])
    assert {"PaymentOrderOpened", "PaymentCaptured"} <= {fact["event"] for fact in story}
    with pytest.raises(Complaint, match="The list of payments has none called pay_none"):
        await told(shop.settings, capsys, "pay_none")


async def test_the_exact_body_is_shown_as_text_once_before_what_it_caused(
    shop: ShopUnderTest, capsys: pytest.CaptureFixture[str]
) -> None:
    order = await bought_by_webhook(shop)
    story = await facts(shop, capsys, order)
    text = await told(shop.settings, capsys, order)
    delivered: Mapping[str, Any] = {
        fact["webhook_id"]: fact["webhook"] for fact in story if fact["webhook"]
    }
    for webhook in delivered.values():
        body = base64.b64decode(webhook["body"]).decode()
        assert text.count(f"bytes as text:\n{body}\n") == 1
        assert f"{webhook['signature']}, verified with secret 0" in text
        assert f"because of {webhook['webhook_id']}" in text
    assert text.index(next(iter(delivered))) < text.index("  OrderPlaced  ")
    assert f"by {story[0]['actor']}, request {story[0]['request']}\n" in text
    assert "asha@example.in" not in text


async def test_erased_bytes_are_told_as_erased_and_a_lost_secret_as_gone(
    shop: ShopUnderTest, capsys: pytest.CaptureFixture[str]
) -> None:
    order = await bought_by_webhook(shop)
    [webhook, *_] = [fact["webhook_id"] for fact in await facts(shop, capsys, order)][-1:]
    other = replace(shop.settings.razorpay, webhook_secrets=("another secret",))
    text = await told(replace(shop.settings, razorpay=other), capsys, order)
    assert "verified again  the secret is gone\n" in text
    await shop.parts.keys.destroy([await key_of_body(shop, webhook)])
    text = await told(shop.settings, capsys, f"webhook-{webhook}")
    assert "body            erased\n" in text
    assert "verified again  erased\n" in text
    assert "verdict         applied\n" in text


async def test_what_is_no_text_is_shown_in_base64(
    shop: ShopUnderTest, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = shop.settings.razorpay.webhook_secrets[0]
    for body in (b"\xff\x00", b"\x1b[2J"):
        signed = hmac.new(secret.encode(), body, "sha256").hexdigest()
        headers = {"X-Razorpay-Signature": signed}
        answer = await shop.client.post("/webhooks/razorpay", content=body, headers=headers)
        text = await told(shop.settings, capsys, stream(WEBHOOK, answer.json()["webhook_id"]))
        assert f"bytes as base64:\n{base64.b64encode(body).decode()}\n" in text


async def test_nothing_has_no_reason(shop: ShopUnderTest) -> None:
    for name in ("ord_none", "stock-NONE"):
        with pytest.raises(Complaint, match="There is nothing in the stream"):
            await asyncio.to_thread(show_why, shop.settings, name, None, as_json=False)
    with pytest.raises(Complaint, match="none with the number AAAAA-AAAAA"):
        await asyncio.to_thread(show_why, shop.settings, "aaaaa-aaaaa", None, as_json=False)
    with pytest.raises(Complaint, match="do not go together"):
        telling(state=True, why=True)


async def test_it_is_a_command(shop: ShopUnderTest) -> None:
    await shop.stocked("A")
    settings = shop.settings
    assert settings.database_url is not None
    assert settings.redis_url is not None
    urls = {"DATABASE_URL": settings.database_url, "REDIS_URL": settings.redis_url}
    ran = await asyncio.to_thread(khata, settings.home, "history", "stock-A", "--why", **urls)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "StockReceived  100 units of A came in.\n" in ran.stdout

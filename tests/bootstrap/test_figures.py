"""What watchers see of a whole shop: where everything stands, and nothing about any person."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families
from redis.asyncio import Redis

from src.bootstrap.delivery_figures import DeliveryFigures
from src.bootstrap.moments import new_id
from src.bootstrap.outbox import publish
from src.bootstrap.worker import run_worker
from src.commands.webhook_inbox import Delivery
from src.embedded import Engines
from src.events import redis_link
from src.events.case import CaseKind
from src.events.envelope import Cause, Entry, Expected, NewEvent, Outcome
from src.events.identifiers import PAYMENT, Stream, event_id, stream
from src.events.money import Money
from src.events.refund import RefundCause, RefundDropped, RefundRequested
from src.http import gauges as gauges_of_shop
from src.http.gauges import Asking, gauges
from src.projections.catalogue import PROJECTIONS
from tests.databases import BookDatabase
from tests.processes import cause, simply
from tests.redis.proxy import Proxy
from tests.shop import ShopUnderTest, opened_shop

pytestmark = pytest.mark.anyio

KEY = "khata:book:1"
PATIENCE_SECONDS = 10.0
NAMES = {each.NAME for each in PROJECTIONS}
OF_SHOP = {
    "khata_book_head_position",
    "khata_read_model_position",
    "khata_read_model_behind_events",
    "khata_read_model_behind_seconds",
    "khata_read_model_stopped",
    "khata_notary_signed_position",
    "khata_notary_stopped",
    "khata_open_cases",
    "khata_oldest_open_case_seconds",
    "khata_open_cases_by_kind",
    "khata_oldest_open_case_by_kind_seconds",
    "khata_open_sessions",
    "khata_worker_at_work",
    "khata_late_items",
    "khata_unsettled_deliveries",
    "khata_oldest_unsettled_delivery_seconds",
    "khata_parked_deliveries",
    "khata_open_refunds",
    "khata_oldest_open_refund_seconds",
    "khata_oldest_snapshot_seconds",
    "khata_snapshots_of_unknown_age",
}
OF_OUTBOX = {"khata_outbox_position", "khata_outbox_behind_events", "khata_outbox_stopped"}
Gauges = dict[str, dict[str, float]]
"""Values by name, and within it by its label; by nothing where there is none."""
LABELS = {"read_model", "money", "kind", "state", "what"}


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine is not an engine that is away."""
    monkeypatch.setattr(redis_link, "TIMEOUT_SECONDS", PATIENCE_SECONDS)
    monkeypatch.setattr(gauges_of_shop, "TIMEOUT_SECONDS", PATIENCE_SECONDS)


async def seen(shop: ShopUnderTest) -> Gauges:
    """Look at the page of figures as a watcher does, and leave out the counts of requests."""
    answer = await shop.client.get("/metrics")
    assert answer.status_code == 200
    assert "khata_http_requests_total" in answer.text
    return gauges_in(answer.text)


def gauges_in(page: str) -> Gauges:
    """Read the gauges; each says what it is, and has at most one label, which names nobody."""
    found: Gauges = {}
    for family in text_string_to_metric_families(page):
        if family.name in OF_SHOP | OF_OUTBOX | {"khata_database_up"}:
            assert (family.type, bool(family.documentation)) == ("gauge", True)
            assert all(set(sample.labels) <= LABELS for sample in family.samples)
            values = {"".join(each.labels.values()): each.value for each in family.samples}
            found[family.name] = values
    return found


async def write_raw(shop: ShopUnderTest, name: str, kind: str) -> int:
    """Append a fact that no Khata of today can read."""
    command = new_id()
    cause = Cause(command_id=command, correlation_id=command, actor="khata:test")
    event = NewEvent(
        stream=Stream(name),
        version=1,
        type=kind,
        schema_version=1,
        event_id=event_id(command, 0),
        payload=b"{}",
    )
    entry = Entry(cause=cause, expected=[Expected(Stream(name), 0)], events=[event])
    verdict = (await shop.parts.book.append([entry])).verdicts[0]
    assert verdict.outcome is Outcome.WRITTEN
    assert verdict.position is not None
    return verdict.position


async def test_a_shop_tells_where_its_book_its_read_models_and_its_notary_stand(
    shop: ShopUnderTest,
) -> None:
    await shop.stocked("tea")
    head = float(await shop.parts.book.head())
    before = await seen(shop)
    assert set(before) == OF_SHOP | OF_OUTBOX | {"khata_database_up"}
    assert before["khata_database_up"] == {"": 1.0}
    assert before["khata_book_head_position"] == {"": head}
    assert before["khata_read_model_position"] == dict.fromkeys(NAMES, 0.0)
    assert before["khata_read_model_behind_events"] == dict.fromkeys(NAMES, head)
    assert before["khata_notary_signed_position"] == {"": 0.0}
    seconds = "khata_read_model_behind_seconds"
    assert min(before[seconds].values()) > 0
    assert before["khata_worker_at_work"] == {"": 0.0}
    await shop.work()
    await shop.notarise()
    after = await seen(shop)
    assert after[seconds] == dict.fromkeys(NAMES, 0.0)
    assert after["khata_read_model_position"] == dict.fromkeys(NAMES, head)
    assert after["khata_read_model_behind_events"] == dict.fromkeys(NAMES, 0.0)
    assert after["khata_read_model_stopped"] == dict.fromkeys(NAMES, 0.0)
    assert after["khata_notary_signed_position"] == {"": head}
    assert after["khata_notary_stopped"] == {"": 0.0}
    assert after["khata_snapshots_of_unknown_age"] == {"": 0.0}


async def test_a_read_model_that_meets_a_poisonous_fact_stops_and_is_seen_to(
    shop: ShopUnderTest,
) -> None:
    await shop.stocked("tea")
    at = await write_raw(shop, "order-ord_0", "OrderGiftWrapped")
    await shop.parts.analysts_runner.catch_up()
    kept_out = (await shop.client.get("/health/ready")).json()
    assert (kept_out["ready"], PROJECTIONS[-1].NAME in str(kept_out["notes"])) == (True, True)
    await shop.parts.runner.catch_up()
    stopped = await seen(shop)
    assert stopped["khata_read_model_stopped"] == dict.fromkeys(NAMES, 1.0)
    assert stopped["khata_read_model_position"] == dict.fromkeys(NAMES, at - 1.0)
    assert stopped["khata_read_model_behind_events"] == dict.fromkeys(NAMES, 1.0)
    ready = await shop.client.get("/health/ready")
    assert (ready.status_code, ready.json()["ready"]) == (503, False)
    assert f"read model {PROJECTIONS[0].NAME} has stopped" in ready.json()["notes"]


async def test_what_waits_for_a_person_or_for_the_worker_is_counted_and_grows_old(
    shop: ShopUnderTest,
) -> None:
    quiet = await seen(shop)
    assert quiet["khata_open_cases"] == quiet["khata_unsettled_deliveries"] == {"": 0.0}
    assert quiet["khata_oldest_open_case_seconds"] == {"": 0.0}
    assert quiet["khata_open_cases_by_kind"] == dict.fromkeys(CaseKind, 0.0)
    old = "khata_oldest_unsettled_delivery_seconds"
    assert quiet[old] == {"": 0.0}
    body = b'{"entity": "event", "event": "payment.captured"}'
    delivery = Delivery(event_id="evt_1", body=body, signature="ab", secret_index=0)
    name, _ = await shop.parts.inbox.receive(delivery, new_id())
    await shop.parts.runner.catch_up()
    waiting, longer = await seen(shop), await seen(shop)
    assert waiting["khata_unsettled_deliveries"] == {"": 1.0}
    assert 0 < waiting[old][""] < longer[old][""]
    await shop.parts.inbox.give_up(name, "Nobody can settle this.")
    await shop.parts.runner.catch_up()
    first, second = await seen(shop), await seen(shop)
    assert first["khata_unsettled_deliveries"] == {"": 0.0}
    assert first["khata_open_cases"] == {"": 1.0}
    assert first["khata_open_cases_by_kind"][CaseKind.WEBHOOK_STUCK] == 1.0
    assert sum(first["khata_open_cases_by_kind"].values()) == 1.0
    assert first["khata_parked_deliveries"] == {"ours": 0.0, "foreign": 1.0}
    assert first[old] == {"": 0.0}
    age = "khata_oldest_open_case_seconds"
    assert 0 < first[age][""] < second[age][""]


async def test_sessions_are_counted_while_they_hold_stock(shop: ShopUnderTest) -> None:
    await shop.stocked("tea")
    cart_id, headers = await shop.guest_cart(tea=1)
    await shop.sent("POST", "/checkout", {"cart_id": cart_id}, headers)
    await shop.parts.runner.catch_up()
    figures = await seen(shop)
    assert figures["khata_open_sessions"] == {"CHECKOUT_STARTED": 1.0, "PAYMENT_PENDING": 0.0}
    page = (await shop.client.get("/metrics")).text
    assert (
        'khata_commands_total{command="start_checkout",outcome="held",process="api-1"} 1.0' in page
    )
    refused = await shop.client.put(
        f"/carts/{cart_id}/items/tea", json={"quantity": 2}, headers=headers
    )
    assert refused.status_code == 409
    page = (await shop.client.get("/metrics")).text
    assert 'khata_commands_total{command="set_item",outcome="refused",process="api-1"} 1.0' in page


async def test_money_on_its_way_back_is_counted_until_it_is_there(shop: ShopUnderTest) -> None:
    quiet = await seen(shop)
    assert quiet["khata_open_refunds"] == quiet["khata_oldest_open_refund_seconds"] == {"": 0.0}
    wanted = RefundRequested(
        refund_id="refund_a",
        razorpay_payment_id="pay_a",
        amount=Money(500, "INR"),
        cause=RefundCause.STAFF,
        reason="one cup was broken",
    )
    name = stream(PAYMENT, "order_a")
    await shop.parts.ledger.transact(cause("wish"), simply((name, wanted)))
    await shop.parts.runner.catch_up()
    first, second = await seen(shop), await seen(shop)
    assert first["khata_open_refunds"] == {"": 1.0}
    age = "khata_oldest_open_refund_seconds"
    assert 0 < first[age][""] < second[age][""]
    dropped = RefundDropped(refund_id="refund_a")
    await shop.parts.ledger.transact(cause("end"), simply((name, dropped)))
    await shop.parts.runner.catch_up()
    assert (await seen(shop))["khata_open_refunds"] == {"": 0.0}


async def test_a_delivery_tells_how_late_it_came_and_how_long_it_waited() -> None:
    registry = CollectorRegistry()
    figures = DeliveryFigures(registry)
    stored = datetime(2026, 1, 15, 6, 30, tzinfo=UTC)
    figures.settled(stored, stored + timedelta(seconds=3), stored - timedelta(seconds=40))
    figures.settled(stored, stored - timedelta(seconds=1), stored + timedelta(seconds=1))
    figures.settled(stored, stored + timedelta(seconds=1), None)
    settle, lag = "khata_delivery_settle_seconds", "khata_delivery_lag_seconds"
    assert registry.get_sample_value(f"{settle}_count") == 3
    assert registry.get_sample_value(f"{settle}_sum") == 4
    assert registry.get_sample_value(f"{lag}_count") == 2
    assert registry.get_sample_value(f"{lag}_sum") == 40, "a clock that is behind is no lag"


async def test_the_outbox_is_filled_by_the_worker_and_seen_by_watchers(
    shop: ShopUnderTest, engines: Engines
) -> None:
    redis = Redis.from_url(engines.redis_url)
    await shop.stocked("tea")
    head = await shop.parts.book.head()
    before = await seen(shop)
    assert before["khata_outbox_position"] == {"": 0.0}
    assert before["khata_outbox_behind_events"] == {"": float(head)}
    stop = asyncio.Event()
    worker = asyncio.create_task(run_worker(shop.settings, stop))
    async with asyncio.timeout(20):
        while await redis.xlen(KEY) < head:  # noqa: ASYNC110  # the worker rings nobody
            await asyncio.sleep(0.02)
    stop.set()
    await worker
    after = await seen(shop)
    assert after["khata_outbox_position"] == after["khata_book_head_position"]
    assert after["khata_outbox_behind_events"] == after["khata_outbox_stopped"] == {"": 0.0}
    ready = (await shop.client.get("/health/ready")).json()
    assert ready["outbox"] == {
        "position": await shop.parts.book.head(),
        "behind": 0,
        "trouble": None,
    }
    await redis.aclose()


async def test_an_outbox_of_another_book_is_told_and_the_shop_stays_ready(
    shop: ShopUnderTest, engines: Engines
) -> None:
    redis = Redis.from_url(engines.redis_url)
    await redis.xadd(KEY, {"event_id": "another"}, id="1000000-0")
    await shop.stocked("tea")
    answer = await shop.client.get("/health/ready")
    assert answer.json()["ready"] is True
    [note] = [each["says"] for each in answer.json()["troubles"] if each["part"] == "outbox"]
    assert note.startswith(f"{KEY} in Redis ends at 1000000 with a fact that this book does not")
    assert (await seen(shop))["khata_outbox_stopped"] == {"": 1.0}
    await redis.aclose()


async def test_without_an_outbox_there_is_no_figure_of_it_and_nothing_in_redis(
    engines: Engines, book_database: BookDatabase, tmp_path: Path
) -> None:
    redis = Redis.from_url(engines.redis_url)
    async with opened_shop(engines, book_database, tmp_path, KHATA_OUTBOX_KEEP="0") as shop:
        await shop.stocked("tea")
        publishing = asyncio.create_task(publish(shop.parts))
        assert set(await seen(shop)) == OF_SHOP | {"khata_database_up"}
        assert (await shop.client.get("/health/ready")).json()["outbox"] is None
        assert not publishing.done()
        publishing.cancel()
    assert not await redis.exists(KEY)
    await redis.aclose()


async def test_a_page_of_figures_never_fails_while_the_database_is_away(
    engines: Engines, book_database: BookDatabase, tmp_path: Path
) -> None:
    wire = Proxy(book_database.app_url)
    reached = replace(book_database, app_url=await wire.open())
    async with opened_shop(engines, reached, tmp_path) as shop:
        assert (await seen(shop))["khata_database_up"] == {"": 1.0}
        await wire.cut()
        assert await seen(shop) == {"khata_database_up": {"": 0.0}}
        await wire.open()
        assert (await seen(shop))["khata_database_up"] == {"": 1.0}
    await wire.cut()


async def test_a_figure_that_cannot_be_had_is_absent_and_the_others_are_there() -> None:
    async def broken() -> Any:  # noqa: ANN401  # it never returns
        raise ValueError("a table that was not expected to be so")

    page = (await gauges(Asking(shop=broken, outbox=broken))).decode()
    assert gauges_in(page) == {"khata_database_up": {"": 1.0}}
    assert "expected" not in page

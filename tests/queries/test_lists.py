"""Lists on the read models: order, filters, and pages while others write."""

from datetime import UTC, datetime, timedelta

import pytest

from src.events.case import CaseKind, CaseOpened, CaseResolved
from src.events.identifiers import ORDER, PAYMENT, stream
from src.events.webhook import WebhookParked
from src.projections import orders as orders_projection
from src.projections import stock as stock_projection
from src.queries.cases import find_case, list_cases
from src.queries.open_checkouts import due
from src.queries.orders import find_order, list_orders, order_id_of
from src.queries.page import Cursors
from src.queries.products import list_products
from src.queries.read_pool import open_read_pool
from src.queries.waiting import NotThereYet, wait_until
from src.queries.webhooks import list_parked_of_ours, list_webhooks
from tests.databases import BookDatabase
from tests.projections.facts import (
    EXPIRES_AT,
    asked_for_money,
    begun,
    bought,
    delivered,
    expired,
    opening,
    placed,
    sku,
)
from tests.projections.shop import BOOK, Shop

pytestmark = pytest.mark.anyio

CURSORS = Cursors(b"k" * 32)


async def fed(shop: Shop) -> None:
    runner = shop.runner()
    await runner.catch_up()
    await runner.close()


async def order_by(shop: Shop, name: str, customer_id: str | None = None) -> None:
    await shop.write([(stream(ORDER, f"ord_{name}"), placed(name, customer_id=customer_id))])


async def test_pages_neither_repeat_nor_leave_out_an_order_while_others_are_placed(
    shop: Shop,
) -> None:
    for n in range(25):
        await order_by(shop, str(n))
    await fed(shop)
    seen: list[str] = []
    cursor, more = None, True
    while more:
        page = await list_orders(shop.db, BOOK, CURSORS, cursor=cursor, limit=4)
        seen += [order.order_id for order in page.items]
        await order_by(shop, f"later-{len(seen)}")
        await fed(shop)
        cursor, more = page.next_cursor, page.next_cursor is not None
    assert seen == [f"ord_{n}" for n in reversed(range(25))]


async def test_orders_written_in_one_append_page_like_all_others(shop: Shop) -> None:
    await shop.write([(stream(ORDER, f"ord_{n}"), placed(str(n))) for n in range(5)])
    await fed(shop)
    first = await list_orders(shop.db, BOOK, CURSORS, limit=3)
    assert first.next_cursor is not None
    rest = await list_orders(shop.db, BOOK, CURSORS, cursor=first.next_cursor, limit=3)
    listed = [order.order_id for order in [*first.items, *rest.items]]
    assert listed == ["ord_4", "ord_3", "ord_2", "ord_1", "ord_0"]
    assert rest.next_cursor is None


async def test_orders_are_filtered_by_customer_status_and_time(shop: Shop) -> None:
    for name, customer in (("a", "cus_1"), ("b", "cus_2"), ("c", "cus_1")):
        await order_by(shop, name, customer)
    await fed(shop)
    mine = await list_orders(shop.db, BOOK, CURSORS, buyers=["cus_1"])
    assert [order.order_id for order in mine.items] == ["ord_c", "ord_a"]
    middle = await find_order(shop.db, BOOK, "ord_b")
    assert middle is not None
    since = await list_orders(shop.db, BOOK, CURSORS, placed_from=middle.placed_at)
    assert [order.order_id for order in since.items] == ["ord_c", "ord_b"]
    before = await list_orders(shop.db, BOOK, CURSORS, placed_to=middle.placed_at)
    assert [order.order_id for order in before.items] == ["ord_a"]
    assert (await list_orders(shop.db, BOOK, CURSORS, status="shipped")).items == []
    assert len((await list_orders(shop.db, BOOK, CURSORS, status="placed")).items) == 3


async def test_an_order_of_another_book_does_not_exist(shop: Shop) -> None:
    await order_by(shop, "a")
    await fed(shop)
    assert await find_order(shop.db, BOOK, "ord_a") is not None
    assert await order_id_of(shop.db, BOOK, "N-a") == "ord_a"
    assert await find_order(shop.db, BOOK + 1, "ord_a") is None
    assert await order_id_of(shop.db, BOOK, "N-b") is None


async def test_products_are_listed_with_what_can_still_be_promised(shop: Shop) -> None:
    await shop.write([*opening(3), *begun("a", [1])])
    await fed(shop)
    first = await list_products(shop.db, BOOK, CURSORS, limit=2)
    assert [(each.sku, each.available) for each in first.items] == [
        (sku(0), 1_000_000),
        (sku(1), 999_998),
    ]
    rest = await list_products(shop.db, BOOK, CURSORS, cursor=first.next_cursor, limit=2)
    assert [each.sku for each in rest.items] == [sku(2)]


async def test_a_case_grows_older_until_it_is_resolved(shop: Shop) -> None:
    name = stream(PAYMENT, "order_x")
    for n in range(3):
        case = CaseOpened(case_id=f"case_{n}", kind=CaseKind.PAID_TWICE, reason="twice")
        await shop.write([(name, case)])
    await shop.write([(name, CaseResolved(case_id="case_1", note="settled"))])
    await fed(shop)
    later = datetime.now(UTC) + timedelta(hours=1)
    open_ones = await list_cases(shop.db, BOOK, CURSORS, now=later, status="open")
    assert [case.case_id for case in open_ones.items] == ["case_2", "case_0"]
    assert all(3_590 <= case.age_seconds <= 3_600 for case in open_ones.items)
    settled = await find_case(shop.db, BOOK, "case_1", now=later)
    assert settled is not None
    assert (settled.status, settled.note) == ("resolved", "settled")
    assert settled.age_seconds < 60
    first = await list_cases(shop.db, BOOK, CURSORS, now=later, limit=2)
    rest = await list_cases(shop.db, BOOK, CURSORS, now=later, cursor=first.next_cursor)
    assert [case.case_id for case in rest.items] == ["case_0"]


async def test_deliveries_are_listed_newest_first_by_status(shop: Shop) -> None:
    await shop.write([*delivered("a", "captured"), delivered("b", "captured")[0]])
    await fed(shop)
    all_of_them = await list_webhooks(shop.db, BOOK, CURSORS, limit=1)
    assert [each.webhook_id for each in all_of_them.items] == ["captured-b"]
    rest = await list_webhooks(shop.db, BOOK, CURSORS, cursor=all_of_them.next_cursor)
    assert [each.webhook_id for each in rest.items] == ["captured-a"]
    handled = await list_webhooks(shop.db, BOOK, CURSORS, status="handled")
    assert [each.event_id for each in handled.items] == ["evt_captured_a"]


async def test_deliveries_are_found_by_what_they_are_called_and_when_they_came(shop: Shop) -> None:
    for name in ("a", "b"):
        await shop.write([*delivered(name, "captured"), *delivered(name, "failed")])
    await shop.write([delivered("c", "captured")[0]])
    await fed(shop)
    called = await list_webhooks(shop.db, BOOK, CURSORS, name="payment.failed")
    assert [each.webhook_id for each in called.items] == ["failed-b", "failed-a"]
    later = called.items[0].received_at
    since = await list_webhooks(shop.db, BOOK, CURSORS, received_from=later)
    assert [each.webhook_id for each in since.items] == ["captured-c", "failed-b", "captured-b"]
    before = await list_webhooks(shop.db, BOOK, CURSORS, received_to=later, limit=1)
    assert [each.webhook_id for each in before.items] == ["failed-a"]
    rest = await list_webhooks(shop.db, BOOK, CURSORS, received_to=later, cursor=before.next_cursor)
    assert [each.webhook_id for each in rest.items] == ["captured-a"], "written at one moment"


async def test_what_was_put_aside_is_found_once_its_razorpay_order_turns_out_to_be_ours(
    shop: Shop,
) -> None:
    for name in ("a", "b"):
        came, _ = delivered(name, "captured")
        aside = WebhookParked(
            name="payment.captured", razorpay_order_id=f"order_{name}", reason="not ours"
        )
        await shop.write([came, (came[0], aside)])
    await shop.write([*opening(), *begun("a"), *asked_for_money("a")])
    await fed(shop)
    long_ago = datetime.now(UTC) - timedelta(hours=1)
    assert await list_parked_of_ours(shop.db, BOOK, opened_since=long_ago) == ["captured-a"]
    later = datetime.now(UTC) + timedelta(hours=1)
    assert await list_parked_of_ours(shop.db, BOOK, opened_since=later) == []


async def test_checkouts_are_due_from_the_moment_they_expire(shop: Shop) -> None:
    sooner = EXPIRES_AT - timedelta(minutes=5)
    await shop.write([*opening(), *begun("late"), *begun("soon", expires_at=sooner)])
    await shop.write([*begun("gone"), *expired("gone")])
    await fed(shop)
    assert await due(shop.db, BOOK, sooner - timedelta(microseconds=1)) == []
    assert [each.cart_id for each in await due(shop.db, BOOK, sooner)] == ["cart_soon"]
    both = await due(shop.db, BOOK, EXPIRES_AT)
    assert [each.checkout_session_id for each in both] == ["chk_soon", "chk_late"]
    assert len(await due(shop.db, BOOK, EXPIRES_AT, limit=1)) == 1


async def test_waiting_ends_when_all_named_read_models_are_there(shop: Shop) -> None:
    await shop.write(opening())
    position = await shop.write(bought("a"))
    named = [orders_projection, stock_projection]
    calls: list[float] = []

    async def wake(seconds: float) -> None:
        calls.append(seconds)
        await fed(shop)

    await wait_until(shop.db, BOOK, named, position, timeout_seconds=5, wake=wake)
    assert len(calls) == 1
    await wait_until(shop.db, BOOK, named, position, timeout_seconds=5, wake=wake)
    assert len(calls) == 1


async def test_waiting_for_a_position_that_does_not_come_is_bounded(shop: Shop) -> None:
    with pytest.raises(NotThereYet):
        await wait_until(shop.db, BOOK, [orders_projection], 1, timeout_seconds=0.05)


async def test_the_read_pool_answers_and_cannot_write(
    shop: Shop, book_database: BookDatabase
) -> None:
    await order_by(shop, "a")
    await fed(shop)
    pool = await open_read_pool(book_database.app_url)
    assert len((await list_orders(pool, BOOK, CURSORS)).items) == 1
    with pytest.raises(Exception, match="read-only transaction"):
        await pool.fetch("delete from models.orders_v2")
    await shop.db.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where application_name = 'khata read'"
    )
    assert await pool.fetchval("select 1") == 1, "a dead connection is replaced"
    await pool.close()

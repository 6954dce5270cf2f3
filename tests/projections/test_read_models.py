"""Given facts, then rows."""

import json
import re
from inspect import getsource
from types import ModuleType

import pytest

from src.events.capture import CaptureMode
from src.events.case import CaseKind, CaseOpened, CaseResolved
from src.events.checkout import CheckoutCancelled, PaymentConfirmed
from src.events.identifiers import CHECKOUT, ORDER, PAYMENT, PRODUCT, STOCK, WEBHOOK, stream
from src.events.order import OrderCancelled, OrderFulfilled
from src.events.payment import PaymentAuthorized, PaymentCaptured, PaymentFailed, PaymentOrderOpened
from src.events.product import ProductRevised
from src.events.stock import StockAdjusted, StockReleased
from src.events.webhook import WebhookHandled, WebhookParked
from src.projections.catalogue import PROJECTIONS
from src.projections.projection import Projection
from tests.projections.facts import (
    MAILBOX,
    SECRET_BOX,
    Fact,
    asked_for_money,
    begun,
    bought,
    delivered,
    expired,
    inr,
    opening,
    sku,
)
from tests.projections.shop import Shop

pytestmark = pytest.mark.anyio


async def shown(shop: Shop, table: str, *pages: list[Fact]) -> list[dict[str, object]]:
    """Write page after page, each seen by the read models on its own."""
    runner = shop.runner()
    for page in pages:
        await shop.write(page)
        await runner.catch_up()
    await runner.close()
    return await shop.rows(table)


async def test_an_order_is_one_row_with_its_document(shop: Shop) -> None:
    (order,) = await shown(shop, "orders", opening(), bought("a"))
    assert order["order_id"] == "ord_a"
    assert order["number"] == "N-a"
    assert (order["status"], order["customer_id"], order["guest"]) == ("placed", "cus_a", True)
    assert (order["total_minor"], order["currency"]) == (44_902, "INR")
    document = order["document"]
    assert isinstance(document, dict)
    assert document["totals"]["total"] == {"amount": 44_902, "currency": "INR"}
    assert document["payment"]["method"] == "upi"


@pytest.mark.parametrize("together", [True, False])
async def test_an_order_is_sent_in_parcels(shop: Shop, *, together: bool) -> None:
    parcels: list[Fact] = [
        (stream(ORDER, "ord_a"), OrderFulfilled(order_id="ord_a", reference=reference))
        for reference in ("P-2", "P-1", "P-3")
    ]
    pages = [[*opening(), *bought("a")], [*bought("b"), *parcels[:2]], parcels[2:]]
    if together:
        pages = [[fact for page in pages for fact in page]]
    orders = await shown(shop, "orders", *pages)
    assert [(each["status"], each["fulfilments"]) for each in orders] == [
        ("fulfilled", ["P-2", "P-1", "P-3"]),
        ("placed", []),
    ]


@pytest.mark.parametrize("together", [True, False])
async def test_a_cancelled_order_says_why(shop: Shop, *, together: bool) -> None:
    cancelled = OrderCancelled(order_id="ord_a", reason="sold twice")
    pages: list[list[Fact]] = [
        [*opening(), *bought("a"), *bought("b")],
        [(stream(ORDER, "ord_a"), cancelled)],
    ]
    if together:
        pages = [[fact for page in pages for fact in page]]
    orders = await shown(shop, "orders", *pages)
    assert [(each["status"], each["cancelled_reason"]) for each in orders] == [
        ("cancelled", "sold twice"),
        ("placed", None),
    ]


async def test_no_read_model_holds_a_sealed_box_or_a_mailbox(shop: Shop) -> None:
    await shown(shop, "orders", opening(), bought("a"), begun("b"), asked_for_money("b"))
    text = json.dumps(await shop.everything())
    assert "ord_a" in text
    assert SECRET_BOX not in text
    assert MAILBOX not in text


async def test_stock_adds_up_over_pages(shop: Shop) -> None:
    adjusted = StockAdjusted(sku=sku(0), delta=-10, reason="broken")
    released = StockReleased(sku=sku(0), checkout_session_id="chk_c", quantity=2, reason="failed")
    stock = await shown(
        shop,
        "stock",
        opening(1),
        [*begun("a", [0]), *begun("b", [0])],
        [*expired("a", [0]), *begun("c", [0])],
        [(stream(STOCK, sku(0)), released), (stream(STOCK, sku(0)), adjusted)],
        bought("d", [0]),
    )
    assert stock == [
        {
            "book": 1,
            "sku": sku(0),
            "received": 999_990,
            "reserved": 2,
            "committed": 2,
            "available": 999_986,
            "version": 9,
        }
    ]


async def test_a_product_is_shown_as_it_was_last_offered(shop: Shop) -> None:
    revised = ProductRevised(sku=sku(0), name="New", price=inr(5), weight_grams=7)
    (product,) = await shown(shop, "products", opening(1), [(stream(PRODUCT, sku(0)), revised)])
    assert (product["name"], product["price_minor"], product["weight_grams"]) == ("New", 5, 7)


@pytest.mark.parametrize("together", [True, False])
async def test_a_case_is_open_until_it_is_resolved(shop: Shop, *, together: bool) -> None:
    name = stream(PAYMENT, "order_x")
    opened = CaseOpened(
        case_id="case_1",
        kind=CaseKind.WRONG_AMOUNT,
        reason="1 paisa short",
        razorpay_order_id="order_x",
        razorpay_payment_id="pay_x",
        amount=inr(99),
    )
    resolved = CaseResolved(case_id="case_1", note="refunded by hand")
    first: list[Fact] = [(name, opened)]
    if not together:
        (case,) = await shown(shop, "cases", first)
        assert (case["status"], case["kind"], case["stream"]) == ("open", "wrong-amount", name)
        assert (case["amount_minor"], case["resolved_at"]) == (99, None)
        first = []
    (case,) = await shown(shop, "cases", [*first, (name, resolved)])
    assert (case["status"], case["note"]) == ("resolved", "refunded by hand")
    assert case["resolved_at"] is not None


@pytest.mark.parametrize("together", [True, False])
async def test_a_delivery_that_was_parked_can_be_handled_later(
    shop: Shop, *, together: bool
) -> None:
    received, handled = delivered("x", "captured")
    parked = WebhookParked(name="payment.captured", razorpay_order_id="order_x", reason="unknown")
    name = stream(WEBHOOK, "captured-x")
    pages: list[list[Fact]] = [[received], [(name, parked)], [handled]]
    if together:
        pages = [[fact for page in pages for fact in page]]
    (webhook,) = await shown(shop, "webhooks", *pages)
    assert (webhook["webhook_id"], webhook["status"]) == ("captured-x", "handled")
    assert (webhook["outcome"], webhook["reason"]) == ("applied", None)
    assert webhook["handled_at"] is not None
    again = WebhookHandled(name="payment.captured", razorpay_order_id=None, outcome="nothing new")
    (webhook,) = await shown(shop, "webhooks", [(name, parked)])
    assert (webhook["status"], webhook["reason"]) == ("parked", "unknown")
    (webhook,) = await shown(shop, "webhooks", [(name, again)])
    assert (webhook["outcome"], webhook["reason"]) == ("nothing new", None)


async def test_a_checkout_is_listed_while_it_is_open(shop: Shop) -> None:
    rows = await shown(
        shop,
        "open_checkouts",
        opening(),
        [*begun("a"), *begun("b"), *begun("c"), *begun("d"), *asked_for_money("d")],
        [*asked_for_money("a"), *expired("b"), *bought("e")],
        [(stream(CHECKOUT, "chk_c"), CheckoutCancelled(reason="buyer"))],
    )
    states = {str(row["checkout_session_id"]): row["state"] for row in rows}
    assert states == {"chk_a": "PAYMENT_PENDING", "chk_d": "PAYMENT_PENDING"}


async def test_late_money_does_not_bring_an_ended_checkout_back(shop: Shop) -> None:
    late = PaymentConfirmed(razorpay_order_id="order_a", razorpay_payment_id="pay_a", amount=inr(1))
    begin = [*begun("a"), *asked_for_money("a")]
    pages: list[list[Fact]] = [opening(), begin, expired("a"), [(stream(CHECKOUT, "chk_a"), late)]]
    assert await shown(shop, "open_checkouts", *pages) == []


async def test_a_payment_is_shown_with_its_last_news_and_its_first_sight(shop: Shop) -> None:
    name = stream(PAYMENT, "order_p")
    failed = PaymentFailed(
        razorpay_payment_id="pay_p", amount=inr(500), method="card", reason="declined"
    )
    authorized = PaymentAuthorized(razorpay_payment_id="pay_p", amount=inr(500))
    captured = PaymentCaptured(razorpay_payment_id="pay_p", amount=inr(500))
    (payment,) = await shown(shop, "payments", [(name, failed)])
    assert (payment["status"], payment["reason"]) == ("failed", "declined")
    assert payment["checkout_session_id"] is None
    seen = payment["first_seen"]
    (payment,) = await shown(shop, "payments", [(name, authorized), (name, captured)])
    assert (payment["status"], payment["method"]) == ("captured", "card")
    assert (payment["reason"], payment["first_seen"]) == (None, seen)
    assert payment["changed_at"] != seen


async def test_foreign_money_gets_its_session_as_soon_as_it_is_known(shop: Shop) -> None:
    name = stream(PAYMENT, "order_q")
    captured = PaymentCaptured(razorpay_payment_id="pay_q", amount=inr(500))
    opened = PaymentOrderOpened(
        razorpay_order_id="order_q",
        checkout_session_id="chk_q",
        cart_id="cart_q",
        due=inr(500),
        capture=CaptureMode.AUTOMATIC,
    )
    (payment,) = await shown(shop, "payments", [(name, captured)], [(name, opened)])
    assert payment["checkout_session_id"] == "chk_q"


async def test_a_guest_buys_in_a_session_once_they_have_asked_to_pay(shop: Shop) -> None:
    pages = [opening(), [*begun("a"), *begun("b")], asked_for_money("a")]
    assert await shown(shop, "buyers", *pages) == [
        {
            "book": 1,
            "checkout_session_id": "chk_a",
            "customer_id": "cus_a",
            "razorpay_order_id": "order_a",
        }
    ]


async def test_every_table_and_unique_key_carries_the_book(shop: Shop) -> None:
    tables = [table for each in PROJECTIONS for table in each.TABLES]
    keys = await shop.db.fetch(
        "select tablename, indexdef from pg_indexes where schemaname = 'models'"
        " and indexdef like 'CREATE UNIQUE%'"
    )
    assert {row[0] for row in keys} == {*tables, "checkpoints", "snapshots", "shop"}
    assert all("(book" in row[1] for row in keys)


@pytest.mark.parametrize("projection", PROJECTIONS, ids=lambda each: each.NAME)
def test_no_projection_says_in_which_schema_its_tables_are(projection: Projection) -> None:
    """It would feed the tables that serve, whoever rebuilds beside them."""
    assert isinstance(projection, ModuleType)
    assert re.search(r"\bread(_\w+)?\.\w", getsource(projection)) is None
    assert all(re.fullmatch(rf"\w+_v{projection.VERSION}", name) for name in projection.TABLES)

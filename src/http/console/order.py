"""One order: what it is, what happened to it, its money, its stock, and its proof."""

import asyncio
from typing import Annotated

from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter
from msgspec import Struct

from src.commands.rejections import Unknown
from src.events.envelope import Recorded
from src.events.identifiers import ORDER, PAYMENT, category_of, key_of
from src.events.money import Money
from src.events.order import OrderStatus
from src.http.auth import may_enter
from src.http.console.order_proof import OrderProof, proof_of
from src.http.console.render import Console, show
from src.http.controllers.audit_orders import explained_order
from src.http.documents.order import FullOrder, full_order
from src.http.looks import note_look
from src.http.order_changes import standing_order
from src.http.parameters import IdInPath
from src.http.shop import Shop
from src.http.shop_request import ShopRequest
from src.queries.cases import CaseAnswer, cases_about
from src.queries.payments import PaymentAnswer, list_payments
from src.queries.stock_of_order import StockMove, stock_of_order
from src.queries.timeline import StaffMoment, staff_moment, story
from src.queries.webhooks import WebhookAnswer, list_webhooks

DONE = {
    "cancelled": "The order is cancelled. Stock is free again, and the money is going back.",
    "refunded": "The refund is asked for. Razorpay is told in a moment.",
    "fulfilled": "The parcel is noted.",
}
"""What a page says after a form was sent, by the word in its address."""
DoneInQuery = Annotated[str | None, QueryParameter(max_length=20)]


class Around(Struct, frozen=True, kw_only=True):
    """Everything that belongs to an order beside itself."""

    told: list[StaffMoment]
    payments: list[PaymentAnswer]
    cases: list[CaseAnswer]
    webhooks: list[WebhookAnswer]
    stock: list[StockMove]
    proof: OrderProof


class OrderPage(Controller):
    """One order."""

    path = "/console/orders/{order_id:str}"

    @get()
    async def order(
        self,
        shop: NamedDependency[Shop],
        console: NamedDependency[Console],
        request: ShopRequest,
        order_id: IdInPath,
        done: DoneInQuery = None,
    ) -> Response[None]:
        """Show an order and all that belongs to it."""
        then = await standing_order(shop, order_id)
        order = await full_order(then, shop.people)
        around = await around_order(shop, order_id)
        return show(
            console,
            request,
            "order.html",
            order=order,
            around=around,
            left=left_of(order),
            can_cancel=order.status == OrderStatus.PLACED,
            can_fulfil=order.status != OrderStatus.CANCELLED,
            sees_proofs=may_enter(request.caller, "/console/proofs"),
            done=DONE.get(done or ""),
        )

    @get("/why")
    async def why(
        self,
        shop: NamedDependency[Shop],
        console: NamedDependency[Console],
        request: ShopRequest,
        order_id: IdInPath,
    ) -> Response[None]:
        """Say what led to every fact of an order, down to the bytes that Razorpay signed."""
        then = await standing_order(shop, order_id)
        why = await explained_order(shop, order_id)
        note_look(request, [each.webhook_id for each in why.webhooks if each.body is not None])
        return show(console, request, "why.html", order=then.order, why=why)


def left_of(order: FullOrder) -> Money | None:
    """Return what can still go back; None where nothing was paid."""
    if order.payment is None:
        return None
    paid = order.payment.amount
    return Money(max(0, paid.amount - order.refunded.amount), paid.currency)


async def around_order(shop: Shop, order_id: str) -> Around:
    """Gather what belongs to an order; lists are as new as the read models are in a moment."""
    facts = await story(shop.book, order_id)
    if facts is None:
        raise Unknown("order", order_id)
    await shop.caught_up()
    on = sorted({key_of(fact.stream) for fact in facts if category_of(fact.stream) == PAYMENT})
    payments, webhooks, cases, stock, proof = await asyncio.gather(
        _payments(shop, on),
        _webhooks(shop, on),
        cases_about(shop.reads, shop.book_id, on, now=shop.clock()),
        stock_of_order(shop.book, facts),
        proof_of(shop, _position(facts)),
    )
    return Around(
        told=[staff_moment(fact) for fact in facts],
        payments=payments,
        cases=cases,
        webhooks=webhooks,
        stock=stock,
        proof=proof,
    )


async def _payments(shop: Shop, on: list[str]) -> list[PaymentAnswer]:
    pages = [
        await list_payments(shop.reads, shop.book_id, shop.cursors, razorpay_order_id=each)
        for each in on
    ]
    return [payment for page in pages for payment in reversed(page.items)]


async def _webhooks(shop: Shop, on: list[str]) -> list[WebhookAnswer]:
    pages = [
        await list_webhooks(shop.reads, shop.book_id, shop.cursors, razorpay_order_id=each)
        for each in on
    ]
    return [webhook for page in pages for webhook in reversed(page.items)]


def _position(facts: list[Recorded]) -> int:
    return next(fact.position for fact in facts if category_of(fact.stream) == ORDER)

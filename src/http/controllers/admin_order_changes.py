"""/admin/orders: what becomes of an order: sent, cancelled, its money given back."""

from typing import Annotated

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Meta, Struct

from src.http.answers import answer
from src.http.documents.order import FullOrder
from src.http.fields import MoneyField, Reference, Why, Words
from src.http.order_changes import (
    cancel,
    changed_order,
    fulfil,
    give_back_soon,
    refund,
    standing_order,
)
from src.http.parameters import IdInPath
from src.http.shop import Shop
from src.http.shop_request import ShopRequest
from src.queries.order_refunds import OrderRefund
from src.queries.page import Page


class AdminCancelRequest(Struct, forbid_unknown_fields=True):
    """Why, in words that name no person: the buyer reads them, and they stay in the book."""

    reason: Annotated[Words, Meta(examples=["The last box was damaged."])]


class RefundRequest(Struct, forbid_unknown_fields=True):
    """How much goes back, and why, in words that name no person: they stay in the book."""

    reason: Annotated[Words, Meta(examples=["One cup came broken."])]
    amount: MoneyField | None = None
    """All that is left, when it is not said."""


class FulfilmentRequest(Struct, forbid_unknown_fields=True):
    """The parcel that left."""

    reference: Annotated[Reference, Meta(examples=["DTDC-118204"])]
    reason: Annotated[Why, Meta(examples=["The cups travel apart."])] | None = None


class AdminOrderChangeController(Controller):
    """What becomes of an order."""

    path = "/admin/orders"
    tags = ["Admin"]

    @post("/{order_id:str}/cancel", status_code=200)
    async def cancel_order(
        self,
        shop: NamedDependency[Shop],
        request: ShopRequest,
        order_id: IdInPath,
        data: JSONBody[AdminCancelRequest],
    ) -> Response[FullOrder]:
        """Cancel before a parcel left: stock and coupon are free again, the money goes back.

        Again changes nothing, and the first reason stays.
        """
        changed = await cancel(shop, request, order_id, data.reason)
        answered = await changed_order(shop, order_id, changed.held)
        give_back_soon(shop, changed.placed)
        return answered

    @post("/{order_id:str}/fulfilments", status_code=201)
    async def fulfil_order(
        self,
        shop: NamedDependency[Shop],
        request: ShopRequest,
        order_id: IdInPath,
        data: JSONBody[FulfilmentRequest],
    ) -> Response[FullOrder]:
        """Note that a parcel left; an order may need several. A reference counts once."""
        changed = await fulfil(shop, request, order_id, data.reference, data.reason)
        return await changed_order(shop, order_id, changed.held, status=201)

    @post("/{order_id:str}/refunds", status_code=201)
    async def refund_order(
        self,
        shop: NamedDependency[Shop],
        request: ShopRequest,
        order_id: IdInPath,
        data: JSONBody[RefundRequest],
    ) -> Response[OrderRefund]:
        """Give back a part of what was paid, or all that is left; stock stays where it is.

        The answer says `requested`: Razorpay is asked in a moment, and the
        order shows what becomes of it.
        """
        amount = None if data.amount is None else data.amount.money()
        changed, refund_id = await refund(shop, request, order_id, amount, data.reason)
        then, held = await standing_order(shop, order_id), changed.held
        [begun] = [each for each in then.refunds if each.refund_id == refund_id]
        give_back_soon(shop, changed.placed)
        return answer(begun, status=201, position=held.position, recorded_at=held.recorded_at)

    @get("/{order_id:str}/refunds")
    async def list_order_refunds(
        self, shop: NamedDependency[Shop], order_id: IdInPath
    ) -> Response[Page[OrderRefund]]:
        """List what went back of an order's money, or is to, oldest first."""
        then = await standing_order(shop, order_id)
        return answer(Page(list(then.refunds), None))

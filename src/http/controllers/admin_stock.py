"""/admin/stock: units that came in, and counts that were corrected."""

from typing import Annotated

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Meta, Struct

from src.commands.decisions.catalogue import adjust_stock, receive_stock
from src.commands.rejections import Unknown
from src.commands.view import Decide
from src.http.answers import answer
from src.http.documents.stock import stock_document
from src.http.fields import Reference, Units, UnitsDelta, Why, Words
from src.http.moments import up_to
from src.http.parameters import SkuInPath, WordInQuery
from src.http.refusals import InvalidInput
from src.http.shop import Shop
from src.http.shop_request import ShopRequest
from src.http.stock_counts import counted_once
from src.queries.as_of import stock_as_of
from src.queries.stock import StockAnswer


class ReceiptRequest(Struct, forbid_unknown_fields=True):
    """Units that came in."""

    quantity: Units
    reference: Annotated[Reference, Meta(examples=["PO-2026-017"])] | None = None
    reason: Annotated[Why, Meta(examples=["The order of last week."])] | None = None


class AdjustmentRequest(Struct, forbid_unknown_fields=True):
    """By how much a count was wrong, and why."""

    delta: UnitsDelta
    reason: Annotated[Words, Meta(examples=["three packets were torn"])]


class AdminStockController(Controller):
    """received = available + reserved + committed, always."""

    path = "/admin/stock"
    tags = ["Admin"]

    @get("/{sku:str}")
    async def get_stock(
        self, shop: NamedDependency[Shop], sku: SkuInPath, as_of: WordInQuery = None
    ) -> Response[StockAnswer]:
        """Look at a stock as it stands or as it stood (`as_of` a position or a time).

        It comes straight from the book; its ETag's version is the last count.
        """
        moment = up_to(as_of)
        if moment is None:
            document, version = await shop.ledger.look(lambda view: stock_document(view, sku))
            return answer(document, version=version)
        then = await stock_as_of(shop.book, sku, moment)
        if then is None:
            raise Unknown("product", sku)
        document, version = then
        return answer(document, version=version)

    @post("/{sku:str}/receipts", status_code=201)
    async def receive_stock(
        self,
        shop: NamedDependency[Shop],
        request: ShopRequest,
        sku: SkuInPath,
        data: JSONBody[ReceiptRequest],
    ) -> Response[StockAnswer]:
        """Count units in. With `If-Match`, 412 `version-moved` if others were counted since."""
        counted_at = request.expected_version()
        return await _count(
            shop,
            request,
            sku,
            lambda view: receive_stock(view, sku, data.quantity, data.reference, counted_at),
            data.reason,
        )

    @post("/{sku:str}/adjustments", status_code=201)
    async def adjust_stock(
        self,
        shop: NamedDependency[Shop],
        request: ShopRequest,
        sku: SkuInPath,
        data: JSONBody[AdjustmentRequest],
    ) -> Response[StockAnswer]:
        """Correct a count; 409 `stock-is-promised`, with the holds, for units that are promised.

        With `If-Match`, 412 `version-moved` if there was a receipt or another
        adjustment since.
        """
        if data.delta == 0:
            raise InvalidInput.of("delta", "must not be 0")
        counted_at = request.expected_version()
        return await _count(
            shop,
            request,
            sku,
            lambda view: adjust_stock(view, sku, data.delta, data.reason, counted_at),
        )


async def _count(
    shop: Shop, request: ShopRequest, sku: str, decide: Decide, reason: str | None = None
) -> Response[StockAnswer]:
    position, recorded_at = await counted_once(
        shop, request, sku, decide, reason, is_repeatable=request.is_repeatable
    )
    document, version = await shop.ledger.glance(lambda view: stock_document(view, sku))
    return answer(document, status=201, version=version, position=position, recorded_at=recorded_at)

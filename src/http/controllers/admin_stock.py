"""/admin/stock: units that came in, and counts that were corrected."""

from datetime import datetime
from typing import Annotated

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Meta, Struct

from src.commands.decisions.catalogue import adjust_stock, receive_stock
from src.commands.rejections import Unknown
from src.commands.view import Decide, Fact, View
from src.commands.wish import Busy
from src.events.identifiers import PRODUCT, STOCK, stream
from src.http.answers import answer
from src.http.documents.stock import stock_document
from src.http.fields import Reference, Units, UnitsDelta, Why, Words
from src.http.moments import up_to
from src.http.parameters import SkuInPath, WordInQuery
from src.http.refusals import InvalidInput
from src.http.shop import Shop
from src.http.shop_request import ShopRequest
from src.queries.as_of import stock_as_of
from src.queries.stock import StockAnswer

COUNTS_MAX = 100
"""So many times may others count the same stock between our look and our word."""


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
    position, recorded_at = await _counted_once(shop, request, sku, decide, reason)
    document, version = await shop.ledger.glance(lambda view: stock_document(view, sku))
    return answer(document, status=201, version=version, position=position, recorded_at=recorded_at)


class _CountedMeanwhile(Exception):
    """Somebody counted since we looked, perhaps an earlier try of this very request."""


async def _counted_once(
    shop: Shop, request: ShopRequest, sku: str, decide: Decide, reason: str | None
) -> tuple[int, datetime | None]:
    """Write a count once: twice the same units are not the same wish, and no state tells.

    With an Idempotency-Key another try may be under way, so each is decided on
    the last count that it saw, and whoever is overtaken looks for its own.
    """
    name, command_id, asks = stream(STOCK, sku), request.seen.command_id, request.again
    for _ in range(COUNTS_MAX):
        seen = await shop.ledger.glance(lambda view: view.stock(sku).counted_at)
        if asks and (position := await shop.book.has_command(name, command_id)) is not None:
            return position, None
        rule = _unless_counted(sku, seen, decide) if request.is_repeatable else decide
        try:
            held = await shop.ledger.transact(
                request.cause(reason=reason), rule, needs=[stream(PRODUCT, sku), name]
            )
        except _CountedMeanwhile:
            asks = True
        else:
            return held.position, held.recorded_at
    raise Busy("the stock kept being counted")


def _unless_counted(sku: str, seen: int, decide: Decide) -> Decide:
    def checked(view: View) -> list[Fact]:
        if view.stock(sku).counted_at != seen:
            raise _CountedMeanwhile
        return decide(view)

    return checked

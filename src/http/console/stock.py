"""Stock: every SKU, and one SKU with what moved, for whom it is held, and how to count it."""

from typing import Annotated

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import QueryParameter
from msgspec import Meta, Struct

from src.commands.decisions.catalogue import adjust_stock, receive_stock
from src.commands.view import Decide
from src.http.analytics import Question, question
from src.http.console.charts import Chart
from src.http.console.drawing import Colours, Width, pixels
from src.http.console.figures import svg
from src.http.console.filters import TextInQuery, address_of, one_of, text
from src.http.console.forms import form
from src.http.console.render import Console, go_to, show
from src.http.console.shelf_chart import MOVEMENTS, shelf_chart
from src.http.documents.stock import stock_document
from src.http.fields import SKU_LENGTH_MAX, UNITS_MAX, Reference, Why, Words
from src.http.parameters import SkuInPath
from src.http.refusals import InvalidInput
from src.http.shop import Shop
from src.http.shop_request import ShopRequest
from src.http.stock_counts import counted_once
from src.queries.analytics import stock as stock_figures
from src.queries.analytics.stock import stock_turnover
from src.queries.shelf_list import sku_page
from src.queries.shelves import holds, movements

PATH = "/console/stock"
DONE = {
    "received": "The units are counted in.",
    "adjusted": "The count is corrected.",
}
"""What a page says after a form was sent, by the word in its address."""
DoneInQuery = Annotated[str | None, QueryParameter(max_length=20)]
AfterInQuery = Annotated[str | None, QueryParameter(max_length=SKU_LENGTH_MAX)]
Number = Annotated[str, Meta(pattern=r"^[-+]?[0-9]{1,9}$")]


class ReceiptForm(Struct, forbid_unknown_fields=True):
    """Units that came in."""

    quantity: Number
    reference: Reference | None = None
    reason: Why | None = None


class AdjustmentForm(Struct, forbid_unknown_fields=True):
    """By how much a count was wrong, and why."""

    delta: Number
    reason: Words


class StockPage(Controller):
    """Stock for those who run the shop."""

    path = PATH

    @get()
    async def shelves(
        self,
        shop: NamedDependency[Shop],
        console: NamedDependency[Console],
        request: ShopRequest,
        q: TextInQuery = None,
        after: AfterInQuery = None,
    ) -> Response[None]:
        """List SKUs in the order of their numbers, with the figures of the last 30 days."""
        asked = await _asked(shop)
        page = await sku_page(shop.analytics, shop.book_id, after=text(after), like=text(q))
        found = await stock_turnover(shop.analytics, asked.scope, shop.clock(), page.skus)
        more = None if page.next_after is None else address_of(PATH, {"q": q})
        return show(
            console,
            request,
            "stock.html",
            found=found,
            days=asked.scope.days,
            fresh=asked.fresh,
            q=q,
            path=PATH,
            more=None if more is None else f"{more}after={page.next_after}",
        )

    @get("/{sku:str}")
    async def shelf(
        self,
        shop: NamedDependency[Shop],
        console: NamedDependency[Console],
        request: ShopRequest,
        sku: SkuInPath,
        done: DoneInQuery = None,
    ) -> Response[None]:
        """Show one SKU; its units come straight from the book, its past as analysts see it."""
        now, version = await shop.ledger.look(lambda view: stock_document(view, sku))
        asked = await _asked(shop)
        moved = await movements(shop.analytics, shop.book_id, sku)
        found = await stock_turnover(shop.analytics, asked.scope, shop.clock(), [sku])
        chart = shelf_chart(sku, moved, console.zone)
        return show(
            console,
            request,
            "sku.html",
            sku=sku,
            now=now,
            version=version,
            item=found.items[0] if moved and found.items else None,
            days=asked.scope.days,
            fresh=asked.fresh,
            moved=moved,
            holds=await holds(shop.analytics, shop.book_id, sku),
            clock=shop.clock(),
            chart=chart,
            pictures=_pictures(sku, chart, console),
            pixels=pixels,
            done=DONE.get(done or ""),
            path=PATH,
        )

    @get("/{sku:str}/movements")
    async def picture(
        self,
        shop: NamedDependency[Shop],
        console: NamedDependency[Console],
        sku: SkuInPath,
        key: TextInQuery = None,
        colours: TextInQuery = None,
        width: TextInQuery = None,
    ) -> Response[None]:
        """Draw what moved, with the page's own numbers, or else with those of now."""
        ground = one_of("colours", Colours, colours) or Colours.LIGHT
        room = one_of("width", Width, width) or Width.WIDE
        wanted = console.pictures.find(key or "", MOVEMENTS)
        if wanted is None:
            moved = await movements(shop.analytics, shop.book_id, sku)
            wanted = shelf_chart(sku, moved, console.zone)
        return await svg(console, wanted, ground, room, key)

    @post("/{sku:str}/receipts")
    async def receive(
        self, shop: NamedDependency[Shop], request: ShopRequest, sku: SkuInPath
    ) -> Response[None]:
        """Count units in."""
        said = form(request, ReceiptForm)
        units = _number("quantity", said.quantity, 1)
        await _count(
            shop,
            request,
            sku,
            lambda view: receive_stock(view, sku, units, said.reference, None),
            said.reason,
        )
        return go_to(f"{PATH}/{sku}?done=received")

    @post("/{sku:str}/adjustments")
    async def adjust(
        self, shop: NamedDependency[Shop], request: ShopRequest, sku: SkuInPath
    ) -> Response[None]:
        """Correct a count; units that are promised cannot be lost."""
        said = form(request, AdjustmentForm)
        delta = _number("delta", said.delta, -UNITS_MAX)
        if delta == 0:
            raise InvalidInput.of("delta", "must not be 0")
        await _count(
            shop, request, sku, lambda view: adjust_stock(view, sku, delta, said.reason, None)
        )
        return go_to(f"{PATH}/{sku}?done=adjusted")


async def _asked(shop: Shop) -> Question:
    """Ask about the last 30 days."""
    return await question(
        shop, stock_figures.VIEWS, first_day=None, last_day=None, time_zone=None, as_of=None
    )


async def _count(
    shop: Shop, request: ShopRequest, sku: str, decide: Decide, reason: str | None = None
) -> None:
    """A form carries its own key, so that a second click is the same wish."""
    await counted_once(shop, request, sku, decide, reason, is_repeatable=True)


def _pictures(sku: str, chart: Chart, console: Console) -> dict[str, str]:
    path = f"{PATH}/{sku}/movements?key={console.pictures.keep(chart)}"
    return {f"{w}-{c}": f"{path}&colours={c}&width={w}" for w in Width for c in Colours}


def _number(field: str, given: str, least: int) -> int:
    number = int(given)
    if not least <= number <= UNITS_MAX:
        raise InvalidInput.of(field, f"must be from {least:,} to {UNITS_MAX:,}")
    return number

"""/products: what can be bought."""

from litestar import Controller, Response, get
from litestar.di import NamedDependency

from src.http.answers import answer
from src.http.documents.product import product_document
from src.http.parameters import CursorInQuery, LimitInQuery, SkuInPath
from src.http.shop import Shop
from src.queries.page import LIMIT_DEFAULT, Page
from src.queries.products import ProductAnswer, list_products


class ProductController(Controller):
    """What can be bought."""

    path = "/products"
    tags = ["Products"]

    @get()
    async def list_products(
        self,
        shop: NamedDependency[Shop],
        limit: LimitInQuery = LIMIT_DEFAULT,
        cursor: CursorInQuery = None,
    ) -> Response[Page[ProductAnswer]]:
        """List products in the order of their SKUs; `available` is what a checkout can reserve."""
        page = await list_products(
            shop.reads, shop.book_id, shop.cursors, cursor=cursor, limit=limit
        )
        return answer(page)

    @get("/{sku:str}")
    async def get_product(
        self, shop: NamedDependency[Shop], sku: SkuInPath
    ) -> Response[ProductAnswer]:
        """Look at one product, as it is offered at this moment."""
        document, version = await shop.ledger.look(lambda view: product_document(view, sku))
        return answer(document, version=version)

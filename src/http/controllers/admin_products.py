"""/admin/products: what is for sale."""

from typing import Annotated

from litestar import Controller, Response, put
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec
from litestar.params import JSONBody
from msgspec import Meta, Struct

from src.commands.decisions.catalogue import list_product
from src.commands.decisions.preconditions import at_version
from src.commands.view import Fact, View
from src.events.identifiers import PRODUCT, STOCK, stream
from src.events.product import Product, ProductListed
from src.http.answers import held_answer
from src.http.currencies import check_currency
from src.http.documents.product import product_document
from src.http.fields import MoneyField, Name, WeightGrams, Why
from src.http.parameters import SkuInPath
from src.http.shop import Shop
from src.http.shop_request import ShopRequest
from src.queries.products import ProductAnswer

ProductName = Annotated[Name, Meta(examples=["Masala chai, 250 g"])]


class ProductRequest(Struct, forbid_unknown_fields=True, kw_only=True):
    """How a product is offered; the price includes tax."""

    name: ProductName
    price: MoneyField
    weight_grams: WeightGrams = 0
    reason: Annotated[Why, Meta(examples=["The spring price list."])] | None = None


class AdminProductController(Controller):
    """What is for sale."""

    path = "/admin/products"
    tags = ["Admin"]

    @put(
        "/{sku:str}",
        responses={201: ResponseSpec(ProductAnswer, description="The product is new.")},
    )
    async def list_product(
        self,
        shop: NamedDependency[Shop],
        request: ShopRequest,
        sku: SkuInPath,
        data: JSONBody[ProductRequest],
    ) -> Response[ProductAnswer]:
        """Offer a product: 201 when it is new, else 200. Checkouts in progress keep their prices.

        Name and price alone make a product. With `If-Match`, 412 `version-moved`
        if somebody else revised it meanwhile.
        """
        check_currency(shop, "price", data.price)
        name = stream(PRODUCT, sku)
        product = Product(
            sku=sku, name=data.name, price=data.price.money(), weight_grams=data.weight_grams
        )
        new = False

        def decide(view: View) -> list[Fact]:
            nonlocal new
            facts = list_product(view, product)
            new = any(isinstance(event, ProductListed) for _, event in facts)
            return facts

        checked = at_version(name, request.expected_version(), decide)
        held = await shop.ledger.transact(
            request.cause(reason=data.reason), checked, needs=[name, stream(STOCK, sku)]
        )
        document, version = await shop.ledger.glance(lambda view: product_document(view, sku))
        return held_answer(document, version, held, status=201 if new else 200)

"""/shipping-methods: the ways to send a cart, with their prices."""

from litestar import Controller, Response, get
from litestar.di import NamedDependency
from msgspec import Struct

from src.commands.view import View
from src.events.identifiers import CART, stream
from src.events.pricing import ShippingChoice
from src.events.shipping import METHODS
from src.http.answers import answer
from src.http.documents.shipping import shipping_document
from src.http.parameters import IdInQuery, PostalCodeInQuery
from src.http.shop import Shop
from src.http.shop_request import ShopRequest


class ShippingChoices(Struct, frozen=True):
    """Every way to send a cart, cheapest first; none if nothing ships there."""

    items: list[ShippingChoice]


class ShippingMethodController(Controller):
    """Ways to send a cart."""

    path = "/shipping-methods"
    tags = ["Checkout"]

    @get()
    async def list_choices(
        self,
        shop: NamedDependency[Shop],
        request: ShopRequest,
        cart_id: IdInQuery,
        postal_code: PostalCodeInQuery,
    ) -> Response[ShippingChoices]:
        """List the ways to send the caller's cart to a postal code, cheapest first."""
        caller, now = request.shopper(), shop.clock()

        def question(view: View) -> list[ShippingChoice]:
            shop.check_cart(view, caller, cart_id)
            return shipping_document(view, cart_id, postal_code, now)

        choices = await shop.ledger.look(question, needs=[stream(CART, cart_id), METHODS])
        return answer(ShippingChoices(choices))

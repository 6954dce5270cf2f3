"""/customers/me/cart: the cart that a customer fills, wherever they log in."""

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Struct

from src.events.identifiers import CART, CUSTOMER, stream
from src.http.answers import answer, held_answer
from src.http.bringing import bring, shown_own_cart
from src.http.documents.cart import CartDocument
from src.http.fields import Id
from src.http.guards import customers_only
from src.http.preconditions import expected_of
from src.http.shop import Shop
from src.http.shop_request import ShopRequest


class BringRequest(Struct, forbid_unknown_fields=True):
    """Which guest's cart; its secret comes as `X-Session-Id`."""

    cart_id: Id


class OwnCartController(Controller):
    """The customer's own cart."""

    path = "/customers/me/cart"
    tags = ["Carts"]
    guards = [customers_only]

    @get()
    async def get_own_cart(
        self, shop: NamedDependency[Shop], request: ShopRequest
    ) -> Response[CartDocument]:
        """Look at the newest cart that the customer opened or brought along and has not ordered.

        404 when there is none. Once it is ordered, the one before comes back, up
        to five of them.
        """
        customer_id = request.customer().customer_id
        document, version = await shop.ledger.look(
            lambda view: shown_own_cart(shop, view, customer_id),
            needs=[stream(CUSTOMER, customer_id)],
        )
        return answer(document, version=version)

    @post(status_code=200)
    async def bring_cart(
        self, shop: NamedDependency[Shop], request: ShopRequest, data: JSONBody[BringRequest]
    ) -> Response[CartDocument]:
        """Bring a guest's cart along, of which `X-Session-Id` is the secret; again changes nothing.

        Quantities are added to the customer's cart, and the guest's is over. If
        the customer's cannot be changed, or not everything would fit, the
        guest's becomes the customer's as it is. 409 `cart-locked` while it is
        checked out: then it stays the guest's. `If-Match` names the version of
        the customer's cart: 412 `version-moved` if it is another.
        """
        caller = request.customer()
        expected = await expected_of(shop, request, stream(CART, data.cart_id))
        held = await bring(shop, request, caller, data.cart_id, expected)
        document, version = await shop.ledger.glance(
            lambda view: shown_own_cart(shop, view, caller.customer_id)
        )
        return held_answer(document, version, held)

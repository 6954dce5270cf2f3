"""/carts: fill a cart."""

from litestar import Controller, Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Struct
from msgspec.structs import replace

from src.commands.decisions.cart import apply_coupon, open_cart, remove_coupon, set_item
from src.commands.decisions.preconditions import at_version
from src.commands.decisions.start import known_redeemers
from src.commands.view import Decide, Fact, View
from src.commands.wish import Held
from src.events.identifiers import CART, derived, public_id, stream
from src.http.answers import answer, held_answer
from src.http.auth import SHOPPERS, Caller, CustomerCaller, StaffCaller, guest_secret
from src.http.documents.cart import CartDocument, cart_document
from src.http.fields import CouponCode, QuantityOrNone
from src.http.parameters import IdInPath, SkuInPath
from src.http.preconditions import demand_nothing
from src.http.refusals import Forbidden
from src.http.shop import Shop
from src.http.shop_request import ShopRequest


class ItemRequest(Struct, forbid_unknown_fields=True):
    """How many of a product."""

    quantity: QuantityOrNone


class CartCouponRequest(Struct, forbid_unknown_fields=True):
    """Which coupon."""

    code: CouponCode


class NewCartRequest(Struct, forbid_unknown_fields=True):
    """A cart needs nothing to begin with."""


class CartController(Controller):
    """Carts."""

    path = "/carts"
    tags = ["Carts"]

    @post(status_code=201)
    async def open_cart(
        self, shop: NamedDependency[Shop], request: ShopRequest, data: JSONBody[NewCartRequest]
    ) -> Response[CartDocument]:
        """Open a cart. Without a token the answer carries the guest's secret, `session_id`."""
        demand_nothing(request)
        cause = request.cause()
        cart_id = public_id("cart", derived(cause.command_id, "cart"))
        customer_id = _customer(request.caller)
        held = await shop.ledger.transact(
            request.cause(cart_id),
            lambda view: open_cart(view, cart_id, customer_id, shop.currency),
            begins=[stream(CART, cart_id)],
        )
        response = await _cart(shop, cart_id)
        if customer_id is None:
            secret = guest_secret(cart_id, shop.guest_key)
            response = (replace(response[0], session_id=secret), response[1])
        return _answer(response, held, status=201)

    @get("/{cart_id:str}")
    async def get_cart(
        self, shop: NamedDependency[Shop], request: ShopRequest, cart_id: IdInPath
    ) -> Response[CartDocument]:
        """Look at a cart, at today's prices until it is checked out."""
        caller = request.shopper()

        def question(view: View) -> tuple[CartDocument, int]:
            shop.check_cart(view, caller, cart_id)
            return _show(shop, view, cart_id)

        document, version = await shop.ledger.look(question, needs=[stream(CART, cart_id)])
        return answer(document, version=version)

    @put("/{cart_id:str}/items/{sku:str}")
    async def set_item(
        self,
        shop: NamedDependency[Shop],
        request: ShopRequest,
        cart_id: IdInPath,
        sku: SkuInPath,
        data: JSONBody[ItemRequest],
    ) -> Response[CartDocument]:
        """Set how many of a product the cart holds; 0 removes it."""
        now = shop.clock()
        return await _change(
            shop, request, cart_id, lambda view: set_item(view, cart_id, sku, data.quantity, now)
        )

    @delete("/{cart_id:str}/items/{sku:str}", status_code=200)
    async def remove_item(
        self,
        shop: NamedDependency[Shop],
        request: ShopRequest,
        cart_id: IdInPath,
        sku: SkuInPath,
    ) -> Response[CartDocument]:
        """Take a product out of the cart."""
        now = shop.clock()
        return await _change(
            shop, request, cart_id, lambda view: set_item(view, cart_id, sku, 0, now)
        )

    @put("/{cart_id:str}/coupon")
    async def apply_coupon(
        self,
        shop: NamedDependency[Shop],
        request: ShopRequest,
        cart_id: IdInPath,
        data: JSONBody[CartCouponRequest],
    ) -> Response[CartDocument]:
        """Use a coupon."""
        now = shop.clock()
        customer_id = _customer(request.caller)

        def decide(view: View) -> list[Fact]:
            redeemers = known_redeemers(view, customer_id)
            return apply_coupon(view, cart_id, data.code, redeemers, now)

        return await _change(shop, request, cart_id, decide)

    @delete("/{cart_id:str}/coupon", status_code=200)
    async def remove_coupon(
        self, shop: NamedDependency[Shop], request: ShopRequest, cart_id: IdInPath
    ) -> Response[CartDocument]:
        """Use no coupon."""
        now = shop.clock()
        return await _change(shop, request, cart_id, lambda view: remove_coupon(view, cart_id, now))


def _customer(caller: Caller) -> str | None:
    match caller:
        case CustomerCaller(customer_id):
            return customer_id
        case StaffCaller():
            raise Forbidden(SHOPPERS)
        case _:
            return None


async def _change(
    shop: Shop, request: ShopRequest, cart_id: str, decide: Decide
) -> Response[CartDocument]:
    caller, expected = request.shopper(), request.expected_version()
    name = stream(CART, cart_id)

    def owned(view: View) -> list[Fact]:
        shop.check_cart(view, caller, cart_id)
        return at_version(name, expected, decide)(view)

    held = await shop.ledger.transact(request.cause(cart_id), owned, needs=[name])
    return _answer(await _cart(shop, cart_id), held)


async def _cart(shop: Shop, cart_id: str) -> tuple[CartDocument, int]:
    return await shop.ledger.glance(lambda view: _show(shop, view, cart_id))


def _show(shop: Shop, view: View, cart_id: str) -> tuple[CartDocument, int]:
    document = cart_document(view, cart_id, shop.clock())
    return document, view.version(stream(CART, cart_id))


def _answer(
    shown: tuple[CartDocument, int], held: Held, status: int = 200
) -> Response[CartDocument]:
    document, version = shown
    return held_answer(document, version, held, status=status)

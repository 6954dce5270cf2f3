"""/orders: create the payment intent, read what became of it, and cancel it."""

from functools import partial

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec
from litestar.params import JSONBody

from src.commands.decisions.intent import RequestIntent
from src.commands.decisions.orders import cancel_order
from src.commands.decisions.preconditions import at_version
from src.commands.decisions.start import StartCheckout
from src.commands.rejections import ShippingNotAvailable, Unknown
from src.commands.view import View
from src.events.identifiers import CART, CHECKOUT, Stream, derived, public_id, stream
from src.events.order import OrderPlaced
from src.http.answers import answer, held_answer
from src.http.auth import Caller
from src.http.buyers import BuyerRequest, Known, known_buyer
from src.http.controllers.checkout import (
    CANCELLED_BY_SHOPPER,
    CancelRequest,
    check_session,
    shown_session,
)
from src.http.documents.checkout import CheckoutDocument
from src.http.documents.order import FullOrder, full_order
from src.http.fields import MoneyField
from src.http.moments import in_utc, up_to
from src.http.order_changes import (
    change,
    changed_order,
    give_back_soon,
    placed_order,
    standing_order,
)
from src.http.order_owners import check_owner, persons
from src.http.parameters import CursorInQuery, IdInPath, LimitInQuery, MomentInQuery, WordInQuery
from src.http.preconditions import expected_of
from src.http.refusals import InvalidInput
from src.http.shop import Shop
from src.http.shop_request import ShopRequest
from src.projections.order_document import OrderDocument
from src.queries.as_of import StandingOrder
from src.queries.history import Moment
from src.queries.orders import list_orders
from src.queries.page import LIMIT_DEFAULT, Page
from src.queries.timeline import Moment as Told
from src.queries.timeline import timeline

SHIPS_TO = "IN"


class OrderRequest(BuyerRequest, forbid_unknown_fields=True, kw_only=True):
    """Which session or cart, who buys, where to, and what the client expects to pay."""

    expected_total: MoneyField | None = None


class OrderController(Controller):
    """Orders."""

    path = "/orders"
    tags = ["Orders"]

    @post(
        status_code=201,
        responses={
            200: ResponseSpec(CheckoutDocument, description="The intent that is there already.")
        },
    )
    async def create_payment_intent(
        self,
        shop: NamedDependency[Shop],
        request: ShopRequest,
        data: JSONBody[OrderRequest],
    ) -> Response[CheckoutDocument]:
        """Create the payment intent; the order follows when the money is captured.

        With `cart_id` the cart's open session is used, or one is started.
        Asking again answers 200 with the same intent. A total of zero makes the
        order at once. `If-Match` names the version of what the body names, the
        cart or the session: 412 `version-moved`, and nothing is asked for.
        """
        caller = request.shopper()
        cart_id = await _cart_id(shop, caller, data)
        known = await known_buyer(shop, caller, cart_id, data)
        request.seen.about = known.buyer.customer_id
        command = _command(shop, request, data, known)
        cause = request.cause(cart_id)
        name = _bought(data, cart_id)
        intended = await shop.intents.create(
            cause,
            command,
            _first(shop, data, command),
            partial(at_version, name, await expected_of(shop, request, name)),
        )
        session, held = intended.checkout_session_id, intended.held
        await shop.snapshots.keep(session, held.position)
        now = shop.clock()
        document, version = await shop.ledger.glance(
            lambda view: shown_session(shop, view, session, now)
        )
        return held_answer(document, version, held, status=201 if intended.new else 200)

    @get()
    async def list_own_orders(
        self,
        shop: NamedDependency[Shop],
        request: ShopRequest,
        status: WordInQuery = None,
        placed_from: MomentInQuery = None,
        placed_to: MomentInQuery = None,
        limit: LimitInQuery = LIMIT_DEFAULT,
        cursor: CursorInQuery = None,
    ) -> Response[Page[OrderDocument]]:
        """List the customer's orders, newest first, the one just placed included.

        With them come those of guests who were claimed with `POST /customers/claim`.
        """
        customer = request.customer()
        since, until = in_utc("placed_from", placed_from), in_utc("placed_to", placed_to)
        await shop.caught_up()
        buyers = await shop.ledger.look(lambda view: persons(view, customer))
        page = await list_orders(
            shop.reads,
            shop.book_id,
            shop.cursors,
            buyers=buyers,
            status=status,
            placed_from=since,
            placed_to=until,
            cursor=cursor,
            limit=limit,
        )
        return answer(page)

    @get("/{order_id:str}")
    async def get_order(
        self,
        shop: NamedDependency[Shop],
        request: ShopRequest,
        order_id: IdInPath,
        as_of: WordInQuery = None,
    ) -> Response[FullOrder]:
        """Look at one order, as it stands or as it stood (`as_of` a position or a time).

        `refunded` is what went back or is on its way: a refund counts from its
        request on, unless nothing came of it. `refunds` says how far each is.
        """
        then = await own_order(shop, request.shopper(), order_id, up_to(as_of))
        return answer(await full_order(then, shop.people), version=then.version)

    @post("/{order_id:str}/cancel", status_code=200)
    async def cancel_order(
        self,
        shop: NamedDependency[Shop],
        request: ShopRequest,
        order_id: IdInPath,
        data: JSONBody[CancelRequest],  # its shape is checked, its words are not kept
    ) -> Response[FullOrder]:
        """Cancel before a parcel left: all of the money goes back. Again changes nothing."""
        caller = request.shopper()
        placed = await shop.ledger.look(lambda view: check_order(shop, view, caller, order_id))
        held = await change(
            shop, request, placed, lambda view: cancel_order(view, order_id, CANCELLED_BY_SHOPPER)
        )
        answered = await changed_order(shop, order_id, held)
        give_back_soon(shop, placed)
        return answered

    @get("/{order_id:str}/timeline")
    async def get_timeline(
        self, shop: NamedDependency[Shop], request: ShopRequest, order_id: IdInPath
    ) -> Response[dict[str, list[Told]]]:
        """Read what happened, in words, oldest first."""
        await own_order(shop, request.shopper(), order_id)
        told = await timeline(shop.book, order_id)
        if told is None:
            raise Unknown("order", order_id)
        return answer({"items": told})


async def _cart_id(shop: Shop, caller: Caller, data: OrderRequest) -> str:
    """Return the cart that is bought, after a look whether it is the caller's.

    A glance is enough: whose a cart is never changes, and the purchase is decided on its own.
    """
    session, cart_id = data.checkout_session_id, data.cart_id
    if (session is None) == (cart_id is None):
        raise InvalidInput.of("checkout_session_id", "Send either this or cart_id.")
    if session is not None:
        return await shop.ledger.glance(lambda view: check_session(shop, view, caller, session))
    wanted = str(cart_id)
    await shop.ledger.glance(lambda view: shop.check_cart(view, caller, wanted))
    return wanted


def _bought(data: OrderRequest, cart_id: str) -> Stream:
    """Return what the body names, which is what If-Match is about."""
    session = data.checkout_session_id
    return stream(CART, cart_id) if session is None else stream(CHECKOUT, session)


def _command(shop: Shop, request: ShopRequest, data: OrderRequest, known: Known) -> RequestIntent:
    if known.country != SHIPS_TO:
        raise ShippingNotAvailable(f"{known.postal_code} ({known.country})", None)
    fresh = public_id("cs", derived(request.seen.command_id, "checkout"))
    return RequestIntent(
        checkout_session_id=data.checkout_session_id or fresh,
        buyer=known.buyer,
        shipping_address=known.shipping_address,
        billing_address=known.billing_address,
        postal_code=known.postal_code,
        shipping_method=data.shipping_method,
        expected_total=None if data.expected_total is None else data.expected_total.money(),
        wish=known.wish,
        now=shop.clock(),
    )


def _first(shop: Shop, data: OrderRequest, command: RequestIntent) -> StartCheckout | None:
    if data.cart_id is None:
        return None
    return StartCheckout(
        checkout_session_id=command.checkout_session_id,
        cart_id=data.cart_id,
        now=command.now,
        expires_at=command.now + shop.checkout_ttl,
        postal_code=command.postal_code,
        shipping_method=command.shipping_method,
    )


async def own_order(
    shop: Shop, caller: Caller, order_id: str, as_of: Moment | None = None
) -> StandingOrder:
    """Return the caller's order as it stood; another's does not exist, nor does a later one."""
    found = await standing_order(shop, order_id, as_of)
    await shop.ledger.look(lambda view: check_owner(shop, view, caller, found.order))
    return found


def check_order(shop: Shop, view: View, caller: Caller, order_id: str) -> OrderPlaced:
    """Return the caller's order as it was placed; another's does not exist."""
    placed = placed_order(view, order_id)
    check_owner(shop, view, caller, placed)
    return placed

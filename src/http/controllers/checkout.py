"""/checkout: from cart to checkout session, and back."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec
from litestar.params import JSONBody
from litestar.response import ServerSentEvent, ServerSentEventMessage
from msgspec import Meta, Struct

from src.commands.decisions.endings import cancel
from src.commands.decisions.preconditions import at_version
from src.commands.decisions.start import SessionWanted, StartCheckout
from src.commands.rejections import Unknown
from src.commands.view import Fact, View
from src.events.checkout import NoCheckout
from src.events.identifiers import CART, CHECKOUT, derived, public_id, stream
from src.http.answers import answer, held_answer
from src.http.auth import Caller
from src.http.documents.checkout import CheckoutDocument, checkout_document
from src.http.fields import Code, Id, MoneyField, PostalCode
from src.http.parameters import IdInPath
from src.http.preconditions import expected_of
from src.http.shop import Shop
from src.http.shop_request import ShopRequest
from src.queries.live import Heartbeat, News

CANCELLED_BY_SHOPPER = "cancelled by the customer"


class StartRequest(Struct, forbid_unknown_fields=True):
    """Which cart, and what the client already knows."""

    cart_id: Id
    postal_code: PostalCode | None = None
    shipping_method: Code | None = None
    expected_total: MoneyField | None = None


class CancelRequest(Struct, forbid_unknown_fields=True):
    """Cancelling needs no words; a shopper's own are not kept, for the book forgets nothing."""

    reason: Annotated[str, Meta(min_length=1, max_length=200)] | None = None


class CheckoutController(Controller):
    """Checkout sessions."""

    path = "/checkout"
    tags = ["Checkout"]

    @post(
        status_code=201,
        responses={
            200: ResponseSpec(CheckoutDocument, description="The session that is open already.")
        },
    )
    async def start_checkout(
        self, shop: NamedDependency[Shop], request: ShopRequest, data: JSONBody[StartRequest]
    ) -> Response[CheckoutDocument]:
        """Start a session: prices frozen, stock reserved, cart locked.

        Answers 200 with the open session if the cart has one. `If-Match` names the
        cart's version: 412 `version-moved` if it is not the cart that was shown.
        """
        caller, cause = request.shopper(), request.cause(data.cart_id)
        session = public_id("cs", derived(cause.command_id, "checkout"))
        wanted = SessionWanted(_start(shop, data, session))
        cart = stream(CART, data.cart_id)
        expected = await expected_of(shop, request, cart)

        def decide(view: View) -> list[Fact]:
            shop.check_cart(view, caller, data.cart_id)
            return at_version(cart, expected, wanted.decide)(view)

        held = await shop.ledger.transact(
            cause,
            decide,
            needs=[cart],
            begins=[stream(CHECKOUT, session)],
        )
        document, version = await _show(shop, wanted.session)
        await shop.snapshots.keep(document.checkout_session_id, held.position)
        is_new = document.checkout_session_id == session
        return held_answer(document, version, held, status=201 if is_new else 200)

    @get("/{checkout_session_id:str}")
    async def get_checkout(
        self, shop: NamedDependency[Shop], request: ShopRequest, checkout_session_id: IdInPath
    ) -> Response[CheckoutDocument]:
        """Look at a session; 410 once it has expired."""
        caller, now = request.shopper(), shop.clock()

        def question(view: View) -> tuple[CheckoutDocument, int]:
            check_session(shop, view, caller, checkout_session_id)
            return shown_session(shop, view, checkout_session_id, now)

        document, version = await shop.ledger.look(
            question, needs=[stream(CHECKOUT, checkout_session_id)]
        )
        await shop.snapshots.restore(document, version, shop.book.head)
        return answer(document, version=version)

    @post("/{checkout_session_id:str}/cancel", status_code=200)
    async def cancel_checkout(
        self,
        shop: NamedDependency[Shop],
        request: ShopRequest,
        checkout_session_id: IdInPath,
        data: JSONBody[CancelRequest],
    ) -> Response[CheckoutDocument]:
        """Give a session up: stock released, cart unlocked. Again changes nothing."""
        caller, now = request.shopper(), shop.clock()
        name = stream(CHECKOUT, checkout_session_id)
        expected = await expected_of(shop, request, name)

        def rule(view: View) -> list[Fact]:
            return cancel(view, checkout_session_id, CANCELLED_BY_SHOPPER, now)

        def decide(view: View) -> list[Fact]:
            check_session(shop, view, caller, checkout_session_id)
            return at_version(name, expected, rule)(view)

        cause = request.cause(await _cart_of(shop, checkout_session_id))
        held = await shop.ledger.transact(cause, decide, needs=[name])
        document, version = await _show(shop, checkout_session_id)
        await shop.snapshots.keep(document.checkout_session_id, held.position)
        return held_answer(document, version, held)

    @get("/{checkout_session_id:str}/events")
    async def watch_checkout(
        self, shop: NamedDependency[Shop], request: ShopRequest, checkout_session_id: IdInPath
    ) -> ServerSentEvent:
        """Watch a session live: events are facts, ids positions; honours `Last-Event-ID`."""
        caller = request.shopper()
        await shop.ledger.look(
            lambda view: check_session(shop, view, caller, checkout_session_id),
            needs=[stream(CHECKOUT, checkout_session_id)],
        )
        # Asked for before the answer begins, so that a full house can still say so.
        news = shop.feed.facts(checkout_session_id, request.last_event_id)
        return ServerSentEvent(_messages(news))


def _start(shop: Shop, data: StartRequest, session: str) -> StartCheckout:
    now = shop.clock()
    return StartCheckout(
        checkout_session_id=session,
        cart_id=data.cart_id,
        now=now,
        expires_at=now + shop.checkout_ttl,
        postal_code=data.postal_code,
        shipping_method=data.shipping_method,
        expected_total=None if data.expected_total is None else data.expected_total.money(),
    )


def check_session(shop: Shop, view: View, caller: Caller, checkout_session_id: str) -> str:
    """Return the cart of the caller's session; another's does not exist."""
    checkout = view.checkout(checkout_session_id)
    if isinstance(checkout, NoCheckout):
        raise Unknown("checkout session", checkout_session_id)
    try:
        shop.check_cart(view, caller, checkout.basis.cart_id)
    except Unknown:
        raise Unknown("checkout session", checkout_session_id) from None
    return checkout.basis.cart_id


async def _cart_of(shop: Shop, checkout_session_id: str) -> str | None:
    checkout = await shop.ledger.glance(lambda view: view.checkout(checkout_session_id))
    return None if isinstance(checkout, NoCheckout) else checkout.basis.cart_id


async def _show(shop: Shop, checkout_session_id: str) -> tuple[CheckoutDocument, int]:
    now = shop.clock()
    return await shop.ledger.glance(
        lambda view: shown_session(shop, view, checkout_session_id, now)
    )


def shown_session(
    shop: Shop, view: View, checkout_session_id: str, now: datetime
) -> tuple[CheckoutDocument, int]:
    """Show a session with the version of its stream."""
    document = checkout_document(view, checkout_session_id, shop.key_id, now)
    return document, view.version(stream(CHECKOUT, checkout_session_id))


async def _messages(news: AsyncIterator[News]) -> AsyncIterator[ServerSentEventMessage]:
    async for fact in news:
        yield _message(fact)


def _message(fact: News) -> ServerSentEventMessage:
    if isinstance(fact, Heartbeat):
        return ServerSentEventMessage(comment="still here")
    return ServerSentEventMessage(event=fact.name, id=fact.position, data=fact.payload.decode())

"""/payments: what checkout.js brings back."""

from litestar import Controller, Response, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Struct

from src.commands.gateway import GatewayError
from src.commands.rejections import Unknown
from src.commands.view import View
from src.commands.wish import Held
from src.events.envelope import Cause
from src.events.identifiers import CHECKOUT, PAYMENT, stream
from src.events.payment import PaymentOrderOpened, Progress
from src.http.answers import answer, held_answer
from src.http.auth import Caller
from src.http.controllers.checkout import check_session, shown_session
from src.http.documents.checkout import CheckoutDocument
from src.http.fields import RazorpayOrderId, RazorpayPaymentId, RazorpaySignature
from src.http.razorpay.signatures import verify_callback
from src.http.refusals import InvalidSignature
from src.http.shop import Shop
from src.http.shop_request import ShopRequest
from src.telemetry import logger

_log = logger("payments")


class CallbackRequest(Struct, forbid_unknown_fields=True):
    """The three fields of checkout.js, as they came."""

    razorpay_order_id: RazorpayOrderId
    razorpay_payment_id: RazorpayPaymentId
    razorpay_signature: RazorpaySignature


class PaymentController(Controller):
    """Payments."""

    path = "/payments/razorpay"
    tags = ["Payments"]

    @post("/verify", status_code=200)
    async def verify_payment(
        self,
        shop: NamedDependency[Shop],
        request: ShopRequest,
        data: JSONBody[CallbackRequest],
    ) -> Response[CheckoutDocument]:
        """Bring back what checkout.js said; answers with the session as it now stands.

        The signature proves that the payment belongs to the order, not that it
        was captured. Unless the webhook was here first, Razorpay is asked, and
        if it does not answer the session stays PAYMENT_PENDING until the webhook
        comes. Where the shop takes authorized money itself, it is taken before
        the answer.
        """
        opened = await _opened(shop, request.shopper(), data.razorpay_order_id)
        session = opened.checkout_session_id
        order, payment = data.razorpay_order_id, data.razorpay_payment_id
        if not verify_callback(order, payment, data.razorpay_signature, shop.key_secrets):
            raise InvalidSignature
        held = None
        if not await _is_told(shop, order, payment):
            held = await _asked(shop, request.cause(opened.cart_id), order)
        if held is not None:
            await shop.snapshots.keep(session, held.position)
        held = await shop.take_promised(order) or held
        shop.carry_out_soon(order)
        now = shop.clock()
        document, version = await shop.ledger.look(
            lambda view: shown_session(shop, view, session, now),
            needs=[stream(CHECKOUT, session)],
        )
        if held is None:
            return answer(document, version=version, position=await shop.book.head())
        return held_answer(document, version, held)


async def _opened(shop: Shop, caller: Caller, razorpay_order_id: str) -> PaymentOrderOpened:
    """Return whose session a Razorpay order pays for; another's does not exist."""

    def question(view: View) -> PaymentOrderOpened:
        opened = view.payment(razorpay_order_id).opened
        if opened is None:
            raise Unknown("payment intent", razorpay_order_id)
        try:
            check_session(shop, view, caller, opened.checkout_session_id)
        except Unknown:
            raise Unknown("payment intent", razorpay_order_id) from None
        return opened

    return await shop.ledger.look(question, needs=[stream(PAYMENT, razorpay_order_id)])


async def _is_told(shop: Shop, razorpay_order_id: str, razorpay_payment_id: str) -> bool:
    """Say whether the webhook was here first: then there is nothing to ask about this payment."""
    payment = await shop.ledger.glance(lambda view: view.payment(razorpay_order_id))
    attempt = payment.attempts.get(razorpay_payment_id)
    return attempt is not None and attempt.progress is Progress.CAPTURED


async def _asked(shop: Shop, cause: Cause, razorpay_order_id: str) -> Held | None:
    try:
        return await shop.news.ask(cause, razorpay_order_id)
    except GatewayError as why:
        _log.info("razorpay gave no answer to a callback", reason=type(why).__name__)
        return None

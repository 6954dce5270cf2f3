"""/admin/payments: every payment that the shop heard of, and what became of its money."""

from enum import StrEnum

from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from src.commands.rejections import Unknown
from src.events.identifiers import PAYMENT, stream
from src.http.answers import answer
from src.http.controllers.admin_orders import Told
from src.http.parameters import CursorInQuery, IdInPath, LimitInQuery, WordInQuery
from src.http.shop import Shop
from src.queries.page import LIMIT_DEFAULT, Page
from src.queries.payments import PaymentAnswer, find_payment, list_payments
from src.queries.timeline import payment_timeline


class PaymentState(StrEnum):
    """How far a payment has come."""

    AUTHORIZED = "authorized"
    CAPTURED = "captured"
    FAILED = "failed"
    RETURNED = "returned"


class AdminPaymentController(Controller):
    """What happened to this payment?"""

    path = "/admin/payments"
    tags = ["Admin"]

    @get()
    async def list_payments(
        self,
        shop: NamedDependency[Shop],
        status: FromQuery[PaymentState | None] = None,
        razorpay_order_id: WordInQuery = None,
        order_id: WordInQuery = None,
        ours: FromQuery[bool] = True,  # noqa: FBT002 - the framework passes by name
        limit: LimitInQuery = LIMIT_DEFAULT,
        cursor: CursorInQuery = None,
    ) -> Response[Page[PaymentAnswer]]:
        """List payments, the one first heard of last first.

        Money on Razorpay orders that this book did not make is listed apart, with
        `ours=false`: it is written down and left alone. Money that belongs to no
        Razorpay order at all has no payment here: `GET /admin/webhooks?status=parked`
        shows what was heard of it.
        """
        await shop.caught_up()
        page = await list_payments(
            shop.reads,
            shop.book_id,
            shop.cursors,
            ours=ours,
            status=status,
            razorpay_order_id=razorpay_order_id,
            order_id=order_id,
            cursor=cursor,
            limit=limit,
        )
        return answer(page)

    @get("/{razorpay_payment_id:str}")
    async def get_payment(
        self, shop: NamedDependency[Shop], razorpay_payment_id: IdInPath
    ) -> Response[PaymentAnswer]:
        """Look at one payment, whoever asked for the money."""
        payment = await _payment(shop, razorpay_payment_id)
        facts = await shop.book.read_stream(stream(PAYMENT, payment.razorpay_order_id))
        return answer(payment, version=facts[-1].version)

    @get("/{razorpay_payment_id:str}/timeline")
    async def get_payment_timeline(
        self, shop: NamedDependency[Shop], razorpay_payment_id: IdInPath
    ) -> Response[Told]:
        """Read what happened to a payment, in words, oldest first.

        With everything else on its Razorpay order: other attempts, refunds, disputes and
        cases; and with its checkout session, if the money is ours.
        """
        payment = await _payment(shop, razorpay_payment_id)
        told = await payment_timeline(shop.book, payment.razorpay_order_id)
        if told is None:
            raise Unknown("payment", razorpay_payment_id)
        return answer(Told(told))


async def _payment(shop: Shop, razorpay_payment_id: str) -> PaymentAnswer:
    await shop.caught_up()
    payment = await find_payment(shop.reads, shop.book_id, razorpay_payment_id)
    if payment is None:
        raise Unknown("payment", razorpay_payment_id)
    return payment

"""One payment: what happened to this money, whether or not it became an order."""

from litestar import Controller, Response, get
from litestar.di import NamedDependency

from src.commands.rejections import Unknown
from src.http.console.render import Console, show
from src.http.parameters import IdInPath
from src.http.shop import Shop
from src.http.shop_request import ShopRequest
from src.queries.cases import cases_about
from src.queries.payments import find_payment
from src.queries.timeline import payment_timeline
from src.queries.webhooks import list_webhooks


class PaymentPage(Controller):
    """What happened to this payment?"""

    path = "/console/payments"

    @get("/{razorpay_payment_id:str}")
    async def payment(
        self,
        shop: NamedDependency[Shop],
        console: NamedDependency[Console],
        request: ShopRequest,
        razorpay_payment_id: IdInPath,
    ) -> Response[None]:
        """Show one payment, with everything on its Razorpay order."""
        await shop.caught_up()
        reads, book = shop.reads, shop.book_id
        payment = await find_payment(reads, book, razorpay_payment_id)
        if payment is None:
            raise Unknown("payment", razorpay_payment_id)
        on = payment.razorpay_order_id
        webhooks = await list_webhooks(reads, book, shop.cursors, razorpay_order_id=on)
        return show(
            console,
            request,
            "payment.html",
            payment=payment,
            told=await payment_timeline(shop.book, on) or [],
            cases=await cases_about(reads, book, [on], now=shop.clock()),
            webhooks=webhooks.items,
        )

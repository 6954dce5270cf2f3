"""/webhooks: deliveries from Razorpay. Stored first, thought about after the answer."""

from litestar import Controller, Response, post
from litestar.di import NamedDependency
from msgspec import Struct

from src.commands.webhook_inbox import Delivery
from src.http.answers import answer
from src.http.razorpay.signatures import verify_webhook
from src.http.refusals import InvalidSignature
from src.http.shop import Shop
from src.http.shop_request import ShopRequest

EVENT_ID_LENGTH_MAX = 100


class Stored(Struct, frozen=True):
    """The delivery is on disk."""

    webhook_id: str


class WebhookController(Controller):
    """Webhooks."""

    path = "/webhooks"
    tags = ["Webhooks"]

    @post("/razorpay", status_code=200)
    async def receive_razorpay(
        self, shop: NamedDependency[Shop], request: ShopRequest
    ) -> Response[Stored]:
        """Take a delivery: 2xx once it is stored, 401 and no effect if it is not Razorpay's."""
        raw, headers = request.raw, request.seen.headers
        signature = _text(headers.get(b"x-razorpay-signature"))
        secret = verify_webhook(raw, signature, shop.webhook_secrets)
        if secret is None or signature is None:
            raise InvalidSignature
        delivery = Delivery(
            event_id=_event_id(headers.get(b"x-razorpay-event-id")),
            body=raw,
            signature=signature,
            secret_index=secret,
        )
        name, held = await shop.inbox.receive(delivery, request.seen.correlation_id)
        shop.settle_soon(name, raw)
        return answer(Stored(name), position=held.position)


def _text(header: bytes | None) -> str | None:
    return None if header is None else header.decode("latin-1")


def _event_id(header: bytes | None) -> str | None:
    """Return the sender's name of the delivery; without a usable one its bytes name it."""
    text = _text(header)
    if text is None or not text.isascii() or not text.isalnum() or len(text) > EVENT_ID_LENGTH_MAX:
        return None
    return text

"""/audit/orders: what led to every fact of an order, down to the bytes that Razorpay signed."""

from litestar import Controller, Response, get
from litestar.di import NamedDependency

from src.commands.rejections import Unknown
from src.events.identifiers import named
from src.events.sealing import BrokenBoxError
from src.http.answers import answer
from src.http.auth import identity
from src.http.parameters import IdInPath
from src.http.razorpay.signatures import verify_webhook
from src.http.refusals import BookAltered
from src.http.shop import Shop
from src.http.shop_request import ShopRequest
from src.queries.orders import find_order_by_number
from src.queries.why import Sources, Why, why_of_order
from src.telemetry import logger

ID_PREFIX = "ord_"

_log = logger("audit")


class AuditOrderController(Controller):
    """Orders for those who ask why."""

    path = "/audit/orders"
    tags = ["Audit"]

    @get("/{order_id:str}/why")
    async def get_why(
        self, shop: NamedDependency[Shop], request: ShopRequest, order_id: IdInPath
    ) -> Response[Why]:
        """Read what led to every fact of an order: who, which request, which signed bytes.

        The order's number will do in place of its id. What the book seals about
        the buyer stays sealed. A webhook's bytes are opened, in base64, because a
        signature can be checked over nothing else; every such look is logged.
        """
        try:
            why = await why_of_order(_sources(shop), await _id_of(shop, order_id))
        except BrokenBoxError as error:
            raise BookAltered from error
        if why is None:
            raise Unknown("order", order_id)
        _note_look(request, why)
        return answer(why)


async def _id_of(shop: Shop, wanted: str) -> str:
    """Return the id of the order that an id or a number means."""
    if wanted.startswith(ID_PREFIX):
        return wanted
    await shop.caught_up()
    found = await find_order_by_number(shop.reads, shop.book_id, wanted.strip().upper())
    return wanted if found is None else found.order_id


def _sources(shop: Shop) -> Sources:
    def verify(raw: bytes, signature: str) -> bool:
        return verify_webhook(raw, signature, shop.webhook_secrets) is not None

    return Sources(book=shop.book, open_box=shop.inbox.opened, verify=verify)


def _note_look(request: ShopRequest, why: Why) -> None:
    """Say that somebody saw foreign bytes; who it was can be compared, and not read."""
    shown = [each.webhook_id for each in why.webhooks if each.body is not None]
    if not shown:
        return
    _log.info(
        "webhook bytes were shown",
        looker=str(named("looker", identity(request.caller))),
        webhooks=shown,
        request_id=request.seen.request_id,
    )

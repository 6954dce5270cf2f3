"""/audit/orders: what led to every fact of an order, down to what Razorpay signed."""

from litestar import Controller, Response, get
from litestar.di import NamedDependency
from msgspec.structs import replace

from src.commands.rejections import Unknown
from src.events.sealing import BrokenBoxError
from src.http.answers import answer
from src.http.parameters import IdInPath
from src.http.razorpay.signatures import verify_webhook
from src.http.refusals import BookAltered
from src.http.shop import Shop
from src.queries.orders import order_id_of
from src.queries.why import Sources, Why, why_of_order

ID_PREFIX = "ord_"


class AuditOrderController(Controller):
    """Orders for those who ask why."""

    path = "/audit/orders"
    tags = ["Audit"]

    @get("/{order_id:str}/why")
    async def get_why(self, shop: NamedDependency[Shop], order_id: IdInPath) -> Response[Why]:
        """Read what led to every fact of an order: who, which request, which signed bytes.

        The order's number will do in place of its id. What the book seals stays
        sealed, a webhook's bytes too, for they name the buyer: their hash, their
        signature and whether it still fits are told, and `body` is null. Operators
        can open them at `/admin/webhooks/{webhook_id}`, where every look is logged.
        """
        return answer(_sealed(await explained_order(shop, order_id)))


async def explained_order(shop: Shop, order_id: str) -> Why:
    """Return what led to every fact of an order, its deliveries opened; raises Unknown."""
    try:
        why = await why_of_order(_sources(shop), await _id_of(shop, order_id))
    except BrokenBoxError as error:
        raise BookAltered from error
    if why is None:
        raise Unknown("order", order_id)
    return why


def _sealed(why: Why) -> Why:
    return replace(why, webhooks=[replace(each, body=None) for each in why.webhooks])


async def _id_of(shop: Shop, wanted: str) -> str:
    """Return the id of the order that an id or a number means."""
    if wanted.startswith(ID_PREFIX):
        return wanted
    await shop.caught_up()
    found = await order_id_of(shop.reads, shop.book_id, wanted.strip().upper())
    return wanted if found is None else found


def _sources(shop: Shop) -> Sources:
    def verify(raw: bytes, signature: str) -> bool:
        return verify_webhook(raw, signature, shop.webhook_secrets) is not None

    return Sources(book=shop.book, open_box=shop.inbox.opened, verify=verify)

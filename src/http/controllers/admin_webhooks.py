"""/admin/webhooks: every delivery, to the byte, and what became of it."""

from typing import Annotated

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody
from msgspec import Meta, Struct

from src.events.webhook import WebhookStatus
from src.http.answers import answer, held_answer
from src.http.documents.webhook import WebhookDocument
from src.http.fields import Why
from src.http.moments import in_utc
from src.http.parameters import (
    CursorInQuery,
    IdInPath,
    LimitInQuery,
    MomentInQuery,
    WordInQuery,
)
from src.http.shop import Shop
from src.http.shop_request import ShopRequest
from src.http.webhook_replays import replay_delivery, shown_delivery
from src.queries.page import LIMIT_DEFAULT, Page
from src.queries.webhooks import WebhookAnswer, list_webhooks


class ReplayRequest(Struct, forbid_unknown_fields=True):
    """Replaying needs no words, but may have some."""

    reason: Annotated[Why, Meta(examples=["Its Razorpay order is ours now."])] | None = None


class AdminWebhookController(Controller):
    """Deliveries; the exact bytes can name a person, and are for operators alone."""

    path = "/admin/webhooks"
    tags = ["Admin"]

    @get()
    async def list_webhooks(
        self,
        shop: NamedDependency[Shop],
        status: FromQuery[WebhookStatus | None] = None,
        name: WordInQuery = None,
        razorpay_order_id: WordInQuery = None,
        received_from: MomentInQuery = None,
        received_to: MomentInQuery = None,
        limit: LimitInQuery = LIMIT_DEFAULT,
        cursor: CursorInQuery = None,
    ) -> Response[Page[WebhookAnswer]]:
        """List deliveries without their bodies, newest first.

        Those put aside (`status=parked`) are about money that this book did not ask for,
        or cannot be used: `reason` says why. Once their Razorpay order turns out to be ours
        they are handled without anybody; a replay does the same at once.
        """
        since = in_utc("received_from", received_from)
        until = in_utc("received_to", received_to)
        await shop.caught_up()
        page = await list_webhooks(
            shop.reads,
            shop.book_id,
            shop.cursors,
            status=status,
            name=name,
            razorpay_order_id=razorpay_order_id,
            received_from=since,
            received_to=until,
            cursor=cursor,
            limit=limit,
        )
        return answer(page)

    @get("/{webhook_id:str}")
    async def get_webhook(
        self, shop: NamedDependency[Shop], request: ShopRequest, webhook_id: IdInPath
    ) -> Response[WebhookDocument]:
        """Look at one delivery, with its exact bytes until those are erased.

        The bytes can name a person, so every look at them is logged.
        """
        document, version = await shown_delivery(shop, request, webhook_id)
        return answer(document, version=version)

    @post("/{webhook_id:str}/replay", status_code=200)
    async def replay_webhook(
        self,
        shop: NamedDependency[Shop],
        request: ShopRequest,
        webhook_id: IdInPath,
        data: JSONBody[ReplayRequest],
    ) -> Response[WebhookDocument]:
        """Think about a stored delivery once more; what it says is applied at most once.

        Who wanted that, and why, is a fact of its own. With `If-Match`, 412
        `version-moved` if it was thought about meanwhile.
        """
        settled = await replay_delivery(shop, request, webhook_id, data.reason)
        document, version = await shown_delivery(shop, request, webhook_id)
        return held_answer(document, version, settled.held)

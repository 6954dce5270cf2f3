"""Webhooks: what Razorpay sent, to the byte, what became of it, and thinking about it again."""

from base64 import b64decode
from collections.abc import Mapping
from typing import Annotated

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import QueryParameter
from msgspec import Struct

from src.events.webhook import WebhookStatus
from src.http.console.filters import (
    DayInQuery,
    PageInQuery,
    TextInQuery,
    address_of,
    from_day,
    one_of,
    text,
    to_day,
)
from src.http.console.forms import form
from src.http.console.render import Console, go_to, readable, show
from src.http.documents.webhook import WebhookDocument
from src.http.fields import Why
from src.http.parameters import IdInPath
from src.http.shop import Shop
from src.http.shop_request import ShopRequest
from src.http.webhook_replays import replay_delivery, shown_delivery
from src.queries.order_places import order_on
from src.queries.page import Page
from src.queries.webhooks import WebhookAnswer, list_webhooks

PATH = "/console/webhooks"
STATUSES = [each for each in WebhookStatus if each is not WebhookStatus.NONE]
DONE = {"replayed": "It was thought about once more. What it says is applied at most once."}
DoneInQuery = Annotated[str | None, QueryParameter(max_length=20)]


class ReplayForm(Struct, forbid_unknown_fields=True):
    """Replaying needs no words, but may have some."""

    reason: Why | None = None


class WebhooksPage(Controller):
    """Deliveries."""

    path = PATH

    @get()
    async def webhooks(
        self,
        shop: NamedDependency[Shop],
        console: NamedDependency[Console],
        request: ShopRequest,
        status: TextInQuery = None,
        name: TextInQuery = None,
        razorpay_order_id: TextInQuery = None,
        received_from: DayInQuery = None,
        received_to: DayInQuery = None,
        cursor: PageInQuery = None,
    ) -> Response[None]:
        """List deliveries without their bytes, newest first."""
        chosen = {
            "status": status,
            "name": name,
            "razorpay_order_id": razorpay_order_id,
            "received_from": received_from,
            "received_to": received_to,
        }
        return show(
            console,
            request,
            "webhooks.html",
            page=await _page(shop, console, chosen, text(cursor)),
            chosen=chosen,
            statuses=STATUSES,
            more=address_of(PATH, chosen),
        )

    @get("/{webhook_id:str}")
    async def webhook(
        self,
        shop: NamedDependency[Shop],
        console: NamedDependency[Console],
        request: ShopRequest,
        webhook_id: IdInPath,
        done: DoneInQuery = None,
    ) -> Response[None]:
        """Show one delivery with its bytes; every look at them is logged."""
        webhook, _ = await shown_delivery(shop, request, webhook_id)
        on = webhook.razorpay_order_id
        order_id = None if on is None else await order_on(shop.reads, shop.book_id, on)
        return show(
            console,
            request,
            "webhook.html",
            webhook=webhook,
            body=_readable(webhook),
            order_id=order_id,
            done=DONE.get(done or ""),
        )

    @post("/{webhook_id:str}/replay")
    async def replay(
        self, shop: NamedDependency[Shop], request: ShopRequest, webhook_id: IdInPath
    ) -> Response[None]:
        """Think about a delivery once more."""
        await replay_delivery(shop, request, webhook_id, form(request, ReplayForm).reason)
        return go_to(f"{PATH}/{webhook_id}?done=replayed")


async def _page(
    shop: Shop, console: Console, chosen: Mapping[str, str | None], cursor: str | None
) -> Page[WebhookAnswer]:
    await shop.caught_up()
    return await list_webhooks(
        shop.reads,
        shop.book_id,
        shop.cursors,
        status=one_of("status", WebhookStatus, chosen["status"]),
        name=text(chosen["name"]),
        razorpay_order_id=text(chosen["razorpay_order_id"]),
        received_from=from_day("received_from", chosen["received_from"], console.zone),
        received_to=to_day("received_to", chosen["received_to"], console.zone),
        cursor=cursor,
    )


def _readable(webhook: WebhookDocument) -> str | None:
    """Return the bytes as text, JSON with its lines; None once they were erased."""
    if webhook.body is None:
        return None
    return readable(b64decode(webhook.body.base64))

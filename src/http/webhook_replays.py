"""A stored delivery, shown to the byte or thought about once more, whoever asked for it."""

from src.commands.decisions.inbox import replay
from src.commands.rejections import Unknown, VersionMoved
from src.commands.webhook_inbox import Settled
from src.events.codec import recorded
from src.events.envelope import Recorded
from src.events.identifiers import WEBHOOK, derived, public_id, stream
from src.http.documents.webhook import WebhookDocument, webhook_document
from src.http.looks import note_look
from src.http.preconditions import expected_of
from src.http.shop import Shop
from src.http.shop_request import ShopRequest


async def replay_delivery(
    shop: Shop, request: ShopRequest, webhook_id: str, reason: str | None
) -> Settled:
    """Think about a delivery once more; what it says is applied at most once."""
    version = (await _facts(shop, webhook_id))[-1].version
    if await expected_of(shop, request, stream(WEBHOOK, webhook_id)) not in {None, version}:
        raise VersionMoved(version)
    replay_id = public_id("replay", derived(request.seen.command_id, "replay"))
    await shop.ledger.transact(
        request.cause(reason=reason), lambda view: replay(view, webhook_id, replay_id)
    )
    request.seen.about = webhook_id
    settled = await shop.settle(webhook_id)
    if settled.razorpay_order_id is not None:
        shop.carry_out_soon(settled.razorpay_order_id)
    return settled


async def shown_delivery(
    shop: Shop, request: ShopRequest, webhook_id: str
) -> tuple[WebhookDocument, int]:
    """Return a delivery with its exact bytes, and its version; the look is logged."""
    facts = await _facts(shop, webhook_id)
    body = await shop.inbox.body_of(webhook_id)
    note_look(request, [] if body is None else [webhook_id])
    return webhook_document(webhook_id, facts, body), facts[-1].version


async def _facts(shop: Shop, webhook_id: str) -> list[Recorded]:
    stored = await shop.book.read_stream(stream(WEBHOOK, webhook_id))
    if not stored:
        raise Unknown("webhook", webhook_id)
    return [recorded(each) for each in stored]

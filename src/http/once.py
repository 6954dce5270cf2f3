"""A request with an Idempotency-Key: carried out once, and answered each time with the same."""

from collections.abc import Awaitable, Callable

from src.http.asgi import Send
from src.http.auth import person
from src.http.idempotency import REPLAYED, Idempotency, KeptAnswer, Ours, Wish
from src.http.outgoing import Kept, send_whole
from src.http.shop_request import Seen
from src.telemetry import logger, places

_log = logger("http")


async def answer_once(
    idempotency: Idempotency,
    wish: Wish,
    seen: Seen,
    carry_out: Callable[[Send], Awaitable[None]],
    send: Send,
) -> None:
    """Carry the wish out, or say again what was said."""
    seen.about = person(seen.caller)
    begun = await idempotency.begin(wish, seen.about)
    if isinstance(begun, KeptAnswer):
        await send_whole(send, begun.status, [*begun.headers, REPLAYED], begun.body)
        return
    seen.command_id, seen.again = begun.command_id, begun.again
    kept = Kept()
    try:
        await carry_out(kept)
    except Exception:
        await _keep(idempotency, wish, begun, Kept(), seen)
        raise
    await _keep(idempotency, wish, begun, kept, seen)
    await send_whole(send, kept.status, kept.headers, kept.body)


async def _keep(idempotency: Idempotency, wish: Wish, lease: Ours, kept: Kept, seen: Seen) -> None:
    """Keep the answer; when that fails the work is done all the same, and the lease expires."""
    try:
        await idempotency.end(wish, lease, kept.status, kept.headers, kept.body, seen.about)
    except Exception as error:  # noqa: BLE001  # the client must hear of the work that was done
        _log.error("answer not kept", error=type(error).__name__, places=places(error))

"""Counting stock: a receipt or a correction is written once, whoever sent it, and how often."""

from datetime import datetime

from src.commands.view import Decide, Fact, View
from src.commands.wish import Busy
from src.events.identifiers import PRODUCT, STOCK, stream
from src.http.shop import Shop
from src.http.shop_request import ShopRequest

COUNTS_MAX = 100
"""So many times may others count the same stock between our look and our word."""


class _CountedMeanwhile(Exception):
    """Somebody counted since we looked, perhaps an earlier try of this very request."""


async def counted_once(  # noqa: PLR0913  # who counts what, and how it may come again
    shop: Shop,
    request: ShopRequest,
    sku: str,
    decide: Decide,
    reason: str | None,
    *,
    is_repeatable: bool,
) -> tuple[int, datetime | None]:
    """Write a count once: twice the same units are not the same wish, and no state tells.

    With an Idempotency-Key, or from a form, another try may be under way, so each is decided on
    the last count that it saw, and whoever is overtaken looks for its own.
    """
    name, command_id, asks = stream(STOCK, sku), request.seen.command_id, request.again
    for _ in range(COUNTS_MAX):
        seen = await shop.ledger.glance(lambda view: view.stock(sku).counted_at)
        if asks and (position := await shop.book.has_command(name, command_id)) is not None:
            return position, None
        rule = _unless_counted(sku, seen, decide) if is_repeatable else decide
        try:
            held = await shop.ledger.transact(
                request.cause(reason=reason), rule, needs=[stream(PRODUCT, sku), name]
            )
        except _CountedMeanwhile:
            asks = True
        else:
            return held.position, held.recorded_at
    raise Busy("the stock kept being counted")


def _unless_counted(sku: str, seen: int, decide: Decide) -> Decide:
    def checked(view: View) -> list[Fact]:
        if view.stock(sku).counted_at != seen:
            raise _CountedMeanwhile
        return decide(view)

    return checked

"""What a client may demand with If-Match before a call changes anything."""

from src.events.identifiers import Stream
from src.http.refusals import PreconditionFailed
from src.http.shop import Shop
from src.http.shop_request import ShopRequest


async def expected_of(shop: Shop, request: ShopRequest, name: Stream) -> int | None:
    """Return the version of a stream that If-Match names; None if any will do.

    A command that an earlier try of this request wrote has moved the version
    itself: what was demanded held when it counted.
    """
    expected = request.expected_version()
    if expected is None or not request.again:
        return expected
    done = await shop.book.has_command(name, request.seen.command_id)
    return expected if done is None else None


def demand_nothing(request: ShopRequest) -> None:
    """Refuse If-Match where a thing begins: what is not there yet has no version."""
    if request.expected_version() is not None:
        raise PreconditionFailed

"""The book fact by fact, as it was written: all of it, one stream, or one kind of fact."""

from typing import Annotated
from urllib.parse import urlencode

import msgspec
from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter
from msgspec import Struct

from src.events.codec import decode
from src.events.identifiers import STREAM_LENGTH_MAX
from src.events.upcasters import UnknownFactError
from src.http.console.filters import TextInQuery, text
from src.http.console.render import Console, show
from src.http.fields import POSITION_MAX
from src.http.refusals import InvalidInput
from src.http.shop import Shop
from src.http.shop_request import ShopRequest
from src.queries.feed import FeedPage, WrittenEvent, feed, feed_of_stream
from src.queries.words import describe

PATH = "/console/book"
FACTS_A_PAGE = 50
NameInQuery = Annotated[str | None, QueryParameter(max_length=STREAM_LENGTH_MAX)]


class ShownFact(Struct, frozen=True, kw_only=True):
    """A fact as it was written, and in words where this Khata has words for it."""

    written: WrittenEvent
    words: str | None
    payload: str


class BookPage(Controller):
    """The book for auditors."""

    path = PATH

    @get()
    async def book(
        self,
        shop: NamedDependency[Shop],
        console: NamedDependency[Console],
        request: ShopRequest,
        stream: NameInQuery = None,
        type: TextInQuery = None,  # noqa: A002  # the parameter's public name
        after: TextInQuery = None,
    ) -> Response[None]:
        """Show facts above a position, oldest first; the last ones unless said."""
        name, kind = text(stream), text(type)
        page, begin = await _page(shop, name, kind, _position(after))
        return show(
            console,
            request,
            "book.html",
            facts=[_shown(each) for each in page.items],
            page=page,
            begin=begin,
            stream=name,
            type=kind,
            earlier=_address(name, kind, max(0, begin - FACTS_A_PAGE)) if begin else None,
            later=_address(name, kind, page.next_after) if page.next_after < page.head else None,
        )


async def _page(
    shop: Shop, name: str | None, kind: str | None, after: int | None
) -> tuple[FeedPage, int]:
    reads, book = shop.reads, shop.book_id
    if name is not None:
        begin = after or 0
        page = await feed_of_stream(reads, book, name, begin, type_name=kind, limit=FACTS_A_PAGE)
    else:
        begin = max(0, await shop.book.head() - FACTS_A_PAGE) if after is None else after
        page = await feed(reads, book, begin, type_name=kind, limit=FACTS_A_PAGE)
    return page, begin


def _shown(written: WrittenEvent) -> ShownFact:
    payload = msgspec.json.encode(written.fact)
    return ShownFact(
        written=written,
        words=_words(written, payload),
        payload=msgspec.json.format(payload, indent=2).decode(),
    )


def _words(written: WrittenEvent, payload: bytes) -> str | None:
    try:
        return describe(decode(written.type, written.schema_version, payload))
    except UnknownFactError:
        return None


def _position(given: str | None) -> int | None:
    wanted = text(given)
    if wanted is None:
        return None
    if not (wanted.isascii() and wanted.isdigit() and int(wanted) <= POSITION_MAX):
        raise InvalidInput.of("after", "must be a position of the book")
    return int(wanted)


def _address(name: str | None, kind: str | None, after: int) -> str:
    given = {"stream": name, "type": kind, "after": str(after)}
    return f"{PATH}?{urlencode({key: value for key, value in given.items() if value})}"

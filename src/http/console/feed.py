"""The book as it grows: the newest facts in words, live where there is a script."""

from collections.abc import AsyncIterator
from typing import Any

import msgspec
from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.response import ServerSentEvent, ServerSentEventMessage

from src.http.auth import may_enter
from src.http.console.render import Console, show
from src.http.parameters import PositionInQuery
from src.http.shop import Shop
from src.http.shop_request import ShopRequest
from src.queries.live import Heartbeat
from src.queries.live_book import BookMoment, BookNews

PATH = "/console/live"
BOOK_PATH = "/console/book"
SHOWN_FACTS = 50
"""On the page; a script adds what comes."""


class FeedPage(Controller):
    """The newest facts, for whoever watches over the shop."""

    path = PATH

    @get()
    async def live(
        self, shop: NamedDependency[Shop], console: NamedDependency[Console], request: ShopRequest
    ) -> Response[None]:
        """Show the last facts; without a script, looking again shows newer ones."""
        moments = await shop.book_feed.newest(SHOWN_FACTS)
        return show(
            console,
            request,
            "live.html",
            moments=moments,
            position=moments[0].position if moments else 0,
            sees_book=may_enter(request.caller, BOOK_PATH),
            book_path=BOOK_PATH,
            events=f"{PATH}/events",
        )

    @get("/events")
    async def events(
        self,
        shop: NamedDependency[Shop],
        console: NamedDependency[Console],
        request: ShopRequest,
        after: PositionInQuery = 0,
    ) -> ServerSentEvent:
        """Tell of facts as they come; who comes back goes on behind `Last-Event-ID`."""
        news = shop.book_feed.news(request.last_event_id or after)
        return ServerSentEvent(_messages(news, console))


async def _messages(
    news: AsyncIterator[BookNews | Heartbeat], console: Console
) -> AsyncIterator[ServerSentEventMessage]:
    async for each in news:
        if isinstance(each, Heartbeat):
            yield ServerSentEventMessage(comment="still here")
        else:
            yield ServerSentEventMessage(
                event="facts", id=each.moments[-1].position, data=_written(each, console)
            )


def _written(news: BookNews, console: Console) -> str:
    said = {"missed": news.missed, "facts": [_shown(each, console) for each in news.moments]}
    return msgspec.json.encode(said).decode()


def _shown(moment: BookMoment, console: Console) -> dict[str, Any]:
    return {
        "position": moment.position,
        "at": moment.recorded_at,
        "time": f"{moment.recorded_at.astimezone(console.zone):%d %b %Y, %H:%M:%S}",
        "event": moment.event,
        "text": moment.text,
    }

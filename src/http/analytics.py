"""What every question of an analyst has in common: which days, as of when, and in which form."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from litestar import Response
from litestar.params import QueryParameter
from msgspec import Struct

from src.events.identifiers import STREAM_LENGTH_MAX
from src.http.answers import POSITION, answer, written_answer
from src.http.csv_answer import CSV_TYPE, csv_of
from src.http.moments import up_to
from src.http.refusals import ReadModelBehind
from src.http.shop import Shop
from src.queries.analytics.freshness import Freshness, freshness, position_at
from src.queries.analytics.scope import Scope, scope
from src.queries.history import Moment

TRUE_AT = "khata-time"
Form = Literal["json", "csv"]
FromInQuery = Annotated[date | None, QueryParameter(name="from")]
ToInQuery = Annotated[date | None, QueryParameter(name="to")]
TimeZoneInQuery = Annotated[str | None, QueryParameter(min_length=1, max_length=STREAM_LENGTH_MAX)]
FormInQuery = Annotated[Form, QueryParameter(name="format")]

T = TypeVar("T", bound=Struct)


class Question(Struct, frozen=True, kw_only=True):
    """What is asked, and how far the answer will have come."""

    scope: Scope
    fresh: Freshness
    now: datetime
    """The moment that `as_of` names, UTC; without it, that of the question."""


async def question(  # noqa: PLR0913  # one for each thing that may be asked
    shop: Shop,
    views: Sequence[str],
    *,
    first_day: date | None,
    last_day: date | None,
    time_zone: str | None,
    as_of: str | None,
) -> Question:
    """Take what was asked; `views` are those that the answer is made from.

    Raises InvalidInput, ScopeRefused, and ReadModelBehind where `as_of` names what
    these have not seen yet.
    """
    now, position = await _moment(shop, up_to(as_of))
    asked = scope(
        shop.book_id,
        shop.currency,
        time_zone or shop.time_zone,
        first_day,
        last_day,
        now=now,
        as_of=position,
    )
    fresh = await freshness(shop.analytics, shop.book_id, views)
    if position is not None and fresh.position < position <= await shop.book.head():
        raise ReadModelBehind
    return Question(scope=asked, fresh=fresh, now=now)


async def _moment(shop: Shop, as_of: Moment | None) -> tuple[datetime, int | None]:
    """Return the time and the position of a moment; what lies ahead is now."""
    now = shop.clock()
    match as_of:
        case None:
            return now, None
        case datetime():
            return min(as_of, now), await position_at(shop.reads, shop.book_id, as_of)
        case int():
            at = await shop.book.read_page(max(0, as_of - 1), 1)
            return at[0].recorded_at if at else now, as_of


def answered(
    asked: Question, form: Form, document: T, items: Sequence[Struct], columns: Sequence[str]
) -> Response[T]:
    """Return the document, or columns of its items as CSV; how far they came is in the headers."""
    headers = _how_far(asked)
    if form == "json":
        return answer(document, headers=headers)
    rows: list[dict[str, Any]] = msgspec.to_builtins(items)
    return written_answer(document, csv_of(columns, rows), 200, CSV_TYPE, headers)


def _how_far(asked: Question) -> dict[str, str]:
    fresh, as_of = asked.fresh, asked.scope.as_of
    position = fresh.position if as_of is None else min(as_of, fresh.position)
    headers = {POSITION: str(position)}
    if as_of is None and fresh.true_at is not None:
        headers[TRUE_AT] = fresh.true_at.isoformat().replace("+00:00", "Z")
    return headers

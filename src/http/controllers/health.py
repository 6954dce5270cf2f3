"""/health/ready: whether this process can serve, and what is missing if not."""

from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec
from msgspec import Struct
from msgspec.structs import replace

from src.events import notary_rows
from src.events.outbox_publisher import Standing
from src.events.ports import DatabaseUnavailableError
from src.http.answers import answer
from src.http.readiness import (
    DATABASE_AWAY,
    OWNED,
    REDIS_AWAY,
    STOPPING,
    Trouble,
    of_keys,
    of_notary,
    of_outbox,
    of_read_models,
    of_upkeep,
)
from src.http.shop import Shop
from src.projections.lag import Lag
from src.queries.upkeep import upkeep

NOT_READY = 503
UP = "up"


class Readiness(Struct, frozen=True, kw_only=True):
    """What works; Redis may be away, that costs speed alone."""

    ready: bool
    database: str
    redis: str
    notes: list[str]
    """What is wrong, a sentence each."""
    projections: list[Lag]
    outbox: Standing | None = None
    """Null while Redis is away, and where there is no outbox."""
    troubles: list[Trouble] = []
    """The same as the notes, by part, with how to mend each."""


class HealthController(Controller):
    """Readiness."""

    path = "/health"
    tags = ["Operations"]

    @get(
        "/ready",
        responses={
            NOT_READY: ResponseSpec(Readiness, description="Not ready; it says what is missing.")
        },
    )
    async def ready(self, shop: NamedDependency[Shop]) -> Response[Readiness]:
        """Say whether everything that is needed answers, and how far each read model lags."""
        redis = await shop.redis_state()
        always = [*([STOPPING] if shop.stopping.is_asked else []), *of_keys(shop.lost_keys())]
        if redis != UP:
            always.append(REDIS_AWAY)
        try:
            found = await _found(shop, redis, always)
        except DatabaseUnavailableError:
            troubles = [DATABASE_AWAY, *always]
            found = Readiness(
                ready=False,
                database="down",
                redis=redis,
                notes=[each.says for each in troubles],
                projections=[],
                troubles=troubles,
            )
        return answer(found, status=200 if found.ready else NOT_READY)


async def _found(shop: Shop, redis: str, always: list[Trouble]) -> Readiness:
    """Ask everything; raises DatabaseUnavailableError."""
    lags, outbox = await shop.lag(), await shop.outbox()
    troubles = [
        *of_read_models(lags),
        *always,
        *([OWNED] if await shop.owns_the_book() else []),
        *of_notary(await notary_rows.health(shop.reads, shop.book_id)),
        *of_outbox(outbox),
        *of_upkeep(await upkeep(shop.reads, shop.book_id)),
    ]
    return Readiness(
        ready=not any(each.is_fatal for each in troubles),
        database=UP,
        redis=redis,
        notes=[each.says for each in troubles],
        projections=list(map(_told, lags)),
        outbox=outbox,
        troubles=troubles,
    )


def _told(lag: Lag) -> Lag:
    """Name the kind of trouble alone: anybody may read this, and the words may quote a fact."""
    kind = None if lag.stopped_reason is None else lag.stopped_reason.partition(":")[0]
    return replace(lag, stopped_reason=kind)

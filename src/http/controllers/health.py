"""/health/ready: whether this process can serve, and what is missing if not."""

from functools import partial

from litestar import Controller, Response, Router, get
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
    of_late_read_models,
    of_notary,
    of_outbox,
    of_read_models,
    of_upkeep,
)
from src.http.shared_answer import SharedAnswer
from src.http.shop import Shop
from src.projections.lag import Lag
from src.queries.standing_figures import behind_seconds
from src.queries.upkeep import upkeep

NOT_READY = 503
UP = "up"
LOOKS_APART_SECONDS = 0.05
"""Anybody may ask, and a look costs eight questions to the database."""
TIMEOUT_SECONDS = 3.0
"""For everything that is asked of the database; one that hangs is as good as away."""


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

    def __init__(self, owner: Router) -> None:
        super().__init__(owner)
        self._looks: SharedAnswer[Readiness] | None = None

    @get(
        "/ready",
        responses={
            NOT_READY: ResponseSpec(Readiness, description="Not ready; it says what is missing.")
        },
    )
    async def ready(self, shop: NamedDependency[Shop]) -> Response[Readiness]:
        """Say whether everything that is needed answers, and how far each read model lags."""
        if self._looks is None:
            self._looks = SharedAnswer(
                partial(_found, shop),
                apart_seconds=LOOKS_APART_SECONDS,
                timeout_seconds=TIMEOUT_SECONDS,
            )
        try:
            found = await self._looks.get()
        except (DatabaseUnavailableError, TimeoutError):
            found = _without_database(shop, await shop.redis_state())
        return answer(found, status=200 if found.ready else NOT_READY)


def _without_database(shop: Shop, redis: str) -> Readiness:
    troubles = [DATABASE_AWAY, *_beside_the_database(shop, redis)]
    return Readiness(
        ready=False,
        database="down",
        redis=redis,
        notes=[each.says for each in troubles],
        projections=[],
        troubles=troubles,
    )


def _beside_the_database(shop: Shop, redis: str) -> list[Trouble]:
    return [
        *([STOPPING] if shop.stopping.is_asked else []),
        *of_keys(shop.lost_keys()),
        *([] if redis == UP else [REDIS_AWAY]),
    ]


async def _found(shop: Shop) -> Readiness:
    """Ask everything; raises DatabaseUnavailableError."""
    redis, lags, outbox = await shop.redis_state(), await shop.lag(), await shop.outbox()
    troubles = [
        *of_read_models(lags),
        *of_late_read_models(await _behind_seconds(shop, lags)),
        *_beside_the_database(shop, redis),
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


async def _behind_seconds(shop: Shop, lags: list[Lag]) -> dict[str, float]:
    """Return how old the first fact is that each read model should have seen and has not."""
    behind = [each for each in lags if each.behind and each.stopped_at is None]
    return await behind_seconds(shop.reads, shop.book_id, behind) if behind else {}


def _told(lag: Lag) -> Lag:
    """Name the kind of trouble alone: anybody may read this, and the words may quote a fact."""
    kind = None if lag.stopped_reason is None else lag.stopped_reason.partition(":")[0]
    return replace(lag, stopped_reason=kind)

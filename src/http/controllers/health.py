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
from src.http.shop import Shop
from src.projections.lag import Lag

NOT_READY = 503


class Readiness(Struct, frozen=True, kw_only=True):
    """What works; Redis may be away, that costs speed alone."""

    ready: bool
    database: str
    redis: str
    notes: list[str]
    projections: list[Lag]
    outbox: Standing | None = None
    """Null while Redis is away, and where there is no outbox."""


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
        try:
            projections = await shop.lag()
            owns = await shop.owns_the_book()
            notary = await notary_rows.health(shop.reads, shop.book_id)
            outbox = await shop.outbox()
        except DatabaseUnavailableError:
            away = Readiness(ready=False, database="down", redis=redis, notes=[], projections=[])
            return answer(away, status=NOT_READY)
        is_stopping = shop.stopping.is_asked
        stopped = [each.name for each in projections if each.stopped_at is not None]
        notes = [f"read model {name} has stopped" for name in stopped]
        if is_stopping:  # It answers, and wants no more to be sent here.
            notes.append("stopping")
        if owns:
            notes.append("application owns the book")
        if notary.stopped_at is not None:  # It says what is wrong; buyers are served all the same.
            notes.append(f"the notary has stopped at {notary.stopped_at}: {notary.reason}")
        if outbox is not None and outbox.trouble is not None:
            notes.append(outbox.trouble)
        ready = not (stopped or is_stopping)
        found = Readiness(
            ready=ready,
            database="up",
            redis=redis,
            notes=notes,
            projections=list(map(_told, projections)),
            outbox=outbox,
        )
        return answer(found, status=200 if ready else NOT_READY)


def _told(lag: Lag) -> Lag:
    """Name the kind of trouble alone: anybody may read this, and the words may quote a fact."""
    kind = None if lag.stopped_reason is None else lag.stopped_reason.partition(":")[0]
    return replace(lag, stopped_reason=kind)

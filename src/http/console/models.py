"""Where the read models stand, and how far a rebuild of them has come."""

from collections.abc import Sequence

from litestar import Controller, Response, get
from litestar.di import NamedDependency

from src.http.console.render import Console, age, show
from src.http.console.sheets import plural
from src.http.shop import Shop
from src.http.shop_request import ShopRequest
from src.projections.catalogue import ANALYSTS, PROJECTIONS
from src.queries.model_places import ModelPlace, model_places

PATH = "/console/models"
REFRESH_SECONDS = 2
"""A script looks again after so long; without one, a person does."""
_FOR_ANALYSTS = frozenset(each.NAME for each in ANALYSTS)


class ModelsPage(Controller):
    """Read models for operators and auditors."""

    path = PATH

    @get()
    async def models(
        self, shop: NamedDependency[Shop], console: NamedDependency[Console], request: ShopRequest
    ) -> Response[None]:
        """Show every read model: its place, what it waits for, and what is built beside it."""
        places = await model_places(shop.reads, shop.book_id, PROJECTIONS, shop.clock())
        return show(
            console,
            request,
            "models.html",
            models=places,
            head=places[0].head if places else 0,
            says=in_a_sentence(places),
            for_analysts=_FOR_ANALYSTS,
            refresh=REFRESH_SECONDS,
        )


def in_a_sentence(places: Sequence[ModelPlace]) -> str:
    """Say how the read models are: first what somebody has to do something about."""
    stopped = [each.name for each in places if each.stopped_at is not None]
    if stopped:
        return f"{_named(stopped)} {_have(stopped)} stopped, and somebody has to see to it."
    building = [each.name for each in places if each.building is not None]
    if building:
        return f"{_named(building)} {_are(building)} being rebuilt; serving goes on meanwhile."
    behind = max(places, key=lambda each: each.behind, default=None)
    if behind is None or not behind.behind:
        return "All read models have seen the whole book."
    waits = age(behind.behind_seconds or 0)
    return (
        f"{behind.name} is {plural(behind.behind, 'fact')} behind; the oldest came {_ago(waits)}."
    )


def _ago(waits: str) -> str:
    return "just now" if waits == "now" else f"{waits} ago"


def _named(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _have(names: Sequence[str]) -> str:
    return "has" if len(names) == 1 else "have"


def _are(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"

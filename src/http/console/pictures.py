"""The charts that this process drew lately, so that nobody waits for the same picture twice."""

from asyncio import to_thread
from collections import OrderedDict
from typing import TypeVar

from src.http.console.charts import Chart
from src.http.console.drawing import Colours, Width, draw

PICTURES_MAX = 256
"""Kept; each is 10 to 40 kB."""
CHARTS_MAX = 128
"""Numbers that a page was shown with and a browser may now want to see."""


K = TypeVar("K")
V = TypeVar("V")


class Pictures:
    """The newest charts and their pictures, by what they show."""

    def __init__(self) -> None:
        self._charts: OrderedDict[str, Chart] = OrderedDict()
        self._drawn: OrderedDict[tuple[str, Colours, Width], bytes] = OrderedDict()

    def keep(self, chart: Chart) -> str:
        """Remember the numbers of a chart that a page shows; return its key."""
        key = chart.key
        _put(self._charts, key, chart, CHARTS_MAX)
        return key

    def find(self, key: str, name: str) -> Chart | None:
        """Return the numbers that a page was shown with, if they are still known here.

        Not everybody may see every chart: only one of the name that the address has.
        """
        chart = self._charts.get(key)
        return chart if chart is not None and chart.name == name else None

    async def drawn(self, chart: Chart, colours: Colours, width: Width) -> bytes:
        """Return a picture; the first time it is drawn beside what the shop does meanwhile."""
        place = (chart.key, colours, width)
        picture = self._drawn.get(place)
        if picture is None:
            picture = await to_thread(draw, chart, colours, width)
        _put(self._drawn, place, picture, PICTURES_MAX)
        return picture


def _put(kept: OrderedDict[K, V], key: K, value: V, most: int) -> None:
    kept[key] = value
    kept.move_to_end(key)
    while len(kept) > most:
        kept.popitem(last=False)

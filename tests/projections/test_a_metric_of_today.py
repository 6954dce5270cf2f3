"""A question that nobody asked before is answered for all the years before it, while serving."""

from collections import Counter
from typing import cast

import pytest

from src.events.codec import recorded
from src.events.stock import StockReserved
from src.projections import runner
from src.projections.catalogue import PROJECTIONS
from src.projections.checkpoints import load
from src.projections.projection import Projection
from tests.projections import units_by_hour
from tests.projections.busy import keep_busy
from tests.projections.shop import BOOK, Shop

pytestmark = pytest.mark.anyio

NEWCOMER = cast("Projection", units_by_hour)
PAGE = 40


async def positions(shop: Shop) -> dict[str, int]:
    return {name: each.position for (name, _), each in (await load(shop.db, BOOK)).items()}


async def units(shop: Shop) -> Counter[int]:
    """Read the whole book, without any projection."""
    found: Counter[int] = Counter()
    head = await shop.book.head()
    for each in await shop.book.read_page(0, head):
        if each.type == StockReserved.__name__:
            found[each.recorded_at.hour] += recorded(each).event.quantity
    return found


async def test_it_is_filled_from_the_first_fact_while_everything_else_stays_at_the_head(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    await keep_busy(shop, 30)
    known = shop.runner()
    await known.catch_up()
    await known.close()
    monkeypatch.setattr(runner, "PAGE_EVENTS", PAGE)
    later = shop.runner([*PROJECTIONS, NEWCOMER])
    seen: list[int] = []
    more = True
    while more:
        await keep_busy(shop, 1, f"meanwhile-{len(seen)}") if len(seen) < 3 else None
        head = await shop.book.head()
        more = await later._line.run(later._step)  # noqa: SLF001  # page by page, to look between
        stand = await positions(shop)
        seen.append(stand.pop(units_by_hour.NAME))
        behind = {name: head - position for name, position in stand.items()}
        assert max(behind.values()) < 5 * PAGE, "a page of old facts holds up nothing but a page"
    assert seen[:3] == [PAGE, 2 * PAGE, 3 * PAGE], "from the first fact on, page by page"
    assert seen[-1] == await shop.book.head()
    await later.catch_up()
    assert set((await positions(shop)).values()) == {await shop.book.head()}
    rows = await shop.db.fetch("select hour, units from models.units_by_hour")
    assert {row[0]: row[1] for row in rows} == await units(shop) != {}
    await later.close()

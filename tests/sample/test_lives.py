"""Every way in which a visit can end, each lived on its own."""

from collections.abc import AsyncGenerator
from datetime import timedelta

import pytest

from src.cli.sample_history.chance import chance_of
from src.cli.sample_history.fates import BUYING, LEAVING, Fate
from src.cli.sample_history.persons import invented, sealed
from src.cli.sample_history.shop import SampleShop, open_shop
from src.cli.sample_history.staff import days_of_staff, open_the_shop
from src.cli.sample_history.visitor import Plan, Visitor
from src.cli.sample_history.visits import visit
from src.settings import Settings
from tests.sample.past import request

pytestmark = pytest.mark.anyio
FOREVER = timedelta(days=60)
HAPPENS = {
    Fate.BUYS: {"OrderPlaced", "OrderFulfilled"},
    Fate.BUYS_AT_SECOND_TRY: {"CheckoutFailed", "OrderPlaced"},
    Fate.PAYS_AFTER_FAILURE: {"CheckoutFailed", "PaymentCaptured", "OrderPlaced"},
    Fate.PAYS_LATE: {"CheckoutExpired", "PaymentCaptured", "OrderPlaced"},
    Fate.PAYS_TWICE: {"CheckoutCancelled", "OrderPlaced", "RefundProcessed"},
    Fate.PAYS_TOO_LITTLE: {"CheckoutExpired", "CaseOpened", "CaseResolved", "RefundProcessed"},
    Fate.LEAVES_CART: {"CartItemSet"},
    Fate.LEAVES_CHECKOUT: {"CheckoutStarted", "CheckoutExpired"},
    Fate.CANCELS_CHECKOUT: {"CheckoutStarted", "CheckoutCancelled"},
    Fate.LEAVES_PAYMENT: {"PaymentIntentCreated", "CheckoutExpired"},
    Fate.CANCELS_PAYMENT: {"PaymentIntentCreated", "CheckoutCancelled"},
    Fate.FAILS: {"PaymentFailed", "CheckoutFailed"},
}


@pytest.fixture
async def shop(settings: Settings) -> AsyncGenerator[SampleShop, None]:
    """A shop on its first day."""
    async with open_shop(settings, request(days=90)) as opened:
        await open_the_shop(opened)
        yield opened


def test_every_fate_is_drawn_and_told_of() -> None:
    assert BUYING.keys() | LEAVING.keys() == HAPPENS.keys() == set(Fate)


@pytest.mark.parametrize("fate", Fate)
async def test_a_visit_ends_as_it_is_fated(shop: SampleShop, fate: Fate) -> None:
    shop.timeline.begin(shop.timeline.now, days_of_staff(shop))
    shop.timeline.begin(shop.timeline.now, visit(await visitor(shop, fate)))
    await shop.timeline.run(shop.timeline.now + FOREVER, lambda: True)
    assert HAPPENS[fate] <= shop.book.written.keys()
    assert shop.timeline.refused == 0
    ordered = shop.book.written["OrderPlaced"]
    assert ordered == (1 if fate in BUYING else 0)


async def test_staff_counts_restocks_and_prices_while_nobody_comes(shop: SampleShop) -> None:
    shop.timeline.begin(shop.timeline.now, days_of_staff(shop))
    await shop.timeline.run(shop.timeline.now + FOREVER, lambda: True)
    assert {"StockAdjusted", "ProductRevised"} <= shop.book.written.keys()


async def test_what_was_decided_before_a_stop_is_in_the_book(settings: Settings) -> None:
    async with open_shop(settings, request(days=90)) as stopped:
        await open_the_shop(stopped)
        stopped.timeline.begin(stopped.timeline.now, visit(await visitor(stopped, Fate.BUYS)))
        steps = iter(range(4))
        await stopped.timeline.run(
            stopped.timeline.now + FOREVER, lambda: next(steps, None) is not None
        )
    written = stopped.book.written
    assert written["CartOpened"] == 1
    assert written["OrderPlaced"] == 0
    async with open_shop(settings, request()) as again:
        found = await again.book.read_page(0, 10_000)
    assert len(found) == stopped.book.position == written.total()


async def visitor(shop: SampleShop, fate: Fate) -> Visitor:
    person = invented("tested", chance_of("person"), has_account=False)
    known = await sealed(shop.people, person)
    plan = Plan(
        fate=fate, chance=chance_of("visit"), basket={"CHAI-250": 2, "POHA-500": 1}, known=known
    )
    return Visitor(shop, plan)

"""A shop to which Razorpay delivers nothing, and the worker's asking, at any time of day."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from src.bootstrap.moments import now
from src.bootstrap.parts import BOOK
from src.bootstrap.reconciling import inquire_due
from src.embedded import Engines
from tests.databases import BookDatabase, connected
from tests.journeys.buyers import (
    Buyer,
    ok,
    order_of,
)
from tests.shop import ShopUnderTest, opened_shop


@pytest.fixture
async def shop(
    engines: Engines, book_database: BookDatabase, tmp_path: Path
) -> AsyncIterator[ShopUnderTest]:
    """A shop of its own for each test, to which Razorpay delivers nothing."""
    async with opened_shop(engines, book_database, tmp_path) as opened:
        yield opened


def after(**time: float) -> datetime:
    """Return a moment so much later than now."""
    return now() + timedelta(**time)


async def asked(shop: ShopUnderTest, at: datetime) -> int:
    """Let the worker's round take place at a moment; return how much it asked about."""
    return await inquire_due(shop.parts, at)


async def waiting(shop: ShopUnderTest) -> list[tuple[str, int]]:
    """Return what is still to be asked about, and how often it was."""
    rows = await connected(
        shop.settings.app_url,
        lambda db: db.fetch("select kind, asked from edge.inquiries where book = $1", BOOK),
    )
    return [(row["kind"], row["asked"]) for row in rows]


async def outcomes(shop: ShopUnderTest) -> dict[tuple[str, str], int]:
    """Return how often was asked, by kind and outcome."""
    rows = await connected(
        shop.settings.app_url,
        lambda db: db.fetch("select kind, outcome, inquiries from edge.inquiry_outcomes"),
    )
    return {(row["kind"], row["outcome"]): row["inquiries"] for row in rows}


async def bought(shop: ShopUnderTest, sku: str, **wish: object) -> tuple[Buyer, dict[str, Any]]:
    """Let somebody pay, of which neither webhook nor callback tells."""
    await shop.stocked(sku, units=5)
    buyer = await Buyer.guest(shop)
    ok(await buyer.put(sku, 1))
    pending = await buyer.intent()
    await shop.pay(order_of(pending), deliver=False, **wish)
    return buyer, pending

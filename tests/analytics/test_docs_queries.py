"""The ten questions of docs/analysts/queries.sql are asked by the role that analysts have."""

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

from src.events.connection import Connection
from tests.analytics.read_shop import ReadShop, busy_shop, new_shop
from tests.databases import connected

__all__ = ["busy_shop", "new_shop"]

QUERIES = Path(__file__).parents[2] / "docs" / "analysts" / "queries.sql"
_HEADING = re.compile(r"^-- (\d+)\. ", re.MULTILINE)
_, *_PARTS = _HEADING.split(QUERIES.read_text())
QUESTIONS = dict(zip(map(int, _PARTS[::2]), ("-- " + part for part in _PARTS[1::2]), strict=True))
COLUMNS = {
    1: "relation position true_at",
    2: "day currency orders units gross_minor discounts_minor shipping_minor refunds_minor"
    " net_minor",
    3: "sku name currency units net_minor",
    4: "weekday hour orders",
    5: "state ended_as sessions median_seconds_payment_pending",
    6: "method reason payments",
    7: "orders buyers",
    8: "coupon currency orders given_minor net_minor",
    9: "sku name on_hand held available oldest_hold",
    10: "by_order by_day by_movement by_payment positions_apart",
}


def asked(shop: ReadShop, number: int) -> list[dict[str, Any]]:
    """Return the rows of an answer, each by the names of its columns."""

    async def ask(db: Connection) -> list[dict[str, Any]]:
        return [dict(row.items()) for row in await db.fetch(QUESTIONS[number])]  # type: ignore[attr-defined]  # asyncpg's record has it

    rows: list[dict[str, Any]] = asyncio.run(connected(shop.read_url, ask))
    return rows


def test_there_are_ten_questions() -> None:
    assert list(QUESTIONS) == list(COLUMNS) == list(range(1, 11))


@pytest.mark.parametrize("number", COLUMNS)
def test_every_question_has_an_answer(busy_shop: ReadShop, number: int) -> None:
    rows = asked(busy_shop, number)
    assert rows
    assert list(rows[0]) == COLUMNS[number].split()


def test_no_question_fails_in_a_shop_that_opened_today(new_shop: ReadShop) -> None:
    rows = {number: asked(new_shop, number) for number in QUESTIONS}
    assert {number for number, found in rows.items() if found} == {1, 10}
    assert set(rows[10][0].values()) == {0}


def test_the_books_agree_to_the_paisa(busy_shop: ReadShop) -> None:
    (sums,) = asked(busy_shop, 10)
    assert sums.pop("positions_apart") == 0
    assert len(set(sums.values())) == 1
    assert sums["by_order"] > 0


def test_what_is_fresh_says_so(busy_shop: ReadShop) -> None:
    rows = asked(busy_shop, 1)
    assert len({row["position"] for row in rows}) == 1
    assert all(row["true_at"] is not None for row in rows)


def test_whoever_proved_a_mailbox_came_back(busy_shop: ReadShop) -> None:
    buyers = {row["orders"]: row["buyers"] for row in asked(busy_shop, 7)}
    assert buyers[2] == 1
    assert buyers[1] > 1


def test_what_is_held_says_since_when(busy_shop: ReadShop) -> None:
    rows = asked(busy_shop, 9)
    assert {row["held"] > 0 for row in rows} == {True, False}
    assert all((row["oldest_hold"] is not None) == (row["held"] > 0) for row in rows)

"""What analysts see of carts and sessions is how carts and sessions stand."""

import asyncio
from collections import defaultdict
from itertools import count, pairwise
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from src.events.cart import MergedCart, OrderedCart
from src.events.checkout import Completed, public_state
from src.events.connection import Connection
from tests.analytics.journeys_at_random import History, Move
from tests.analytics.test_journeys import feed, moves
from tests.databases import BookDatabase, connected

BOOKS = count(1)
EXAMPLES_MAX = 30


@given(told=moves, page=st.integers(1, 50))
@settings(
    max_examples=EXAMPLES_MAX,
    # The database is shared by the examples on purpose: each feeds a book of its own.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_every_cart_and_session_is_shown_as_it_stands(
    shared_database: BookDatabase, told: list[Move], page: int
) -> None:
    history = History()
    history.play(told)

    async def work(db: Connection) -> None:
        book = next(BOOKS)
        await feed(db, book, history.facts, page)
        assert await _shown(db, book, "carts", "cart_id, state, units, lines") == {
            key: _cart(history, cart) for key, cart in history.carts.items()
        }
        assert await _shown(db, book, "checkout_sessions", "checkout_session_id, state, late") == {
            key: (public_state(session).value, _is_late(history, key))
            for key, session in history.sessions.items()
        }
        await _compare_times(db, book)

    asyncio.run(connected(shared_database.app_url, work))


def _cart(history: History, cart: Any) -> tuple[str, int, int]:  # noqa: ANN401  # one of many states
    quantities = cart.contents.quantities
    held = [
        public_state(session).value
        for session in history.sessions.values()
        if session.basis.cart_id == cart.contents.cart_id
        and public_state(session).value != "CART_PENDING"
    ]
    state = held[0] if held else "CART_PENDING"
    if isinstance(cart, OrderedCart):
        state = "ORDER_CREATED"
    elif isinstance(cart, MergedCart):
        state = "CART_MERGED"
    return state, sum(quantities.values()), len(quantities)


def _is_late(history: History, session: str) -> bool:
    kinds = [
        type(each.event).__name__ for each in history.facts if each.stream == f"checkout-{session}"
    ]
    ends = {"CheckoutFailed", "CheckoutCancelled", "CheckoutExpired", "CheckoutSuperseded"}
    return isinstance(history.sessions[session], Completed) and not ends.isdisjoint(kinds)


async def _compare_times(db: Connection, book: int) -> None:
    """The time in a state is the time from each of its steps to the step after."""
    steps: dict[str, list[tuple[str, float | None]]] = defaultdict(list)
    rows = await db.fetch(
        "select checkout_session_id, state, seconds from read.checkout_steps"
        " where book = $1 order by position",
        book,
    )
    for row in rows:
        steps[row[0]].append((row[1], row[2]))
    names = ("CHECKOUT_STARTED", "PAYMENT_PENDING", "PAYMENT_CONFIRMED")
    columns = ", ".join(f"seconds_{name.lower()}" for name in names)
    shown = await _shown(db, book, "checkout_sessions", f"checkout_session_id, {columns}")
    assert shown == {
        session: tuple(_spent(some, name) for name in names) for session, some in steps.items()
    }


def _spent(steps: list[tuple[str, float | None]], state: str) -> float | None:
    spent = [after[1] for step, after in pairwise(steps) if step[0] == state]
    was_left = bool(spent) and steps[-1][0] != state
    # Where nothing was to be paid, or money came unannounced, waiting took no time.
    skipped = state == "PAYMENT_PENDING" and not spent and steps[-1][0] == "ORDER_CREATED"
    return sum(each or 0 for each in spent) if was_left else 0 if skipped else None


async def _shown(db: Connection, book: int, view: str, columns: str) -> dict[str, Any]:
    rows = await db.fetch(f"select {columns} from read.{view} where book = $1", book)  # noqa: S608  # our own names
    return {row[0]: tuple(row)[1:] for row in rows}

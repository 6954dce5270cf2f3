"""Carts and checkout sessions: how far people came, and every step of it, for analysts.

The two are one read model, because a cart's row tells how far its sessions came:
so the funnel of a quarter is one walk along the carts in the order they were opened.
"""

from collections.abc import Sequence
from typing import cast, get_args

from src.events.cart import CartEvent, CartOpened
from src.events.checkout import CheckoutEvent, CheckoutStarted
from src.events.connection import Connection
from src.events.envelope import Recorded
from src.events.identifiers import CHECKOUT, category_of, key_of
from src.projections import cart_row, carts, checkout_sessions, session_row
from src.projections.cart_row import CartRow
from src.projections.checkout_sessions import Step
from src.projections.projection import Handles
from src.projections.session_row import STEPS, SessionRow, reason_of

NAME, VERSION = "carts", 1
TABLES = ("carts_v1", "checkout_sessions_v1", "checkout_steps_v1")
HANDLES: Handles = frozenset({*get_args(CartEvent), *STEPS})
DDL = checkout_sessions.DDL + carts.DDL


async def project(page: Sequence[Recorded], db: Connection, book: int) -> None:
    """Take up the rows that this page is about, change them and put them back."""
    of_sessions = [each for each in page if category_of(each.stream) == CHECKOUT]
    sessions = await checkout_sessions.known_sessions(
        db, book, {key_of(each.stream) for each in of_sessions}
    )
    begun = (each.event for each in of_sessions if isinstance(each.event, CheckoutStarted))
    named = {key_of(each.stream) for each in page if category_of(each.stream) != CHECKOUT}
    named |= {row.cart_id for row in sessions.values()} | {event.cart_id for event in begun}
    rows = await carts.known_carts(db, book, named)
    steps = _happen(page, sessions, rows)
    await checkout_sessions.put_sessions(db, book, sessions.values(), steps)
    await carts.put_carts(db, book, rows.values())


def _happen(
    page: Sequence[Recorded], sessions: dict[str, SessionRow], rows: dict[str, CartRow]
) -> list[Step]:
    """Change rows fact by fact, and return the steps of the sessions."""
    steps: list[Step] = []
    for recorded in page:
        if category_of(recorded.stream) == CHECKOUT:
            steps.append(_step(sessions, recorded))
            session = sessions[key_of(recorded.stream)]
            cart_row.follow(rows[session.cart_id], session)
        else:
            _change_cart(rows, recorded)
    return steps


def _change_cart(rows: dict[str, CartRow], recorded: Recorded) -> None:
    event = cast("CartEvent", recorded.event)
    cart_id, at, position = key_of(recorded.stream), recorded.recorded_at, recorded.position
    if isinstance(event, CartOpened):
        rows[cart_id] = cart_row.opened(event, at, position)
    else:
        cart_row.change(rows[cart_id], event, at, position)


def _step(sessions: dict[str, SessionRow], recorded: Recorded) -> Step:
    event = cast("CheckoutEvent", recorded.event)
    session, at, position = key_of(recorded.stream), recorded.recorded_at, recorded.position
    after = None
    if isinstance(event, CheckoutStarted):
        sessions[session] = session_row.begun(event, at, position)
    else:
        after = at - sessions[session].changed_at
        session_row.change(sessions[session], event, at, position)
    state = sessions[session].state
    return Step(session, position, at, STEPS[type(event)], state, reason_of(event), after)

"""Carts: one row each, what is in it from the fold, and its turns from the facts.

How far its sessions came is read in their own rows.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from src.events.cart import (
    CartItemSet,
    CartMerged,
    CartOpened,
    CartOrdered,
    CartTaken,
    LockedCart,
    OrderedCart,
)
from src.events.identifiers import CART
from src.queries.expected_rows.table import Fact, Rows, Stood, Table, one


def _expected(stood: Stood) -> Rows:
    cart, last = stood.state, stood.facts[-1]
    contents = cart.contents
    is_locked = isinstance(cart, LockedCart | OrderedCart)
    merged = [fact.event for fact in stood.facts if isinstance(fact.event, CartMerged)]
    return one(
        contents.customer_id,
        contents.currency,
        dict(contents.quantities),
        contents.coupon,
        cart.checkout_session_id if is_locked else None,
        *_first(stood.facts, CartOpened),
        *_first(stood.facts, CartItemSet),
        *_first(stood.facts, CartTaken),
        *_first(stood.facts, CartOrdered),
        cart.order_id if isinstance(cart, OrderedCart) else None,
        *_first(stood.facts, CartMerged),
        merged[0].into if merged else None,
        last.at,
        last.position,
    )


def _first(facts: Sequence[Fact], kind: type) -> tuple[Any, Any]:
    found = [fact for fact in facts if isinstance(fact.event, kind)]
    return (found[0].at, found[0].position) if found else (None, None)


def _read(stored: tuple[Any, ...]) -> tuple[Any, ...]:
    customer, currency, quantities, *others = stored
    return (customer, currency, msgspec.json.decode(quantities), *others)


TABLE = Table(
    model="carts",
    name="carts",
    categories=(CART,),
    key="cart_id",
    columns=(
        "customer_id",
        "currency",
        "quantities",
        "coupon_code",
        "locked_by",
        "opened_at",
        "opened_position",
        "filled_at",
        "filled_position",
        "taken_at",
        "taken_position",
        "ordered_at",
        "ordered_position",
        "order_id",
        "merged_at",
        "merged_position",
        "merged_into",
        "changed_at",
        "changed_position",
    ),
    needs_facts=True,
    expected=_expected,
    read=_read,
)

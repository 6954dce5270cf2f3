"""What a person may type to say which stream, which order, which moment and which facts."""

import re
from collections.abc import Iterable
from difflib import get_close_matches

from msgspec import Struct

from src.bootstrap.parts import BOOK
from src.cli.complaint import Complaint
from src.events.catalogue import EVENTS, FOLDS
from src.events.identifiers import (
    CART,
    CHECKOUT,
    CUSTOMER,
    ORDER,
    PAYMENT,
    WEBHOOK,
    Stream,
    category_of,
    key_of,
    stream,
)
from src.queries.history import BadMoment, Moment, moment
from src.queries.orders import order_id_of
from src.queries.read_pool import open_read_pool
from src.settings import Settings

BARE_IDS = {
    "ord": ORDER,
    "cart": CART,
    "cs": CHECKOUT,
    "cust": CUSTOMER,
    "wh": WEBHOOK,
    "order": PAYMENT,
}
"""Whose stream an id names that answers show; `order_…` is Razorpay's, so the payment's."""
NEAR_MAX = 3
_NUMBER = re.compile(r"[0-9A-Z]{5}-[0-9A-Z]{5}")


class OrderNumber(Struct, frozen=True):
    """The number that a person reads out; only the read model knows whose it is."""

    text: str


def stream_or_number(name: str) -> Stream | OrderNumber:
    """Read the name of a stream, an id that answers show, or an order's number."""
    prefix, _, bare = name.partition("_")
    if bare and prefix in BARE_IDS:
        return stream(BARE_IDS[prefix], name)
    whole, number = Stream(name), name.strip().upper()
    if category_of(whole) in FOLDS and key_of(whole):
        return whole
    if _NUMBER.fullmatch(number):
        return OrderNumber(number)
    kinds = ", ".join(sorted(FOLDS))
    raise Complaint(
        f"A stream is called KIND-ID; the kinds are {kinds}. An order's number, such as "
        "K7M2Q-4XD3N, and the ids that answers show will do as well.",
        exit_code=2,
    )


async def stream_of(settings: Settings, named: Stream | OrderNumber) -> Stream:
    """Return the stream itself; raises Complaint for a number that no order has."""
    if not isinstance(named, OrderNumber):
        return named
    reads = await open_read_pool(settings.app_url, connections_max=1)
    try:
        there = await reads.fetchval("select to_regclass('read.orders') is not null")
        if not there:
            raise Complaint(
                f"The list of orders is not built yet, so {named.text} cannot be looked up: start "
                "khata up or a worker, or say the order's id, ord_…."
            )
        order_id = await order_id_of(reads, BOOK, named.text)
    finally:
        await reads.close()
    if order_id is None:
        raise Complaint(f"The list of orders has none with the number {named.text}.")
    return stream(ORDER, order_id)


def moment_of(option: str, text: str | None) -> Moment | None:
    """Read a position or a time; the complaint names the option."""
    try:
        return None if text is None else moment(text)
    except BadMoment as wrong:
        raise Complaint(f"{option} {wrong}.", exit_code=2) from wrong


def types_of(names: Iterable[str]) -> frozenset[str]:
    """Check the names of facts, which may be in either case; a complaint names what comes near."""
    known = {name.lower(): name for name in EVENTS}
    return frozenset(known.get(name.lower()) or _no_fact(name, known) for name in names)


def _no_fact(name: str, known: dict[str, str]) -> str:
    near = [known[each] for each in get_close_matches(name.lower(), known, NEAR_MAX)]
    hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(EVENTS)}."
    raise Complaint(f"--type: no fact is called {name}; {hint}", exit_code=2)

"""What a person may type to say which stream, which order, which moment and which facts."""

import re
from collections.abc import Awaitable, Callable, Iterable
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
from src.queries.payments import razorpay_order_of
from src.queries.read_pool import open_read_pool
from src.queries.reading import Reading
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
PAYMENT_PREFIX = "pay"
NEAR_MAX = 3
_NUMBER = re.compile(r"[0-9A-Z]{5}-[0-9A-Z]{5}")


class OrderNumber(Struct, frozen=True):
    """The number that a person reads out; only the read model knows whose it is."""

    text: str


class PaymentId(Struct, frozen=True):
    """As Razorpay calls a payment; only the read model knows on which Razorpay order it is."""

    text: str


Named = Stream | OrderNumber | PaymentId
"""What a person may say for a stream."""


def stream_or_number(name: str) -> Named:
    """Read the name of a stream, an id that answers show, or an order's number."""
    prefix, _, bare = name.partition("_")
    if bare and prefix == PAYMENT_PREFIX:
        return PaymentId(name)
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


async def stream_of(settings: Settings, named: Named) -> Stream:
    """Return the stream itself; raises Complaint for a number or a payment that nobody knows."""
    match named:
        case OrderNumber(text=number):
            listed = _Listed("orders", "say the order's id, ord_…")
            order_id = await _looked_up(settings, listed, order_id_of, number)
            if order_id is None:
                raise Complaint(f"The list of orders has none with the number {number}.")
            return stream(ORDER, order_id)
        case PaymentId(text=payment):
            listed = _Listed("payments", "say its Razorpay order's id, order_…")
            razorpay_order = await _looked_up(settings, listed, razorpay_order_of, payment)
            if razorpay_order is None:
                raise Complaint(f"The list of payments has none called {payment}.")
            return stream(PAYMENT, razorpay_order)
        case _:
            return named


class _Listed(Struct, frozen=True):
    """A list of the read models, and what can be said where it is not there."""

    name: str
    instead: str


async def _looked_up(
    settings: Settings,
    listed: _Listed,
    find: Callable[[Reading, int, str], Awaitable[str | None]],
    text: str,
) -> str | None:
    reads = await open_read_pool(settings.app_url, connections_max=1)
    try:
        if not await reads.fetchval("select to_regclass($1) is not null", f"models.{listed.name}"):
            raise Complaint(
                f"The list of {listed.name} is not built yet, so {text} cannot be looked up: "
                f"start khata up or a worker, or {listed.instead}."
            )
        return await find(reads, BOOK, text)
    finally:
        await reads.close()


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

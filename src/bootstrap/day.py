"""Comparing a day at Razorpay with the book.

Razorpay's lists may be minutes behind, and a webhook may be on its way: before
a difference is named, Razorpay is asked about that very order, and the book is
read again.
"""

from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from src.bootstrap.asking import Progress, each_of
from src.bootstrap.day_differences import Difference, named
from src.bootstrap.day_sides import Compared, Day, Sides, sums_of
from src.bootstrap.parts import BOOK, Parts
from src.commands.gateway import (
    AccountPayment,
    AccountRefund,
    GatewayRefusedError,
    PaymentReport,
    RefundReport,
)
from src.queries.money_of_day import (
    orders_of_payments,
    orders_opened,
    ours_among,
    payments_of_orders,
    refunds_of_orders,
    refunds_requested,
)

T = TypeVar("T")


async def compare(parts: Parts, day: Day, progress: Progress) -> Compared:
    """Compare a day; raises GatewayError when Razorpay does not answer."""
    sides = await _listed(parts, day)
    await _read_book(parts, sides)
    suspects = sides.compared().differences
    if suspects:
        await _ask_about(parts, sides, suspects, progress)
        await _read_book(parts, sides)
    return sides.compared()


async def _listed(parts: Parts, day: Day) -> Sides:
    """Fetch both lists, and part what is ours from the rest."""
    payments = await parts.gateway.payments_between(day.since, day.until)
    refunds = await parts.gateway.refunds_between(day.since, day.until)
    await parts.runner.catch_up()
    ours = await ours_among(parts.reads, BOOK, _orders(payments))
    mine = {p.razorpay_payment_id: p for p in payments if p.razorpay_order_id in ours}
    paid = {each.razorpay_payment_id for each in refunds}
    order_of = await orders_of_payments(parts.reads, BOOK, paid)
    order_of |= {name: each.razorpay_order_id or "" for name, each in mine.items()}
    return Sides(
        day=day,
        foreign=sums_of(
            [each for each in payments if each.razorpay_payment_id not in mine],
            [each for each in refunds if each.razorpay_payment_id not in order_of],
        ),
        order_of=order_of,
        payments_there=mine,
        refunds_there={
            r.razorpay_refund_id: r for r in refunds if r.razorpay_payment_id in order_of
        },
    )


def _orders(payments: Iterable[AccountPayment]) -> set[str]:
    return {each.razorpay_order_id for each in payments if each.razorpay_order_id is not None}


async def _read_book(parts: Parts, sides: Sides) -> None:
    """Read what the book says now of everything that is compared."""
    await parts.runner.catch_up()
    day, reads = sides.day, parts.reads
    opened = set(await orders_opened(reads, BOOK, day.since, day.until))
    orders = {*sides.order_of.values(), *opened}
    here = await payments_of_orders(reads, BOOK, orders)
    sides.payments_here = {each.razorpay_payment_id: each for each in here}
    of_opened = {each.razorpay_payment_id for each in here if each.razorpay_order_id in opened}
    sides.expected = of_opened | _of_refunds(sides)
    requested = await refunds_requested(reads, BOOK, day.since, day.until)
    of_orders = await refunds_of_orders(reads, BOOK, set(sides.order_of.values()))
    sides.refunds_here = list({each.refund_id: each for each in (*requested, *of_orders)}.values())
    sides.refunds_expected = {each.refund_id for each in requested}
    sides.order_of |= {each.razorpay_payment_id: each.razorpay_order_id for each in here}


def _of_refunds(sides: Sides) -> set[str]:
    """Return payments that money went back of, though the book knows of nothing captured."""
    paid = {each.razorpay_payment_id for each in sides.refunds_there.values()}
    here = sides.payments_here
    return {each for each in paid if each in here and here[each].status != "captured"}


async def _ask_about(
    parts: Parts, sides: Sides, suspects: Iterable[Difference], progress: Progress
) -> None:
    """Ask Razorpay by order id, which is never behind, about everything that seems to differ."""
    payments, refunds = named(suspects)

    async def ask(order: str) -> None:
        for said in await _or_none(parts.gateway.payments_of, order):
            name = said.razorpay_payment_id
            if name in sides.payments_here or sides.day.has(said.occurred_at):
                sides.payments_there[name] = _account_payment(said)
                sides.order_of[name] = order

    async def ask_refunds(about: tuple[str, str]) -> None:
        for said in await _or_none(parts.gateway.refunds_of, *about):
            sides.refunds_there[said.razorpay_refund_id] = _account_refund(said)
            sides.order_of[said.razorpay_payment_id] = said.razorpay_order_id

    await each_of(ask, sorted(payments), "asking about payments", progress)
    await each_of(ask_refunds, sorted(refunds), "asking about refunds", progress)


async def _or_none(ask: Callable[..., Awaitable[list[T]]], *about: str) -> list[T]:
    """What Razorpay will not tell of, it does not know."""
    try:
        return await ask(*about)
    except GatewayRefusedError:
        return []


def _account_payment(said: PaymentReport) -> AccountPayment:
    return AccountPayment(
        razorpay_order_id=said.razorpay_order_id,
        razorpay_payment_id=said.razorpay_payment_id,
        status=said.status,
        amount=said.amount,
        captured=said.captured,
        amount_refunded=0,
        created_at=said.occurred_at,
    )


def _account_refund(said: RefundReport) -> AccountRefund:
    return AccountRefund(
        razorpay_payment_id=said.razorpay_payment_id,
        razorpay_refund_id=said.razorpay_refund_id,
        status=said.status,
        amount=said.amount,
        receipt=said.receipt,
        created_at=said.occurred_at,
    )

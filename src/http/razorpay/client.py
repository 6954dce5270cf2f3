"""The payment gateway, answered by Razorpay through its own SDK."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import TypeVar

import msgspec

from src.commands.gateway import (
    GatewayRefusedError,
    GatewayUnavailableError,
    PaymentReport,
    ProviderOrder,
)
from src.events.money import Money
from src.http.razorpay.answers import ComplaintError
from src.http.razorpay.calls import Calls
from src.http.razorpay.entities import (
    UNREADABLE,
    OrderEntity,
    Orders,
    Payments,
    moment,
    payment_report,
    provider_order,
)
from src.http.razorpay.ids import is_order_id
from src.http.razorpay.receipts import (
    UNIQUE_RECEIPT,
    agreeing,
    furthest_then_oldest,
    refuse_impossible,
    wish,
)
from src.http.razorpay.sdk import open_orders
from src.http.razorpay.session import RazorpaySession
from src.http.razorpay.settings import RazorpaySettings

ORDERS_PAGE = 100
"""How many orders one question by receipt returns, the most Razorpay gives."""

T = TypeVar("T")
Ask = Callable[[], object]


class RazorpayGateway:
    """PaymentGateway over the SDK: every call has a deadline, and nothing is repeated by itself."""

    def __init__(self, settings: RazorpaySettings) -> None:
        self._settings = settings
        self._session = RazorpaySession(settings)
        self._orders = open_orders(settings, self._session)
        self._calls = Calls(settings.threads, settings.waiting_max)
        self._unique_receipts = True

    @property
    def key_id(self) -> str:
        """The public half of the key, which checkout.js needs."""
        return self._settings.key_id

    async def create_order(self, receipt: str, due: Money) -> ProviderOrder:
        """Create the order with this receipt, or return the one that already has it."""
        refuse_impossible(receipt, due)
        async with self._deadline():
            return agreeing(await self._create(receipt, due), receipt, due)

    async def find_order(self, receipt: str) -> ProviderOrder | None:
        """Return the order with this receipt; of several, the furthest and then the oldest."""
        async with self._deadline():
            return await self._find(receipt)

    async def payments_of(self, razorpay_order_id: str) -> list[PaymentReport]:
        """Return every payment that was tried on an order."""
        _refuse_no_order_id(razorpay_order_id)
        async with self._deadline():
            answer = await self._calls.run(partial(self._orders.payments, razorpay_order_id))
        payments = _read(answer, Payments).items
        if any(payment.order_id != razorpay_order_id for payment in payments):
            raise GatewayUnavailableError("Razorpay answered about another order")
        return [payment_report(p, razorpay_order_id, moment(p.created_at)) for p in payments]

    def close(self) -> None:
        """Give the connections back; calls under way end by their own timeouts."""
        self._calls.close()
        self._session.close()

    async def _create(self, receipt: str, due: Money) -> ProviderOrder:
        unique = self._unique_receipts
        if not unique and (found := await self._find(receipt)):
            return found
        try:
            return await self._order(
                partial(self._orders.create, wish(receipt, due, unique=unique))
            )
        except ComplaintError as no:
            if unique and no.rejects_field(UNIQUE_RECEIPT):
                self._unique_receipts = False  # remembered until the next start
                return await self._create(receipt, due)
            return await self._existing(no, receipt)

    async def _existing(self, no: ComplaintError, receipt: str) -> ProviderOrder:
        """Return the order that is in the way of a new one, or raise the refusal itself."""
        if order_id := no.existing_order_id:
            return await self._order(partial(self._orders.fetch, order_id))
        if "receipt should be unique" in str(no) and (found := await self._find(receipt)):
            return found
        raise no

    async def _find(self, receipt: str) -> ProviderOrder | None:
        question: dict[str, object] = {"receipt": receipt, "count": ORDERS_PAGE}
        answer = await self._calls.run(partial(self._orders.all, question))
        same = [order for order in _read(answer, Orders).items if order.receipt == receipt]
        return provider_order(min(same, key=furthest_then_oldest)) if same else None

    async def _order(self, ask: Ask) -> ProviderOrder:
        return provider_order(_read(await self._calls.run(ask), OrderEntity))

    @asynccontextmanager
    async def _deadline(self) -> AsyncGenerator[None]:
        try:
            async with asyncio.timeout(self._settings.deadline_seconds):
                yield
        except TimeoutError as late:
            raise GatewayUnavailableError("no answer from Razorpay in time") from late


def _refuse_no_order_id(razorpay_order_id: str) -> None:
    if not is_order_id(razorpay_order_id):
        raise GatewayRefusedError("this is not the id of a Razorpay order")


def _read(answer: object, shape: type[T]) -> T:
    try:
        return msgspec.convert(answer, shape)
    except UNREADABLE as wrong:
        raise GatewayUnavailableError(f"Razorpay's answer cannot be read: {wrong}") from wrong

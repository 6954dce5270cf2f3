"""The line to Razorpay: a question in a thread, an answer in its shape, all within a deadline."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

import msgspec
from prometheus_client import CollectorRegistry

from src.commands.gateway import GatewayRefusedError, GatewayUnavailableError
from src.http.razorpay.calls import Calls
from src.http.razorpay.entities import UNREADABLE
from src.http.razorpay.ids import is_order_id, is_payment_id
from src.http.razorpay.provider_figures import ProviderFigures
from src.http.razorpay.settings import RazorpaySettings

T = TypeVar("T")
Ask = Callable[[], object]
"""A call of the SDK's that is ready to be made; it returns a decoded JSON object."""


class Line:
    """One account's line to Razorpay."""

    def __init__(self, settings: RazorpaySettings, figures: ProviderFigures | None = None) -> None:
        self._figures = figures or ProviderFigures(CollectorRegistry())
        self._calls = Calls(settings.threads, settings.waiting_max)
        self._deadline_seconds = settings.deadline_seconds

    async def ask(self, ask: Ask, shape: type[T]) -> T:
        """Return the answer in this shape; raises GatewayUnavailableError when it has another."""
        with self._figures.asking(ask):
            answer = await self._calls.run(ask)
        try:
            return msgspec.convert(answer, shape)
        except UNREADABLE as wrong:
            raise GatewayUnavailableError(f"Razorpay's answer cannot be read: {wrong}") from wrong

    @asynccontextmanager
    async def deadline(self) -> AsyncGenerator[None]:
        """Give what is asked inside one call's time, all of it together."""
        try:
            async with asyncio.timeout(self._deadline_seconds):
                yield
        except TimeoutError as late:
            raise GatewayUnavailableError("no answer from Razorpay in time") from late

    def close(self) -> None:
        """Ask nothing more; calls under way end by their own timeouts."""
        self._calls.close()


def refuse_no_order_id(razorpay_order_id: str) -> None:
    """Raise GatewayRefusedError for what would ask another question than the one meant."""
    if not is_order_id(razorpay_order_id):
        raise GatewayRefusedError("this is not the id of a Razorpay order")


def refuse_no_ids(razorpay_order_id: str, razorpay_payment_id: str) -> None:
    """Raise GatewayRefusedError unless both can be ids of Razorpay's."""
    refuse_no_order_id(razorpay_order_id)
    if not is_payment_id(razorpay_payment_id):
        raise GatewayRefusedError("this is not the id of a Razorpay payment")

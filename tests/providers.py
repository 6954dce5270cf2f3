"""Every payment provider there is: in memory, and the real SDK against the sandbox."""

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest
from msgspec.structs import replace

from src.commands.gateway import (
    PaymentGateway,
    PaymentReport,
    PaymentStatus,
    ProviderOrder,
    RefundReport,
    RefundStatus,
)
from src.events.capture import CaptureMode
from src.http.razorpay.client import RazorpayGateway
from src.http.razorpay.settings import RazorpaySettings
from tests.factories import inr
from tests.gateway import MemoryGateway
from tests.sandbox.receiver import bound_socket, receiving
from tests.sandbox.shop import KEY_ID, KEY_SECRET, Shop, running_sandbox, settings_for

SMALL_PAGE = 2
"""How many things one answer lists here, so that few of them are several pages."""


class Provider(Protocol):
    """A gateway, who pays there, a network that loses answers, and a bank that takes its time."""

    @property
    def gateway(self) -> PaymentGateway:
        """What is held to its contract."""
        ...

    def capture_by_hand(self) -> None:
        """Make orders from now on whose money is only taken when we say so."""
        ...

    def pay(self, order: ProviderOrder, status: PaymentStatus) -> object:
        """Let a customer try to pay."""
        ...

    def stranger_pays(self, amount: int) -> object:
        """Let somebody pay into the account without an order."""
        ...

    def lose_an_answer(self, operation: str) -> None:
        """Carry the next such call out, and do not answer it."""
        ...

    def let_a_refund_wait(self) -> None:
        """Leave the next refund to the bank."""
        ...

    def finish(self, refund: RefundReport, status: RefundStatus) -> None:
        """Let the bank say how a waiting refund ends."""
        ...


class InMemory:
    """The provider that most tests use."""

    def __init__(self) -> None:
        self.gateway = MemoryGateway()
        self.pay = self.gateway.pay

    def capture_by_hand(self) -> None:
        self.gateway.capture_mode = CaptureMode.MANUAL

    def stranger_pays(self, amount: int) -> object:
        return self.gateway.stranger_pays(inr(amount))

    def lose_an_answer(self, operation: str) -> None:
        del operation  # The next call is the one.
        self.gateway.dropped += 1

    def let_a_refund_wait(self) -> None:
        self.gateway.waiting += 1

    def finish(self, refund: RefundReport, status: RefundStatus) -> None:
        self.gateway.finish(refund, status)


class AtTheSandbox:
    """The real SDK, at a Razorpay that runs on this machine."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._account = RazorpaySettings(
            key_id=KEY_ID, key_secret=KEY_SECRET, base_url=str(shop.http.base_url)
        )
        self.gateway = RazorpayGateway(self._account, page=SMALL_PAGE)

    def capture_by_hand(self) -> None:
        self.gateway.close()
        by_hand = replace(self._account, capture=CaptureMode.MANUAL)
        self.gateway = RazorpayGateway(by_hand, page=SMALL_PAGE)

    def pay(self, order: ProviderOrder, status: PaymentStatus) -> object:
        return self._shop.pay({"id": order.razorpay_order_id}, outcome=status.value)

    def stranger_pays(self, amount: int) -> object:
        return self._shop.control("foreign/pay", amount=amount, without_order=True)

    def lose_an_answer(self, operation: str) -> None:
        self._shop.control("faults", operation=operation, fault="commit_then_drop")

    def let_a_refund_wait(self) -> None:
        self._shop.control("refunds/plan", outcome="pending")

    def finish(self, refund: RefundReport, status: RefundStatus) -> None:
        move = {RefundStatus.PROCESSED: "process", RefundStatus.FAILED: "fail"}[status]
        self._shop.control(f"refunds/{refund.razorpay_refund_id}/{move}")


@pytest.fixture(params=["memory", "razorpay"])
def provider(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Provider]:
    """Every provider in turn."""
    if request.param == "memory":
        yield InMemory()
        return
    settings = settings_for(tmp_path / "sandbox.db")
    with receiving(bound_socket()) as receiver, running_sandbox(settings, receiver) as shop:
        razorpay = AtTheSandbox(shop)
        yield razorpay
        razorpay.gateway.close()


async def paid(provider: Provider, status: PaymentStatus, receipt: str = "chk_1") -> PaymentReport:
    """Return a new payment of 149 rupees."""
    order = await provider.gateway.create_order(receipt, inr(14_900))
    provider.pay(order, status)
    [report] = await provider.gateway.payments_of(order.razorpay_order_id)
    return report


async def now(provider: Provider, report: PaymentReport) -> PaymentReport:
    """Return how a payment stands now."""
    [stands] = await provider.gateway.payments_of(report.razorpay_order_id)
    return stands

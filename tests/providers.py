"""Every payment provider there is: in memory, and the real SDK against the sandbox."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from src.commands.gateway import PaymentGateway, PaymentReport, PaymentStatus, ProviderOrder
from src.http.razorpay.client import RazorpayGateway
from src.http.razorpay.settings import RazorpaySettings
from tests.factories import inr
from tests.gateway import MemoryGateway
from tests.sandbox.receiver import bound_socket, receiving
from tests.sandbox.shop import KEY_ID, KEY_SECRET, running_sandbox, settings_for

SMALL_PAGE = 2
"""How many things one answer lists here, so that few of them are several pages."""


class Provider(NamedTuple):
    """A gateway, a customer who pays there, and a network that loses answers."""

    gateway: PaymentGateway
    pay: Callable[[ProviderOrder, PaymentStatus], object]
    lose_an_answer: Callable[[str], object]


@pytest.fixture(params=["memory", "razorpay"])
def provider(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Provider]:
    if request.param == "memory":
        memory = MemoryGateway()

        def lose(_: str) -> None:
            memory.dropped += 1

        yield Provider(memory, memory.pay, lose)
        return
    settings = settings_for(tmp_path / "sandbox.db")
    with receiving(bound_socket()) as receiver, running_sandbox(settings, receiver) as shop:
        gateway = RazorpayGateway(
            RazorpaySettings(
                key_id=KEY_ID, key_secret=KEY_SECRET, base_url=str(shop.http.base_url)
            ),
            page=SMALL_PAGE,
        )
        yield Provider(
            gateway,
            lambda order, status: shop.pay({"id": order.razorpay_order_id}, outcome=status.value),
            lambda operation: shop.control("faults", operation=operation, fault="commit_then_drop"),
        )
        gateway.close()


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

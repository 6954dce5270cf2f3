"""What a payment gateway promises: in memory, and with the real SDK against the sandbox."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from src.commands.gateway import GatewayRefusedError, PaymentGateway, PaymentStatus, ProviderOrder
from src.events.money import Money
from src.http.razorpay.client import RazorpayGateway
from src.http.razorpay.settings import RazorpaySettings
from tests.factories import inr
from tests.gateway import MemoryGateway
from tests.sandbox.receiver import bound_socket, receiving
from tests.sandbox.shop import KEY_ID, KEY_SECRET, running_sandbox, settings_for

pytestmark = pytest.mark.anyio


class Provider(NamedTuple):
    """A gateway, and a customer who pays there."""

    gateway: PaymentGateway
    pay: Callable[[ProviderOrder, PaymentStatus], object]


@pytest.fixture(params=["memory", "razorpay"])
def provider(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Provider]:
    if request.param == "memory":
        memory = MemoryGateway()
        yield Provider(memory, memory.pay)
        return
    settings = settings_for(tmp_path / "sandbox.db")
    with receiving(bound_socket()) as receiver, running_sandbox(settings, receiver) as shop:
        gateway = RazorpayGateway(
            RazorpaySettings(key_id=KEY_ID, key_secret=KEY_SECRET, base_url=str(shop.http.base_url))
        )
        yield Provider(
            gateway,
            lambda order, status: shop.pay({"id": order.razorpay_order_id}, outcome=status.value),
        )
        gateway.close()


async def test_an_order_is_for_what_was_asked(provider: Provider) -> None:
    order = await provider.gateway.create_order("chk_1", inr(14_900))
    assert (order.receipt, order.due, order.status) == ("chk_1", inr(14_900), "created")
    assert provider.gateway.key_id.startswith("rzp_test_")


async def test_one_receipt_is_one_order_however_often_it_is_asked_for(provider: Provider) -> None:
    first = await provider.gateway.create_order("chk_1", inr(14_900))
    again = await provider.gateway.create_order("chk_1", inr(14_900))
    other = await provider.gateway.create_order("chk_2", inr(14_900))
    assert again.razorpay_order_id == first.razorpay_order_id != other.razorpay_order_id


async def test_one_receipt_is_never_for_two_amounts(provider: Provider) -> None:
    await provider.gateway.create_order("chk_1", inr(14_900))
    with pytest.raises(GatewayRefusedError):
        await provider.gateway.create_order("chk_1", Money(15_000, "INR"))


async def test_an_order_is_found_by_its_receipt_and_nothing_else_is(provider: Provider) -> None:
    assert await provider.gateway.find_order("chk_1") is None
    order = await provider.gateway.create_order("chk_1", inr(14_900))
    assert await provider.gateway.find_order("chk_1") == order
    assert await provider.gateway.find_order("chk_2") is None


@pytest.mark.parametrize(
    "status", [PaymentStatus.CAPTURED, PaymentStatus.AUTHORIZED, PaymentStatus.FAILED]
)
async def test_every_payment_of_an_order_is_told(provider: Provider, status: PaymentStatus) -> None:
    order = await provider.gateway.create_order("chk_1", inr(14_900))
    assert await provider.gateway.payments_of(order.razorpay_order_id) == []
    provider.pay(order, status)
    [report] = await provider.gateway.payments_of(order.razorpay_order_id)
    assert (report.status, report.amount) == (status, inr(14_900))
    assert report.razorpay_order_id == order.razorpay_order_id
    assert report.captured is (status is PaymentStatus.CAPTURED)

"""What a payment gateway promises: in memory, and with the real SDK against the sandbox."""

from datetime import UTC, datetime

import pytest

from src.commands.gateway import GatewayRefusedError, PaymentStatus, RefundStatus
from src.events.money import Money
from tests.factories import inr
from tests.providers import Provider, paid

pytestmark = pytest.mark.anyio

LONG_AGO, LONG_FROM_NOW = datetime(2020, 1, 1, tzinfo=UTC), datetime(2090, 1, 1, tzinfo=UTC)
REFUND = "rfd_1234567890"


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


async def test_a_span_tells_every_payment_of_the_account_once(provider: Provider) -> None:
    made = [await paid(provider, PaymentStatus.CAPTURED, f"chk_{number}") for number in range(5)]
    await provider.gateway.refund(
        made[0].razorpay_order_id, made[0].razorpay_payment_id, inr(4_900), REFUND
    )
    told = await provider.gateway.payments_between(LONG_AGO, LONG_FROM_NOW)
    assert len(told) == len(made)
    assert {each.razorpay_payment_id: each.razorpay_order_id for each in told} == {
        each.razorpay_payment_id: each.razorpay_order_id for each in made
    }
    assert {(each.status, each.amount, each.captured) for each in told} == {
        (PaymentStatus.CAPTURED, inr(14_900), True)
    }
    assert sorted(each.amount_refunded for each in told) == [0, 0, 0, 0, 4_900]


async def test_a_span_tells_of_money_that_nobody_here_asked_for(provider: Provider) -> None:
    provider.stranger_pays(49_900)
    [listed] = await provider.gateway.payments_between(LONG_AGO, LONG_FROM_NOW)
    assert (listed.razorpay_order_id, listed.amount) == (None, inr(49_900))
    assert (listed.status, listed.captured) == (PaymentStatus.CAPTURED, True)


async def test_a_span_tells_every_refund_of_the_account_once(provider: Provider) -> None:
    made = [await paid(provider, PaymentStatus.CAPTURED, f"chk_{number}") for number in range(3)]
    refunds = [
        await provider.gateway.refund(
            each.razorpay_order_id, each.razorpay_payment_id, inr(100), f"{REFUND}-{number}"
        )
        for number, each in enumerate(made)
    ]
    told = await provider.gateway.refunds_between(LONG_AGO, LONG_FROM_NOW)
    assert len(told) == len(refunds)
    assert {(each.razorpay_refund_id, each.razorpay_payment_id, each.receipt) for each in told} == {
        (each.razorpay_refund_id, each.razorpay_payment_id, each.receipt) for each in refunds
    }
    assert {(each.status, each.amount) for each in told} == {(RefundStatus.PROCESSED, inr(100))}


async def test_a_span_begins_with_its_first_second_and_ends_before_its_last(
    provider: Provider,
) -> None:
    payment = await paid(provider, PaymentStatus.CAPTURED)
    await provider.gateway.refund(
        payment.razorpay_order_id, payment.razorpay_payment_id, inr(100), REFUND
    )
    gateway = provider.gateway
    [listed] = await gateway.payments_between(LONG_AGO, LONG_FROM_NOW)
    [given] = await gateway.refunds_between(LONG_AGO, LONG_FROM_NOW)
    assert listed.created_at is not None
    assert given.created_at is not None
    assert await gateway.payments_between(listed.created_at, LONG_FROM_NOW) == [listed]
    assert await gateway.payments_between(LONG_AGO, listed.created_at) == []
    assert await gateway.refunds_between(given.created_at, LONG_FROM_NOW) == [given]
    assert await gateway.refunds_between(LONG_AGO, given.created_at) == []

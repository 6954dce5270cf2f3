"""What a payment gateway promises of taking money and giving it back."""

import pytest

from src.commands.gateway import (
    GatewayRefusedError,
    GatewayUnavailableError,
    PaymentStatus,
    RefundStatus,
)
from src.events.capture import CaptureMode
from tests.factories import inr
from tests.providers import SMALL_PAGE, Provider, now, paid

pytestmark = pytest.mark.anyio

REFUND, OTHER_REFUND, THIRD_REFUND = "rfd_1234567890", "rfd_2345678901", "rfd_3456789012"


async def test_authorized_money_is_captured_once_however_often_it_is_asked_for(
    provider: Provider,
) -> None:
    payment = await paid(provider, PaymentStatus.AUTHORIZED)
    ids = payment.razorpay_order_id, payment.razorpay_payment_id
    taken = await provider.gateway.capture(*ids, inr(14_900))
    assert (taken.status, taken.captured, taken.amount) == ("captured", True, inr(14_900))
    assert (taken.razorpay_order_id, taken.razorpay_payment_id) == ids
    assert await provider.gateway.capture(*ids, inr(14_900)) == taken
    assert await now(provider, payment) == taken


async def test_an_order_may_wait_for_somebody_to_capture_it(provider: Provider) -> None:
    modes = [provider.gateway.capture_mode]
    provider.capture_by_hand()
    modes.append(provider.gateway.capture_mode)
    assert modes == [CaptureMode.AUTOMATIC, CaptureMode.MANUAL]
    payment = await paid(provider, PaymentStatus.AUTHORIZED)
    ids = payment.razorpay_order_id, payment.razorpay_payment_id
    assert (await provider.gateway.capture(*ids, inr(14_900))).captured


async def test_a_capture_whose_answer_was_lost_can_be_asked_for_again(provider: Provider) -> None:
    payment = await paid(provider, PaymentStatus.AUTHORIZED)
    ids = payment.razorpay_order_id, payment.razorpay_payment_id
    provider.lose_an_answer("payment.capture")
    with pytest.raises(GatewayUnavailableError):
        await provider.gateway.capture(*ids, inr(14_900))
    assert (await now(provider, payment)).captured
    assert (await provider.gateway.capture(*ids, inr(14_900))).captured


async def test_a_payment_that_failed_is_not_captured(provider: Provider) -> None:
    payment = await paid(provider, PaymentStatus.FAILED)
    with pytest.raises(GatewayRefusedError):
        await provider.gateway.capture(
            payment.razorpay_order_id, payment.razorpay_payment_id, inr(14_900)
        )
    assert await now(provider, payment) == payment


@pytest.mark.parametrize("status", [PaymentStatus.AUTHORIZED, PaymentStatus.CAPTURED])
async def test_a_capture_of_another_amount_is_refused(
    provider: Provider, status: PaymentStatus
) -> None:
    payment = await paid(provider, status)
    with pytest.raises(GatewayRefusedError):
        await provider.gateway.capture(
            payment.razorpay_order_id, payment.razorpay_payment_id, inr(14_800)
        )
    assert await now(provider, payment) == payment


@pytest.mark.parametrize(
    ("amount", "left_as"), [(14_900, PaymentStatus.REFUNDED), (4_900, PaymentStatus.CAPTURED)]
)
async def test_one_refund_id_is_one_refund_however_often_it_is_asked_for(
    provider: Provider, amount: int, left_as: PaymentStatus
) -> None:
    payment = await paid(provider, PaymentStatus.CAPTURED)
    ids = payment.razorpay_order_id, payment.razorpay_payment_id
    refund = await provider.gateway.refund(*ids, inr(amount), REFUND)
    assert (refund.razorpay_order_id, refund.razorpay_payment_id) == ids
    assert (refund.status, refund.amount) == (RefundStatus.PROCESSED, inr(amount))
    assert refund.receipt == REFUND
    assert await provider.gateway.refund(*ids, inr(amount), REFUND) == refund
    assert await provider.gateway.refunds_of(*ids) == [refund]
    stands = await now(provider, payment)
    assert (stands.status, stands.captured) == (left_as, True)


async def test_one_refund_id_is_never_for_two_amounts(provider: Provider) -> None:
    payment = await paid(provider, PaymentStatus.CAPTURED)
    ids = payment.razorpay_order_id, payment.razorpay_payment_id
    refund = await provider.gateway.refund(*ids, inr(4_900), REFUND)
    with pytest.raises(GatewayRefusedError):
        await provider.gateway.refund(*ids, inr(5_000), REFUND)
    assert await provider.gateway.refunds_of(*ids) == [refund]


async def test_no_more_is_refunded_than_was_paid(provider: Provider) -> None:
    payment = await paid(provider, PaymentStatus.CAPTURED)
    ids = payment.razorpay_order_id, payment.razorpay_payment_id
    with pytest.raises(GatewayRefusedError):
        await provider.gateway.refund(*ids, inr(14_901), REFUND)
    await provider.gateway.refund(*ids, inr(10_000), REFUND)
    with pytest.raises(GatewayRefusedError):
        await provider.gateway.refund(*ids, inr(4_901), OTHER_REFUND)
    await provider.gateway.refund(*ids, inr(4_900), OTHER_REFUND)
    with pytest.raises(GatewayRefusedError):
        await provider.gateway.refund(*ids, inr(100), THIRD_REFUND)
    refunds = await provider.gateway.refunds_of(*ids)
    assert sum(refund.amount.amount for refund in refunds) == 14_900


@pytest.mark.parametrize("amount", [14_900, 4_900])
async def test_a_refund_whose_answer_was_lost_can_be_asked_for_again(
    provider: Provider, amount: int
) -> None:
    payment = await paid(provider, PaymentStatus.CAPTURED)
    ids = payment.razorpay_order_id, payment.razorpay_payment_id
    provider.lose_an_answer("payment.refund")
    with pytest.raises(GatewayUnavailableError):
        await provider.gateway.refund(*ids, inr(amount), REFUND)
    [done] = await provider.gateway.refunds_of(*ids)
    assert await provider.gateway.refund(*ids, inr(amount), REFUND) == done
    assert await provider.gateway.refunds_of(*ids) == [done]


@pytest.mark.parametrize("status", [PaymentStatus.AUTHORIZED, PaymentStatus.FAILED])
async def test_only_captured_money_is_refunded(provider: Provider, status: PaymentStatus) -> None:
    payment = await paid(provider, status)
    ids = payment.razorpay_order_id, payment.razorpay_payment_id
    with pytest.raises(GatewayRefusedError):
        await provider.gateway.refund(*ids, inr(14_900), REFUND)
    assert await provider.gateway.refunds_of(*ids) == []


@pytest.mark.parametrize("amount", [0, -1])
async def test_a_refund_of_nothing_is_refused(provider: Provider, amount: int) -> None:
    payment = await paid(provider, PaymentStatus.CAPTURED)
    with pytest.raises(GatewayRefusedError):
        await provider.gateway.refund(
            payment.razorpay_order_id, payment.razorpay_payment_id, inr(amount), REFUND
        )


async def test_a_payment_nobody_made_is_neither_captured_nor_refunded(provider: Provider) -> None:
    payment = await paid(provider, PaymentStatus.CAPTURED)
    ids = payment.razorpay_order_id, "pay_AAAAAAAAAAAAAA"
    with pytest.raises(GatewayRefusedError):
        await provider.gateway.capture(*ids, inr(14_900))
    with pytest.raises(GatewayRefusedError):
        await provider.gateway.refund(*ids, inr(14_900), REFUND)
    with pytest.raises(GatewayRefusedError):
        await provider.gateway.refunds_of(*ids)


async def test_all_refunds_of_a_payment_are_told(provider: Provider) -> None:
    payment = await paid(provider, PaymentStatus.CAPTURED)
    other = await paid(provider, PaymentStatus.CAPTURED, "chk_2")
    ids = payment.razorpay_order_id, payment.razorpay_payment_id
    names = [f"{REFUND}-{number}" for number in range(2 * SMALL_PAGE + 1)]
    for name in names:
        await provider.gateway.refund(*ids, inr(100), name)
    told = await provider.gateway.refunds_of(*ids)
    assert sorted(refund.receipt or "" for refund in told) == names
    assert {refund.razorpay_payment_id for refund in told} == {payment.razorpay_payment_id}
    others = other.razorpay_order_id, other.razorpay_payment_id
    assert await provider.gateway.refunds_of(*others) == []


async def test_a_refund_may_wait_for_the_bank_and_is_told_as_it_ends(provider: Provider) -> None:
    payment = await paid(provider, PaymentStatus.CAPTURED)
    ids = payment.razorpay_order_id, payment.razorpay_payment_id
    provider.let_a_refund_wait()
    waiting = await provider.gateway.refund(*ids, inr(4_900), REFUND)
    assert waiting.status is RefundStatus.PENDING
    assert await provider.gateway.refund(*ids, inr(4_900), REFUND) == waiting
    provider.finish(waiting, RefundStatus.PROCESSED)
    [ended] = await provider.gateway.refunds_of(*ids)
    assert (ended.status, ended.receipt) == (RefundStatus.PROCESSED, REFUND)
    assert (await provider.gateway.refund(*ids, inr(4_900), REFUND)).status == ended.status


async def test_money_that_waits_for_the_bank_is_not_refunded_twice(provider: Provider) -> None:
    payment = await paid(provider, PaymentStatus.CAPTURED)
    ids = payment.razorpay_order_id, payment.razorpay_payment_id
    provider.let_a_refund_wait()
    await provider.gateway.refund(*ids, inr(14_900), REFUND)
    with pytest.raises(GatewayRefusedError):
        await provider.gateway.refund(*ids, inr(100), OTHER_REFUND)


async def test_money_of_a_refund_that_failed_is_refunded_under_another_id(
    provider: Provider,
) -> None:
    payment = await paid(provider, PaymentStatus.CAPTURED)
    ids = payment.razorpay_order_id, payment.razorpay_payment_id
    provider.let_a_refund_wait()
    waiting = await provider.gateway.refund(*ids, inr(14_900), REFUND)
    provider.finish(waiting, RefundStatus.FAILED)
    assert (await provider.gateway.refund(*ids, inr(14_900), REFUND)).status is RefundStatus.FAILED
    assert (await now(provider, payment)).status is PaymentStatus.CAPTURED
    again = await provider.gateway.refund(*ids, inr(14_900), OTHER_REFUND)
    assert again.status is RefundStatus.PROCESSED
    told = {each.receipt: each.status for each in await provider.gateway.refunds_of(*ids)}
    assert told == {REFUND: RefundStatus.FAILED, OTHER_REFUND: RefundStatus.PROCESSED}

"""Where we take promised money ourselves: first everything is held, then it is asked for."""

from datetime import timedelta

import pytest

from src.commands.decisions.erasure import erase_mailbox
from src.commands.errands import CAPTURE_WINDOW, Take
from src.commands.gateway import GatewayRefusedError, GatewayUnavailableError, PaymentStatus
from src.commands.rejections import NotPossibleNow
from src.events.capture import CaptureMode
from src.events.cart import LockedCart, OpenCart
from src.events.checkout import AwaitingPayment, CheckoutExpired, Completed, Ended
from src.events.identifiers import CART, STOCK, stream
from src.events.payment import Progress, Taking
from src.events.refund import RefundProgress
from tests.commands.money_errands import Desk
from tests.factories import EXPIRES_AT, NOW, TEA, shop
from tests.processes import simply
from tests.purchases import Purchase

pytestmark = pytest.mark.anyio
ONE = Purchase()
OTHER = Purchase(name="other", cart="other", email="ravi@example.in")
AGAIN = Purchase(name="again")
"""The next session of the same cart."""
LATER = EXPIRES_AT + timedelta(minutes=5)


async def opened(units: int = 10) -> Desk:
    """A session that waits for its money, with so many units of each product."""
    desk = Desk(CaptureMode.MANUAL)
    await desk.do(simply(*shop(units=units), *ONE.filled(), *OTHER.filled()))
    await desk.ordered(ONE)
    return desk


async def promised(desk: Desk, one: Purchase = ONE, payment_id: str = "") -> None:
    await desk.told(desk.paid(one, PaymentStatus.AUTHORIZED, payment_id))


async def taking(desk: Desk, one: Purchase = ONE, payment_id: str = "") -> Taking:
    return (await desk.payment(one)).attempts[payment_id or one.payment_id].taking


async def reserved(desk: Desk) -> int:
    return int((await desk.process.state(stream(STOCK, TEA.sku))).reserved)


async def secured(desk: Desk, one: Purchase = ONE) -> str | None:
    checkout = await desk.checkout(one)
    assert isinstance(checkout, AwaitingPayment)
    return checkout.securing


async def returned(desk: Desk, one: Purchase = ONE) -> None:
    """Razorpay gives back what nobody took, and says so."""
    [report] = desk.gateway.payments[one.razorpay_order]
    await desk.told(desk.gateway.let_go(report))


async def test_money_promised_in_time_is_taken_and_becomes_the_order() -> None:
    desk = await opened()
    await promised(desk)
    assert await secured(desk) == ONE.payment_id
    await desk.run(ONE)
    assert isinstance(await desk.checkout(ONE), Completed)
    assert desk.gateway.asked == ["capture"]
    assert await desk.left(ONE) == []


async def test_while_it_is_taken_the_session_neither_expires_nor_is_cancelled() -> None:
    desk = await opened()
    await promised(desk)
    await desk.do(ONE.expire(LATER))
    assert await secured(desk) == ONE.payment_id
    with pytest.raises(NotPossibleNow):
        await desk.do(ONE.cancel(LATER))
    await desk.run(ONE, LATER)
    assert isinstance(await desk.checkout(ONE), Completed)


async def test_money_promised_after_the_end_takes_the_stock_again_before_it_is_taken() -> None:
    desk = await opened()
    await desk.do(ONE.expire())
    assert await reserved(desk) == 0
    await promised(desk)
    assert await reserved(desk) == 2
    cart = await desk.process.state(stream(CART, ONE.cart_id))
    assert isinstance(cart, LockedCart)
    assert desk.gateway.asked == []
    await desk.run(ONE, LATER)
    assert isinstance(await desk.checkout(ONE), Completed)
    assert await reserved(desk) == 0


async def test_money_promised_after_the_end_without_stock_is_left_and_comes_back() -> None:
    desk = await opened(units=2)
    await desk.do(ONE.expire())
    await desk.ordered(OTHER)
    await promised(desk)
    assert await taking(desk) is Taking.DECLINED
    await desk.run(ONE)
    assert desk.gateway.asked == []
    await returned(desk)
    payment = await desk.payment(ONE)
    assert payment.attempts[ONE.payment_id].progress is Progress.RETURNED
    assert (payment.refunds, payment.cases_ever) == (type(payment.refunds)(), frozenset())
    assert isinstance(await desk.checkout(ONE), Ended)


async def test_money_for_a_former_session_is_left_while_the_cart_is_bought_in_another() -> None:
    desk = await opened()
    await desk.do(ONE.cancel())
    await desk.ordered(AGAIN)
    await promised(desk)
    assert await taking(desk) is Taking.DECLINED
    await promised(desk, AGAIN)
    await desk.run(AGAIN)
    assert isinstance(await desk.checkout(AGAIN), Completed)
    assert isinstance(await desk.checkout(ONE), Ended)


async def test_of_two_promised_payments_of_one_order_the_first_is_taken() -> None:
    desk = await opened()
    await promised(desk)
    await promised(desk, payment_id="pay_second")
    assert await taking(desk, payment_id="pay_second") is Taking.DECLINED
    await desk.run(ONE)
    checkout = await desk.checkout(ONE)
    assert isinstance(checkout, Completed)
    assert checkout.razorpay_payment_id == ONE.payment_id
    assert desk.gateway.asked == ["capture"]


async def test_what_somebody_else_captured_is_the_order_and_is_not_asked_for() -> None:
    desk = await opened()
    await promised(desk)
    report = desk.gateway.payments[ONE.razorpay_order][0]
    taken = await desk.gateway.capture(ONE.razorpay_order, ONE.payment_id, report.amount)
    desk.gateway.asked.clear()
    await desk.told(taken)
    await desk.run(ONE)
    assert desk.gateway.asked == []
    assert isinstance(await desk.checkout(ONE), Completed)


async def test_a_no_to_what_was_captured_already_is_the_order() -> None:
    desk = await opened()
    await promised(desk)
    report = desk.gateway.payments[ONE.razorpay_order][0]
    await desk.gateway.capture(ONE.razorpay_order, ONE.payment_id, report.amount)
    desk.gateway.no = GatewayRefusedError("this payment has already been captured", 400)
    await desk.run(ONE)
    assert isinstance(await desk.checkout(ONE), Completed)


async def test_a_refused_capture_lets_the_session_expire_again() -> None:
    desk = await opened()
    await promised(desk)
    desk.gateway.no = GatewayRefusedError("the bank has withdrawn it", 400)
    await desk.run(ONE)
    assert await taking(desk) is Taking.REFUSED
    assert await secured(desk) is None
    await desk.do(ONE.expire())
    checkout = await desk.checkout(ONE)
    assert isinstance(checkout, Ended)
    assert isinstance(checkout.ending, CheckoutExpired)
    assert isinstance(await desk.process.state(stream(CART, ONE.cart_id)), OpenCart)
    assert await reserved(desk) == 0


async def test_money_that_is_returned_while_it_is_wanted_lets_the_session_expire_again() -> None:
    desk = await opened()
    await promised(desk)
    await returned(desk)
    assert await secured(desk) is None
    assert await desk.left(ONE) == []
    await desk.do(ONE.expire())
    assert isinstance(await desk.checkout(ONE), Ended)
    assert await reserved(desk) == 0


async def test_a_session_that_was_opened_again_for_money_that_is_not_taken_ends_again() -> None:
    desk = await opened()
    await desk.do(ONE.expire())
    await promised(desk)
    desk.gateway.no = GatewayRefusedError("the bank has withdrawn it", 400)
    await desk.run(ONE, LATER)
    assert await secured(desk) is None
    await desk.do(ONE.expire(LATER))
    assert isinstance(await desk.checkout(ONE), Ended)
    assert await reserved(desk) == 0


async def test_silence_leaves_the_money_wanted_and_an_answer_that_is_lost_is_found() -> None:
    desk = await opened()
    await promised(desk)
    desk.gateway.down = 1
    with pytest.raises(GatewayUnavailableError):
        await desk.run(ONE)
    desk.gateway.dropped = 1
    with pytest.raises(GatewayUnavailableError):
        await desk.run(ONE)
    assert await taking(desk) is Taking.WANTED
    desk.begin_anew()
    await desk.run(ONE)
    assert isinstance(await desk.checkout(ONE), Completed)


async def test_after_the_capture_window_the_money_is_given_up_unless_it_was_taken() -> None:
    desk = await opened()
    await promised(desk)
    errand = Take(ONE.razorpay_order, ONE.payment_id, NOW)
    await desk.errands.carry_out(errand, NOW + CAPTURE_WINDOW)
    assert await taking(desk) is Taking.DECLINED
    assert await secured(desk) is None
    assert desk.gateway.asked == ["payments"]


async def test_a_capture_whose_news_was_lost_is_found_after_the_window() -> None:
    desk = await opened()
    await promised(desk)
    report = desk.gateway.payments[ONE.razorpay_order][0]
    await desk.gateway.capture(ONE.razorpay_order, ONE.payment_id, report.amount)
    errand = Take(ONE.razorpay_order, ONE.payment_id, NOW)
    await desk.errands.carry_out(errand, NOW + CAPTURE_WINDOW)
    assert isinstance(await desk.checkout(ONE), Completed)


async def test_money_that_its_session_does_not_wait_for_any_more_is_left() -> None:
    """Another payment of the same Razorpay order was captured first."""
    desk = await opened()
    await promised(desk)
    await desk.told(desk.paid(ONE, PaymentStatus.CAPTURED, "pay_quick"))
    assert isinstance(await desk.checkout(ONE), Completed)
    await desk.run(ONE)
    assert await taking(desk) is Taking.DECLINED
    assert desk.gateway.asked == []


async def test_money_taken_at_the_last_moment_for_a_superseded_session_goes_back() -> None:
    desk = await opened()
    await desk.do(ONE.cancel())
    await desk.ordered(AGAIN)
    await promised(desk, AGAIN)
    taken = await desk.gateway.capture(AGAIN.razorpay_order, AGAIN.payment_id, AGAIN.due)
    await desk.told(desk.paid(ONE, PaymentStatus.CAPTURED))
    assert isinstance(await desk.checkout(ONE), Completed)
    await desk.told(taken)
    await desk.run(AGAIN)
    [refund] = (await desk.payment(AGAIN)).refunds.values()
    assert refund.progress is RefundProgress.PROCESSED


async def test_a_person_can_be_erased_while_their_money_is_taken() -> None:
    desk = await opened()
    await promised(desk)
    mailbox = ONE.buyer.mailbox
    await desk.do(lambda view: erase_mailbox(view, mailbox, [ONE.session], NOW))
    await desk.run(ONE)
    assert isinstance(await desk.checkout(ONE), Completed)

"""Money that came and went at Razorpay before anybody told us: what went is asked about, too."""

import pytest

from src.commands.gateway import PaymentReport, PaymentStatus
from src.commands.provider_news import ProviderNews
from src.events.case import CaseKind
from src.events.checkout import Completed
from src.events.money import Money
from tests.commands.money_errands import Desk
from tests.factories import shop
from tests.processes import cause, simply
from tests.purchases import Purchase

pytestmark = pytest.mark.anyio
ONE = Purchase()


async def waiting() -> Desk:
    desk = Desk()
    await desk.do(simply(*shop(), *ONE.filled()))
    await desk.ordered(ONE)
    return desk


def given_back(desk: Desk, amount: Money) -> PaymentReport:
    """Somebody pays, and somebody gives it back at Razorpay's own desk; nobody tells us."""
    paid = desk.paid(ONE, PaymentStatus.CAPTURED)
    desk.gateway.give_back(paid, amount)
    return paid


async def ask(desk: Desk) -> None:
    await ProviderNews(desk.process.ledger, desk.gateway).ask(cause("ask"), ONE.razorpay_order)


async def test_an_order_made_of_money_that_went_back_is_a_case() -> None:
    desk = await waiting()
    given_back(desk, ONE.due)
    await ask(desk)
    payment = await desk.payment(ONE)
    assert isinstance(await desk.checkout(ONE), Completed)
    assert [each.kind for each in payment.cases.values()] == [CaseKind.REFUNDED_OUTSIDE]
    assert [each.amount for each in payment.refunds.values()] == [ONE.due]


async def test_what_was_never_given_back_is_asked_about_once() -> None:
    desk = await waiting()
    desk.paid(ONE, PaymentStatus.CAPTURED)
    await ask(desk)
    assert desk.gateway.asked == ["payments"]


async def test_money_that_was_only_promised_and_returned_is_no_refund() -> None:
    desk = await waiting()
    desk.gateway.let_go(desk.paid(ONE, PaymentStatus.AUTHORIZED))
    await ask(desk)
    payment = await desk.payment(ONE)
    assert desk.gateway.asked == ["payments"]
    assert (len(payment.refunds), len(payment.cases_ever)) == (0, 0)

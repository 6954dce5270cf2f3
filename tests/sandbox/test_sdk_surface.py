"""The whole of the real SDK: what the sandbox answers, and what it says no to."""

from collections.abc import Callable
from typing import Any

import pytest
import razorpay
import requests

from tests.sandbox.shop import Shop

SETTLED_IN = {"year": 2026, "month": 1}


class Things:
    """One of each, to be fetched and moved."""

    def __init__(self, shop: Shop) -> None:
        paid = shop.pay(shop.order(), method="card")
        self.order, self.payment = paid["razorpay_order_id"], paid["razorpay_payment_id"]
        self.authorized = shop.pay(shop.order(), outcome="authorized")["razorpay_payment_id"]
        self.refund = shop.sdk.payment.refund(self.payment, {"amount": 500})["id"]
        self.downtime = shop.control("downtimes")["id"]
        self.settlement = shop.control("settlements")["settlement"]["id"]
        self.dispute, self.other_dispute = (
            shop.control(f"payments/{self.payment}/dispute")["dispute"]["id"] for _ in range(2)
        )


NOTES = {"notes": {"a": "b"}}
SMALL = {"amount": 500, "currency": "INR"}
Call = Callable[[Any, Things], Any]

SERVED: dict[str, dict[str, Call]] = {
    "order": {
        "create": lambda order, _: order.create(SMALL),
        "all": lambda order, _: order.all(),
        "fetch_all": lambda order, _: order.fetch_all(),
        "fetch": lambda order, it: order.fetch(it.order),
        "payments": lambda order, it: order.payments(it.order),
        "fetch_all_payments": lambda order, it: order.fetch_all_payments(it.order),
        "edit": lambda order, it: order.edit(it.order, NOTES),
    },
    "payment": {
        "all": lambda payment, _: payment.all(),
        "fetch_all": lambda payment, _: payment.fetch_all(),
        "fetch": lambda payment, it: payment.fetch(it.payment),
        "edit": lambda payment, it: payment.edit(it.payment, NOTES),
        "capture": lambda payment, it: payment.capture(it.authorized, 150000, {"currency": "INR"}),
        "fetchCardDetails": lambda payment, it: payment.fetchCardDetails(it.payment),
        "refund": lambda payment, it: payment.refund(it.authorized, {}),
        "fetch_multiple_refund": lambda payment, it: payment.fetch_multiple_refund(it.payment),
        "fetch_refund_id": lambda payment, it: payment.fetch_refund_id(it.payment, it.refund),
        "fetchDownTime": lambda payment, _: payment.fetchDownTime(),
        "fetchDownTimeById": lambda payment, it: payment.fetchDownTimeById(it.downtime),
    },
    "refund": {
        "create": lambda refund, it: refund.create({"payment_id": it.authorized, "amount": 500}),
        "all": lambda refund, _: refund.all(),
        "fetch_all": lambda refund, _: refund.fetch_all(),
        "fetch": lambda refund, it: refund.fetch(it.refund),
        "edit": lambda refund, it: refund.edit(it.refund, NOTES),
    },
    "dispute": {
        "all": lambda dispute, _: dispute.all(),
        "fetch": lambda dispute, it: dispute.fetch(it.dispute),
        "accept": lambda dispute, it: dispute.accept(it.dispute),
        "contest": lambda dispute, it: dispute.contest(it.other_dispute, {"summary": "sent"}),
    },
    "settlement": {
        "all": lambda settlement, _: settlement.all(),
        "fetch": lambda settlement, it: settlement.fetch(it.settlement),
        "report": lambda settlement, _: settlement.report(SETTLED_IN),
    },
}
NEEDS_A_CAPTURE = {"payment.refund", "refund.create"}
DEPRECATED = {"fetch_all", "fetch_all_payments"}

REFUSED: dict[str, dict[str, Call]] = {
    "order": {
        "viewRtoReview": lambda order, it: order.viewRtoReview(it.order),
        "editFulfillment": lambda order, it: order.editFulfillment(it.order),
    },
    "payment": {
        "transfer": lambda payment, it: payment.transfer(it.payment),
        "transfers": lambda payment, it: payment.transfers(it.payment),
        "bank_transfer": lambda payment, it: payment.bank_transfer(it.payment),
        "upi_transfer": lambda payment, it: payment.upi_transfer(it.payment),
        "createPaymentJson": lambda payment, _: payment.createPaymentJson(),
        "createRecurring": lambda payment, _: payment.createRecurring(),
        "createUpi": lambda payment, _: payment.createUpi(),
        "validateVpa": lambda payment, _: payment.validateVpa(),
        "fetchPaymentMethods": lambda payment, _: payment.fetchPaymentMethods(),
        "otpGenerate": lambda payment, it: payment.otpGenerate(it.payment),
        "otpSubmit": lambda payment, it: payment.otpSubmit(it.payment),
        "otpResend": lambda payment, it: payment.otpResend(it.payment),
    },
    "refund": {},
    "dispute": {},
    "settlement": {
        "create_ondemand_settlement": lambda each, _: each.create_ondemand_settlement(),
        "fetch_all_ondemand_settlement": lambda each, _: each.fetch_all_ondemand_settlement(),
        "fetch_ondemand_settlement_id": lambda each, it: each.fetch_ondemand_settlement_id(
            it.settlement
        ),
    },
}
"""Routes, transfers, payments from server to server and payouts on demand: not of a checkout."""


def calls(table: dict[str, dict[str, Call]]) -> list[tuple[str, str]]:
    return [(resource, method) for resource, methods in table.items() for method in methods]


@pytest.mark.parametrize("resource", list(SERVED))
def test_every_public_method_is_either_served_or_refused(resource: str) -> None:
    client: Any = razorpay.Client(auth=("rzp_test_x", "y"))
    methods = {name for name in vars(type(getattr(client, resource))) if not name.startswith("_")}
    assert methods == {*SERVED[resource], *REFUSED[resource]}
    client.session.close()


@pytest.mark.parametrize(("resource", "method"), calls(SERVED))
def test_what_is_served_answers_with_an_entity_or_a_collection(
    shop: Shop, resource: str, method: str
) -> None:
    things, call = Things(shop), SERVED[resource][method]
    if f"{resource}.{method}" in NEEDS_A_CAPTURE:
        shop.control(f"payments/{things.authorized}/capture")
    if method in DEPRECATED:
        with pytest.warns(DeprecationWarning, match="Will be Deprecated"):
            answered = call(getattr(shop.sdk, resource), things)
    else:
        answered = call(getattr(shop.sdk, resource), things)
    assert answered["entity"]
    assert "error" not in answered


@pytest.mark.parametrize(("resource", "method"), calls(REFUSED))
def test_what_is_refused_has_no_route(shop: Shop, resource: str, method: str) -> None:
    answers: list[requests.Response] = []

    def keep(answer: requests.Response, *_: object, **__: object) -> None:
        answers.append(answer)

    shop.sdk.session.hooks["response"].append(keep)
    with pytest.raises(shop.sdk_errors.ServerError):
        REFUSED[resource][method](getattr(shop.sdk, resource), Things(shop))
    assert answers[-1].status_code == 404
    assert answers[-1].json() == {"message": "no Route matched with those values"}

"""Taking money and giving it back, against a real local server: what is sent and understood."""

import asyncio
import inspect
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from msgspec import structs
from razorpay.resources import Payment as SdkPayments

from src.commands.gateway import (
    GatewayRefusedError,
    GatewayUnavailableError,
    PaymentStatus,
    RefundStatus,
)
from src.events.capture import CaptureMode
from src.events.money import Money
from src.http.razorpay.client import RazorpayGateway
from src.http.razorpay.pages import PAGES_MAX
from src.http.razorpay.settings import RazorpaySettings
from tests.razorpay.local_server import Answer, Script, complaint, order, say, serving
from tests.razorpay.published import published

pytestmark = pytest.mark.anyio

SETTINGS = RazorpaySettings(
    key_id="rzp_test_abc", key_secret="hush-hush", read_timeout_seconds=5.0, threads=4
)
ORDER, PAYMENT, REFUND = "order_GjCr5oKh4AVC51", "pay_G3P9vcIhRs3NV4", "rfnd_FP8QHiV938haTz"
DUE = Money(1000, "INR")
OURS = "rfd_1234567890"
ANOTHER_AT_WORK = "Request failed because another payment operation is in progress."
SAME_KEY_AT_WORK = "Another request with the same idempotency key is still in progress."
TAKEN_BEFORE = say(complaint("This payment has already been captured"), 400)
DAY = datetime(2026, 8, 28, tzinfo=UTC)
NEXT_DAY = DAY + timedelta(days=1)


@contextmanager
def razorpay(*answers: Answer, page: int = 100) -> Iterator[tuple[RazorpayGateway, Script]]:
    """A gateway, and the server that plays Razorpay for it."""
    with serving(*answers) as script:
        gateway = RazorpayGateway(structs.replace(SETTINGS, base_url=script.url), page)
        try:
            yield gateway, script
        finally:
            script.released.set()
            gateway.close()


def payment(**changes: object) -> dict[str, object]:
    """Return the published captured payment, changed."""
    fresh: dict[str, object] = json.loads(published("rest.payment.capture.success.json"))
    return fresh | changes


def refund(**changes: object) -> dict[str, object]:
    """Return the published refund, of our payment and under our id, changed."""
    fresh: dict[str, object] = json.loads(published("rest.refund.create_normal.success.json"))
    return fresh | {"payment_id": PAYMENT, "amount": 1000, "receipt": OURS} | changes


def items(*listed: object) -> Answer:
    return say({"entity": "collection", "count": len(listed), "items": listed})


async def test_a_capture_says_how_much_of_what() -> None:
    with razorpay(Answer(body=published("rest.payment.capture.success.json"))) as (gateway, script):
        report = await gateway.capture(ORDER, PAYMENT, DUE)
    [asked] = script.asked
    assert (asked.method, asked.path) == ("POST", f"/v1/payments/{PAYMENT}/capture")
    assert asked.json == {"amount": 1000, "currency": "INR"}
    assert (report.status, report.captured) == (PaymentStatus.CAPTURED, True)
    assert (report.razorpay_order_id, report.razorpay_payment_id) == (ORDER, PAYMENT)


async def test_captures_at_once_never_mix_their_amounts() -> None:
    """The SDK keeps amounts in a dictionary that all threads share, unless it is given one."""
    ids = [f"pay_{number:014}" for number in range(100, 160)]
    with razorpay(say(complaint("no"), 400)) as (gateway, script):
        wishes = (gateway.capture(ORDER, each, Money(int(each[4:]), "INR")) for each in ids)
        await asyncio.gather(*wishes, return_exceptions=True)
    sent = {asked.path.split("/")[3]: asked.json for asked in script.asked if asked.body}
    assert {each: sent[each]["amount"] for each in ids} == {each: int(each[4:]) for each in ids}
    shared = inspect.signature(SdkPayments.capture).parameters["data"].default
    assert shared == {}


async def test_a_payment_that_was_captured_before_is_looked_at_again() -> None:
    with razorpay(TAKEN_BEFORE, say(payment())) as (gateway, script):
        assert (await gateway.capture(ORDER, PAYMENT, DUE)).captured
    assert [asked.path for asked in script.asked] == [
        f"/v1/payments/{PAYMENT}/capture",
        f"/v1/payments/{PAYMENT}",
    ]


async def test_a_payment_that_was_captured_and_given_back_since_was_captured() -> None:
    gone = say(payment(status="refunded", refund_status="full", amount_refunded=1000))
    with razorpay(TAKEN_BEFORE, gone) as (gateway, _):
        report = await gateway.capture(ORDER, PAYMENT, DUE)
    assert (report.status, report.captured) == (PaymentStatus.REFUNDED, True)


@pytest.mark.parametrize(
    "stands",
    [
        payment(status="failed", captured=False),
        payment(status="authorized", captured=False),
        payment(status="refunded", captured=False),
    ],
)
async def test_a_capture_that_was_refused_stays_refused_in_razorpays_words(
    stands: dict[str, object],
) -> None:
    no = say(complaint("Your payment has been declined as the order is already paid"), 400)
    with (
        razorpay(no, say(stands)) as (gateway, _),
        pytest.raises(GatewayRefusedError, match="already paid"),
    ):
        await gateway.capture(ORDER, PAYMENT, DUE)


async def test_a_payment_razorpay_does_not_know_is_refused_in_the_first_words() -> None:
    no = say(complaint("The id provided does not exist"), 400)
    with (
        razorpay(no, say(complaint("something else"), 400)) as (gateway, _),
        pytest.raises(GatewayRefusedError, match="does not exist"),
    ):
        await gateway.capture(ORDER, PAYMENT, DUE)


@pytest.mark.parametrize("second", [Answer(drop=True), say(payment(id="pay_AAAAAAAAAAAAAA"))])
async def test_a_refused_capture_that_cannot_be_looked_at_is_not_known(second: Answer) -> None:
    with razorpay(TAKEN_BEFORE, second) as (gateway, _), pytest.raises(GatewayUnavailableError):
        await gateway.capture(ORDER, PAYMENT, DUE)


@pytest.mark.parametrize(
    "other",
    [{"id": "pay_AAAAAAAAAAAAAA"}, {"order_id": "order_AAAAAAAAAAAAAA"}, {"order_id": None}],
)
async def test_an_answer_about_another_payment_is_no_answer(other: dict[str, object]) -> None:
    with razorpay(say(payment(**other))) as (gateway, _), pytest.raises(GatewayUnavailableError):
        await gateway.capture(ORDER, PAYMENT, DUE)


@pytest.mark.parametrize("other", [{"amount": 999}, {"currency": "USD"}])
async def test_a_payment_captured_for_another_amount_is_refused(other: dict[str, object]) -> None:
    with (
        razorpay(TAKEN_BEFORE, say(payment(**other))) as (gateway, _),
        pytest.raises(GatewayRefusedError, match="another amount"),
    ):
        await gateway.capture(ORDER, PAYMENT, DUE)


@pytest.mark.parametrize(("words", "status"), [(ANOTHER_AT_WORK, 400), (SAME_KEY_AT_WORK, 409)])
async def test_a_payment_that_razorpay_is_busy_with_is_asked_about_later(
    words: str, status: int
) -> None:
    with razorpay(say(complaint(words), status)) as (gateway, script):
        with pytest.raises(GatewayUnavailableError, match="busy"):
            await gateway.capture(ORDER, PAYMENT, DUE)
        with pytest.raises(GatewayUnavailableError, match="busy"):
            await gateway.refund(ORDER, PAYMENT, DUE, OURS)
    assert len(script.asked) == 2


async def test_a_refund_is_named_by_us_in_three_places() -> None:
    with razorpay(say(refund())) as (gateway, script):
        report = await gateway.refund(ORDER, PAYMENT, DUE, OURS)
    [asked] = script.asked
    assert (asked.method, asked.path) == ("POST", f"/v1/payments/{PAYMENT}/refund")
    assert asked.headers["x-refund-idempotency"] == OURS
    assert asked.json == {
        "amount": 1000,
        "speed": "normal",
        "receipt": OURS,
        "notes": {"refund_id": OURS},
    }
    assert (report.razorpay_order_id, report.razorpay_payment_id) == (ORDER, PAYMENT)
    assert (report.razorpay_refund_id, report.amount) == (REFUND, DUE)
    assert (report.receipt, report.status) == (OURS, RefundStatus.PROCESSED)
    assert report.occurred_at == datetime(2020, 8, 10, 17, 1, 6, tzinfo=UTC)


async def test_an_answer_that_forgets_our_id_is_still_our_refund() -> None:
    with razorpay(say(refund(receipt=None))) as (gateway, _):
        assert (await gateway.refund(ORDER, PAYMENT, DUE, OURS)).receipt == OURS


@pytest.mark.parametrize(
    ("status", "stands"),
    [
        ("pending", RefundStatus.PENDING),
        ("failed", RefundStatus.FAILED),
        ("brand_new", RefundStatus.PENDING),
        (None, RefundStatus.PENDING),
        ([], RefundStatus.PENDING),
    ],
)
async def test_a_refund_may_take_its_time(status: object, stands: RefundStatus) -> None:
    with razorpay(say(refund(status=status))) as (gateway, _):
        assert (await gateway.refund(ORDER, PAYMENT, DUE, OURS)).status is stands


REFUSALS = [
    say(complaint("Duplicate receipt found for this refund request."), 400),
    say(complaint("The payment has been fully refunded already."), 400),
    say(complaint("The refund amount provided is greater than amount captured."), 400),
    Answer(409, published("rest.refund.create_idempotent.failure.json")),
]


@pytest.mark.parametrize("no", REFUSALS)
async def test_a_refund_that_is_there_already_is_found_whatever_the_refusal_says(
    no: Answer,
) -> None:
    listed = items(refund(id="rfnd_AAAAAAAAAAAAAA", receipt=None), refund())
    with razorpay(no, listed) as (gateway, script):
        report = await gateway.refund(ORDER, PAYMENT, DUE, OURS)
    assert report.razorpay_refund_id == REFUND
    assert script.asked[1].path == f"/v1/payments/{PAYMENT}/refunds"
    assert script.asked[1].query == {"count": ["100"], "skip": ["0"]}


@pytest.mark.parametrize("no", REFUSALS)
async def test_a_refund_that_is_not_there_stays_refused(no: Answer) -> None:
    listed = items(refund(receipt="rfd_0987654321"), refund(receipt=None))
    with razorpay(no, listed) as (gateway, _), pytest.raises(GatewayRefusedError):
        await gateway.refund(ORDER, PAYMENT, DUE, OURS)


async def test_a_refund_that_the_bank_refuses_for_its_age_says_so() -> None:
    no = Answer(400, published("rest.error.refund_6_months.error_response.json"))
    with razorpay(no, items()) as (gateway, _), pytest.raises(GatewayRefusedError, match="6 month"):
        await gateway.refund(ORDER, PAYMENT, DUE, OURS)


async def test_a_refused_refund_that_cannot_be_looked_for_is_not_known() -> None:
    with (
        razorpay(REFUSALS[0], Answer(drop=True)) as (gateway, _),
        pytest.raises(GatewayUnavailableError),
    ):
        await gateway.refund(ORDER, PAYMENT, DUE, OURS)


@pytest.mark.parametrize("other", [{"amount": 999}, {"currency": "USD"}])
async def test_one_refund_id_is_never_for_two_amounts(other: dict[str, object]) -> None:
    for answers in ([say(refund(**other))], [REFUSALS[0], items(refund(**other))]):
        with (
            razorpay(*answers) as (gateway, _),
            pytest.raises(GatewayRefusedError, match="another amount"),
        ):
            await gateway.refund(ORDER, PAYMENT, DUE, OURS)


async def test_refunds_of_another_payment_are_no_answer() -> None:
    other = refund(payment_id="pay_AAAAAAAAAAAAAA")
    with razorpay(say(other)) as (gateway, _), pytest.raises(GatewayUnavailableError):
        await gateway.refund(ORDER, PAYMENT, DUE, OURS)
    with razorpay(items(other)) as (gateway, _), pytest.raises(GatewayUnavailableError):
        await gateway.refunds_of(ORDER, PAYMENT)


async def test_the_published_refunds_of_a_payment_are_told() -> None:
    answer = Answer(body=published("rest.refund.list_for_payment.success.json"))
    with razorpay(answer) as (gateway, _):
        first, second = await gateway.refunds_of(ORDER, "pay_29QQoUBi66xm2f")
    assert (first.amount, second.amount) == (Money(300_100, "INR"), Money(200_000, "INR"))
    assert {first.receipt, second.receipt} == {None}


@pytest.mark.parametrize(
    "ours", ["", "short", "r" * 41, "rfd 1234567890", "rfd_1234567890\n", "rfd_1234567890é"]
)
async def test_a_refund_id_that_a_header_or_receipt_cannot_carry_is_never_sent(ours: str) -> None:
    with razorpay(say(refund())) as (gateway, script), pytest.raises(GatewayRefusedError):
        await gateway.refund(ORDER, PAYMENT, DUE, ours)
    assert script.asked == []


@pytest.mark.parametrize(
    ("order_id", "payment_id"),
    [(ORDER, "../refunds"), (ORDER, ""), (ORDER, f"{PAYMENT}/x"), (ORDER, ORDER), ("", PAYMENT)],
)
async def test_an_id_that_is_none_is_never_sent(order_id: str, payment_id: str) -> None:
    with razorpay(say({"items": []})) as (gateway, script):
        for ask in (
            gateway.capture(order_id, payment_id, DUE),
            gateway.refund(order_id, payment_id, DUE, OURS),
            gateway.refunds_of(order_id, payment_id),
        ):
            with pytest.raises(GatewayRefusedError):
                await ask
    assert script.asked == []


async def test_nothing_is_asked_twice_when_no_answer_comes() -> None:
    with razorpay(Answer(drop=True)) as (gateway, script):
        for ask in (
            gateway.capture(ORDER, PAYMENT, DUE),
            gateway.refund(ORDER, PAYMENT, DUE, OURS),
            gateway.refunds_of(ORDER, PAYMENT),
            gateway.payments_between(DAY, NEXT_DAY),
            gateway.refunds_between(DAY, NEXT_DAY),
        ):
            with pytest.raises(GatewayUnavailableError):
                await ask
    assert len(script.asked) == 5


async def test_a_day_is_asked_for_in_whole_seconds_without_its_end() -> None:
    with razorpay(items()) as (gateway, script):
        assert await gateway.payments_between(DAY, NEXT_DAY) == []
        assert await gateway.refunds_between(DAY, NEXT_DAY) == []
    paths = [asked.path for asked in script.asked]
    assert paths == ["/v1/payments", "/v1/refunds"]
    first, last = int(DAY.timestamp()), int(NEXT_DAY.timestamp()) - 1
    for asked in script.asked:
        assert asked.query == {
            "count": ["100"], "skip": ["0"], "from": [str(first)], "to": [str(last)],
        }  # fmt: skip


async def test_a_day_of_several_pages_is_told_whole_and_each_payment_once() -> None:
    told = [payment(id=f"pay_{number:014}", order_id=None) for number in range(5)]
    # What is new while the pages are asked for moves the others on.
    pages = [items(*told[0:2]), items(*told[1:3]), items(*told[3:5]), items()]
    with razorpay(*pages, page=2) as (gateway, script):
        listed = await gateway.payments_between(DAY, NEXT_DAY)
    assert [each.razorpay_payment_id for each in listed] == [each["id"] for each in told]
    assert {each.razorpay_order_id for each in listed} == {None}
    assert [asked.query["skip"] for asked in script.asked] == [["0"], ["2"], ["4"], ["6"]]


async def test_a_list_without_an_end_is_refused() -> None:
    with (
        razorpay(items(refund()), page=1) as (gateway, script),
        pytest.raises(GatewayRefusedError, match="ask for less"),
    ):
        await gateway.refunds_between(DAY, NEXT_DAY)
    assert len(script.asked) == PAGES_MAX


async def test_the_published_lists_are_understood() -> None:
    with razorpay(Answer(body=published("rest.order.payments.success.json"))) as (gateway, _):
        payments = await gateway.payments_between(DAY, NEXT_DAY)
    with razorpay(Answer(body=published("rest.refund.list.success.json"))) as (gateway, _):
        refunds = await gateway.refunds_between(DAY, NEXT_DAY)
    assert [(each.status, each.captured, each.amount_refunded) for each in payments] == [
        (PaymentStatus.FAILED, False, 0),
        (PaymentStatus.CAPTURED, True, 0),
    ]
    assert [(each.status, each.amount.amount) for each in refunds] == [
        (RefundStatus.PROCESSED, 88_800),
        (RefundStatus.PROCESSED, 6_000),
    ]


@pytest.mark.parametrize("amount", [600, 0, None])
async def test_what_went_back_of_a_payment_is_told(amount: int | None) -> None:
    with razorpay(items(payment(amount_refunded=amount))) as (gateway, _):
        [listed] = await gateway.payments_between(DAY, NEXT_DAY)
    assert listed.amount_refunded == (amount or 0)
    assert listed.created_at == datetime(2020, 11, 20, 11, 23, 29, tzinfo=UTC)


async def test_an_amount_that_went_back_is_exact_or_no_answer() -> None:
    with (
        razorpay(items(payment(amount_refunded="600"))) as (gateway, _),
        pytest.raises(GatewayUnavailableError),
    ):
        await gateway.payments_between(DAY, NEXT_DAY)


async def test_an_order_to_be_captured_by_hand_says_for_how_long() -> None:
    settings = structs.replace(SETTINGS, capture=CaptureMode.MANUAL)
    with serving(say(order())) as script:
        gateway = RazorpayGateway(structs.replace(settings, base_url=script.url))
        await gateway.create_order("session-1", Money(149900, "INR"))
        gateway.close()
    assert gateway.capture_mode is CaptureMode.MANUAL
    assert script.asked[0].json["payment"] == {
        "capture": "manual",
        "capture_options": {"manual_expiry_period": 4320, "refund_speed": "normal"},
    }

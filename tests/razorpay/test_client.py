"""The gateway against a real local server: what is sent, what comes back, what goes wrong."""

import asyncio
import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from msgspec import structs

from src.commands.gateway import (
    GatewayRefusedError,
    GatewayUnavailableError,
    PaymentGateway,
    PaymentStatus,
    ProviderOrder,
)
from src.events.money import Money
from src.http.razorpay.client import RazorpayGateway
from src.http.razorpay.settings import RazorpaySettings
from tests.razorpay.local_server import (
    ORDER_ID,
    Answer,
    Script,
    complaint,
    order,
    say,
    serving,
)
from tests.razorpay.published import published

pytestmark = pytest.mark.anyio

DUE = Money(149900, "INR")
SETTINGS = RazorpaySettings(
    key_id="rzp_test_abc", key_secret="hush-hush", read_timeout_seconds=5.0, threads=2
)
EXPECTED = ProviderOrder(razorpay_order_id=ORDER_ID, receipt="session-1", due=DUE, status="created")
NOT_UNIQUE = complaint("Order receipt should be unique.")
EXTRA_FIELD = complaint(
    "unique_receipt is/are not required and should not be sent", reason="extra_field_sent"
)


@contextmanager
def razorpay(
    *answers: Answer, settings: RazorpaySettings = SETTINGS
) -> Iterator[tuple[PaymentGateway, Script]]:
    """A gateway, and the server that plays Razorpay for it."""
    with serving(*answers) as script:
        gateway = RazorpayGateway(structs.replace(settings, base_url=script.url))
        try:
            yield gateway, script
        finally:
            script.released.set()
            gateway.close()


async def test_an_order_is_asked_for_with_its_receipt_and_automatic_capture() -> None:
    with razorpay(say(order())) as (gateway, script):
        assert await gateway.create_order("session-1", DUE) == EXPECTED
    [asked] = script.asked
    assert (asked.method, asked.path) == ("POST", "/v1/orders")
    assert asked.json == {
        "amount": 149900,
        "currency": "INR",
        "receipt": "session-1",
        "unique_receipt": True,
        "payment": {
            "capture": "automatic",
            "capture_options": {"automatic_expiry_period": 4320, "refund_speed": "normal"},
        },
    }
    key = base64.b64encode(b"rzp_test_abc:hush-hush").decode()
    assert asked.headers["authorization"] == f"Basic {key}"
    assert asked.headers["user-agent"].startswith("Razorpay-Python/")


async def test_the_published_order_is_understood() -> None:
    with razorpay(Answer(body=published("rest.order.create.success.json"))) as (gateway, _):
        created = await gateway.create_order("receipt#1", Money(5000, "INR"))
    assert created == ProviderOrder(
        razorpay_order_id="order_RB58MiP5SPFYyM",
        receipt="receipt#1",
        due=Money(5000, "INR"),
        status="created",
    )


async def test_a_receipt_that_is_taken_leads_to_the_order_that_has_it() -> None:
    taken = complaint("Order receipt should be unique.", metadata={"order_id": ORDER_ID})
    with razorpay(say(taken, 400), say(order())) as (gateway, script):
        assert await gateway.create_order("session-1", DUE) == EXPECTED
    assert [asked.path for asked in script.asked] == ["/v1/orders", f"/v1/orders/{ORDER_ID}"]


async def test_a_taken_receipt_whose_order_is_not_named_is_looked_up() -> None:
    with razorpay(say(NOT_UNIQUE, 400), say({"items": [order()]})) as (gateway, script):
        assert await gateway.create_order("session-1", DUE) == EXPECTED
    assert script.asked[1].query == {"receipt": ["session-1"], "count": ["100"]}


async def test_a_taken_receipt_whose_order_cannot_be_found_stays_a_refusal() -> None:
    with (
        razorpay(say(NOT_UNIQUE, 400), say({"items": []})) as (gateway, _),
        pytest.raises(GatewayRefusedError, match="receipt should be unique"),
    ):
        await gateway.create_order("session-1", DUE)


@pytest.mark.parametrize(
    "other", [{"amount": 100}, {"currency": "USD"}, {"receipt": "session-2"}, {"receipt": None}]
)
async def test_an_order_that_differs_from_what_was_asked_is_refused(
    other: dict[str, object],
) -> None:
    taken = complaint("Order receipt should be unique.", metadata={"order_id": ORDER_ID})
    for answers in ([say(order(**other))], [say(taken, 400), say(order(**other))]):
        with razorpay(*answers) as (gateway, _), pytest.raises(GatewayRefusedError, match=ORDER_ID):
            await gateway.create_order("session-1", DUE)


async def test_an_account_that_does_not_know_unique_receipts_is_remembered() -> None:
    nothing = say({"items": []})
    script = [say(EXTRA_FIELD, 400), nothing, say(order()), nothing, say(order())]
    with razorpay(*script) as (gateway, server):
        assert await gateway.create_order("session-1", DUE) == EXPECTED
        assert await gateway.create_order("session-1", DUE) == EXPECTED
    sent = [asked.json for asked in server.asked if asked.method == "POST"]
    assert ["unique_receipt" in body for body in sent] == [True, False, False]


async def test_without_unique_receipts_an_order_is_looked_up_before_another_is_made() -> None:
    with razorpay(say(EXTRA_FIELD, 400), say({"items": [order()]})) as (gateway, script):
        assert await gateway.create_order("session-1", DUE) == EXPECTED
    assert [asked.method for asked in script.asked] == ["POST", "GET"]


async def test_an_order_is_found_by_its_receipt() -> None:
    with razorpay(say({"items": [order()]})) as (gateway, script):
        assert await gateway.find_order("session-1") == EXPECTED
    [asked] = script.asked
    assert (asked.method, asked.path) == ("GET", "/v1/orders")
    assert asked.query == {"receipt": ["session-1"], "count": ["100"]}


async def test_a_receipt_nobody_has_is_found_nowhere() -> None:
    with razorpay(say({"items": [order(receipt="session-2")]})) as (gateway, _):
        assert await gateway.find_order("session-1") is None


@pytest.mark.parametrize("turn", [1, -1])
async def test_of_several_orders_the_furthest_and_then_the_oldest_is_found(turn: int) -> None:
    several = [
        order(id="order_AAAAAAAAAAAAAA", created_at=1),
        order(id="order_BBBBBBBBBBBBBB", status="paid", created_at=3),
        order(id="order_CCCCCCCCCCCCCC", status="paid", created_at=2),
        order(id="order_DDDDDDDDDDDDDD", status="attempted", created_at=0),
    ]
    with razorpay(say({"items": several[::turn]})) as (gateway, _):
        found = await gateway.find_order("session-1")
    assert found is not None
    assert found.razorpay_order_id == "order_CCCCCCCCCCCCCC"


async def test_the_published_duplicates_of_one_receipt_are_one_order() -> None:
    with razorpay(Answer(body=published("rest.order.list.success.json"))) as (gateway, _):
        found = await gateway.find_order("Receipt No. 1")
    assert found is not None
    assert found.razorpay_order_id == "order_EAI5nRfThga2TU"


async def test_all_payments_of_an_order_are_reported() -> None:
    with razorpay(Answer(body=published("rest.order.payments.success.json"))) as (gateway, script):
        failed, captured = await gateway.payments_of("order_N8FRN5zTm5S3wx")
    assert script.asked[0].path == "/v1/orders/order_N8FRN5zTm5S3wx/payments"
    assert (failed.status, failed.reason) == (PaymentStatus.FAILED, "payment_failed")
    assert (captured.status, captured.captured) == (PaymentStatus.CAPTURED, True)
    assert captured.amount == Money(100, "INR")
    assert captured.occurred_at is not None


async def test_payments_of_another_order_are_no_answer() -> None:
    with (
        razorpay(Answer(body=published("rest.order.payments.success.json"))) as (gateway, _),
        pytest.raises(GatewayUnavailableError),
    ):
        await gateway.payments_of(ORDER_ID)


@pytest.mark.parametrize(
    "order_id",
    ["", "../payments", "order_x", "pay_DBJOWzybf0sJbb", f"{ORDER_ID}\n", f"{ORDER_ID}/x"],
)
async def test_an_id_that_is_none_is_never_sent(order_id: str) -> None:
    with razorpay(say({"items": []})) as (gateway, script), pytest.raises(GatewayRefusedError):
        await gateway.payments_of(order_id)
    assert script.asked == []


@pytest.mark.parametrize(
    ("receipt", "due"),
    [("r" * 41, DUE), ("", DUE), ("r", Money(99, "INR")), ("r", Money(100, "XXX"))],
)
async def test_what_razorpay_would_refuse_is_never_sent(receipt: str, due: Money) -> None:
    with razorpay(say(order())) as (gateway, script), pytest.raises(GatewayRefusedError):
        await gateway.create_order(receipt, due)
    assert script.asked == []


HTML = Answer(502, b"<html>Bad Gateway</html>", {"Content-Type": "text/html"})


@pytest.mark.parametrize(
    "answer",
    [
        HTML,
        structs.replace(HTML, status=403),
        structs.replace(HTML, status=200),
        Answer(200, b""),
        Answer(204, b""),
        Answer(200, b"[]"),
        Answer(200, b"null"),
        Answer(200, b'{"id": 7}'),
        Answer(200, b"{}"),
        Answer(200, b"[" * 100_000),
        Answer(200, b'{"id": ' + b"9" * 5000 + b"}"),
        Answer(200, b'{"id": "a\nb"}'),
        Answer(200, b"\xff\xfe\x00"),
        Answer(302, b"{}", {"Location": "/v1/orders"}),
        say(complaint("Too many requests"), 429),
        say({"message": "Too many requests"}, 429),
        say({"error": None}, 400),
        say({"error": "no"}, 400),
        say({"error": None}, 500),
        say(complaint("We are facing some trouble", code="SERVER_ERROR"), 500),
        say(complaint("The bank is down", code="GATEWAY_ERROR"), 400),
        say(complaint("The bank is down", code="gateway_error"), 502),
        say(complaint("Busy", code="SERVICE_UNAVAILABLE"), 503),
        say([], 400),
        Answer(drop=True),
    ],
)
async def test_an_answer_nobody_can_rely_on_is_unavailable(
    answer: Answer, capfd: pytest.CaptureFixture[str]
) -> None:
    with razorpay(answer) as (gateway, script), pytest.raises(GatewayUnavailableError):
        await gateway.create_order("session-1", DUE)
    assert len(script.asked) == 1
    assert capfd.readouterr() == ("", "")


async def test_a_server_that_is_not_there_is_unavailable(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with serving(say(order())) as gone:
        pass
    gateway = RazorpayGateway(structs.replace(SETTINGS, base_url=gone.url))
    with pytest.raises(GatewayUnavailableError):
        await gateway.find_order("session-1")
    gateway.close()
    assert capfd.readouterr() == ("", "")


async def test_a_no_is_passed_on_in_razorpays_words() -> None:
    answer = Answer(400, published("rest.order.create.failure.json"))
    with razorpay(answer) as (gateway, _), pytest.raises(GatewayRefusedError) as refusal:
        await gateway.create_order("session-1", DUE)
    assert str(refusal.value) == "The amount must be at least INR 1.00"
    assert refusal.value.status == 400


async def test_a_path_razorpay_does_not_know_is_refused() -> None:
    with (
        razorpay(say({"message": "no Route matched with those values"}, 404)) as (gateway, _),
        pytest.raises(GatewayRefusedError, match="no Route matched"),
    ):
        await gateway.find_order("session-1")


@pytest.mark.parametrize("answer", [say(complaint("Authentication failed"), 401), Answer(401, b"")])
async def test_a_wrong_key_is_named_as_the_reason(answer: Answer) -> None:
    with razorpay(answer) as (gateway, _), pytest.raises(GatewayRefusedError) as refusal:
        await gateway.create_order("session-1", DUE)
    assert "RAZORPAY_KEY_ID" in str(refusal.value)
    assert "hush" not in str(refusal.value)
    assert refusal.value.status == 401


async def test_a_secret_that_the_answer_repeats_is_not_in_the_error() -> None:
    key = base64.b64encode(b"rzp_test_abc:hush-hush").decode()
    answer = say(complaint(f"{key} and hush-hush and pssst are wrong {'!' * 170}hush-hush"), 400)
    settings = structs.replace(SETTINGS, webhook_secrets=("pssst",))
    with (
        razorpay(answer, settings=settings) as (gateway, _),
        pytest.raises(GatewayRefusedError) as refusal,
    ):
        await gateway.create_order("session-1", DUE)
    assert str(refusal.value) == f"… and … and … are wrong {'!' * 170}…"


async def test_a_silent_server_ends_by_its_own_timeout(capfd: pytest.CaptureFixture[str]) -> None:
    settings = structs.replace(SETTINGS, read_timeout_seconds=0.05)
    with (
        razorpay(Answer(hang=True), settings=settings) as (gateway, script),
        pytest.raises(GatewayUnavailableError, match="ReadTimeout"),
    ):
        await gateway.create_order("session-1", DUE)
    assert len(script.asked) == 1
    assert capfd.readouterr() == ("", "")


async def test_the_deadline_ends_a_call_that_its_timeouts_would_not() -> None:
    settings = structs.replace(SETTINGS, deadline_seconds=0.1)
    with (
        razorpay(Answer(hang=True), settings=settings) as (gateway, _),
        pytest.raises(GatewayUnavailableError, match="in time"),
    ):
        await gateway.create_order("session-1", DUE)


async def test_nothing_is_asked_after_the_deadline() -> None:
    settings = structs.replace(SETTINGS, deadline_seconds=0.4, threads=1)
    with razorpay(Answer(hang=True), settings=settings) as (gateway, script):
        both = [gateway.find_order("session-1"), gateway.find_order("session-2")]
        answers = await asyncio.gather(*both, return_exceptions=True)
        script.released.set()
        script.answers[:] = [say({"items": []})]
        assert await gateway.find_order("session-3") is None
    assert [type(answer) for answer in answers] == [GatewayUnavailableError] * 2
    assert [asked.query["receipt"] for asked in script.asked] == [["session-1"], ["session-3"]]


async def test_one_call_too_many_fails_at_once_and_room_comes_back() -> None:
    settings = structs.replace(SETTINGS, threads=1, waiting_max=1)
    with razorpay(Answer(hang=True), say({"items": []}), settings=settings) as (gateway, script):
        waiting = [asyncio.ensure_future(gateway.find_order(f"session-{n}")) for n in (1, 2)]
        await asyncio.to_thread(script.busy.acquire, timeout=5)
        with pytest.raises(GatewayUnavailableError, match="too many"):
            await gateway.find_order("session-3")
        script.released.set()
        first, second = await asyncio.gather(*waiting, return_exceptions=True)
        assert isinstance(first, GatewayUnavailableError)
        assert second is None
        assert await gateway.find_order("session-4") is None


async def test_after_closing_nothing_is_asked() -> None:
    with serving(say({"items": []})) as script:
        gateway = RazorpayGateway(structs.replace(SETTINGS, base_url=script.url))
        gateway.close()
        with pytest.raises(GatewayUnavailableError, match="stopping"):
            await gateway.find_order("session-1")
    assert script.asked == []


async def test_calls_run_in_threads_of_their_own_and_share_connections() -> None:
    with razorpay(say({"items": []})) as (gateway, script):
        await asyncio.gather(*(gateway.find_order(f"session-{n}") for n in range(40)))
        names = [thread.name for thread in threading.enumerate() if "razorpay" in thread.name]
    assert len(script.asked) == 40
    assert 1 <= len(names) <= SETTINGS.threads


async def test_many_calls_at_once_never_mix_their_answers() -> None:
    with razorpay(say({"items": [order(receipt=f"session-{n}") for n in range(60)]})) as (g, _):
        found = await asyncio.gather(*(g.find_order(f"session-{n}") for n in range(60)))
    assert [f.receipt for f in found if f] == [f"session-{n}" for n in range(60)]


async def test_cookies_are_not_kept() -> None:
    cookie = Answer(200, json.dumps({"items": []}).encode(), {"Set-Cookie": "a=b; Path=/"})
    with razorpay(cookie) as (gateway, script):
        await gateway.find_order("session-1")
        await gateway.find_order("session-2")
    assert "cookie" not in script.asked[1].headers


def test_the_key_id_is_public() -> None:
    assert RazorpayGateway(SETTINGS).key_id == "rzp_test_abc"

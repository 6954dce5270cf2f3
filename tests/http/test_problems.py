"""Every no: a row for each reason, and documents that help without telling secrets."""

import io
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from src.commands import rejections as rules
from src.commands.gateway import GatewayError, GatewayRefusedError, GatewayUnavailableError
from src.commands.payment_intents import ProviderUnavailable
from src.commands.wish import Busy
from src.events.money import Money
from src.events.ports import DatabaseUnavailableError, OutcomeUnknownError
from src.events.pricing import Totals
from src.http import refusals as edge
from src.http.problem_answers import problem
from src.http.problems import INTERNAL, REASONS, reason_of
from src.queries.analytics import scope
from src.queries.live import TooManyWatchers
from src.queries.page import BadCursor
from src.queries.read_pool import QuestionTooLong
from tests.http.tiny import Shop

INR = Money(100, "INR")
TOTALS = Totals(subtotal=INR, discount=Money(0, "INR"), shipping=None, total=INR)
LINE = rules.ShortLine(sku="CHAI", requested=3, available=1)
HOLD = rules.Hold(checkout_session_id="checkout_1", quantity=2)
MOMENT = datetime(2026, 1, 15, tzinfo=UTC)

TABLE: list[tuple[Exception, int, str, dict[str, Any]]] = [
    (rules.Unknown("cart", "cart_1"), 404, "not-found", {}),
    (rules.PersonErased("cust_1"), 404, "customer-erased", {}),
    (
        rules.CartIsLocked("checkout_1"),
        409,
        "cart-locked",
        {"checkout_session_id": "checkout_1"},
    ),
    (rules.CartIsOrdered("order_1"), 409, "cart-ordered", {"order_id": "order_1"}),
    (rules.CartIsMerged("cart_1"), 409, "cart-merged", {"cart_id": "cart_1"}),
    (rules.CartIsEmpty(), 422, "cart-empty", {}),
    (rules.CartIsFull(100), 422, "cart-full", {}),
    (rules.OtherCurrency("INR", "USD"), 422, "other-currency", {}),
    (
        rules.CouponNotApplicable("X", "it has ended"),
        422,
        "coupon-not-applicable",
        {"coupon": "X", "reason": "it has ended"},
    ),
    (rules.ShippingNotAvailable("560001", None), 422, "shipping-not-available", {}),
    (
        rules.TotalChanged(TOTALS),
        409,
        "total-changed",
        {"totals": msgspec.to_builtins(TOTALS)},
    ),
    (
        rules.InventoryUnavailable([LINE]),
        409,
        "inventory-unavailable",
        {"lines": [{"sku": "CHAI", "requested": 3, "available": 1}]},
    ),
    (rules.AmountBelowMinimum(100, "INR"), 422, "amount-below-minimum", {"minimum": 100}),
    (
        rules.NotPossibleNow("Refund", "CART_PENDING"),
        409,
        "not-possible-now",
        {"wish": "Refund", "state": "CART_PENDING"},
    ),
    (rules.SessionExpired("checkout_1", "cart_1"), 410, "session-expired", {"cart_id": "cart_1"}),
    (
        rules.IntentExists("checkout_1"),
        409,
        "intent-exists",
        {"checkout_session_id": "checkout_1"},
    ),
    (rules.EmailTaken(), 409, "email-taken", {}),
    (rules.ProofNotGood(), 401, "invalid-claim", {}),
    (rules.LimitReached("addresses", 20), 422, "limit-reached", {"most": 20}),
    (rules.NothingToRefund(), 409, "nothing-to-refund", {}),
    (
        rules.RefundTooLarge(INR),
        409,
        "refund-too-large",
        {"left": {"amount": 100, "currency": "INR"}},
    ),
    (
        rules.StockIsPromised(4, [HOLD]),
        409,
        "stock-is-promised",
        {"available": 4, "holds": [{"checkout_session_id": "checkout_1", "quantity": 2}]},
    ),
    (rules.VersionMoved(7), 412, "version-moved", {"version": 7}),
    (edge.MalformedBody(), 400, "malformed-json", {}),
    (
        edge.InvalidInput.of("quantity", "is required"),
        422,
        "validation",
        {"errors": [{"field": "quantity", "message": "is required"}]},
    ),
    (edge.UnsupportedMediaType(), 415, "unsupported-media-type", {}),
    (edge.BodyTooLarge(5), 413, "body-too-large", {}),
    (edge.BodyTooSlow(), 408, "request-timeout", {}),
    (edge.HeadersTooLarge(), 431, "headers-too-large", {}),
    (edge.AddressTooLong(), 414, "address-too-long", {}),
    (edge.RepeatedHeader("authorization"), 400, "header-repeated", {}),
    (edge.Unauthenticated(), 401, "unauthenticated", {}),
    (edge.NoShopper(), 401, "unauthenticated", {}),
    (edge.BadToken(), 401, "unauthenticated", {}),
    (edge.DeadLogin(), 401, "unauthenticated", {}),
    (edge.InvalidCredentials(), 401, "invalid-credentials", {}),
    (edge.Forbidden(["admin"]), 403, "forbidden", {}),
    (edge.ForeignForm(), 403, "foreign-form", {}),
    (edge.InvalidSignature(), 401, "invalid-signature", {}),
    (edge.BookAltered(), 500, "book-altered", {}),
    (edge.PreconditionFailed(), 412, "version-moved", {}),
    (edge.KeyReused(), 422, "idempotency-key-reused", {}),
    (edge.RequestInProgress(), 409, "request-in-progress", {}),
    (edge.ReadModelBehind(), 503, "read-model-behind", {}),
    (edge.TooManyRequests(7), 429, "rate-limited", {}),
    (edge.Overloaded(), 503, "busy", {}),
    (
        ProviderUnavailable("checkout_1", MOMENT, GatewayUnavailableError("no answer")),
        502,
        "payment-provider-unavailable",
        {"checkout_session_id": "checkout_1", "expires_at": "2026-01-15T00:00:00Z"},
    ),
    (BadCursor("?"), 422, "validation", {}),
    (scope.ScopeRefused("Swap them."), 422, "range-not-possible", {}),
    (scope.UnknownTimeZone(), 422, "unknown-time-zone", {}),
    (scope.RangeTooLong(), 422, "range-too-long", {"days_max": 3_660}),
    (scope.TooManyGroups("ask for weeks"), 422, "too-many-groups", {"groups_max": 1_000}),
    (TooManyWatchers("?"), 503, "busy", {}),
    (GatewayError("?"), 502, "payment-provider-unavailable", {}),
    (GatewayUnavailableError("?"), 502, "payment-provider-unavailable", {}),
    (GatewayRefusedError("?"), 502, "payment-provider-refused", {}),
    (Busy(), 503, "busy", {}),
    (DatabaseUnavailableError("?"), 503, "busy", {}),
    (QuestionTooLong("?"), 503, "question-too-long", {}),
    (OutcomeUnknownError("?"), 503, "outcome-unknown", {}),
]


def family(kind: type[Exception]) -> set[type[Exception]]:
    return {kind}.union(*(family(child) for child in kind.__subclasses__()))


def test_every_reason_of_a_rule_has_its_own_row() -> None:
    assert family(rules.Rejection) - {rules.Rejection} - set(REASONS) == set()


def test_every_reason_of_the_edge_has_its_own_row() -> None:
    assert family(edge.Refusal) - {edge.Refusal, edge.Wait} - set(REASONS) == set()


def test_every_row_is_shown_here() -> None:
    shown = {type(said) for said, *_ in TABLE}
    assert set(REASONS) - shown == set()


@pytest.mark.parametrize(
    ("said", "status", "code", "members"), TABLE, ids=[type(row[0]).__name__ for row in TABLE]
)
def test_a_no_is_a_problem_document(
    said: Exception, status: int, code: str, members: dict[str, Any]
) -> None:
    answer = problem(said, "r/1")
    document = msgspec.json.decode(answer.body)
    headers = dict(answer.raw_headers)
    assert (answer.status_code, headers[b"content-type"]) == (status, b"application/problem+json")
    assert document | members == document
    assert set(document) == {"type", "title", "status", "detail", "instance", "code", *members}
    assert document["type"] == f"urn:khata:problem:{code}"
    assert (document["status"], document["code"]) == (status, code)
    assert document["instance"] == "urn:khata:request:r%2F1"
    assert (status == 401) == (b"www-authenticate" in headers)
    says_when = status in (429, 503) or code == "request-in-progress"
    assert says_when == (b"retry-after" in headers)


def test_a_reason_without_a_row_of_its_own_takes_its_parents() -> None:
    class Lonely(rules.CartIsEmpty):
        pass

    class Stranger(Exception):  # named after its reason
        pass

    assert reason_of(Lonely()).code == "cart-empty"
    assert reason_of(Stranger()) is INTERNAL


pytestmark = pytest.mark.anyio


async def test_a_bug_is_a_500_that_tells_nothing(shop: Shop, log: io.StringIO) -> None:
    shop.counter.broken = 1
    async with shop.client() as client:
        answer = await client.post("/things")
    assert answer.status_code == 500
    assert answer.json()["code"] == "internal"
    assert "asha" not in answer.text
    assert "Traceback" not in answer.text
    assert "asha" not in log.getvalue()
    assert "ZeroDivisionError" in log.getvalue()


async def test_what_the_framework_refuses_is_a_problem_too(shop: Shop) -> None:
    async with shop.client() as client:
        unknown = await client.get("/nowhere")
        method = await client.patch("/things")
        query = await client.get("/things?limit=secret")
        much = await client.get("/things?limit=101")
        host = await client.get("/things", headers={"Host": "a b"})
    assert [each.status_code for each in (unknown, method, query, much, host)] == [
        404,
        405,
        422,
        422,
        400,
    ]
    assert {each.headers["content-type"] for each in (unknown, method, query, much, host)} == {
        "application/problem+json"
    }
    assert method.json()["detail"] == "It knows GET, HEAD, OPTIONS, POST."
    assert set(method.headers["allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}
    assert query.json()["errors"] == [{"field": "limit", "message": "must be a whole number"}]
    assert "secret" not in query.text
    assert much.json()["errors"] == [{"field": "limit", "message": "must be at most 100"}]

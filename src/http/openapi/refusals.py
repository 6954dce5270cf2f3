"""Every problem that a call can answer with, each with an example in its true words."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec

from src.commands import rejections as rules
from src.commands.gateway import GatewayError, GatewayRefusedError
from src.commands.payment_intents import ProviderUnavailable
from src.commands.wish import Busy
from src.events.money import Money
from src.events.ports import DatabaseUnavailableError, OutcomeUnknownError
from src.events.pricing import Totals
from src.http import refusals as edge
from src.http.limit_headers import Limit
from src.http.openapi.calls import Call, Who
from src.http.problems import PROBLEM_TYPE, REASONS, headers_of, reason_of, written
from src.http.tokens import ADMIN, OPERATOR
from src.queries.analytics import scope
from src.queries.live import TooManyWatchers
from src.queries.page import BadCursor
from src.queries.read_pool import QuestionTooLong

REQUEST_ID = "0d5d9b1e-6c1b-4c58-8a5e-0c9c2f3f8a10"
SESSION, CART, ORDER = "cs_7k2mq4", "cart_x5d3na", "ord_b6tz2e"
_TOTALS = Totals(
    subtotal=Money(49_800, "INR"),
    discount=Money(0, "INR"),
    shipping=Money(5_000, "INR"),
    total=Money(54_800, "INR"),
)

SAID: tuple[Exception, ...] = (
    rules.Unknown("cart", CART),
    rules.PersonErased("cust_h4w7tz"),
    rules.CartIsLocked(SESSION),
    rules.CartIsOrdered(ORDER),
    rules.CartIsMerged(CART),
    rules.CartIsEmpty(),
    rules.CartIsFull(100),
    rules.OtherCurrency("USD", "INR"),
    rules.CouponNotApplicable("DIWALI10", "it has expired"),
    rules.ShippingNotAvailable("560001", None),
    rules.TotalChanged(_TOTALS),
    rules.InventoryUnavailable([rules.ShortLine(sku="CHAI-250", requested=3, available=1)]),
    rules.AmountBelowMinimum(100, "INR"),
    rules.NotPossibleNow("CancelCheckout", "ORDER_CREATED"),
    rules.SessionExpired(SESSION, CART),
    rules.IntentExists(SESSION),
    rules.EmailTaken(),
    rules.ProofNotGood(),
    rules.LimitReached("addresses", 20),
    rules.NothingToRefund(),
    rules.RefundTooLarge(Money(24_900, "INR")),
    rules.StockIsPromised(1, [rules.Hold(checkout_session_id=SESSION, quantity=2)]),
    rules.VersionMoved(7),
    edge.MalformedBody("look near byte 14"),
    edge.InvalidInput.of("quantity", "must be at least 0"),
    scope.ScopeRefused("`from` comes after `to`: swap them."),
    scope.UnknownTimeZone(),
    scope.RangeTooLong(),
    scope.TooManyGroups("ask for weeks or months"),
    edge.UnsupportedMediaType(),
    edge.BodyTooLarge(65_536),
    edge.BodyTooSlow(),
    edge.HeadersTooLarge(),
    edge.AddressTooLong(),
    edge.RepeatedHeader("x-session-id"),
    edge.Unauthenticated(),
    edge.NoShopper(),
    edge.BadToken(),
    edge.DeadLogin(),
    edge.InvalidCredentials(),
    edge.Forbidden((OPERATOR, ADMIN)),
    edge.InvalidSignature(),
    edge.BookAltered(),
    edge.PreconditionFailed(),
    edge.KeyReused(),
    edge.RequestInProgress(),
    edge.ReadModelBehind(),
    edge.TooManyRequests(42, Limit("login-email", 10, 60)),
    edge.Overloaded(),
    ProviderUnavailable(SESSION, datetime(2026, 1, 15, 7, 0, tzinfo=UTC), GatewayError()),
    BadCursor(),
    TooManyWatchers(),
    GatewayError(),
    GatewayRefusedError("Amount exceeds the maximum amount allowed."),
    Busy(),
    QuestionTooLong(),
    DatabaseUnavailableError(),
    OutcomeUnknownError(),
)
"""One of each, so that an example is what the edge would really write."""

_ALWAYS = (
    edge.InvalidInput,
    edge.BadToken,
    edge.HeadersTooLarge,
    edge.AddressTooLong,
    edge.RepeatedHeader,
    DatabaseUnavailableError,
)
_READING = (edge.ReadModelBehind,)
_WRITING = (
    edge.MalformedBody,
    edge.BodyTooLarge,
    edge.BodyTooSlow,
    edge.Overloaded,
    OutcomeUnknownError,
)
_ONCE = (edge.KeyReused, edge.RequestInProgress)
_GUARDED = (rules.VersionMoved, edge.PreconditionFailed)
_NAMED = (edge.Unauthenticated, edge.Forbidden)


def refused(  # noqa: PLR0913  # each thing that lets a call refuse something, by name
    call: Call, *, closed: bool, limited: bool, reads: bool, json: bool, once: bool, listed: bool
) -> Iterator[type[Exception]]:
    """Give the reasons for which a call can be refused."""
    yield from _ALWAYS
    yield from _READING if reads else _WRITING
    if limited:
        yield edge.TooManyRequests
    if closed or call.who in {Who.SHOPPER, Who.CUSTOMER}:
        yield from _NAMED
    if not closed and call.who is Who.SHOPPER:
        yield edge.NoShopper
    if call.who is Who.BUYER:
        yield edge.Forbidden
    if json:
        yield edge.UnsupportedMediaType
    if once:
        yield from _ONCE
    if call.guarded:
        yield from _GUARDED
    if listed:
        yield BadCursor
    yield from call.refuses


def problem_responses(kinds: Iterator[type[Exception]]) -> dict[str, dict[str, Any]]:
    """Describe the refusals by status, with their codes, headers and examples."""
    rows: dict[int, dict[str, type[Exception]]] = defaultdict(dict)
    for kind in kinds:
        rows[REASONS[kind].status].setdefault(REASONS[kind].code, kind)
    return {str(status): _response(rows[status]) for status in sorted(rows)}


def _response(kinds: dict[str, type[Exception]]) -> dict[str, Any]:
    titles = {code: REASONS[kind].title for code, kind in kinds.items()}
    schema = {
        "allOf": [
            {"$ref": "#/components/schemas/Problem"},
            {"properties": {"code": {"enum": sorted(kinds)}}},
        ]
    }
    examples = {code: {"$ref": f"#/components/examples/{code}"} for code in sorted(kinds)}
    return {
        "description": "; ".join(f"{titles[code]} (`{code}`)" for code in sorted(kinds)) + ".",
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in _headers(kinds)},
        "content": {PROBLEM_TYPE: {"schema": schema, "examples": examples}},
    }


_OWN_HEADERS = ("WWW-Authenticate", "Retry-After", "RateLimit-Policy", "RateLimit")


def _headers(kinds: dict[str, type[Exception]]) -> Iterator[str]:
    yield "X-Request-Id"
    said = {name for each in SAID if type(each) in kinds.values() for name in _said(each)}
    yield from (name for name in _OWN_HEADERS if name.lower() in said)


def _said(error: Exception) -> Iterator[str]:
    yield from headers_of(reason_of(error), error)


def problem_examples() -> dict[str, Any]:
    """Write one example for each code."""
    found: dict[str, Any] = {}
    for error in SAID:
        reason = reason_of(error)
        value = msgspec.json.decode(written(reason, error, REQUEST_ID))
        found.setdefault(reason.code, {"summary": reason.title, "value": value})
    return found

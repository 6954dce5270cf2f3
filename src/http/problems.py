"""Every no we can say, as RFC 9457 problem details. One row per reason, in one table."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

import msgspec
from msgspec import Struct

from src.commands import rejections as rules
from src.commands.gateway import GatewayError, GatewayRefusedError
from src.commands.payment_intents import ProviderUnavailable
from src.commands.wish import Busy
from src.events.ports import DatabaseUnavailableError, OutcomeUnknownError
from src.http import refusals as edge
from src.queries.live import TooManyWatchers
from src.queries.page import BadCursor

PROBLEM_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:khata:problem:"
INSTANCE_PREFIX = "urn:khata:request:"
RETRY_AFTER_SECONDS = 1


class Problem(Struct, kw_only=True, frozen=True):
    """The members that every problem has; `code` is stable, and some carry further members."""

    type: str
    title: str
    status: int
    detail: str | None
    instance: str
    code: str


class Reason(Struct, frozen=True):
    """A row of the table."""

    status: int
    code: str
    title: str
    detail: str | None = None
    """Said in place of the exception's own words; without either there is no detail."""
    members: tuple[str, ...] = ()
    """Attributes of the exception that the client can use."""
    headers: Callable[[Any], Mapping[str, str]] | None = None
    speaks: bool = False
    """The exception's own words are meant for clients."""


def _rule(status: int, code: str, title: str, *members: str) -> Reason:
    return Reason(status, code, title, members=members, speaks=True)


def _edge(status: int, code: str, title: str, detail: str, *members: str) -> Reason:
    return Reason(status, code, title, detail, members)


def _login(_: Exception) -> Mapping[str, str]:
    return {"www-authenticate": 'Bearer realm="khata"'}


def _bad_login(_: Exception) -> Mapping[str, str]:
    return {"www-authenticate": 'Bearer realm="khata", error="invalid_token"'}


def _bad_signature(_: Exception) -> Mapping[str, str]:
    return {"www-authenticate": 'Razorpay-Signature realm="khata"'}


def _later(said: Exception) -> Mapping[str, str]:
    return {"retry-after": str(getattr(said, "retry_after_seconds", RETRY_AFTER_SECONDS))}


def _limited(said: Exception) -> Mapping[str, str]:
    """What the framework says by itself names no limit."""
    limit = getattr(said, "limit", None)
    if limit is None:
        return _later(said)
    wait = _later(said)
    left = limit.left(0, int(wait["retry-after"]))
    return {**wait, "ratelimit-policy": limit.policy, "ratelimit": left}


def _wait(status: int, code: str, title: str, detail: str) -> Reason:
    return Reason(status, code, title, detail, headers=_later)


_NOT_DONE = "Nothing was done with what was sent."
_PROVIDER = "The payment provider gave no usable answer. Nothing is lost: ask again."

REASONS: dict[type[Exception], Reason] = {
    # What a rule said.
    rules.Unknown: _rule(404, "not-found", "There is no such thing"),
    rules.PersonErased: Reason(
        404,
        "customer-erased",
        "The person was erased",
        "Nothing more is kept of this person. Register again, or buy with another cart.",
    ),
    rules.CartIsLocked: _rule(
        409, "cart-locked", "The cart is being checked out", "checkout_session_id"
    ),
    rules.CartIsOrdered: _rule(409, "cart-ordered", "The cart became an order", "order_id"),
    rules.CartIsMerged: _rule(409, "cart-merged", "The cart went into another", "cart_id"),
    rules.CartIsEmpty: _rule(422, "cart-empty", "The cart is empty"),
    rules.CartIsFull: _rule(422, "cart-full", "The cart is full"),
    rules.OtherCurrency: _rule(422, "other-currency", "The product has another currency"),
    rules.CouponNotApplicable: _rule(
        422, "coupon-not-applicable", "The coupon cannot be used", "coupon", "reason"
    ),
    rules.ShippingNotAvailable: Reason(
        422,
        "shipping-not-available",
        "Nothing ships there",
        "No such shipping method carries this cart to that place.",
    ),
    rules.TotalChanged: _rule(409, "total-changed", "The total has changed", "totals"),
    rules.InventoryUnavailable: _rule(
        409, "inventory-unavailable", "There is not enough stock", "lines"
    ),
    rules.AmountBelowMinimum: _rule(
        422, "amount-below-minimum", "The total is too small to be paid", "minimum"
    ),
    rules.NotPossibleNow: _rule(
        409, "not-possible-now", "This is not possible in this state", "wish", "state"
    ),
    rules.SessionExpired: _rule(
        410, "session-expired", "The checkout session has expired", "cart_id"
    ),
    rules.IntentExists: _rule(
        409, "intent-exists", "There is a payment intent already", "checkout_session_id"
    ),
    rules.EmailTaken: _rule(409, "email-taken", "This e-mail has an account"),
    rules.ProofNotGood: Reason(
        401, "invalid-claim", "This secret is wrong, used or too old", headers=_login, speaks=True
    ),
    rules.LimitReached: _rule(422, "limit-reached", "There are as many as there may be", "most"),
    rules.NothingToRefund: _rule(409, "nothing-to-refund", "There is nothing to give back"),
    rules.RefundTooLarge: _rule(
        409, "refund-too-large", "More was to go back than is left", "left"
    ),
    rules.StockIsPromised: _rule(
        409, "stock-is-promised", "The stock is promised", "available", "holds"
    ),
    rules.VersionMoved: _rule(412, "version-moved", "The resource has changed", "version"),
    # What the edge said.
    edge.MalformedBody: Reason(400, "malformed-json", "This is not JSON", speaks=True),
    edge.InvalidInput: _edge(
        422, "validation", "The request is not valid", "Mend the fields named here.", "errors"
    ),
    edge.UnsupportedMediaType: _edge(
        415,
        "unsupported-media-type",
        "Only JSON is read",
        "Send the body as JSON with the header `Content-Type: application/json`; "
        "curl -d needs -H for that, curl --json sends it by itself.",
    ),
    edge.BodyTooLarge: Reason(413, "body-too-large", "The body is too large", speaks=True),
    edge.BodyTooSlow: _edge(
        408, "request-timeout", "The request took too long", "The body did not arrive in time."
    ),
    edge.HeadersTooLarge: _edge(
        431, "headers-too-large", "The headers are too large", "Send fewer or shorter headers."
    ),
    edge.AddressTooLong: _edge(
        414, "address-too-long", "The address is too long", "Send a shorter path and query."
    ),
    edge.RepeatedHeader: _rule(400, "header-repeated", "A header was sent twice"),
    edge.Unauthenticated: Reason(
        401, "unauthenticated", "Say who you are", "Send a bearer token.", headers=_login
    ),
    edge.NoShopper: Reason(
        401,
        "unauthenticated",
        "Say who you are",
        "Send a customer's bearer token, or as a guest the X-Session-Id of the cart.",
        headers=_login,
    ),
    edge.BadToken: Reason(
        401, "unauthenticated", "The token is not valid", "Get a new one.", headers=_bad_login
    ),
    edge.InvalidCredentials: Reason(
        401,
        "invalid-credentials",
        "The e-mail or the password is wrong",
        "Mend one of them and try again.",
        headers=_login,
    ),
    edge.Forbidden: _rule(403, "forbidden", "You may not do this"),
    edge.InvalidSignature: Reason(
        401, "invalid-signature", "The signature is wrong", _NOT_DONE, headers=_bad_signature
    ),
    edge.BookAltered: _edge(
        500,
        "book-altered",
        "The book is not the one that was signed",
        "It cannot be proven. `khata audit verify` names what was altered.",
    ),
    edge.PreconditionFailed: _edge(
        412, "version-moved", "The resource has changed", "If-Match names none of its versions."
    ),
    edge.KeyReused: _edge(
        422,
        "idempotency-key-reused",
        "The Idempotency-Key was used before",
        "It was sent with another body, or long ago by nobody in particular. Take a new key.",
    ),
    edge.RequestInProgress: _wait(
        409, "request-in-progress", "Still at it", "The same request is running. Repeat it later."
    ),
    edge.ReadModelBehind: _wait(
        503, "read-model-behind", "Not yet there", "The read model has not reached Khata-Position."
    ),
    edge.TooManyRequests: Reason(
        429,
        "rate-limited",
        "Too many requests",
        "Slow down, and repeat it later.",
        headers=_limited,
    ),
    edge.Overloaded: _wait(503, "busy", "Too much to do", "Nothing was done. Repeat it later."),
    ProviderUnavailable: Reason(
        502,
        "payment-provider-unavailable",
        "The payment provider does not answer",
        _PROVIDER,
        ("checkout_session_id", "expires_at"),
    ),
    BadCursor: _edge(
        422, "validation", "The request is not valid", "The cursor was not made by this list."
    ),
    TooManyWatchers: _wait(
        503, "busy", "Too much to do", "As many watch as can be served. Repeat it later."
    ),
    # What the world said.
    GatewayError: _edge(
        502, "payment-provider-unavailable", "The payment provider does not answer", _PROVIDER
    ),
    GatewayRefusedError: _edge(
        502,
        "payment-provider-refused",
        "The payment provider said no",
        "The payment provider did not take the request.",
    ),
    Busy: _wait(503, "busy", "Too much to do", "Nothing was done. Repeat it later."),
    DatabaseUnavailableError: _wait(
        503, "busy", "The book cannot be reached", "Nothing was done. Repeat it later."
    ),
    OutcomeUnknownError: _wait(
        503,
        "outcome-unknown",
        "It is not known whether this was done",
        "Repeat it with the same Idempotency-Key: it is done at most once.",
    ),
}
"""Looked up by class and then by its bases; what is not here is a bug, and an `internal` 500."""

BY_STATUS: dict[int, Reason] = {
    400: Reason(400, "bad-request", "The request cannot be read"),
    401: REASONS[edge.Unauthenticated],
    403: REASONS[edge.Forbidden],
    404: Reason(404, "not-found", "There is no such thing", "Nothing lives at this address."),
    405: Reason(405, "method-not-allowed", "This address knows other methods"),
    413: Reason(413, "body-too-large", "The body is too large"),
    415: REASONS[edge.UnsupportedMediaType],
    429: REASONS[edge.TooManyRequests],
}
"""What the framework says by itself, which carries a status and no reason."""

INTERNAL = Reason(500, "internal", "Something is broken here", "It was noted, with this instance.")


def reason_of(said: Exception) -> Reason:
    """Return the row of the nearest class; INTERNAL for what nobody expected."""
    for kind in type(said).__mro__:
        if (found := REASONS.get(kind)) is not None:
            return found
    return INTERNAL


def written(reason: Reason, said: Exception | None, request_id: str) -> bytes:
    """Write the problem document."""
    detail = str(said) if reason.speaks and said is not None else reason.detail
    document: dict[str, Any] = {
        "type": TYPE_PREFIX + reason.code,
        "title": reason.title,
        "status": reason.status,
        "detail": detail,
        "instance": INSTANCE_PREFIX + quote(request_id, safe=""),
        "code": reason.code,
    }
    document.update((member, getattr(said, member)) for member in reason.members)
    return msgspec.json.encode(document)


def headers_of(reason: Reason, said: Exception) -> Mapping[str, str]:
    """Return what the problem says in headers."""
    return {} if reason.headers is None else reason.headers(said)

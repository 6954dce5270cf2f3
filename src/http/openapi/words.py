"""What the document says in words: of the whole, of parameters, and of headers."""

from typing import Any

from src.http.fields import POSITION_MAX
from src.http.idempotency import KEY_LENGTH_MAX
from src.http.openapi.refusals import CART, ORDER, REQUEST_ID, SESSION

TITLE = "Khata"
DESCRIPTION = """\
Checkout and order ledger: cart → checkout session → payment intent → order.

**Bodies** are JSON in UTF-8. Money is `{"amount": 149900, "currency": "INR"}` with the amount in \
minor units; times are RFC 3339 in UTC; ids are opaque. Unknown fields are refused, and where no \
field is required a body may be left out.

**Refusals** are RFC 9457 problems with a stable `code` and, where it helps, further members.

**Repeating** a POST with the same `Idempotency-Key` and body carries it out once and gives the \
same answer. Every write says in `Khata-Position` where it holds; a GET that sends this back is \
answered from a read model that has come that far.

**Versions**: single resources carry an `ETag`. `If-None-Match` makes an unchanged one 304, \
`If-Match` makes a write to a changed one 412. HEAD is answered wherever GET is.

**Lists** have at most 100 items a page; send `next_cursor` as `cursor` for the next one.

**Callers**: customers and staff send a bearer token, guests the `X-Session-Id` that opened their \
cart. What is somebody else's does not exist (404), and a token that is not good is 401 anywhere. \
W3C `traceparent` is honoured.
"""

Words = dict[str, tuple[str, Any]]
"""Of each name what it says, in words, and an example."""

PARAMETERS: Words = {
    "sku": ("A product's code.", "CHAI-250"),
    "cart_id": ("As `POST /carts` returned it.", CART),
    "checkout_session_id": ("As `POST /checkout` or `POST /orders` returned it.", SESSION),
    "order_id": ("As the completed session shows it.", ORDER),
    "address_id": ("As `POST /customers/me/addresses` returned it.", "addr_q3v7ye"),
    "razorpay_payment_id": ("As Razorpay calls the payment.", "pay_IH4NVgf4Dreq1l"),
    "case_id": ("As the list of cases shows it.", "case_m4f8wd"),
    "webhook_id": ("As the list of deliveries shows it.", "razorpay-h2c6rt"),
    "code": ("The name of a coupon or a shipping method.", "standard"),
    "limit": ("So many items at most.", 20),
    "cursor": ("`next_cursor` of the page before; a list takes only its own.", None),
    "status": ("Only those in this state.", None),
    "kind": ("Only those opened for this reason.", "wrong-amount"),
    "placed_from": ("Only those placed at this moment or later.", "2026-01-01T00:00:00Z"),
    "placed_to": ("Only those placed before this moment.", "2026-02-01T00:00:00Z"),
    "customer_id": ("Only this person's.", "cust_e9p5hg"),
    "order_number": ("Only the one with this number, in either case.", "K7M2Q-4XD3N"),
    "razorpay_order_id": ("Only those about this Razorpay order.", "order_IEIaMR65cu6nz3"),
    "ours": ("Money that this book asked for, or, with `false`, money that it did not.", True),
    "name": ("Only those that tell of such an event.", "payment.captured"),
    "received_from": ("Only those that came at this moment or later.", "2026-01-01T00:00:00Z"),
    "received_to": ("Only those that came before this moment.", "2026-02-01T00:00:00Z"),
    "postal_code": ("Where the parcel goes.", "560001"),
    "position": ("Where the event stands in the book.", 48),
    "older": ("The size of the checkpoint that is to be extended.", 40),
    "newer": ("The size of the checkpoint that extends it; the newest without it.", 48),
    "size": ("The checkpoint that was signed over so many events.", 48),
    "after": ("Only what stands above this position: `next_after` of the page before.", 0),
    "type": ("Only facts of this name.", "OrderPlaced"),
    "stream": ("Kind and id of what the facts are about.", "stock-CHAI-250"),
    "as_of": (
        "How it stood at this position of the book, or at this time; 404 before it was there.",
        "2026-01-15T07:00:00Z",
    ),
    "from": ("The first day; the 30th up to `to` without it.", "2026-01-01"),
    "to": ("The last day, counted in; today without it.", "2026-01-31"),
    "time_zone": ("Whose days; the shop's without it.", "Asia/Kolkata"),
    "by": ("What one item is about.", "week"),
    "format": ("The document, or its items alone as CSV.", "csv"),
}
"""What a path or a query says: in words, and an example."""

ANALYSTS_PARAMETERS: Words = {
    **PARAMETERS,
    "as_of": (
        "The answer at this position of the book, or at this time; all zeros before the first.",
        "2026-01-15T07:00:00Z",
    ),
}
"""Below /analytics, where numbers have no beginning and things have."""


def _asked(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "in": "header",
        "required": False,
        "description": description,
        "schema": schema,
    }


_KEY = {"type": "string", "minLength": 1, "maxLength": KEY_LENGTH_MAX, "pattern": "^[!-~]+$"}
_POSITION = {"type": "integer", "minimum": 0, "maximum": POSITION_MAX}
_TAG = {"type": "string", "examples": ['"7-0f3c9a5be1d24786"']}

ASKED: dict[str, dict[str, Any]] = {
    "RequestId": _asked(
        "X-Request-Id",
        "Your name of this request; without one, or with a strange one, it is given one.",
        {"type": "string", "maxLength": 128, "examples": [REQUEST_ID]},
    ),
    "Position": _asked(
        "Khata-Position", "Answer from a read model that has reached this position.", _POSITION
    ),
    "IfNoneMatch": _asked("If-None-Match", "304 if this is still the ETag.", _TAG),
    "IfMatch": _asked("If-Match", "412 if the version is not that of this ETag any more.", _TAG),
    "IdempotencyKey": _asked(
        "Idempotency-Key", "Sent twice with the same body, the call is carried out once.", _KEY
    ),
    "LastEventId": _asked(
        "Last-Event-ID", "The last id that was seen; what came after it is sent.", _POSITION
    ),
    "RazorpayEventId": _asked(
        "X-Razorpay-Event-Id",
        "Razorpay's name of the event; deliveries of one event share it.",
        {"type": "string", "maxLength": 100, "examples": ["IEIbNTr0WgVzQ8"]},
    ),
}
"""The headers that a request may carry."""

ANSWERED: dict[str, dict[str, Any]] = {
    "X-Request-Id": {
        "description": "The name of this request, for support.",
        "schema": {"type": "string"},
    },
    "ETag": {
        "description": '`"<version>-<hash of the body>"`.',
        "schema": {"type": "string", "pattern": '^"[0-9]+-[0-9a-f]{16}"$'},
    },
    "Khata-Position": {
        "description": "Where in the book this write holds, or up to where this answer is true.",
        "schema": _POSITION,
    },
    "Khata-Time": {
        "description": "When the fact at that position was recorded; not with `as_of`.",
        "schema": {"type": "string", "format": "date-time"},
    },
    "Khata-Recorded-At": {
        "description": "When it was written.",
        "schema": {"type": "string", "format": "date-time"},
    },
    "Idempotent-Replayed": {
        "description": "The answer of an earlier request with the same Idempotency-Key.",
        "schema": {"type": "string", "enum": ["true"]},
    },
    "Retry-After": {
        "description": "Seconds after which it is worth asking again.",
        "schema": {"type": "string", "pattern": "^[0-9]+$"},
    },
    "RateLimit-Policy": {
        "description": "The limits that hold: how many (`q`) in how many seconds (`w`).",
        "schema": {"type": "string", "examples": ['"address";q=1000;w=1']},
    },
    "RateLimit": {
        "description": "What is left (`r`), and in how many seconds there is more (`t`).",
        "schema": {"type": "string", "examples": ['"address";r=998;t=1']},
    },
    "WWW-Authenticate": {
        "description": "How to say who one is.",
        "schema": {"type": "string"},
    },
}
"""The headers that an answer may carry."""

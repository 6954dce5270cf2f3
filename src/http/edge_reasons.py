"""What the edge said, or the world behind it: a row of the table for each of their reasons."""

from src.commands.gateway import GatewayError, GatewayRefusedError
from src.commands.payment_intents import ProviderUnavailable
from src.commands.wish import Busy
from src.events.ports import DatabaseUnavailableError, OutcomeUnknownError
from src.http import refusals as edge
from src.http.reasons import Reason, bad_login, bad_signature, limited, login, no, rule, wait
from src.queries.analytics import scope
from src.queries.live import TooManyWatchers
from src.queries.page import BadCursor
from src.queries.read_pool import QuestionTooLong

_PROVIDER = "The payment provider gave no usable answer. Nothing is lost: ask again."

EDGE: dict[type[Exception], Reason] = {
    edge.MalformedBody: Reason(400, "malformed-json", "This is not JSON", speaks=True),
    edge.InvalidInput: no(
        422, "validation", "The request is not valid", "Mend the fields named here.", "errors"
    ),
    scope.ScopeRefused: rule(422, "range-not-possible", "These days cannot be asked for"),
    scope.UnknownTimeZone: rule(422, "unknown-time-zone", "There is no such time zone"),
    scope.RangeTooLong: rule(422, "range-too-long", "The range is too long", "days_max"),
    scope.TooManyGroups: rule(
        422, "too-many-groups", "The answer would have too many rows", "groups_max"
    ),
    edge.UnsupportedMediaType: no(
        415,
        "unsupported-media-type",
        "Only JSON is read",
        "Send the body as JSON with the header `Content-Type: application/json`; "
        "curl -d needs -H for that, curl --json sends it by itself.",
    ),
    edge.BodyTooLarge: Reason(413, "body-too-large", "The body is too large", speaks=True),
    edge.BodyTooSlow: no(
        408, "request-timeout", "The request took too long", "The body did not arrive in time."
    ),
    edge.HeadersTooLarge: no(
        431, "headers-too-large", "The headers are too large", "Send fewer or shorter headers."
    ),
    edge.AddressTooLong: no(
        414, "address-too-long", "The address is too long", "Send a shorter path and query."
    ),
    edge.RepeatedHeader: rule(400, "header-repeated", "A header was sent twice"),
    edge.Unauthenticated: Reason(
        401, "unauthenticated", "Say who you are", "Send a bearer token.", headers=login
    ),
    edge.NoShopper: Reason(
        401,
        "unauthenticated",
        "Say who you are",
        "Send a customer's bearer token, or as a guest the X-Session-Id of the cart.",
        headers=login,
    ),
    edge.BadToken: Reason(
        401, "unauthenticated", "The token is not valid", "Get a new one.", headers=bad_login
    ),
    edge.DeadLogin: Reason(
        401, "unauthenticated", "The token is not valid", "Log in again.", headers=bad_login
    ),
    edge.InvalidCredentials: Reason(
        401,
        "invalid-credentials",
        "The e-mail or the password is wrong",
        "Mend one of them and try again.",
        headers=login,
    ),
    edge.Forbidden: rule(403, "forbidden", "You may not do this"),
    edge.ForeignForm: no(
        403,
        "foreign-form",
        "This form is not of this session",
        "Nothing was done. Load the page again, and send it from there.",
    ),
    edge.InvalidSignature: Reason(
        401,
        "invalid-signature",
        "The signature is wrong",
        "Nothing was done with what was sent.",
        headers=bad_signature,
    ),
    edge.BookAltered: no(
        500,
        "book-altered",
        "The book is not the one that was signed",
        "It cannot be proven. `khata audit verify` names what was altered.",
    ),
    edge.PreconditionFailed: no(
        412, "version-moved", "The resource has changed", "If-Match names none of its versions."
    ),
    edge.KeyReused: no(
        422,
        "idempotency-key-reused",
        "The Idempotency-Key was used before",
        "It was sent with another body, or long ago by nobody in particular. Take a new key.",
    ),
    edge.RequestInProgress: wait(
        409, "request-in-progress", "Still at it", "The same request is running. Repeat it later."
    ),
    edge.ReadModelBehind: wait(
        503, "read-model-behind", "Not yet there", "The read model has not reached Khata-Position."
    ),
    edge.TooManyRequests: Reason(
        429,
        "rate-limited",
        "Too many requests",
        "Slow down: Retry-After says in how many seconds to repeat it.",
        headers=limited,
    ),
    edge.Overloaded: wait(503, "busy", "Too much to do", "Nothing was done. Repeat it later."),
    ProviderUnavailable: Reason(
        502,
        "payment-provider-unavailable",
        "The payment provider does not answer",
        _PROVIDER,
        ("checkout_session_id", "expires_at"),
    ),
    BadCursor: no(
        422, "validation", "The request is not valid", "The cursor was not made by this list."
    ),
    TooManyWatchers: wait(
        503, "busy", "Too much to do", "As many watch as can be served. Repeat it later."
    ),
    # What the world said.
    GatewayError: no(
        502, "payment-provider-unavailable", "The payment provider does not answer", _PROVIDER
    ),
    GatewayRefusedError: no(
        502,
        "payment-provider-refused",
        "The payment provider said no",
        "The payment provider did not take the request.",
    ),
    Busy: wait(503, "busy", "Too much to do", "Nothing was done. Repeat it later."),
    QuestionTooLong: wait(
        503,
        "question-too-long",
        "The question took too long",
        "It was given up, so that others need not wait. Ask for less at once, such as fewer days.",
    ),
    DatabaseUnavailableError: wait(
        503, "busy", "The book cannot be reached", "Nothing was done. Repeat it later."
    ),
    OutcomeUnknownError: wait(
        503,
        "outcome-unknown",
        "It is not known whether this was done",
        "Repeat it with the same Idempotency-Key: it is done at most once.",
    ),
}

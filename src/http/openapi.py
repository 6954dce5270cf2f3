"""The OpenAPI 3.1 document: what the framework derives from the handlers, and our manners added."""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, cast

import msgspec
from litestar import Litestar
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import Components, SecurityScheme, Tag
from litestar.types import ControllerRouterHandler

from src.http.auth import AREAS
from src.http.idempotency import IGNORED_PATHS, KEY_LENGTH_MAX
from src.http.problems import BY_STATUS, INTERNAL, PROBLEM_TYPE, REASONS
from src.http.shop_request import ShopRequest

TITLE = "Khata"
DESCRIPTION = (
    "Checkout and order ledger. Every refusal is an RFC 9457 problem with a stable `code`; "
    "money is whole minor units; times are RFC 3339 UTC."
)
TAGS = (
    Tag("Products", "What can be bought."),
    Tag("Carts", "What somebody wants to buy."),
    Tag("Checkout", "From a cart to a payment."),
    Tag("Payments", "What the payment provider tells us."),
    Tag("Orders", "What was bought."),
    Tag("Customers", "Accounts, logins and addresses."),
    Tag("Admin", "For those who run the shop."),
    Tag("Analytics", "For those who ask how it goes."),
    Tag("Audit", "For those who prove that nothing was altered."),
    Tag("Operations", "For those who watch it run."),
)
SCHEMES = {
    "bearer": SecurityScheme(
        type="http", scheme="bearer", bearer_format="JWT", description="Customers and staff."
    ),
    "session": SecurityScheme(
        type="apiKey",
        name="X-Session-Id",
        security_scheme_in="header",
        description="Guests: the secret that POST /carts returned.",
    ),
}
METHODS = ("get", "put", "post", "delete", "patch")
_FRAMEWORKS_OWN = "400"
"""The framework documents its own shape of validation errors, which never leaves us."""


def document(
    handlers: list[ControllerRouterHandler], services: dict[str, Provide], version: str
) -> Callable[[], bytes]:
    """Return a function that writes the document once, when it is first asked for."""

    @cache
    def written() -> bytes:
        config = OpenAPIConfig(
            title=TITLE,
            version=version,
            description=DESCRIPTION,
            tags=list(TAGS),
            components=Components(security_schemes=dict(SCHEMES)),
            use_handler_docstrings=True,
        )
        # An application only for its description: the framework's own pages are not served.
        described = Litestar(
            handlers,
            dependencies=services,
            openapi_config=config,
            request_class=ShopRequest,
            logging_config=None,
        )
        return msgspec.json.encode(_with_manners(_whole(described.openapi_schema.to_schema())))

    return written


def _whole(value: Any) -> Any:  # noqa: ANN401  # any part of the document
    """The framework writes the limits of integers as 999.0."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_whole(each) for each in cast("list[object]", value)]
    if isinstance(value, dict):
        return {name: _whole(each) for name, each in cast("dict[str, object]", value).items()}
    return value


def _with_manners(schema: dict[str, Any]) -> dict[str, Any]:
    components = schema.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = _PROBLEM
    components["parameters"] = _PARAMETERS
    components["responses"] = {"Problem": _problem_response()}
    for path, method, operation in _operations(schema):
        responses = operation.setdefault("responses", {})
        responses.pop(_FRAMEWORKS_OWN, None)
        responses["default"] = {"$ref": "#/components/responses/Problem"}
        operation.setdefault("parameters", []).extend(
            {"$ref": f"#/components/parameters/{name}"} for name in _parameters(path, method)
        )
        operation.setdefault("security", _security(path))
    return schema


def _operations(schema: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in schema.get("paths", {}).items():
        for method in METHODS:
            if method in item:
                yield path, method, item[method]


def _parameters(path: str, method: str) -> Iterator[str]:
    yield "RequestId"
    if method == "get":
        yield from ("Position", "IfNoneMatch")
    if method == "post" and path not in IGNORED_PATHS:
        yield "IdempotencyKey"


def _security(path: str) -> list[dict[str, list[str]]]:
    closed = any(path.startswith(prefix) for prefix, _ in AREAS)
    return [{"bearer": []}] if closed else [{"bearer": []}, {"session": []}, {}]


def _problem_response() -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        "description": "Why not: an RFC 9457 problem; `code` says which.",
        "content": {PROBLEM_TYPE: {"schema": schema, "example": _EXAMPLE}},
    }


def _header(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "in": "header",
        "required": False,
        "description": description,
        "schema": schema,
    }


_CODES = sorted({reason.code for reason in (*REASONS.values(), *BY_STATUS.values(), INTERNAL)})
_PROBLEM: dict[str, Any] = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457. Some codes carry further members that help.",
    "required": ["type", "title", "status", "detail", "instance", "code"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": ["string", "null"]},
        "instance": {"type": "string", "format": "uri-reference"},
        "code": {"type": "string", "enum": _CODES},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}
_EXAMPLE = {
    "type": "urn:khata:problem:cart-locked",
    "title": "The cart is being checked out",
    "status": 409,
    "detail": "The cart is being checked out. Cancel checkout_7k2m to change it.",
    "instance": "urn:khata:request:0d5d9b1e-6c1b-4c58-8a5e-0c9c2f3f8a10",
    "code": "cart-locked",
    "checkout_session_id": "checkout_7k2m",
}
_PARAMETERS = {
    "RequestId": _header(
        "X-Request-Id", "Your name of this request.", {"type": "string", "maxLength": 128}
    ),
    "Position": _header(
        "Khata-Position",
        "Answer from a read model that has reached this position.",
        {"type": "integer", "minimum": 0},
    ),
    "IfNoneMatch": _header("If-None-Match", "304 if this is still the ETag.", {"type": "string"}),
    "IdempotencyKey": _header(
        "Idempotency-Key",
        "Sent twice with the same body, the call is carried out once.",
        {"type": "string", "minLength": 1, "maxLength": KEY_LENGTH_MAX, "pattern": "^[!-~]+$"},
    ),
}

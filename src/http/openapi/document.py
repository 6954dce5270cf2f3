"""The document, written once: what the framework derives from the handlers, and our manners."""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import msgspec
from litestar import Litestar
from litestar.di import Provide
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import Tag
from litestar.types import ControllerRouterHandler, Method
from litestar.types.internal_types import PathParameterDefinition

from src.http.auth import AREAS
from src.http.openapi.operation import Operation
from src.http.openapi.refusals import problem_examples
from src.http.openapi.schemas import problem_schema, tidied
from src.http.openapi.security import SCHEMES
from src.http.openapi.words import ANSWERED, ASKED, DESCRIPTION, TITLE
from src.http.problems import PROBLEM_TYPE
from src.http.shop_request import ShopRequest

TAGS = (
    Tag("Products", "What can be bought."),
    Tag("Carts", "What somebody wants to buy."),
    Tag("Checkout", "From a cart to a payment."),
    Tag("Payments", "What checkout.js brings back."),
    Tag("Orders", "The payment intent, and what was bought."),
    Tag("Customers", "Accounts, logins and addresses."),
    Tag("Webhooks", "What Razorpay tells us."),
    Tag("Admin", "For those who run the shop."),
    Tag("Analytics", "For those who ask how it goes."),
    Tag("Audit", "For those who prove that nothing was altered."),
    Tag("Operations", "For those who watch it run."),
)
METHODS = ("get", "post", "put", "patch", "delete")


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
            use_handler_docstrings=True,
            operation_id_creator=_operation_id,
        )
        # An application only for its description: the framework's own pages are not served.
        described = Litestar(
            handlers,
            dependencies=services,
            openapi_config=config,
            request_class=ShopRequest,
            logging_config=None,
        )
        return msgspec.json.encode(_with_manners(tidied(described.openapi_schema.to_schema())))

    return written


def _operation_id(
    handler: HTTPRouteHandler, _: Method, path: list[str | PathParameterDefinition]
) -> str:
    """Name a call after its handler, and after its area where that is a closed one."""
    areas = {prefix.strip("/") for prefix, _ in AREAS}
    area = next((each for each in path[:1] if each in areas), None)
    return handler.handler_name if area is None else f"{area}_{handler.handler_name}"


def _with_manners(schema: dict[str, Any]) -> dict[str, Any]:
    schema["paths"] = dict(sorted(schema.get("paths", {}).items(), key=_place))
    schemas: dict[str, Any] = schema.setdefault("components", {}).setdefault("schemas", {})
    for path, method, described in _operations(schema):
        Operation(path, method, described, schemas).complete()
    used = {tag for _, _, described in _operations(schema) for tag in described.get("tags", [])}
    schema["tags"] = [
        {"name": tag.name, "description": tag.description} for tag in TAGS if tag.name in used
    ]
    schemas["Problem"] = problem_schema()
    schema["components"] |= {
        "parameters": ASKED,
        "headers": ANSWERED,
        "examples": problem_examples(),
        "responses": {"Problem": _ANYTHING_ELSE},
        "securitySchemes": SCHEMES,
    }
    return schema


def _place(entry: tuple[str, dict[str, Any]]) -> tuple[int, str]:
    """Put the calls in the order of the chapters, and a list before what is in it."""
    path, item = entry
    names = [tag.name for tag in TAGS]
    tags = [tag for described in item.values() for tag in described.get("tags", [])]
    return min((names.index(tag) for tag in tags if tag in names), default=len(names)), path


def _operations(schema: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in schema.get("paths", {}).items():
        for method in METHODS:
            if method in item:
                yield path, method, item[method]


_ANYTHING_ELSE = {
    "description": "Anything else, such as 500 `internal` for what is broken here.",
    "headers": {"X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"}},
    "content": {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}

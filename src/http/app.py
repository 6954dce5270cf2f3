"""The HTTP application, put together from its parts."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, cast
from uuid import UUID

from litestar import Litestar, Request
from litestar.di import Provide
from litestar.exceptions import ValidationException
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from src.http.answers import Answer
from src.http.asgi import Application, Scope
from src.http.console.pages import PAGES
from src.http.console.problem_page import told
from src.http.console.render import Console
from src.http.flood import Flood
from src.http.idempotency import Idempotency
from src.http.middleware import Edge, Manners
from src.http.pages import docs_pages, front_to_docs, no_gauges, operations
from src.http.parameter_faults import parameter_faults
from src.http.settings import HttpSettings
from src.http.shop_request import SEEN, Seen, ShopRequest
from src.http.storefront.pages import storefront_pages
from src.http.storefront.settings import Storefront
from src.http.tokens import Tokens
from src.telemetry import RequestFigures

Lifespan = Callable[[Litestar], AbstractAsyncContextManager[None]]


class Parts(Struct, frozen=True, kw_only=True):
    """What the composition root hands over."""

    settings: HttpSettings
    version: str
    """Of Khata, for the OpenAPI document."""
    controllers: Sequence[ControllerRouterHandler]
    services: Mapping[str, Any]
    """What handlers ask for by name as `NamedDependency[...]`; one a handler, two cost 80 µs."""
    tokens: Tokens
    idempotency: Idempotency
    flood: Flood
    figures: RequestFigures
    gauges: Callable[[], Awaitable[bytes]] = no_gauges
    """How the shop stands, for the page of figures; never fails."""
    wait_until: Callable[[int, str], Awaitable[None]]
    """Return once the read models that a path asks have reached a position; raises
    ReadModelBehind."""
    new_id: Callable[[], UUID]
    storefront: Storefront | None = None
    """The demo shop at `/`; without it, `/` leads to the viewer of the OpenAPI document."""
    console: Console | None = None
    """What draws the pages at `/console`; without it there are none."""
    lifespan: Sequence[Lifespan] = ()


def build_app(parts: Parts) -> Edge:
    """Return the ASGI application."""
    console = parts.console or Console(parts.new_id)
    services = {name: _given(service) for name, service in parts.services.items()}
    handlers = [*parts.controllers, operations(parts.figures, parts.gauges)]
    if parts.settings.docs:
        handlers += docs_pages(list(handlers), services, parts.version)
    handlers += _front(parts)
    if parts.console is not None:
        handlers += PAGES
    inside = Litestar(
        handlers,
        dependencies={**services, "console": _given(console)},
        exception_handlers={Exception: _answering(console)},
        request_class=ShopRequest,
        request_max_body_size=None,  # The edge has read the body already, within its limits.
        lifespan=list(parts.lifespan),
        openapi_config=None,
        logging_config=None,
        debug=False,
        pdb_on_exception=False,
    )
    return Edge(cast("Application", inside), _manners(parts, console))


def _answering(console: Console) -> Callable[[Request[Any, Any, Any], Exception], Answer[None]]:
    """Return what the framework calls for an exception that left a handler."""

    def handle(request: Request[Any, Any, Any], error: Exception) -> Answer[None]:
        scope = cast("Scope", request.scope)
        seen: Seen = scope[SEEN]
        if isinstance(error, ValidationException):  # Here alone it is known who was asked.
            error = parameter_faults(error, request.route_handler.parsed_fn_signature.parameters)
        return told(console, scope, error, seen.request_id)

    return handle


def _front(parts: Parts) -> Sequence[ControllerRouterHandler]:
    if parts.storefront is not None:
        return storefront_pages(parts.storefront)
    return [front_to_docs()] if parts.settings.docs else []


def _manners(parts: Parts, console: Console) -> Manners:
    return Manners(
        settings=parts.settings,
        tokens=parts.tokens,
        idempotency=parts.idempotency,
        flood=parts.flood,
        figures=parts.figures,
        wait_until=parts.wait_until,
        new_id=parts.new_id,
        console=console,
    )


def _given(service: object) -> Provide:
    def give() -> Any:  # noqa: ANN401  # the handler's annotation says what it is
        return service

    return Provide(give, sync_to_thread=False)

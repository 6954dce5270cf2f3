"""A request as handlers see it: who calls, because of what, and the body they asked for.

These are properties and not dependencies, because two dependencies of one
handler cost 80 µs, more than the rest of the framework, and one costs 3 µs.
"""

from typing import Any, cast
from uuid import UUID

from litestar.connection import Request
from litestar.datastructures import State
from msgspec import Struct

from src.events.envelope import Cause
from src.http.asgi import Scope
from src.http.auth import (
    SHOPPERS,
    Anonymous,
    Caller,
    CustomerCaller,
    GuestCaller,
    StaffCaller,
    actor,
)
from src.http.etag import expected_version
from src.http.json_body import parse
from src.http.refusals import Forbidden, NoShopper, Unauthenticated, UnsupportedMediaType
from src.http.tokens import CUSTOMER

LAST_EVENT_ID_DIGITS_MAX = 15
SEEN = "khata"
"""The key of the ASGI scope under which the middleware leaves what it saw."""


class Seen(Struct):
    """What the middleware found out before the handler began."""

    request_id: str
    caller: Caller
    headers: dict[bytes, bytes]
    command_id: UUID
    correlation_id: UUID
    again: bool = False
    body: bytes = b""
    address: str = ""
    """Where the request comes from, as it is counted: an IPv6 address by its network."""
    about: str | None = None
    """Whom the answer tells of; what is kept of it is forgotten with them."""


class ShopRequest(Request[Any, Any, State]):
    """The framework's request, and what Khata knows of it."""

    @property
    def seen(self) -> Seen:
        """What the middleware found out."""
        found: Seen = cast("Scope", self.scope)[SEEN]
        return found

    @property
    def caller(self) -> Caller:
        """Who calls."""
        return self.seen.caller

    @property
    def again(self) -> bool:
        """Whether this command may have run before: the lease of an earlier try has expired."""
        return self.seen.again

    @property
    def is_repeatable(self) -> bool:
        """Whether this command may be sent again, also while this try is still under way."""
        return b"idempotency-key" in self.seen.headers

    @property
    def raw(self) -> bytes:
        """The body exactly as it came, for signatures."""
        return self.seen.body

    @property
    def last_event_id(self) -> int:
        """The position that a returning watcher saw last, 0 for a new one."""
        given = self.seen.headers.get(b"last-event-id", b"")
        return int(given) if given.isdigit() and len(given) <= LAST_EVENT_ID_DIGITS_MAX else 0

    def cause(self, cart_id: str | None = None, reason: str | None = None) -> Cause:
        """Return whose wish this is, and why; a guest is known by the cart."""
        seen = self.seen
        return Cause(
            command_id=seen.command_id,
            correlation_id=seen.correlation_id,
            actor=actor(seen.caller, cart_id, reason),
        )

    def expected_version(self) -> int | None:
        """Return the version that If-Match names, or None."""
        return expected_version(self.seen.headers.get(b"if-match"))

    def customer(self) -> CustomerCaller:
        """Return the customer, or refuse everybody else."""
        match self.caller:
            case CustomerCaller() as customer:
                return customer
            case StaffCaller():
                raise Forbidden((CUSTOMER,))
            case _:
                raise Unauthenticated

    def shopper(self) -> GuestCaller | CustomerCaller:
        """Return the customer or guest, or refuse everybody else."""
        match self.caller:
            case CustomerCaller() | GuestCaller() as shopper:
                return shopper
            case StaffCaller():
                raise Forbidden(SHOPPERS)
            case Anonymous():
                raise NoShopper

    async def body(self) -> bytes:
        """Return the body; none at all is an empty object where a handler wants JSON."""
        return self.raw or b"{}"

    async def json(self) -> Any:  # noqa: ANN401  # as the framework declares it
        """Return the body as the struct that the handler asks for."""
        media_type = self.seen.headers.get(b"content-type")
        if self.raw and media_type is not None and not _is_json(media_type):
            raise UnsupportedMediaType
        wanted = self.route_handler.parsed_fn_signature.parameters["data"]
        return parse(self.raw, wanted.annotation)


def _is_json(media_type: bytes) -> bool:
    kind = media_type.partition(b";")[0].strip().lower()
    return kind == b"application/json" or (
        kind.startswith(b"application/") and kind.endswith(b"+json")
    )

"""The manners of every request, in one layer around the framework.

In order, the cheapest no first: a place to work in, a browser's question before
the call, sizes, repeated headers, the limits of an address and of who calls,
closed areas. Then a write's body and its Idempotency-Key, or the position that
a read waits for. Then the framework; and on the way out headers, 304, figures
and the log. One layer, because each further one costs every request, and around
the framework, because its own layers do not see what it refuses by itself.
"""

from collections.abc import Awaitable, Callable
from time import perf_counter
from uuid import UUID

from litestar.utils import normalize_path
from msgspec import Struct

from src.http.addresses import counted_address
from src.http.asgi import Application, Receive, Scope, Send
from src.http.auth import CALLER, CONSOLE, Anonymous, Caller, admit, identify, identity, is_in
from src.http.body import is_within, read_body, replay
from src.http.console.forms import sent_once
from src.http.console.problem_page import told
from src.http.console.render import Console
from src.http.console.session import authorization
from src.http.cors import Cors, send_preflight
from src.http.fields import POSITION_MAX
from src.http.flood import ADDRESS, IDENTITY, Flood
from src.http.idempotency import IGNORED_PATHS, METHOD, Idempotency, wish
from src.http.once import answer_once
from src.http.outgoing import Outgoing
from src.http.refusals import AddressTooLong, HeadersTooLarge, InvalidInput
from src.http.request_headers import by_name, refuse_repeated
from src.http.request_notes import RequestNotes
from src.http.room import WRITES, Rooms, is_delivery
from src.http.security_headers import security_headers
from src.http.settings import HttpSettings
from src.http.shedding import SHED, send_busy
from src.http.shop_request import SEEN, Seen
from src.http.tokens import Tokens
from src.http.trace import correlation, request_id, request_span
from src.telemetry import RequestFigures
from src.tracing import current

POSITION_DIGITS_MAX = len(str(POSITION_MAX))


class Manners(Struct, frozen=True, kw_only=True):
    """What the layer works with."""

    settings: HttpSettings
    tokens: Tokens
    idempotency: Idempotency
    flood: Flood
    figures: RequestFigures
    wait_until: Callable[[int, str], Awaitable[None]]
    """Return once the read models that a path asks have reached a position; raises
    ReadModelBehind."""
    new_id: Callable[[], UUID]
    console: Console


class Edge:
    """The ASGI application: manners around the framework."""

    def __init__(self, inside: Application, manners: Manners) -> None:
        self._inside = inside
        self._manners = manners
        self._settings = manners.settings
        self._new_id = manners.new_id
        self._cors = Cors(manners.settings.cors_origins)
        self._always = security_headers(
            for_all_origins=self._cors.is_for_all, https_only=manners.settings.https_only
        )
        self._rooms = Rooms(manners.settings)
        self._notes = RequestNotes(manners.figures, lines=manners.settings.access_log)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._request(scope, receive, send)
        else:
            await self._inside(scope, receive, send)

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or say no with the least that can be said: no look at the caller, no line."""
        headers, method = by_name(scope["headers"]), scope["method"]
        name = request_id(headers.get(b"x-request-id"), self._new_id)
        always = [*self._always, *self._cors.lines(headers.get(b"origin"))]
        out = Outgoing(send, method, headers.get(b"if-none-match"), name, always)
        if self._rooms.are_full(method, scope["path"]):
            await send_busy(out)
            self._manners.figures.note(method, SHED, out.status, 0.0)
            return
        if method == "HEAD":  # The server still sees HEAD, the framework GET.
            scope = {**scope, "method": "GET"}
        began = perf_counter()
        with request_span(headers, scope["path"]) as span:
            try:
                await self._answered(scope, receive, out, headers)
            finally:
                self._notes.take(scope, out, perf_counter() - began, span)

    async def _answered(
        self, scope: Scope, receive: Receive, out: Outgoing, headers: dict[bytes, bytes]
    ) -> None:
        try:
            if self._cors.answers(scope["method"], headers):
                await send_preflight(out)
            else:
                await self._admitted(scope, receive, out, headers)
        except Exception as error:  # the outermost layer answers for everything
            if out.status:
                raise  # The answer has begun; only breaking it off says that it is not whole.
            said = told(self._manners.console, scope, error, out.name)
            await said(scope, receive, out)

    async def _admitted(
        self, scope: Scope, receive: Receive, out: Outgoing, headers: dict[bytes, bytes]
    ) -> None:
        """Check what can be checked before anything of the body is read."""
        self._check_size(scope)
        if len(headers) != len(scope["headers"]):
            refuse_repeated(scope["headers"])
        # The same spelling for the closed areas, the framework and the Idempotency-Key.
        scope["path"] = path = _path(scope)
        address = _address(scope)
        scope[CALLER] = caller = self._counted(path, headers, address, out)
        admit(caller, path)
        if "\x00" in path or b"%00" in scope["query_string"]:
            raise InvalidInput.of("path", "U+0000 is not allowed in text")
        trace = current().trace or correlation(headers, out.name, self._new_id)
        seen = Seen(out.name, caller, headers, self._new_id(), trace, address=address)
        scope[SEEN] = seen
        if scope["method"] in WRITES:
            await self._write(scope, receive, out, seen)
        else:
            await self._read(scope, receive, out, seen)

    def _check_size(self, scope: Scope) -> None:
        settings = self._settings
        if len(scope["path"]) + len(scope["query_string"]) > settings.address_bytes_max:
            raise AddressTooLong
        if sum([len(name) + len(value) for name, value in scope["headers"]]) > (
            settings.header_bytes_max
        ):
            raise HeadersTooLarge

    def _counted(
        self, path: str, headers: dict[bytes, bytes], address: str, out: Outgoing
    ) -> Caller:
        """Say who calls, unless too much comes from there or from them.

        The address counts first: also a bad token costs its verification.
        """
        flood, token = self._manners.flood, authorization(path, headers)
        is_limited = flood.limits(path, has_token=token is not None)
        by_address = flood.take(ADDRESS, f"address:{address}") if is_limited else 0
        caller = identify(token, headers.get(b"x-session-id"), address, self._manners.tokens)
        if is_limited:
            anonymous = isinstance(caller, Anonymous)
            left = None if anonymous else flood.take(IDENTITY, identity(caller))
            out.limits = flood.headers(by_address, left)
        return caller

    async def _read(self, scope: Scope, receive: Receive, out: Outgoing, seen: Seen) -> None:
        if (said := seen.headers.get(b"khata-position")) is not None:
            position = _position(said)
            with self._rooms.waits:
                await self._manners.wait_until(position, scope["path"])
        with self._rooms.of_read(scope["path"]):
            await self._inside(scope, receive, out)

    async def _write(self, scope: Scope, receive: Receive, out: Outgoing, seen: Seen) -> None:
        """Read the body, then take a place: bodies that dribble keep nobody else out."""
        path, key = scope["path"], seen.headers.get(b"idempotency-key")
        seen.body = await self._body(path, receive, seen.headers.get(b"content-length"))
        if is_in(CONSOLE, path):
            key = sent_once(seen, path, self._manners.console.origins)
        receive = replay(seen.body, receive)
        with self._rooms.of_write(path):
            if key is None or scope["method"] != METHOD or path in IGNORED_PATHS:
                await self._inside(scope, receive, out)
            else:
                asked = wish(key, identity(seen.caller), path, seen.body, self._new_id)
                await answer_once(
                    self._manners.idempotency,
                    asked,
                    seen,
                    lambda kept: self._inside(scope, receive, kept),
                    out,
                )

    async def _body(self, path: str, receive: Receive, announced: bytes | None) -> bytes:
        settings = self._settings
        most, timeout = settings.body_bytes_max, settings.body_timeout_seconds
        if not is_delivery(path) or is_within(announced, most):
            return await read_body(receive, announced, most, timeout)
        with self._rooms.large_bodies:
            return await read_body(receive, announced, settings.webhook_body_bytes_max, timeout)


def _position(text: bytes) -> int:
    if text.isdigit() and len(text) <= POSITION_DIGITS_MAX and int(text) <= POSITION_MAX:
        return int(text)
    raise InvalidInput.of("Khata-Position", "must be a position")


def _path(scope: Scope) -> str:
    """The path without the prefix that a proxy added, spelled as the framework spells it."""
    root = scope.get("root_path", "")
    path = scope["path"].split(root, maxsplit=1)[-1] if root else scope["path"]
    scope["root_path"] = ""
    return normalize_path(path)


def _address(scope: Scope) -> str:
    client = scope.get("client")
    return "" if client is None else counted_address(client[0])

"""The manners of every request, in one layer around the framework.

In order: limits, the request's name, who calls, closed areas, the body, the
read model's position, the Idempotency-Key. Then the framework; then headers,
304 and the log line on the way out. One layer, because each further one costs
every request, and around the framework, because its own layers do not see
what it refuses by itself.
"""

from collections.abc import Awaitable, Callable
from time import perf_counter
from uuid import UUID

from litestar.utils import normalize_path
from msgspec import Struct

from src.http.addresses import counted_address
from src.http.asgi import Application, Receive, Scope, Send
from src.http.auth import Anonymous, Caller, admit, area_of, identify, identity, person
from src.http.body import read_body, replay
from src.http.cors import Cors, send_preflight
from src.http.fields import POSITION_MAX
from src.http.flood import ADDRESS, IDENTITY, Flood
from src.http.idempotency import IGNORED_PATHS, REPLAYED, Idempotency, KeptAnswer, Ours, Wish, wish
from src.http.outgoing import Kept, Outgoing, send_whole
from src.http.problem_answers import problem
from src.http.refusals import AddressTooLong, HeadersTooLarge, InvalidInput
from src.http.request_headers import by_name, refuse_repeated
from src.http.room import WEBHOOKS, WRITES, Rooms
from src.http.security_headers import security_headers
from src.http.settings import HttpSettings
from src.http.shedding import SHED, send_busy
from src.http.shop_request import SEEN, Seen
from src.http.tokens import Tokens
from src.http.trace import correlation, request_id, request_span
from src.telemetry import METHODS, OTHER_METHOD, RequestFigures, logger, places
from src.tracing import Span, current

SERVER_ERROR = 500
UNMATCHED = "unmatched"
"""The route in logs and figures where none was found; the path itself may hold anything."""

_log = logger("http")


class Manners(Struct, frozen=True, kw_only=True):
    """What the layer works with."""

    settings: HttpSettings
    tokens: Tokens
    idempotency: Idempotency
    flood: Flood
    figures: RequestFigures
    wait_until: Callable[[int], Awaitable[None]]
    """Return once the read models have reached a position; raises ReadModelBehind."""
    new_id: Callable[[], UUID]


class Edge:
    """The ASGI application: manners around the framework."""

    def __init__(self, inside: Application, manners: Manners) -> None:
        self._inside = inside
        self._manners = manners
        self._settings = manners.settings
        self._cors = Cors(manners.settings.cors_origins)
        self._always = security_headers(
            for_all_origins=self._cors.is_for_all, https_only=manners.settings.https_only
        )
        self._rooms = Rooms(manners.settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._request(scope, receive, send)
        else:
            await self._inside(scope, receive, send)

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = by_name(scope["headers"])
        if self._rooms.are_full(scope["method"], scope["path"]):
            await self._shed(scope, send, headers)
            return
        with request_span(headers, scope["path"]) as span:
            await self._answered(scope, receive, send, headers, span)

    async def _shed(self, scope: Scope, send: Send, headers: dict[bytes, bytes]) -> None:
        """Say no with the least that can be said: no look at the caller, no line, no span."""
        name = request_id(headers.get(b"x-request-id"), self._manners.new_id)
        always = [*self._always, *self._cors.lines(headers.get(b"origin"))]
        out = Outgoing(send, scope["method"], None, name, always)
        await send_busy(out, name)
        self._manners.figures.note(scope["method"], SHED, out.status, 0.0)

    async def _answered(
        self, scope: Scope, receive: Receive, send: Send, headers: dict[bytes, bytes], span: Span
    ) -> None:
        began = perf_counter()
        name = request_id(headers.get(b"x-request-id"), self._manners.new_id)
        method = scope["method"]
        always = [*self._always, *self._cors.lines(headers.get(b"origin"))]
        out = Outgoing(send, method, headers.get(b"if-none-match"), name, always)
        if method == "HEAD":  # The server still sees HEAD, the framework GET.
            scope = {**scope, "method": "GET"}
        try:
            if self._cors.answers(method, headers):
                await send_preflight(out)
            else:
                await self._admitted(scope, receive, out, headers, name)
        except Exception as error:  # the outermost layer answers for everything
            if out.status:
                raise  # The answer has begun; only breaking it off says that it is not whole.
            await self._send_problem(error, scope, receive, out, name)
        finally:
            self._note(scope, method, out.status, perf_counter() - began, name)
            _tell(span, scope, method, out.status)

    async def _admitted(
        self,
        scope: Scope,
        receive: Receive,
        out: Outgoing,
        headers: dict[bytes, bytes],
        name: str,
    ) -> None:
        """Check what can be checked before anything of the body is read."""
        self._check_size(scope)
        if len(headers) != len(scope["headers"]):
            refuse_repeated(scope["headers"])
        # The same spelling for the closed areas, the framework and the Idempotency-Key.
        scope["path"] = path = _path(scope)
        address = _address(scope)
        caller = self._counted(path, headers, address, out)
        admit(caller, path)
        if "\x00" in path or b"%00" in scope["query_string"]:
            raise InvalidInput.of("path", "U+0000 is not allowed in text")
        new_id = self._manners.new_id
        trace = current().trace or correlation(headers, name, new_id)
        seen = Seen(name, caller, headers, new_id(), trace, address=address)
        scope[SEEN] = seen
        if scope["method"] in WRITES:
            await self._write(scope, receive, out, seen)
        else:
            await self._wait(headers.get(b"khata-position"))
            await self._read(scope, receive, out)

    async def _read(self, scope: Scope, receive: Receive, out: Outgoing) -> None:
        room = self._rooms.of_read(scope["path"])
        if room is None:
            await self._inside(scope, receive, out)
        else:
            with room:
                await self._inside(scope, receive, out)

    def _counted(
        self, path: str, headers: dict[bytes, bytes], address: str, out: Outgoing
    ) -> Caller:
        """Say who calls, unless too much comes from there or from them.

        The address counts first: also a bad token costs its verification.
        """
        flood, is_limited = self._manners.flood, self._manners.flood.limits(path)
        by_address = flood.take(ADDRESS, f"address:{address}") if is_limited else 0
        caller = identify(
            headers.get(b"authorization"),
            headers.get(b"x-session-id"),
            address,
            self._manners.tokens,
        )
        if is_limited:
            anonymous = isinstance(caller, Anonymous)
            left = None if anonymous else flood.take(IDENTITY, identity(caller))
            out.limits = flood.headers(by_address, left)
        return caller

    def _check_size(self, scope: Scope) -> None:
        settings = self._settings
        if len(scope["path"]) + len(scope["query_string"]) > settings.address_bytes_max:
            raise AddressTooLong
        if sum([len(name) + len(value) for name, value in scope["headers"]]) > (
            settings.header_bytes_max
        ):
            raise HeadersTooLarge

    async def _wait(self, position: bytes | None) -> None:
        if position is None:
            return
        if not (position.isdigit() and len(position) <= 16 and int(position) <= POSITION_MAX):  # noqa: PLR2004  # digits of 2**53
            raise InvalidInput.of("Khata-Position", "must be a position")
        with self._rooms.waits:
            await self._manners.wait_until(int(position))

    async def _write(self, scope: Scope, receive: Receive, out: Outgoing, seen: Seen) -> None:
        if scope["path"].startswith(WEBHOOKS):
            with self._rooms.webhooks:  # Their bodies may be large, so they are counted as well.
                await self._body(receive, seen, self._settings.webhook_body_bytes_max)
                await self._with_body(scope, receive, out, seen)
        else:
            # No place is taken before all is there: bodies that dribble keep nobody else out.
            await self._body(receive, seen, self._settings.body_bytes_max)
            with self._rooms.writes:
                await self._with_body(scope, receive, out, seen)

    async def _body(self, receive: Receive, seen: Seen, bytes_max: int) -> None:
        announced = seen.headers.get(b"content-length")
        timeout = self._settings.body_timeout_seconds
        seen.body = await read_body(receive, announced, bytes_max, timeout)

    async def _with_body(self, scope: Scope, receive: Receive, out: Outgoing, seen: Seen) -> None:
        path = scope["path"]
        receive = replay(seen.body, receive)
        key = seen.headers.get(b"idempotency-key")
        if key is None or scope["method"] != "POST" or path in IGNORED_PATHS:
            await self._inside(scope, receive, out)
        else:
            await self._once(
                wish(key, identity(seen.caller), "POST", path, seen.body), scope, receive, out
            )

    async def _once(self, wish: Wish, scope: Scope, receive: Receive, out: Outgoing) -> None:
        """Carry the wish out, or say again what was said."""
        seen: Seen = scope[SEEN]
        seen.about = person(seen.caller)
        begun = await self._manners.idempotency.begin(wish, seen.about)
        if isinstance(begun, KeptAnswer):
            await send_whole(out, begun.status, [*begun.headers, REPLAYED], begun.body)
            return
        seen.command_id, seen.again = wish.command_id, begun.again
        kept = Kept()
        try:
            await self._inside(scope, receive, kept)
        except Exception:
            await self._keep(wish, begun, Kept(), seen.about)
            raise
        await self._keep(wish, begun, kept, seen.about)
        await send_whole(out, kept.status, kept.headers, kept.body)

    async def _keep(self, wish: Wish, lease: Ours, kept: Kept, about: str | None) -> None:
        """Keep the answer; when that fails the work is done all the same, and the lease expires."""
        try:
            await self._manners.idempotency.end(
                wish, lease, kept.status, kept.headers, kept.body, about
            )
        except Exception as error:  # noqa: BLE001  # the client must hear of the work that was done
            _log.error("answer not kept", error=type(error).__name__, places=places(error))

    async def _send_problem(
        self, error: Exception, scope: Scope, receive: Receive, out: Outgoing, name: str
    ) -> None:
        await problem(error, name)(scope, receive, out)

    def _note(self, scope: Scope, method: str, status: int, seconds: float, name: str) -> None:
        route = _route(scope)
        self._manners.figures.note(method, route, status, seconds)
        if self._settings.access_log:
            _log.info(
                "request",
                method=method,
                route=route,
                status=status,
                ms=round(seconds * 1000, 2),
                request_id=name,
            )


def _route(scope: Scope) -> str:
    return scope.get("path_template") or area_of(scope["path"]) or UNMATCHED


def _tell(span: Span, scope: Scope, method: str, status: int) -> None:
    """Name a request by its route, as the figures do, and say how it ended."""
    if span.context is not None:
        route = _route(scope)
        known = method if method in METHODS else OTHER_METHOD
        span.rename(f"{known} {route}")
        span.note("http.request.method", known)
        span.note("http.route", route)
        span.note("http.response.status_code", status)
        if status >= SERVER_ERROR:
            span.fail()


def _path(scope: Scope) -> str:
    """The path without the prefix that a proxy added, spelled as the framework spells it."""
    root = scope.get("root_path", "")
    path = scope["path"].split(root, maxsplit=1)[-1] if root else scope["path"]
    scope["root_path"] = ""
    return normalize_path(path)


def _address(scope: Scope) -> str:
    client = scope.get("client")
    return "" if client is None else counted_address(client[0])

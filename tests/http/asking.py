"""Requests for every route of the application, taken from the application itself."""

from collections.abc import Iterator, Mapping
from typing import Any

import httpx
from litestar import Litestar
from litestar.routes import HTTPRoute
from msgspec import Struct

from tests.accounts import PASSWORD, logged_in
from tests.http.cast import Cast
from tests.http.described import Described, described, resolved
from tests.http.test_back_office import FOREIGN, signature
from tests.shop import ShopUnderTest

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
LAST = ("change_password", "drop_address", "log_out", "erase_me")
"""By operation id: what takes something away that others ask for."""
FIRST = ("log_in", "refresh")


class Door(Struct, frozen=True):
    """One method of one path; what the document says of it, if it is the API's."""

    method: str
    path: str
    call: Described | None

    @property
    def name(self) -> str:
        """The operation id, or the path of what is no part of the API."""
        return self.path if self.call is None else self.call.name

    @property
    def label(self) -> str:
        return f"{self.method:6} {self.path}"


def doors(app: Litestar) -> list[Door]:
    """Return every method of every route that the application has, in the order of their paths."""
    calls = {(call.method, call.path): call for call in described()}
    found = {
        (route.path_format, method)
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for method in route.methods
        if method in METHODS
    }
    return [Door(method, path, calls.get((method, path))) for path, method in sorted(found)]


def in_turn(every: list[Door]) -> Iterator[Door]:
    """Give looks first, and last what takes away what others ask for."""

    def turn(door: Door) -> int:
        if door.name in FIRST:
            return 1
        return 3 + LAST.index(door.name) if door.name in LAST else 0 if door.method == "GET" else 2

    yield from sorted(every, key=turn)


async def asked(
    shop: ShopUnderTest, cast: Cast, door: Door, who: str, given: Mapping[str, str] | None = None
) -> httpx.Response:
    """Ask at a door as somebody, for their things or for those that are given."""
    await shop.parts.runner.catch_up()  # As the worker would: lists wait for it.
    things = {**cast.given(who), **(given or {})}
    request = shop.client.build_request(
        door.method,
        door.path.format_map(things),
        params=_query(door, things),
        headers=cast.headers[who],
    )
    if door.call is not None and "requestBody" in door.call.operation:
        body = await _body(shop, cast, door.call, who, things)
        request = shop.client.build_request(
            door.method, request.url, json=body, headers=cast.headers[who]
        )
    if door.name == "receive_razorpay":
        signed = {"X-Razorpay-Signature": signature(shop, FOREIGN)}
        request = shop.client.build_request(
            "POST", request.url, content=FOREIGN, headers={**cast.headers[who], **signed}
        )
    return await _sent(shop, request)


async def _sent(shop: ShopUnderTest, request: httpx.Request) -> httpx.Response:
    """Send it and read the answer, but not to the end of a stream that has none."""
    answer = await shop.client.send(request, stream=True)
    if not answer.headers.get("content-type", "").startswith("text/event-stream"):
        await answer.aread()
    await answer.aclose()
    return answer


def _query(door: Door, things: Mapping[str, str]) -> dict[str, str]:
    written: list[dict[str, Any]] = door.call.operation["parameters"] if door.call else []
    return {
        each["name"]: things.get(each["name"], "none")
        for each in map(resolved, written)
        if each["in"] == "query" and each["required"]
    }


async def _body(
    shop: ShopUnderTest, cast: Cast, call: Described, who: str, things: Mapping[str, str]
) -> dict[str, Any]:
    """Return the document's example, about these things, with proofs that are good."""
    content = call.operation["requestBody"]["content"]
    body: dict[str, Any] = dict(content["application/json"].get("example", {}))
    owner = cast.owner_for(who)
    if call.name == "verify_payment":
        return dict(owner.callback)
    if call.name == "log_in":
        return {"email": cast.owners["customer, owner"].email, "password": PASSWORD}
    if call.name == "refresh":
        tokens = await logged_in(shop, cast.owners["customer, owner"].email)
        return {"refresh_token": tokens["refresh_token"]}
    return body | {name: value for name, value in things.items() if name in body}

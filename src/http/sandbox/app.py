"""The sandbox as an ASGI application, with its deliveries in its lifespan.

Plain ASGI and one table of routes: an emulator answers unknown paths, bad methods
and broken connections in Razorpay's way, not in a framework's, and it shares two
cores with the shop it is measured with (0.12 ms of CPU for an empty request,
against 0.20 ms through Litestar).
"""

import inspect
import signal
import time
from collections.abc import Callable

from src.http.sandbox.account import Account
from src.http.sandbox.call import Call
from src.http.sandbox.credentials import check_key, check_this_machine
from src.http.sandbox.edge import (
    Receive,
    Scope,
    Send,
    read_body,
    send_document,
    send_refusal,
)
from src.http.sandbox.faults import AFTER_THE_WORK, Fault
from src.http.sandbox.lifespan import Lifespan
from src.http.sandbox.misbehaviour import misbehave, say
from src.http.sandbox.page import checkout
from src.http.sandbox.page.checkout import Page
from src.http.sandbox.refusals import Refusal
from src.http.sandbox.routes import CONTROL_PREFIX, FETCHES, Route, find_route, refuse_path
from src.http.sandbox.settings import SandboxSettings


def end_process() -> None:
    """Ask our own server to stop, as a person would; `khata up` starts another."""
    signal.raise_signal(signal.SIGTERM)


def build_sandbox(
    settings: SandboxSettings,
    wall: Callable[[], float] = time.time,
    give_up: Callable[[], None] = end_process,
) -> "Sandbox":
    """An ASGI application to run under uvicorn, in one process and with its lifespan on."""
    return Sandbox(settings, wall, give_up)


class Sandbox:
    def __init__(
        self, settings: SandboxSettings, wall: Callable[[], float], give_up: Callable[[], None]
    ) -> None:
        self._lifespan = Lifespan(lambda: Account(settings, wall), give_up)
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        page = checkout.CALLS.get(f"{scope['method']} {scope['path']}")
        try:
            if page is None:
                await self._serve(scope, receive, send)
            else:
                await self._show(page, scope, receive, send)
        except Refusal as refusal:
            await send_refusal(send, refusal)

    async def _show(self, page: Page, scope: Scope, receive: Receive, send: Send) -> None:
        """The payment window asks for no secret, which no browser has, and never misbehaves."""
        account = self._lifespan.account
        call = Call((), scope["query_string"], await read_body(receive), {})
        try:
            document = page(account, call)
        finally:
            await account.store.settle()
        await send_document(send, document)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        account = self._lifespan.account
        headers = dict(scope["headers"])
        is_control = scope["path"].startswith(CONTROL_PREFIX)
        if is_control:
            check_this_machine(scope["client"], headers)
        found = find_route(scope["method"], scope["path"])
        if found is None:
            refuse_path(scope["path"])
        route, ids = found
        call = Call(ids, scope["query_string"], await read_body(receive), headers)
        fault = _fault(account, route, scope, call)
        if fault is not None and fault.fault not in AFTER_THE_WORK:
            await account.store.settle()
            await misbehave(fault, receive, send)
            return
        if not is_control:
            check_key(self._settings, headers.get(b"authorization"))
        try:
            answer = await _perform(account, route, call)
        finally:
            if fault is not None and fault.fault == "slow":
                await account.clock.pass_by(fault.seconds)
        await say(send, answer, fault)


def _fault(account: Account, route: Route, scope: Scope, call: Call) -> Fault | None:
    """The next planned one that fits; control calls never fail."""
    if route.operation is None or not account.faults.planned:
        return None
    said = b" ".join((scope["path"].encode(), call.query_string, call.body))
    return account.faults.take(route.operation, said)


async def _perform(account: Account, route: Route, call: Call) -> object:
    """Do it and commit it; nothing is answered that could still be forgotten."""
    try:
        answer = route.handler(account, call)
        if route.operation in FETCHES:
            account.deliveries.release(call.ids[0])
        return await answer if inspect.isawaitable(answer) else answer
    finally:
        await account.store.settle()

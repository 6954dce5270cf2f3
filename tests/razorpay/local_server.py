"""A local HTTP server that gives scripted answers and remembers what it was asked."""

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from msgspec import Struct, field

ORDER_ID = "order_DBJOWzybf0sJbb"
ANSWER_WAIT_SECONDS = 10


class Answer(Struct, frozen=True):
    """What the server says to one request."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = {}
    hang: bool = False
    drop: bool = False


class Asked(Struct, frozen=True):
    """One request as it reached the server."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:  # noqa: ANN401  # a decoded body is of any shape
        """The body, decoded."""
        return json.loads(self.body)


class Script(Struct):
    """The answers still to be given, in order; the last one is given again and again."""

    answers: list[Answer]
    asked: list[Asked] = field(default_factory=list)
    url: str = ""
    released: threading.Event = field(default_factory=threading.Event)
    busy: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def next(self, asked: Asked) -> Answer:
        """Remember the request and return its answer."""
        self.asked.append(asked)
        self.busy.release()
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def say(body: object, status: int = 200) -> Answer:
    """Answer with JSON."""
    return Answer(status=status, body=json.dumps(body).encode())


def order(**changes: object) -> dict[str, object]:
    """Return a Razorpay order as the REST API gives it."""
    fresh = {
        "id": ORDER_ID,
        "entity": "order",
        "amount": 149900,
        "amount_paid": 0,
        "amount_due": 149900,
        "currency": "INR",
        "receipt": "session-1",
        "offer_id": None,
        "status": "created",
        "attempts": 0,
        "notes": [],
        "created_at": 1566986570,
    }
    return fresh | changes


def complaint(description: str, **changes: object) -> dict[str, object]:
    """Return an error body as the REST API gives it."""
    error = {"code": "BAD_REQUEST_ERROR", "description": description, "metadata": {}}
    return {"error": error | changes}


@contextmanager
def serving(*answers: Answer, tls: ssl.SSLContext | None = None) -> Iterator[Script]:
    """Serve these answers on a free local port."""
    script = Script(answers=list(answers))
    server = _Server(("127.0.0.1", 0), _handler(script))
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    script.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield script
    finally:
        script.released.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Stay silent: a client that hangs up is what some tests are about."""


def _handler(script: Script) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        timeout = ANSWER_WAIT_SECONDS

        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401  # the base class's names
            """Stay silent: the test reads `asked`."""

        def _answer(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            query = parse_qs(parts.query)
            answer = script.next(Asked(self.command, parts.path, query, headers, body))
            if answer.hang:
                script.released.wait(ANSWER_WAIT_SECONDS)
            if answer.drop or answer.hang:
                self.close_connection = True
                return
            self._write(answer)

        def _write(self, answer: Answer) -> None:
            self.send_response(answer.status)
            for name, value in {"Content-Type": "application/json", **answer.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

    return Handler

"""A shop's webhook endpoint: a real HTTP server that keeps what arrives."""

import queue
import socket
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event as ThreadEvent
from threading import Thread
from typing import Any, NamedTuple

import msgspec

ARRIVAL_SECONDS_MAX = 20.0
NEVER = 0
QUEUED_CONNECTIONS_MAX = 64


class Delivery(NamedTuple):
    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> dict[str, Any]:
        return msgspec.json.decode(self.raw, type=dict[str, Any])

    @property
    def event(self) -> str:
        return str(self.body["event"])


class Receiver:
    def __init__(self, listener: socket.socket) -> None:
        self.arrived: queue.Queue[Delivery] = queue.Queue()
        self.answers: deque[int] = deque()
        """What to answer to the next deliveries; 200 when empty, NEVER for no answer."""
        self.released = ThreadEvent()
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}/webhooks/razorpay"

    def next(self) -> Delivery:
        return self.arrived.get(timeout=ARRIVAL_SECONDS_MAX)

    def take(self, count: int) -> list[Delivery]:
        return [self.next() for _ in range(count)]

    def is_quiet(self) -> bool:
        return self.arrived.empty()


def bound_socket() -> socket.socket:
    """A port of our own on which nobody listens yet: whoever connects is refused."""
    bound = socket.socket()
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind(("127.0.0.1", 0))
    return bound


@contextmanager
def receiving(listener: socket.socket) -> Iterator[Receiver]:
    receiver = Receiver(listener)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            status = receiver.answers.popleft() if receiver.answers else 200
            if status == NEVER:
                receiver.arrived.put(Delivery(dict(self.headers.items()), raw))
                receiver.released.wait(ARRIVAL_SECONDS_MAX)
                self.close_connection = True
                return
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()
            receiver.arrived.put(Delivery(dict(self.headers.items()), raw))

        def log_message(self, *_: object) -> None:
            """A test's output is for the test."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler, bind_and_activate=False)
    server.request_queue_size = QUEUED_CONNECTIONS_MAX
    server.socket.close()
    server.socket = listener
    server.server_activate()
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield receiver
    finally:
        receiver.released.set()
        server.shutdown()
        thread.join()
        server.server_close()

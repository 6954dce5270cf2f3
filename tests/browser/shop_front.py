"""A shop's page of the strictest kind, which includes the sandbox's checkout.js and buys."""

import queue
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs

CALLBACK_SECONDS_MAX = 20.0
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>A shop</title>
<link rel="icon" href="data:,">
<script src="{sandbox}/v1/checkout.js"></script>
<script src="/shop.js"></script>
</head>
<body><main><h1>A shop</h1><button>Buy</button><ol id="heard"></ol></main></body>
</html>
"""
SCRIPT = """
const say = (name) => (detail) => {
  const item = document.createElement("li");
  item.textContent = JSON.stringify([name, detail ?? null]);
  document.querySelector("#heard").append(item);
};
window.buy = (options) => {
  const modal = { ...options.modal, ondismiss: say("dismissed") };
  document.querySelector("button").focus();
  window.razorpay = new Razorpay({ ...options, modal, handler: say("paid") });
  window.razorpay.on("payment.failed", say("failed"));
  window.razorpay.open();
};
"""
POLICY = (
    "default-src 'none'; script-src 'self' {sandbox}; frame-src {sandbox}; style-src 'self';"
    " img-src data:; form-action 'self' {sandbox}"
)


class ShopFront:
    def __init__(self, url: str, sandbox: str) -> None:
        self.url = url
        self.page = PAGE.format(sandbox=sandbox)
        self.policy = POLICY.format(sandbox=sandbox)
        self.callbacks: queue.Queue[dict[str, str]] = queue.Queue()

    def called_back(self) -> dict[str, str]:
        return self.callbacks.get(timeout=CALLBACK_SECONDS_MAX)


@contextmanager
def shop_front(sandbox: str) -> Iterator[ShopFront]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if self.path == "/shop.js":
                self._answer("text/javascript", SCRIPT)
            else:
                self._answer("text/html; charset=utf-8", front.page)

        def do_POST(self) -> None:
            sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            front.callbacks.put({name: value for name, (value,) in sent.items()})
            self._answer("text/html; charset=utf-8", "<title>Thanks</title><h1>Thank you</h1>")

        def _answer(self, kind: str, text: str) -> None:
            body = text.encode()
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Security-Policy", front.policy)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """A test's output is for the test."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    front = ShopFront(f"http://127.0.0.1:{server.server_port}/", sandbox)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield front
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

"""How often `khata up` asks whether a shop that was just started answers."""

from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

from src.cli.readiness import LATER_SECONDS_MAX, SOON_SECONDS, Readiness

WAIT_SECONDS_MAX = 600.0
CATCHING_UP = b'{"projections": [{"position": 7, "behind": 5}]}'
FIRST_SECONDS, LINES_MAX = 1.0, 12


class _CatchingUp(BaseHTTPRequestHandler):
    """A shop whose read models have a way to go."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(CATCHING_UP)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base's name
        """Say nothing."""


@contextmanager
def catching_up() -> Generator[str]:
    with HTTPServer(("127.0.0.1", 0), _CatchingUp) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def test_whoever_waits_for_read_models_asks_ever_less_often() -> None:
    with catching_up() as url:
        readiness = Readiness(url, None, WAIT_SECONDS_MAX)
        pauses: list[float] = []
        while sum(pauses) < FIRST_SECONDS:
            assert not readiness.is_reached()
            pauses.append(readiness.again_seconds)
        assert len(pauses) <= LINES_MAX
        for _ in range(LINES_MAX):
            assert not readiness.is_reached()
    assert readiness.again_seconds == LATER_SECONDS_MAX


def test_a_shop_that_does_not_answer_yet_is_asked_again_at_once() -> None:
    with HTTPServer(("127.0.0.1", 0), _CatchingUp) as gone:
        nobody = f"http://127.0.0.1:{gone.server_port}"
    readiness = Readiness(nobody, None, WAIT_SECONDS_MAX)
    assert not any(readiness.is_reached() for _ in range(LINES_MAX))
    assert readiness.again_seconds == SOON_SECONDS

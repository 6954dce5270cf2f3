"""One webhook on the wire: its headers in Razorpay's order, and what came back."""

import time
from io import BytesIO
from types import TracebackType

import aiohttp

from src.http.sandbox.clock import Clock
from src.http.sandbox.event_table import Attempt, Delivery

ANSWER_SECONDS_MAX = 5.0
AT_ONCE_MAX = 32
WHOLE_BYTES_MAX = 64 * 1024
OWN_HEADERS = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")
"""What the HTTP client would say by itself; we say it, in the order that Razorpay does."""


class Outgoing:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def __aenter__(self) -> None:
        self._http = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=ANSWER_SECONDS_MAX),
            connector=aiohttp.TCPConnector(limit=AT_ONCE_MAX),
            skip_auto_headers=OWN_HEADERS,
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        await self._http.close()

    async def post(
        self, url: str, body: bytes, delivery: Delivery, *, is_replay: bool = False
    ) -> Attempt:
        """Send it once; a refusal or no answer is told by the attempt."""
        at, begun = self._clock.now(), time.monotonic()
        status, problem, seconds = None, None, None
        try:
            async with self._http.post(
                url, data=_sent(body), headers=_headers(body, delivery), allow_redirects=False
            ) as answer:
                await answer.read()  # An unread answer would cost the connection.
                status, seconds = answer.status, time.monotonic() - begun
        except TimeoutError:
            problem = f"no answer within {ANSWER_SECONDS_MAX:g} s"
        except aiohttp.ClientError as error:
            problem = f"{type(error).__name__}: {error}"
        return Attempt(at, status, problem, seconds, delivery.endpoint, is_replay)


def _sent(body: bytes) -> bytes | BytesIO:
    """A large body is sent piece by piece; nobody else has to wait for it."""
    return body if len(body) <= WHOLE_BYTES_MAX else BytesIO(body)


def _headers(body: bytes, delivery: Delivery) -> dict[str, str]:
    event_id, signature = delivery.says_id, delivery.signature
    return {
        "User-Agent": "Razorpay-Webhook/v1",
        "Content-Length": str(len(body)),
        "Accept-Encoding": "gzip",
        "Content-Type": "application/json",
        **({"Request-Id": event_id, "X-Razorpay-Event-Id": event_id} if event_id else {}),
        **({"X-Razorpay-Signature": signature} if signature else {}),
    }

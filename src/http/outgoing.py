"""What goes out: the headers that every answer has, 304, HEAD, and answers caught to be kept."""

from src.http.asgi import Headers, Message, Send
from src.http.etag import is_unchanged
from src.http.security_headers import UNLESS_GIVEN

NO_CONTENT = 204
"""Such an answer has no length, not even 0, says RFC 9110."""
READS = frozenset(("GET", "HEAD"))

END: Message = {"type": "http.response.body", "body": b"", "more_body": False}
_NO_STORE = (b"cache-control", b"no-store")
_REVALIDATE = (b"cache-control", b"private, no-cache")
_OF_A_BODY = frozenset((b"content-type", b"content-length", b"content-encoding"))


class Outgoing:
    """What goes back to the client, with the headers that every answer has."""

    def __init__(
        self, send: Send, method: str, if_none_match: bytes | None, name: str, always: Headers
    ) -> None:
        self._send = send
        self._always = always
        self._if_none_match = if_none_match if method in READS else None
        self._head = method == "HEAD"
        self.method, self.name = method, name
        self.status = 0
        """0 until the answer begins."""
        self.limits: Headers = []
        """What is left of the limits that this request was counted against."""
        self._unchanged = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            await self._send(self._started(message))
            if self._head:
                await self._send(END)  # At once: a stream of events would never end by itself.
        elif self._head:
            return
        elif message["type"] == "http.response.body" and self._unchanged:
            await self._send(END)
        else:
            await self._send(message)

    def _started(self, message: Message) -> Message:
        self.status = message["status"]
        headers: Headers = list(message["headers"])
        given = dict(headers)
        tag = given.get(b"etag")
        if (allowed := given.get(b"allow")) is not None and b"GET" in allowed:
            headers = [line for line in headers if line[0] != b"allow"]
            headers.append((b"allow", b"HEAD, " + allowed))
        headers.append((b"x-request-id", self.name.encode("ascii")))
        headers += self._always
        headers += [line for line in UNLESS_GIVEN if line[0] not in given]
        headers += self.limits
        if b"cache-control" not in given:
            headers.append(_NO_STORE if tag is None else _REVALIDATE)
        if self._if_none_match is not None and tag is not None and self.status == 200:  # noqa: PLR2004  # 304 stands for 200 alone
            self._unchanged = is_unchanged(self._if_none_match, tag)
        if self._unchanged:
            self.status = 304
            headers = [line for line in headers if line[0] not in _OF_A_BODY]
        return {"type": "http.response.start", "status": self.status, "headers": headers}


class Kept:
    """Catches an answer on its way out, so that it can be kept before it is sent."""

    def __init__(self) -> None:
        self.status = 500
        self.headers: Headers = []
        self.body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message["headers"])
        elif message["type"] == "http.response.body":
            self.body += message["body"]


async def send_whole(send: Send, status: int, headers: Headers, body: bytes) -> None:
    """Send an answer at once, with its length unless it says that there is none."""
    if status != NO_CONTENT and not any(line[0] == b"content-length" for line in headers):
        headers = [*headers, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})

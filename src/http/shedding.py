"""The cheapest no there is, for when there is no room: so that saying it does not take the room.

A refusal that costs as much as an answer makes a crowd slow for everybody:
those who were let in wait behind all those who are told to come back.
"""

from src.http.asgi import Headers
from src.http.outgoing import Outgoing, send_whole
from src.http.problems import PROBLEM_TYPE, headers_of, reason_of, written
from src.http.refusals import Overloaded

SHED = "shed"
"""The route in the figures; a line in the log for each would cost more than the answer."""
_SAID = Overloaded()
_REASON = reason_of(_SAID)
_HEADERS: Headers = [
    (b"content-type", PROBLEM_TYPE.encode()),
    *((name.encode(), value.encode()) for name, value in headers_of(_REASON, _SAID).items()),
]


async def send_busy(out: Outgoing) -> None:
    """Send 503 `busy`."""
    await send_whole(out, _REASON.status, _HEADERS, written(_REASON, _SAID, out.name))

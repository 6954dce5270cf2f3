"""How the API fails when it was told to, on the wire."""

from src.http.sandbox.edge import (
    Receive,
    Send,
    break_connection,
    hang,
    send_json,
    send_refusal,
    send_text,
)
from src.http.sandbox.faults import Fault
from src.http.sandbox.refusals import refused, unauthenticated


async def misbehave(fault: Fault, receive: Receive, send: Send) -> None:
    """Fail instead of doing anything."""
    match fault.fault:
        case "hang":
            await hang(receive, send)
        case "http_500" | "http_429" | "http_401":
            await send_refusal(send, REFUSALS[fault.fault])
        case "html_502" | "html_504" | "http_429_bare" | "empty_200" | "not_json_200":
            await send_text(send, *TEXTS[fault.fault])
        case "reset" | "commit_then_drop" | "commit_then_500" | "slow":
            await break_connection(send)


async def say(send: Send, answer: object, fault: Fault | None) -> None:
    """Tell what was done, or fail to."""
    match fault:
        case Fault(fault="commit_then_drop"):
            await break_connection(send)
        case Fault(fault="commit_then_500"):
            await send_refusal(send, SERVER_ERROR)
        case _:
            await send_json(send, 200, answer)


def _page(title: bytes) -> bytes:
    """What a proxy says when Razorpay behind it does not: HTML where JSON was expected."""
    return (
        b"<html>\r\n<head><title>" + title + b"</title></head>\r\n<body>\r\n"
        b"<center><h1>" + title + b"</h1></center>\r\n</body>\r\n</html>\r\n"
    )


SERVER_ERROR = refused(
    "We are facing some trouble completing your request at the moment. Please try again shortly.",
    status=500,
    code="SERVER_ERROR",
)
REFUSALS = {
    "http_500": SERVER_ERROR,
    "http_429": refused("Too many requests", status=429),
    "http_401": unauthenticated(),
}
"""Razorpay publishes no body for its 429; both of them are invented."""
TEXTS = {
    "html_502": (502, b"text/html", _page(b"502 Bad Gateway")),
    "html_504": (504, b"text/html", _page(b"504 Gateway Time-out")),
    "http_429_bare": (429, b"application/json", b'{"message":"Too many requests"}'),
    "empty_200": (200, b"application/json", b""),
    "not_json_200": (200, b"application/json", b"<html><body>OK</body></html>"),
}

"""Who may call, as the document says it."""

from typing import Any

from src.http.auth import AREAS
from src.http.openapi.calls import Who

Security = list[dict[str, list[str]]]


def _bearer(description: str) -> dict[str, Any]:
    return {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": description,
    }


def _header(name: str, description: str) -> dict[str, Any]:
    return {"type": "apiKey", "in": "header", "name": name, "description": description}


SCHEMES: dict[str, dict[str, Any]] = {
    "customer": _bearer("A customer's `access_token`, from `POST /customers/login`."),
    "staff": _bearer("A token with one of the roles named: operator, analyst, auditor or admin."),
    "guest": _header("X-Session-Id", "The `session_id` that `POST /carts` returned to a guest."),
    "razorpay": _header(
        "X-Razorpay-Signature", "HMAC-SHA256 of the body's exact bytes, in hexadecimal."
    ),
}

_OPEN: dict[Who, Security] = {
    Who.ANYBODY: [],
    Who.BUYER: [{}, {"customer": []}],
    Who.SHOPPER: [{"customer": []}, {"guest": []}],
    Who.CUSTOMER: [{"customer": []}],
    Who.RAZORPAY: [{"razorpay": []}],
}


_NOBODY: frozenset[str] = frozenset()


def roles_of(path: str) -> frozenset[str]:
    """Return the roles that may enter the area of a path; none where it is open."""
    found = (roles for prefix, roles in AREAS if path == prefix or path.startswith(f"{prefix}/"))
    return next(found, _NOBODY)


def security(path: str, who: Who) -> Security:
    """Return the ways to be let in, any one of which is enough."""
    roles = sorted(roles_of(path))
    return [{"staff": [role]} for role in roles] if roles else _OPEN[who]


def for_whom(path: str, who: Who) -> str:
    """Say it in a sentence."""
    roles = sorted(roles_of(path))
    return f"For {' or '.join(roles) if roles else who.value}."

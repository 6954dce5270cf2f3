"""Who calls, and which areas of the API are closed to whom."""

import hashlib
import hmac
from datetime import datetime

from msgspec import Struct

from src.events.actors import staff_actor
from src.events.customer import Account, Customer
from src.http.guest_passes import is_good_pass
from src.http.refusals import BadToken, Forbidden, Unauthenticated
from src.http.tokens import ADMIN, ANALYST, AUDITOR, CUSTOMER, OPERATOR, ROLES, Tokens

SECRET_LENGTH = 43
SECRET_LENGTH_MAX = 128

CONSOLE = "/console"
STAFF = frozenset((OPERATOR, ANALYST, AUDITOR, ADMIN))
_PEOPLE = frozenset((OPERATOR, ADMIN))
"""Who may see what names a person, and act for them."""

AREAS: tuple[tuple[str, frozenset[str]], ...] = (
    ("/admin", _PEOPLE),
    ("/audit", frozenset((AUDITOR, ADMIN))),
    ("/analytics", frozenset((ANALYST, ADMIN))),
    (CONSOLE, STAFF),
    ("/console/orders", _PEOPLE),
    ("/console/payments", _PEOPLE),
    ("/console/cases", _PEOPLE),
    ("/console/webhooks", _PEOPLE),
    ("/console/stock", _PEOPLE),
    ("/console/charts", frozenset((ANALYST, ADMIN))),
    ("/console/live", frozenset((OPERATOR, AUDITOR, ADMIN))),
    ("/console/book", frozenset((AUDITOR, ADMIN))),
    ("/console/models", frozenset((OPERATOR, AUDITOR, ADMIN))),
    ("/console/proofs", frozenset((AUDITOR, ADMIN))),
)
"""Everything below such a path, also what does not exist, is for these roles alone."""

OPEN = ("/console/login", "/console/files")
"""Doors in a closed area: whoever is nobody yet becomes somebody there."""

CALLER = "khata.caller"
"""The key of the ASGI scope under which the middleware leaves who calls, before it lets them in."""

SHOPPERS = (CUSTOMER, "guest")
"""Who can own a cart; a guest has its secret and no role."""
_CUSTOMER_ALONE = frozenset((CUSTOMER,))


ANONYMOUS = "address:"
"""How the identity of nobody in particular begins."""


class Anonymous(Struct, frozen=True):
    """Nobody in particular, from this address."""

    address: str


class GuestCaller(Struct, frozen=True):
    """Somebody who holds the secret of a cart; which cart, only the cart itself can tell."""

    secret: str


class CustomerCaller(Struct, frozen=True):
    """Somebody with an account, who may have been a guest before."""

    customer_id: str
    secret: str | None = None
    password_changes: int | None = None
    """How often the password had been changed at the login; nobody knows where there was none."""

    def is_outdated(self, person: Customer) -> bool:
        """Whether the password was changed since the login, of which an access token knows nothing.

        Most calls take the token until it expires. What was proven to be the
        owner's after a change is nothing for whoever logged in before it.
        """
        if self.password_changes is None or not isinstance(person, Account):
            return False
        return self.password_changes < person.password_changes


class StaffCaller(Struct, frozen=True):
    """Somebody who works here."""

    subject: str
    roles: frozenset[str]


Caller = Anonymous | GuestCaller | CustomerCaller | StaffCaller


def identify(
    authorization: bytes | None, session: bytes | None, address: str, tokens: Tokens
) -> Caller:
    """Say who calls; a token that is not good is BadToken, wherever it is sent."""
    secret = None if not session else session.decode("latin-1")[:SECRET_LENGTH_MAX]
    if authorization is None:
        return Anonymous(address) if secret is None else GuestCaller(secret)
    claims = tokens.verify(_bearer(authorization))
    roles = frozenset(claims.roles)
    if roles == _CUSTOMER_ALONE:
        return CustomerCaller(claims.sub, secret, claims.pwc)
    if CUSTOMER in roles or not roles & ROLES:
        raise BadToken
    return StaffCaller(claims.sub, roles)


def _bearer(authorization: bytes) -> str:
    scheme, _, token = authorization.partition(b" ")
    if scheme.lower() != b"bearer" or not token.isascii():
        raise BadToken
    return token.strip().decode("ascii")


def admit(caller: Caller, path: str) -> None:
    """Let the caller into the area of this path, or say who may enter.

    It looks at the path and not at the handler, so that an area does not show
    what is in it to those outside.
    """
    if is_open(path):
        return
    for prefix, roles in AREAS:
        if is_in(prefix, path):
            require(caller, roles)


def is_in(area: str, path: str) -> bool:
    """Whether a path is an area, or lies in it."""
    return path.startswith(area) and path[len(area) : len(area) + 1] in {"", "/"}


def is_open(path: str) -> bool:
    """Whether anybody may come here, although it lies in a closed area."""
    return path.startswith(OPEN) and any(is_in(each, path) for each in OPEN)


def may_enter(caller: Caller, path: str) -> bool:
    """Whether somebody would be let in, so that nobody is shown a door that is closed to them."""
    try:
        admit(caller, path)
    except (Unauthenticated, Forbidden):
        return False
    return True


def area_of(path: str) -> str | None:
    """Return the closed area that a path lies in, which says nothing of what is in there."""
    for prefix, _ in AREAS:
        if is_in(prefix, path):
            return f"{prefix}/…"
    return None


def require(caller: Caller, roles: frozenset[str]) -> None:
    """Raise Unauthenticated or Forbidden unless the caller has one of the roles."""
    match caller:
        case StaffCaller() if caller.roles & roles:
            return
        case StaffCaller() | CustomerCaller():
            raise Forbidden(roles)
        case _:
            raise Unauthenticated


def identity(caller: Caller) -> str:
    """Return the name under which requests of one caller are the same caller's."""
    match caller:
        case CustomerCaller():
            return f"customer:{caller.customer_id}"
        case StaffCaller():
            return f"staff:{caller.subject}"
        case GuestCaller():
            return f"guest:{hashlib.sha256(caller.secret.encode()).hexdigest()}"
        case Anonymous():
            return f"{ANONYMOUS}{caller.address}"


def person(caller: Caller) -> str | None:
    """Return the customer whom answers to this caller tell of, if it is one."""
    return caller.customer_id if isinstance(caller, CustomerCaller) else None


def actor(caller: Caller, cart_id: str | None, reason: str | None = None) -> str:
    """Return the caller's name in the book; never the guest's secret, never an address.

    Staff may say why, where the fact itself has no words for it.
    """
    match caller:
        case CustomerCaller():
            return f"customer:{caller.customer_id}"
        case StaffCaller():
            return staff_actor("+".join(sorted(caller.roles)), caller.subject, reason)
        case _:
            return "guest" if cart_id is None else f"guest:{cart_id}"


def guest_secret(cart_id: str, key: bytes) -> str:
    """Return the secret of a cart: the same every time, and stored nowhere."""
    return hmac.digest(key, b"guest\x00" + cart_id.encode(), "sha256").hex()[:SECRET_LENGTH]


def holds_secret(caller: Caller, cart_id: str, key: bytes, now: datetime) -> bool:
    """Whether the caller sent the cart's secret, or a pass for it that is still good.

    Takes the same time for every wrong one.
    """
    match caller:
        case GuestCaller(secret) | CustomerCaller(secret=str(secret)):
            is_secret = hmac.compare_digest(secret.encode(), guest_secret(cart_id, key).encode())
            return is_secret or is_good_pass(secret, cart_id, key, now)
        case _:
            return False


def holds_pass(caller: Caller, cart_id: str, key: bytes, now: datetime) -> bool:
    """Whether the caller sent a pass for what was bought of this cart, still good.

    Passes are sent to the mailbox of whoever bought it, and to nobody else.
    """
    match caller:
        case GuestCaller(secret) | CustomerCaller(secret=str(secret)):
            return is_good_pass(secret, cart_id, key, now)
        case _:
            return False

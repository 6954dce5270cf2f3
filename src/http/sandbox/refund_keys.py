"""X-Refund-Idempotency: the same key and the same wish are one refund."""

import re
from typing import Any

import msgspec

from src.http.sandbox.account import Account
from src.http.sandbox.call import Call
from src.http.sandbox.entities import Refund
from src.http.sandbox.refusals import refused

HEADER = b"x-refund-idempotency"
KEY = re.compile(rb"[A-Za-z0-9_-]{1,255}")
KEY_CHARACTERS_MIN = 10


def key_of(call: Call) -> str | None:
    sent = call.headers.get(HEADER)
    if sent is None:
        return None
    if len(sent) < KEY_CHARACTERS_MIN:
        raise refused("The idempotency key must be at least 10 characters long.")
    if not KEY.fullmatch(sent):
        raise refused(
            "The idempotency key must only contain alphanumeric characters, underscores, and"
            " hyphens"
        )
    return sent.decode()


def earlier(account: Account, key: str, payment_id: str, body: dict[str, Any]) -> Refund | None:
    row = account.store.db.execute(
        "select request, refund_id from refund_keys where key = ?", (key,)
    ).fetchone()
    if row is None:
        return None
    if payment_id in account.occupied_payments:
        raise refused(
            "Another request with the same idempotency key is still in progress.", status=409
        )
    if row[0] != _spelled(payment_id, body):
        raise refused(
            "Different request with the same idempotency key has already been processed.",
            status=409,
        )
    return account.entities.get(Refund, row[1])


def remember(
    account: Account, key: str, payment_id: str, body: dict[str, Any], refund: Refund
) -> None:
    account.store.db.execute(
        "insert into refund_keys values (?, ?, ?)", (key, _spelled(payment_id, body), refund.id)
    )


def _spelled(payment_id: str, body: dict[str, Any]) -> bytes:
    """One spelling per request, however its keys were ordered."""
    return msgspec.json.encode([payment_id, body], order="deterministic")

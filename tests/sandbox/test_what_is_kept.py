"""Knobs outlive the process, and a reset turns every one of them back."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from src.http.sandbox.account import Account
from src.http.sandbox.call import Call
from src.http.sandbox.refusals import Refusal
from src.http.sandbox.routes import find_route
from tests.sandbox.shop import settings_for

NOW = 1_800_000_000.0
PENDING = ("POST /_sandbox/refunds/plan", {"outcome": "pending", "times": 100})
POOR = ("POST /_sandbox/balance", {"amount": 0})
LATE = ("POST /_sandbox/lists", {"lag_seconds": 60})


def ask(account: Account, call: str, body: object = None) -> dict[str, Any]:
    """One call, as a client would see its answer."""
    method, path = call.split(" ")
    found = find_route(method, path)
    assert found is not None
    route, ids = found
    account.occupied_payments.clear()  # As if it had been committed.
    raw = b"" if body is None else msgspec.json.encode(body)
    answer = route.handler(account, Call(ids, b"", raw, {}))
    return msgspec.convert(msgspec.to_builtins(answer), dict[str, Any])


def opened(path: Path) -> Account:
    return Account(settings_for(path), wall=lambda: NOW)


def paid(account: Account) -> str:
    order = ask(account, "POST /v1/orders", {"amount": 500, "currency": "INR"})
    return str(ask(account, f"POST /_sandbox/orders/{order['id']}/pay")["razorpay_payment_id"])


def refund_waits(account: Account) -> bool:
    refund = ask(account, f"POST /v1/payments/{paid(account)}/refund", {"amount": 100})
    return bool(refund["status"] == "pending")


def account_is_poor(account: Account) -> bool:
    payment_id = paid(account)
    try:
        ask(account, f"POST /v1/payments/{payment_id}/refund", {})
    except Refusal as refusal:
        return "enough balance" in str(refusal.body)
    return False


def lists_are_late(account: Account) -> bool:
    payment_id = paid(account)
    listed = ask(account, "GET /v1/payments")["items"]
    return payment_id not in [each["id"] for each in listed]


@pytest.mark.parametrize(
    ("knob", "shows"),
    [(PENDING, refund_waits), (POOR, account_is_poor), (LATE, lists_are_late)],
)
def test_a_knob_outlives_a_restart_and_not_a_reset(
    tmp_path: Path, knob: tuple[str, object], shows: Callable[[Account], bool]
) -> None:
    account = opened(tmp_path / "sandbox.db")
    assert not shows(account)
    ask(account, *knob)
    account.store.close()
    account = opened(tmp_path / "sandbox.db")
    assert shows(account)
    ask(account, "POST /_sandbox/reset")
    assert not shows(account)
    account.store.close()


def test_what_was_settled_stays_settled_after_a_restart(tmp_path: Path) -> None:
    account = opened(tmp_path / "sandbox.db")
    paid(account)
    ask(account, "POST /_sandbox/settlements")
    account.store.close()
    account = opened(tmp_path / "sandbox.db")
    with pytest.raises(Refusal, match="Nothing to pay out"):
        ask(account, "POST /_sandbox/settlements")
    account.store.close()


def test_a_dispute_goes_on_after_a_restart(tmp_path: Path) -> None:
    account = opened(tmp_path / "sandbox.db")
    dispute = ask(account, f"POST /_sandbox/payments/{paid(account)}/dispute")["dispute"]
    account.store.close()
    account = opened(tmp_path / "sandbox.db")
    moved = ask(account, f"POST /_sandbox/disputes/{dispute['id']}/under_review")["dispute"]
    assert moved["status"] == "under_review"
    account.store.close()

"""/_sandbox: tells this Razorpay what its network and its clock do.

No such calls exist at the real Razorpay. They need no key and answer only to this
machine.
"""

from typing import Annotated, Any

from msgspec import Meta, Struct

from src.http.sandbox import bank
from src.http.sandbox.account import Account
from src.http.sandbox.call import Call
from src.http.sandbox.faults import EVERY_OPERATION, PLANNED_MAX, Fault
from src.http.sandbox.wishes import Nothing, read, refuse

ADVANCE_SECONDS_MAX = 366 * 24 * 60 * 60.0
SEED_MAX = 2**53 - 1


class Advance(Struct, frozen=True, forbid_unknown_fields=True):
    advance_seconds: Annotated[float, Meta(ge=0, le=ADVANCE_SECONDS_MAX)]
    wait: bool = False
    """Answer only when every webhook that came due was tried."""


class Reset(Struct, frozen=True, forbid_unknown_fields=True):
    seed: Annotated[int, Meta(ge=0, le=SEED_MAX)] | None = None
    """Begin another account, whose ids follow from this seed."""


def add_fault(account: Account, call: Call, operations: frozenset[str]) -> dict[str, Any]:
    fault = read(call, Fault)
    if fault.operation not in operations | {EVERY_OPERATION}:
        known = ", ".join(sorted(operations))
        refuse(422, f"No operation {fault.operation!r}. Operations: {known}, or *.")
    if len(account.faults.planned) >= PLANNED_MAX:
        refuse(409, f"{PLANNED_MAX} faults wait already; POST /_sandbox/faults/clear ends them.")
    account.faults.plan(fault)
    return {"planned": account.faults.planned}


def list_faults(account: Account, call: Call) -> dict[str, Any]:
    """What waits for the next calls."""
    call.query()
    return {"planned": account.faults.planned}


def clear_faults(account: Account, call: Call) -> dict[str, Any]:
    read(call, Nothing)
    account.faults.clear()
    return {"planned": account.faults.planned}


async def move_clock(account: Account, call: Call) -> dict[str, Any]:
    """Let time pass: banks time out, capture windows close, retries come due."""
    wish = read(call, Advance)
    account.advance_clock(wish.advance_seconds)
    bank.sweep(account)
    if wish.wait:
        await account.store.settle()
        await account.deliveries.catch_up()
    return _time(account)


def reset(account: Account, call: Call) -> dict[str, Any]:
    account.reset(read(call, Reset).seed)
    return _time(account)


def _time(account: Account) -> dict[str, Any]:
    return {"now": account.clock.seconds(), "skipped_seconds": account.clock.skipped_seconds}

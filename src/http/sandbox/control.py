"""/_sandbox: tells this Razorpay what its network and its clock do.

No such calls exist at the real Razorpay. They need no key and answer only to this
machine.
"""

from typing import Annotated, Any

from msgspec import Meta, Struct

from src.http.sandbox import bank
from src.http.sandbox.account import Account
from src.http.sandbox.call import Call
from src.http.sandbox.event_table import Event
from src.http.sandbox.faults import EVERY_OPERATION, Fault
from src.http.sandbox.webhooks import Plan
from src.http.sandbox.wishes import Nothing, read, refuse

ADVANCE_SECONDS_MAX = 366 * 24 * 60 * 60.0


class Advance(Struct, frozen=True, forbid_unknown_fields=True):
    advance_seconds: Annotated[float, Meta(ge=0, le=ADVANCE_SECONDS_MAX)]


def plan_webhooks(account: Account, call: Call) -> Plan:
    plan = read(call, Plan)
    account.store.remember("plan", plan)
    return plan


def list_webhooks(account: Account, call: Call) -> dict[str, Any]:
    """The latest events, oldest first; `?of=<order or payment id>` picks those that name it."""
    wanted = call.query("of").get("of", [None])[-1]
    return {"items": [shown(event) for event in account.events.latest(wanted)]}


def shown(event: Event) -> dict[str, Any]:
    return {
        "event_id": event.id,
        "event": event.name,
        "body": event.body.decode(),
        "signature": event.signature,
        "state": event.state,
        "attempts": event.attempts,
        "due_at": event.due_at,
    }


async def flush(account: Account, call: Call) -> dict[str, Any]:
    """Try everything undelivered once, now; answers when all of it was tried."""
    read(call, Nothing)
    return {"items": [shown(event) for event in await account.deliveries.flush()]}


async def redeliver(account: Account, call: Call) -> dict[str, Any]:
    """Send one event again, signed with the present secret, whatever became of it before."""
    read(call, Nothing)
    event = account.deliveries.waiting(call.ids[0]) or account.events.find(call.ids[0])
    if event is None:
        refuse(404, f"There is no event {call.ids[0]}. GET /_sandbox/webhooks lists them.")
    event.signature = account.sign(event.body)
    account.events.sign_again(event)
    await account.deliveries.deliver_now(event)
    return shown(event)


def add_fault(account: Account, call: Call, operations: frozenset[str]) -> dict[str, Any]:
    fault = read(call, Fault)
    if fault.operation not in operations | {EVERY_OPERATION}:
        known = ", ".join(sorted(operations))
        refuse(422, f"No operation {fault.operation!r}. Operations: {known}, or *.")
    account.faults.plan(fault)
    return {"planned": account.faults.planned}


def move_clock(account: Account, call: Call) -> dict[str, Any]:
    """Let time pass: banks time out, capture windows close, retries come due."""
    account.advance_clock(read(call, Advance).advance_seconds)
    bank.sweep(account)
    return _time(account)


def reset(account: Account, call: Call) -> dict[str, Any]:
    read(call, Nothing)
    account.reset()
    return _time(account)


def _time(account: Account) -> dict[str, Any]:
    return {"now": account.clock.seconds(), "skipped_seconds": account.clock.skipped_seconds}

"""/_sandbox: tells this Razorpay what its customers, its banks and its network do.

No such calls exist at the real Razorpay. They need no key and answer only to this
machine.
"""

from typing import Annotated, Any, Literal, NoReturn, TypeVar

import msgspec
from msgspec import Meta, Struct

from src.http.sandbox import bank
from src.http.sandbox.account import Account
from src.http.sandbox.call import Call
from src.http.sandbox.disputes import open_dispute
from src.http.sandbox.entities import Dispute, Order, Payment
from src.http.sandbox.entity_table import EntityTable
from src.http.sandbox.event_table import Event
from src.http.sandbox.faults import EVERY_OPERATION, Fault
from src.http.sandbox.methods import DECLINED, REASONS, Method
from src.http.sandbox.refusals import Refusal
from src.http.sandbox.webhooks import Happening, Plan, announce
from src.http.sandbox.wire import sign_payment

ADVANCE_SECONDS_MAX = 366 * 24 * 60 * 60.0
AMOUNT_MAX = 2**53 - 1
C = TypeVar("C", bound=Struct)
E = TypeVar("E", Order, Payment)


class Pay(Struct, frozen=True, forbid_unknown_fields=True):
    """What the customer and the bank do next."""

    method: Method = "upi"
    outcome: Literal["captured", "authorized", "failed", "silent"] = "captured"
    """`silent`: the bank does not answer; after ten minutes the payment counts as failed."""
    reason: str | None = None
    deliver: bool = True
    """False holds the webhooks back until a flush or a redelivery."""


class Move(Struct, frozen=True, forbid_unknown_fields=True):
    deliver: bool = True


class Contest(Struct, frozen=True, forbid_unknown_fields=True):
    amount: Annotated[int, Meta(ge=1, le=AMOUNT_MAX)] | None = None
    reason_code: str = "goods_or_services_not_received_or_partially_received"
    deliver: bool = True


class Advance(Struct, frozen=True, forbid_unknown_fields=True):
    advance_seconds: Annotated[float, Meta(ge=0, le=ADVANCE_SECONDS_MAX)]


class Nothing(Struct, frozen=True, forbid_unknown_fields=True):
    """A call that needs no words."""


class Paid(Struct, frozen=True):
    """The payment, and the triple that checkout.js hands to the browser."""

    payment: Payment
    razorpay_order_id: str
    razorpay_payment_id: str
    razorpay_signature: str


class Disputed(Struct, frozen=True):
    payment: Payment
    dispute: Dispute


def pay(account: Account, call: Call) -> Paid:
    wish = _read(call, Pay)
    order = _find(account.entities, Order, call.ids[0], "order")
    _check_reason(wish)
    _check_free(account, order)
    payment = bank.attempt(account, order, wish.method)
    announce(account, _answer(account, order, payment, wish), deliver=wish.deliver)
    return _paid(account, payment.id)


def authorize(account: Account, call: Call) -> Paid:
    """The bank says yes after all: late, or too late."""
    wish, payment = _move(account, call)
    if payment.status not in {"created", "failed"}:
        _refuse(409, f"{payment.id} is {payment.status}; only created or failed can be authorized.")
    capture = bank.captures_by_itself(account.entities.request_of(payment.order_id))
    happened = bank.approve(account, payment, capture=capture)
    announce(account, happened, deliver=wish.deliver)
    return _paid(account, payment.id)


def capture(account: Account, call: Call) -> Paid:
    """Razorpay captures by itself what it had only authorized, or sends it back."""
    wish, payment = _move(account, call)
    if payment.status != "authorized":
        _refuse(409, f"{payment.id} is {payment.status}; only authorized can be captured.")
    is_paid = account.entities.get(Order, payment.order_id).status == "paid"
    finish = bank.send_back if is_paid else bank.capture_all
    announce(account, finish(account, payment), deliver=wish.deliver)
    return _paid(account, payment.id)


def dispute(account: Account, call: Call) -> Disputed:
    """The customer asks the bank for the money back."""
    wish = _read(call, Contest)
    payment = _find(account.entities, Payment, call.ids[0], "payment")
    if not payment.captured:
        _refuse(409, f"{payment.id} is {payment.status}; only a captured one can be disputed.")
    contested = open_dispute(account, payment, wish.amount, wish.reason_code)
    happened = [Happening("payment.dispute.created", (payment, contested))]
    announce(account, happened, deliver=wish.deliver)
    return Disputed(payment, contested)


def plan_webhooks(account: Account, call: Call) -> Plan:
    plan = _read(call, Plan)
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
    _read(call, Nothing)
    return {"items": [shown(event) for event in await account.deliveries.flush()]}


async def redeliver(account: Account, call: Call) -> dict[str, Any]:
    """Send one event again, signed with the present secret, whatever became of it before."""
    _read(call, Nothing)
    event = account.deliveries.waiting(call.ids[0]) or account.events.find(call.ids[0])
    if event is None:
        _refuse(404, f"There is no event {call.ids[0]}. GET /_sandbox/webhooks lists them.")
    event.signature = account.sign(event.body)
    account.events.sign_again(event)
    await account.deliveries.deliver_now(event)
    return shown(event)


def add_fault(account: Account, call: Call, operations: frozenset[str]) -> dict[str, Any]:
    fault = _read(call, Fault)
    if fault.operation not in operations | {EVERY_OPERATION}:
        known = ", ".join(sorted(operations))
        _refuse(422, f"No operation {fault.operation!r}. Operations: {known}, or *.")
    account.faults.plan(fault)
    return {"planned": account.faults.planned}


def move_clock(account: Account, call: Call) -> dict[str, Any]:
    """Let time pass: banks time out, capture windows close, retries come due."""
    account.advance_clock(_read(call, Advance).advance_seconds)
    bank.sweep(account)
    return _time(account)


def reset(account: Account, call: Call) -> dict[str, Any]:
    _read(call, Nothing)
    account.reset()
    return _time(account)


def _time(account: Account) -> dict[str, Any]:
    return {"now": account.clock.seconds(), "skipped_seconds": account.clock.skipped_seconds}


def _answer(account: Account, order: Order, payment: Payment, wish: Pay) -> list[Happening]:
    match wish.outcome:
        case "silent":
            return []
        case "failed":
            return bank.decline(account, payment, wish.reason or DECLINED)
        case "authorized":
            return bank.approve(account, payment, capture=False)
        case "captured":
            automatic = bank.captures_by_itself(account.entities.request_of(order.id))
            return bank.approve(account, payment, capture=automatic)


def _check_reason(wish: Pay) -> None:
    if wish.reason is None:
        return
    if wish.outcome != "failed":
        _refuse(422, 'Only a failure has a reason: send "outcome": "failed" with it.')
    if wish.reason not in REASONS:
        _refuse(422, f"No reason {wish.reason!r}. Reasons: {', '.join(REASONS)}.")


def _check_free(account: Account, order: Order) -> None:
    """While a payment is authorized, Razorpay opens no other attempt on its order."""
    for other in account.entities.of_parent(Payment, order.id):
        if other.status == "authorized":
            _refuse(409, f"{other.id} of this order is authorized; capture it first.")


def _move(account: Account, call: Call) -> tuple[Move, Payment]:
    return _read(call, Move), _find(account.entities, Payment, call.ids[0], "payment")


def _paid(account: Account, payment_id: str) -> Paid:
    payment = account.entities.get(Payment, payment_id)
    signature = sign_payment(payment.order_id, payment.id, account.settings.key_secret)
    return Paid(payment, payment.order_id, payment.id, signature)


def _find(entities: EntityTable, kind: type[E], entity_id: str, word: str) -> E:
    found = entities.find(kind, entity_id)
    if found is None:
        _refuse(404, f"There is no {word} {entity_id}. GET /v1/{word}s lists them, with the key.")
    return found


def _read(call: Call, kind: type[C]) -> C:
    try:
        return msgspec.json.decode(call.body or b"{}", type=kind)
    except msgspec.ValidationError as error:
        fields = ", ".join(kind.__struct_fields__) or "none"
        _refuse(422, f"{error}. Fields of this call: {fields}.")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        _refuse(400, f"The body must be a JSON object: {error}.")


def _refuse(status: int, description: str) -> NoReturn:
    raise Refusal(status, {"error": {"code": "SANDBOX_ERROR", "description": description}})

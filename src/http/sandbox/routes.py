"""Every path that is answered, what the operation is called, and who answers it.

`{}` stands for an id. Faults are planned by the operation's name; control calls
have none, so that a sandbox told to fail can always be told to stop.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, NoReturn

from msgspec import Struct

from src.http.sandbox import (
    control,
    control_disputes,
    control_downtimes,
    control_foreign,
    control_lists,
    control_payments,
    control_refunds,
    control_settlements,
    control_webhooks,
    disputes,
    downtimes,
    orders,
    payments,
    refunds,
    settlements,
    webhook_api,
)
from src.http.sandbox.account import Account
from src.http.sandbox.call import Call
from src.http.sandbox.dispute_life import MOVES
from src.http.sandbox.refusals import no_route
from src.http.sandbox.wishes import refuse

Handler = Callable[[Account, Call], Any | Awaitable[Any]]
CONTROL_PREFIX = "/_sandbox"


class Route(Struct, frozen=True):
    operation: str | None
    handler: Handler


RAZORPAY: dict[str, Route] = {
    "POST /v1/orders": Route("order.create", orders.create),
    "GET /v1/orders": Route("order.list", orders.list_all),
    "GET /v1/orders/{}": Route("order.fetch", orders.fetch),
    "PATCH /v1/orders/{}": Route("order.edit", orders.edit),
    "GET /v1/orders/{}/payments": Route("order.payments", orders.payments),
    "GET /v1/payments": Route("payment.list", payments.list_all),
    "GET /v1/payments/{}": Route("payment.fetch", payments.fetch),
    "PATCH /v1/payments/{}": Route("payment.edit", payments.edit),
    "GET /v1/payments/{}/card": Route("payment.card", payments.card),
    "POST /v1/payments/{}/capture": Route("payment.capture", payments.capture),
    "POST /v1/payments/{}/refund": Route("payment.refund", refunds.create),
    "GET /v1/payments/{}/refunds": Route("payment.refunds", refunds.list_of_payment),
    "GET /v1/payments/{}/refunds/{}": Route("payment.refunds", refunds.fetch_of_payment),
    "GET /v1/refunds": Route("refund.list", refunds.list_all),
    "POST /v1/refunds": Route("refund.create", refunds.create_by_body),
    "GET /v1/refunds/{}": Route("refund.fetch", refunds.fetch),
    "PATCH /v1/refunds/{}": Route("refund.edit", refunds.edit),
    "GET /v1/payments/downtimes": Route("downtime.list", downtimes.list_all),
    "GET /v1/payments/downtimes/{}": Route("downtime.fetch", downtimes.fetch),
    "GET /v1/settlements": Route("settlement.list", settlements.list_all),
    "GET /v1/settlements/{}": Route("settlement.fetch", settlements.fetch),
    "GET /v1/settlements/ondemand": Route(None, settlements.on_demand),
    "GET /v1/settlements/recon/combined": Route("settlement.recon", settlements.recon),
    "GET /v1/disputes": Route("dispute.list", disputes.list_all),
    "GET /v1/disputes/{}": Route("dispute.fetch", disputes.fetch),
    "POST /v1/disputes/{}/accept": Route("dispute.accept", disputes.accept),
    "PATCH /v1/disputes/{}/contest": Route("dispute.contest", disputes.contest),
    "POST /v1/webhooks": Route("webhook.create", webhook_api.create),
    "GET /v1/webhooks": Route("webhook.list", webhook_api.list_all),
    "PUT /v1/webhooks/{}": Route("webhook.edit", webhook_api.edit),
}
FETCHES = frozenset({"order.fetch", "order.payments", "payment.fetch"})
"""Asking for an order or a payment by its id: what was held until then is let go."""
OPERATIONS = frozenset(route.operation for route in RAZORPAY.values() if route.operation)
CONTROL: dict[str, Route] = {
    "POST /_sandbox/orders/{}/pay": Route(None, control_payments.pay),
    "POST /_sandbox/payments/{}/authorize": Route(None, control_payments.authorize),
    "POST /_sandbox/payments/{}/capture": Route(None, control_payments.capture),
    "POST /_sandbox/payments/{}/dispute": Route(None, control_disputes.begin),
    **{
        f"POST /_sandbox/disputes/{{}}/{name}": Route(
            None, partial(control_disputes.move, name=name)
        )
        for name in MOVES
    },
    "POST /_sandbox/lists": Route(None, control_lists.lag),
    "POST /_sandbox/settlements": Route(None, control_settlements.pay_out),
    "POST /_sandbox/downtimes": Route(None, control_downtimes.begin),
    "POST /_sandbox/downtimes/{}/update": Route(None, control_downtimes.update),
    "POST /_sandbox/downtimes/{}/resolve": Route(None, control_downtimes.resolve),
    "POST /_sandbox/foreign/pay": Route(None, control_foreign.pay),
    "POST /_sandbox/refunds/plan": Route(None, control_refunds.plan),
    "POST /_sandbox/refunds/{}/process": Route(None, control_refunds.process),
    "POST /_sandbox/refunds/{}/fail": Route(None, control_refunds.fail),
    "POST /_sandbox/balance": Route(None, control_refunds.set_balance),
    "GET /_sandbox/webhooks": Route(None, control_webhooks.list_events),
    "GET /_sandbox/webhooks/plan": Route(None, control_webhooks.list_plans),
    "POST /_sandbox/webhooks/plan": Route(None, control_webhooks.plan),
    "POST /_sandbox/webhooks/flush": Route(None, control_webhooks.flush),
    "POST /_sandbox/webhooks/secret": Route(None, control_webhooks.rotate_secret),
    "GET /_sandbox/webhooks/endpoints": Route(None, control_webhooks.list_endpoints),
    "POST /_sandbox/webhooks/endpoints/{}/enable": Route(None, control_webhooks.enable),
    "POST /_sandbox/webhooks/{}/redeliver": Route(None, control_webhooks.redeliver),
    "POST /_sandbox/webhooks/{}/replay": Route(None, control_webhooks.replay),
    "GET /_sandbox/faults": Route(None, control.list_faults),
    "POST /_sandbox/faults/clear": Route(None, control.clear_faults),
    "POST /_sandbox/faults": Route(None, partial(control.add_fault, operations=OPERATIONS)),
    "POST /_sandbox/clock": Route(None, control.move_clock),
    "POST /_sandbox/reset": Route(None, control.reset),
}
ROUTES = RAZORPAY | CONTROL


def find_route(method: str, path: str) -> tuple[Route, tuple[str, ...]] | None:
    """The route of a path, with the ids in it; a trailing slash is as good as none."""
    words = path.rstrip("/").split("/")
    exact = ROUTES.get(f"{method} {'/'.join(words)}")
    if exact is not None:
        return exact, ()
    for pattern, route in _PATTERNS.get((method, len(words)), ()):
        if all(wanted in ("{}", word) for wanted, word in zip(pattern, words, strict=True)):
            return route, tuple(word for word, at in zip(words, pattern, strict=True) if at == "{}")
    return None


def _patterns() -> dict[tuple[str, int], list[tuple[list[str], Route]]]:
    """The paths with ids in them, by method and length, those with fewer ids first."""
    found: dict[tuple[str, int], list[tuple[list[str], Route]]] = {}
    for spelled, route in sorted(ROUTES.items(), key=lambda each: each[0].count("{}")):
        method, path = spelled.split(" ")
        words = path.split("/")
        found.setdefault((method, len(words)), []).append((words, route))
    return found


_PATTERNS = _patterns()


def refuse_path(path: str) -> NoReturn:
    """A wrong control call is told the right ones; at Razorpay a wrong path is told nothing."""
    if path.startswith(CONTROL_PREFIX):
        refuse(404, f"No such control call. Calls: {', '.join(sorted(CONTROL))}.")
    raise no_route()

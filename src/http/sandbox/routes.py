"""Every path that is answered, what the operation is called, and who answers it.

`{}` stands for an id. Faults are planned by the operation's name; control calls
have none, so that a sandbox told to fail can always be told to stop.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from msgspec import Struct

from src.http.sandbox import control, orders, payments, refunds
from src.http.sandbox.account import Account
from src.http.sandbox.call import Call
from src.http.sandbox.refusals import Refusal

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
    "POST /v1/payments/{}/capture": Route("payment.capture", payments.capture),
    "POST /v1/payments/{}/refund": Route("payment.refund", refunds.create),
    "GET /v1/payments/{}/refunds": Route("payment.refunds", refunds.list_of_payment),
    "GET /v1/payments/{}/refunds/{}": Route("payment.refunds", refunds.fetch_of_payment),
    "GET /v1/refunds": Route("refund.list", refunds.list_all),
    "GET /v1/refunds/{}": Route("refund.fetch", refunds.fetch),
    "PATCH /v1/refunds/{}": Route("refund.edit", refunds.edit),
}
OPERATIONS = frozenset(route.operation for route in RAZORPAY.values() if route.operation)
CONTROL: dict[str, Route] = {
    "POST /_sandbox/orders/{}/pay": Route(None, control.pay),
    "POST /_sandbox/payments/{}/authorize": Route(None, control.authorize),
    "POST /_sandbox/payments/{}/capture": Route(None, control.capture),
    "POST /_sandbox/payments/{}/dispute": Route(None, control.dispute),
    "GET /_sandbox/webhooks": Route(None, control.list_webhooks),
    "POST /_sandbox/webhooks/plan": Route(None, control.plan_webhooks),
    "POST /_sandbox/webhooks/flush": Route(None, control.flush),
    "POST /_sandbox/webhooks/{}/redeliver": Route(None, control.redeliver),
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
    ids = tuple(words[3::2])
    words[3::2] = ["{}"] * len(ids)
    route = ROUTES.get(f"{method} {'/'.join(words)}")
    return None if route is None else (route, ids)


def no_control_route() -> Refusal:
    description = f"No such control call. Calls: {', '.join(sorted(CONTROL))}."
    return Refusal(404, {"error": {"code": "SANDBOX_ERROR", "description": description}})

"""Razorpay's API fails in every way: at an order, at a question, at a refund."""

from functools import partial

from src.cli.conformance.row import Group, Row
from src.cli.conformance.stage import Stage
from src.cli.demo.buyer import ADDRESS
from src.cli.demo.polling import seen
from src.cli.demo.shop import CREATED, OK, Json

UNAVAILABLE = 502
RETRIES_SECONDS_MAX = 40.0
KINDS = {
    "http_401": "401, the key is refused",
    "http_429": "429 with an error document",
    "http_429_bare": "429 as the gateway before it says it",
    "http_500": "500 SERVER_ERROR",
    "html_502": "a 502 page of HTML",
    "html_504": "a 504 page of HTML",
    "empty_200": "200 and nothing",
    "not_json_200": "200 and no JSON",
    "reset": "the connection is reset",
    "hang": "no answer ever",
    "commit_then_drop": "it is done, and the answer lost",
    "commit_then_500": "it is done, and 500 answered",
}
AT_CALLBACK = ("http_401", "http_429", "http_500", "html_502", "empty_200", "reset", "hang")
SOURCES = {
    "http_401": "Razorpay: error codes, authentication",
    "http_429": "Razorpay: rate limits",
    "http_429_bare": "Razorpay: rate limits",
    "commit_then_drop": "razorpay-mcp-server#128: repeated without a key",
    "commit_then_500": "razorpay-mcp-server#128: repeated without a key",
    "empty_200": "razorpay-python: a decoding error is the answer",
}
OTHERWISE = "Razorpay: error codes, gateway and server errors"


async def order_create(stage: Stage, kind: str) -> None:
    await stage.product()
    buyer = await stage.buyer()
    session = (await buyer.start())["checkout_session_id"]
    await stage.razorpay.fault("order.create", kind, session)
    wish = _wish(session)
    keyed = {**buyer.who, "Idempotency-Key": stage.sku}
    first = await stage.shop.ask("POST", "/orders", wish, keyed)
    told = first.status, first.body.get("code")
    stage.hold(
        "the shopper is told to try again", told, (UNAVAILABLE, "payment-provider-unavailable")
    )
    await stage.holds_that_razorpay_failed(session)
    stage.hold("and with which session", first.body.get("checkout_session_id"), session)
    again = await stage.shop.ask("POST", "/orders", wish, keyed)
    stage.hold("the same request again succeeds", again.status, CREATED)
    made = [each["id"] for each in await stage.razorpay.orders_of(session)]
    intent: Json = again.body["payment_intent"]
    stage.hold("Razorpay has this one order", made, [intent["id"]])
    await stage.shop.pay(intent)
    await buyer.until_ordered(session)
    stage.hold("its payment is one order", len(await stage.shop.orders_of(buyer.cart_id)), 1)


async def paid_before_heard(stage: Stage) -> None:
    await stage.product()
    buyer = await stage.buyer()
    session = (await buyer.start())["checkout_session_id"]
    await stage.razorpay.fault("order.create", "commit_then_drop", session)
    keyed = {**buyer.who, "Idempotency-Key": stage.sku}
    first = await stage.shop.ask("POST", "/orders", _wish(session), keyed)
    stage.hold("the shopper is told to try again", first.status, UNAVAILABLE)
    [made] = await stage.razorpay.orders_of(session)
    await stage.shop.pay(made)
    await stage.razorpay.until_acknowledged(made["id"])
    again = await stage.shop.ask("POST", "/orders", _wish(session), keyed)
    stage.hold("tried again, it is paid already", again.body["state"], "ORDER_CREATED")
    stage.hold("one order", len(await stage.shop.orders_of(buyer.cart_id)), 1)
    stage.hold("nobody has to look", await stage.shop.cases_of(made), [])


def _wish(session: str) -> Json:
    return {
        "checkout_session_id": session,
        "name": "Asha",
        "email": "asha@example.in",
        "phone": "+919800000000",
        "shipping_address": ADDRESS,
    }


async def callback(stage: Stage, kind: str) -> None:
    purchase = await stage.purchase()
    paid = await purchase.pay(deliver=False)
    await stage.razorpay.fault("order.payments", kind, purchase.order)
    answer = await purchase.bring_back(paid)
    told = answer.status, answer.body.get("state")
    stage.hold("the session waits, and nobody is refused", told, (OK, "PAYMENT_PENDING"))
    await stage.holds_that_razorpay_failed(purchase.order)
    await stage.razorpay.redeliver_all(purchase.order)
    await purchase.ordered()
    await stage.holds_one_order(purchase)


async def refund(stage: Stage, kind: str) -> None:
    purchase = await stage.purchase()
    payment, order = await purchase.bought()
    await stage.razorpay.fault("payment.refund", kind, payment)
    for name in ("refund.created", "refund.processed"):
        await stage.razorpay.plan(payment, name, drop=True)
    wish = {"reason": "One lamp came broken."}
    await stage.shop.post(f"/admin/orders/{order}/refunds", wish, stage.shop.staff)

    async def filed() -> list[Json] | None:
        shown = await stage.shop.get(f"/admin/orders/{order}/refunds", stage.shop.staff)
        return shown["items"] if shown["items"][0]["status"] == "processed" else None

    items = await seen("the refund", filed, RETRIES_SECONDS_MAX)
    await stage.holds_that_razorpay_failed(payment)
    made = await stage.razorpay.refunds(payment)
    amounts = [each["amount"] for each in made]
    stage.hold("Razorpay has one refund, of all of it", amounts, [purchase.intent["amount"]])
    same = [each["razorpay_refund_id"] for each in items]
    stage.hold("the shop knows it by its name", same, [each["id"] for each in made])
    stage.hold("nobody has to look", await stage.cases(purchase), [])


def _row(operation: str, kind: str) -> Row:
    steps, title, done = OPERATIONS[operation]
    return Row(
        id=f"{operation}-{kind.replace('_', '-')}",
        title=title,
        source=SOURCES.get(kind, OTHERWISE),
        done=f"{done}: {KINDS[kind]}",
        steps=partial(steps, kind=kind),
    )


OPERATIONS = {
    "create": (
        order_create,
        "An order that could not be made is made once when it is asked for again",
        "Razorpay answers to the order",
    ),
    "callback": (
        callback,
        "A callback whose question fails leaves the session waiting; the webhook finishes it",
        "Razorpay answers to the question at the callback",
    ),
    "refund": (
        refund,
        "A refund is made once, whatever Razorpay answers",
        "Razorpay answers to the refund, and no webhook tells of it",
    ),
}
UNHEARD = Row(
    id="create-paid-unheard",
    title="Money on an order whose making was never heard of is an order",
    source="razorpay-magento#179 #241: paid, and the local row is missing",
    done="the order is made and the answer lost; it is paid; then it is asked for again",
    steps=paid_before_heard,
)
CREATING = Group(
    "Razorpay's API fails: an order is made",
    (*(_row("create", each) for each in KINDS), UNHEARD),
)
ASKING = Group(
    "Razorpay's API fails: at the callback", tuple(_row("callback", each) for each in AT_CALLBACK)
)
REFUNDING = Group(
    "Razorpay's API fails: money goes back", tuple(_row("refund", each) for each in KINDS)
)

"""Who may say something: bytes, secrets, sizes, and events about nothing of ours."""

import json

from src.cli.conformance.razorpay_side import sign
from src.cli.conformance.row import Group, Row
from src.cli.conformance.rows.webhooks import is_escaped
from src.cli.conformance.stage import Stage
from src.cli.demo.polling import seen
from src.cli.demo.shop import OK, Json

UNAUTHORIZED, TOO_LARGE = 401, 413
TOO_LARGE_BYTES = 2 * 1024 * 1024
HUGE_KIB = 512
WAITING = "PAYMENT_PENDING"
UNKNOWN = b'{"entity":"event","event":"invoice.sung","contains":[],"payload":{},"created_at":1}'
ESCAPED = {"link": "https://shop.example.in/lamps", "price": "₹250"}


async def forged(stage: Stage) -> None:
    purchase = await stage.purchase()
    await purchase.pay(deliver=False)
    event = await stage.razorpay.event(purchase.order, "payment.captured")
    body, place = event["body"].encode(), stage.razorpay.place
    secrets = ("", "\0", "a guess", place.key_secret)
    wrong = ["", "0" * 64, event["signature"].upper(), *(sign(body, each) for each in secrets)]
    answers = {await stage.razorpay.deliver(body, "forged", signature=each) for each in wrong}
    answers.add(await stage.razorpay.send(body, {"Content-Type": "application/json"}))
    stage.hold("each is refused", answers, {UNAUTHORIZED})
    stage.hold("the session waits", await purchase.state(), WAITING)
    await stage.holds_no_order(purchase)
    true = await stage.razorpay.deliver(body, event["event_id"], signature=event["signature"])
    stage.hold("the true one is taken", true, OK)
    await purchase.ordered()


async def wrongly_signed(stage: Stage) -> None:
    purchase = await stage.purchase()
    await stage.razorpay.plan(purchase.order, wrong_secret=True)
    await purchase.pay()
    tried = await stage.razorpay.until_tried(purchase.order)
    answers = {attempt["status"] for event in tried for attempt in event["attempts"]}
    stage.hold("each is refused", answers, {UNAUTHORIZED})
    await stage.holds_no_order(purchase)
    for event in tried:
        await stage.razorpay.control(f"/webhooks/{event['event_id']}/replay")
    await purchase.ordered()
    await stage.holds_one_order(purchase)


async def reserialised(stage: Stage) -> None:
    purchase = await stage.purchase()
    await stage.razorpay.api("PATCH", f"/orders/{purchase.order}", {"notes": ESCAPED})
    await purchase.pay(deliver=False)
    event = await stage.razorpay.event(purchase.order, "order.paid")
    body, signature = event["body"].encode(), event["signature"]
    again = json.dumps(json.loads(body), separators=(",", ":"), ensure_ascii=False).encode()
    stage.hold("Razorpay escapes slashes and letters", is_escaped(event), expected=True)
    altered = await stage.razorpay.deliver(again, "again", signature=signature)
    stage.hold("the same JSON in other bytes is refused", altered, UNAUTHORIZED)
    true = await stage.razorpay.deliver(body, event["event_id"], signature=signature)
    stage.hold("the bytes that were signed are taken", true, OK)
    await purchase.ordered()


async def former_secret(stage: Stage) -> None:
    purchase = await stage.purchase()
    await purchase.pay(deliver=False)
    body = (await stage.razorpay.event(purchase.order, "payment.captured"))["body"].encode()
    former = sign(body, stage.razorpay.place.webhook_secrets[1])
    answer = await stage.razorpay.deliver(body, "former", signature=former)
    stage.hold("it is taken", answer, OK)
    await purchase.ordered()
    await stage.holds_one_order(purchase)


async def rotated(stage: Stage) -> None:
    now, before = stage.razorpay.place.webhook_secrets
    purchase = await stage.purchase()
    await stage.razorpay.control("/webhooks/secret", secret=before)
    try:
        await purchase.bought()
        await stage.razorpay.until_acknowledged(purchase.order)
    finally:
        await stage.razorpay.control("/webhooks/secret", secret=now)
    await stage.holds_one_order(purchase)


async def huge(stage: Stage) -> None:
    purchase = await stage.purchase()
    await stage.razorpay.plan(purchase.order, huge_body=HUGE_KIB)
    await purchase.bought()
    await stage.razorpay.until_acknowledged(purchase.order)
    await stage.holds_one_order(purchase)
    answer = await stage.razorpay.deliver(b" " * TOO_LARGE_BYTES)
    stage.hold("beyond a limit it is refused unread", answer, TOO_LARGE)


async def not_utf8(stage: Stage) -> None:
    purchase = await stage.purchase()
    await stage.razorpay.plan(purchase.order, "payment.captured", not_utf8=True)
    await purchase.bought()
    events = await stage.razorpay.until_acknowledged(purchase.order)
    stage.hold("all are acknowledged, the strange one too", len(events), 3)
    await stage.holds_one_order(purchase)


async def unknown_event(stage: Stage) -> None:
    answer = await stage.razorpay.deliver(UNKNOWN, stage.sku.replace("-", ""))
    stage.hold("it is acknowledged", answer, OK)
    kept = await _kept(stage, stage.sku.replace("-", ""), "handled")
    stage.hold("and kept", kept["name"], "invoice.sung")


async def unknown_order(stage: Stage) -> None:
    purchase = await stage.purchase()
    await stage.razorpay.plan(purchase.order, unknown_order=True)
    paid = await purchase.pay()
    payment = paid["razorpay_payment_id"]
    events = await stage.razorpay.until_acknowledged(payment)
    kept = [await _kept(stage, event["event_id"], "parked") for event in events]
    stage.hold("each is kept aside", len(kept), len(events))
    stage.hold("nothing was bought by them", await purchase.state(), WAITING)
    await purchase.bring_back(paid)
    await purchase.ordered()
    await stage.holds_one_order(purchase)


async def foreign(stage: Stage) -> None:
    link = await stage.razorpay.control("/foreign/pay")
    counter = await stage.razorpay.control("/foreign/pay", without_order=True)
    for paid in (link, counter):
        await stage.razorpay.until_acknowledged(paid["razorpay_payment_id"])
    stage.hold("money of others is acknowledged", counter["razorpay_order_id"], None)
    cases = await stage.shop.cases_of({"id": link["razorpay_order_id"]})
    stage.hold("nobody has to look at it", cases, [])
    made = await stage.razorpay.refunds(link["razorpay_payment_id"])
    stage.hold("and it is not sent back", made, [])


async def _kept(stage: Stage, event_id: str, status: str) -> Json:
    """Wait until a delivery was thought about, and came to this end."""
    path = f"/admin/webhooks?limit=100&status={status}"

    async def look() -> Json | None:
        listed = await stage.shop.get(path, stage.shop.staff)
        return next((each for each in listed["items"] if each["event_id"] == event_id), None)

    return await seen("the delivery", look)


GROUP = Group(
    "Signatures and strange deliveries",
    (
        Row(
            id="webhook-forged",
            title="A webhook that Razorpay did not sign has no effect",
            source="Razorpay: validate webhooks; medusa plugin: a forgery fails a session",
            done="no signature, empty secrets, a guess, the API key's; then the true one",
            steps=forged,
        ),
        Row(
            id="webhook-wrong-secret-replayed",
            title="What was signed wrongly is refused, and its replay counts",
            source="razorpay-php#48: the API key's secret in place of the webhook's",
            done="every event signed with the API key; then replayed at the dashboard",
            steps=wrongly_signed,
        ),
        Row(
            id="seed-reserialised-json",
            title="The signature is over the bytes that came",
            source="seed; razorpay-node#29 #128 #380: JSON.stringify",
            done="order.paid with \\/ and \\u20b9, re-serialised, then as it was",
            steps=reserialised,
        ),
        Row(
            id="webhook-former-secret",
            title="The secret that was replaced still signs what is under way",
            source="Razorpay: change of the webhook secret",
            done="an event signed with the former secret",
            steps=former_secret,
        ),
        Row(
            id="webhook-secret-rotated",
            title="Whichever of two secrets Razorpay uses, it is heard",
            source="Razorpay: change of the webhook secret",
            done="the endpoint's secret is changed at Razorpay, then a purchase",
            steps=rotated,
            alone=True,
        ),
        Row(
            id="webhook-huge",
            title="A large event counts, a larger one is refused",
            source="Razorpay: webhook payloads",
            done=f"events of {HUGE_KIB} KiB; then one of two MiB",
            steps=huge,
        ),
        Row(
            id="webhook-not-utf8",
            title="Bytes that nobody can read stop nothing",
            source="razorpay-python#121: bytes and text",
            done="payment.captured comes as bytes that are no UTF-8",
            steps=not_utf8,
        ),
        Row(
            id="webhook-unknown-event",
            title="An event that nobody knows is kept and acknowledged",
            source="Razorpay: events are added over time",
            done="an event of a name that does not exist",
            steps=unknown_event,
        ),
        Row(
            id="webhook-unknown-order",
            title="An order that nobody knows is parked, and hides no money",
            source="statamic-cargo#190: acknowledged and forgotten",
            done="every event names an order that does not exist; then the callback",
            steps=unknown_order,
        ),
        Row(
            id="foreign-money",
            title="Payment links and counters on the same account are left alone",
            source="frappe/press#1898; frappe/payments#19: a payment without an order",
            done="a payment link is paid, and a payment without an order",
            steps=foreign,
        ),
    ),
)

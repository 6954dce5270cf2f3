"""Webhooks: in any order, any number of times, late, and each of them counted once."""

import asyncio
from itertools import permutations

from src.cli.conformance.purchase import Purchase
from src.cli.conformance.row import Group, Row
from src.cli.conformance.stage import Stage
from src.cli.demo.shop import OK, Json

EVENTS = ("payment.authorized", "payment.captured", "order.paid")
ORDERS = tuple(permutations(EVENTS))
COPIES = 5
IDS = ("unheard-of-1", "unheard-of-2")


async def alone(stage: Stage) -> None:
    purchase = await stage.purchase()
    await purchase.bought()
    events = await stage.razorpay.until_acknowledged(purchase.order)
    names = sorted(event["event"] for event in events)
    stage.hold("Razorpay told all of it, and was heard", names, sorted(EVENTS))
    await stage.holds_one_order(purchase)


async def every_order(stage: Stage) -> None:
    purchases = await stage.many(len(ORDERS), units=len(ORDERS))
    for purchase, order in zip(purchases, ORDERS, strict=True):
        await purchase.pay(deliver=False)
        for name in order:
            await told(stage, purchase, name)
    for purchase in purchases:
        await purchase.ordered()
    ends = [await stage.outcome(purchase) for purchase in purchases]
    stage.hold("all six end the same", [end for end in ends if end != ends[0]], [])
    await stage.holds_one_order(*purchases, units=len(ORDERS))


async def told(stage: Stage, purchase: Purchase, name: str, event_id: str | None = None) -> int:
    """Deliver one event as it was signed; return the answer's status."""
    event = await stage.razorpay.event(purchase.order, name)
    body, name_of_it = event["body"].encode(), event_id or event["event_id"]
    return await stage.razorpay.deliver(body, name_of_it, signature=event["signature"])


async def duplicates(stage: Stage) -> None:
    purchase = await stage.purchase()
    await stage.razorpay.plan(purchase.order, duplicate=COPIES, reorder=True)
    await purchase.bought()
    await stage.razorpay.until_acknowledged(purchase.order)
    await stage.razorpay.redeliver_all(purchase.order)
    facts = await stage.facts(purchase)
    stage.hold("the payment is written down once", facts["PaymentCaptured"], 1)
    await stage.holds_one_order(purchase)


async def one(stage: Stage, name: str) -> None:
    purchase = await stage.purchase()
    await purchase.pay(deliver=False)
    stage.hold("it is acknowledged", await told(stage, purchase, name), OK)
    await purchase.ordered()
    await stage.holds_one_order(purchase)


async def captured_alone(stage: Stage) -> None:
    await one(stage, "payment.captured")


async def order_paid_alone(stage: Stage) -> None:
    await one(stage, "order.paid")


async def authorized_after(stage: Stage) -> None:
    purchase = await stage.purchase()
    await purchase.pay(deliver=False)
    await told(stage, purchase, "payment.captured")
    await purchase.ordered()
    stage.hold("it is acknowledged", await told(stage, purchase, "payment.authorized"), OK)
    await stage.holds_one_order(purchase)


async def without_id(stage: Stage) -> None:
    purchase = await stage.purchase()
    await stage.razorpay.plan(purchase.order, without_event_id=True, duplicate=COPIES)
    await purchase.bought()
    await stage.razorpay.until_acknowledged(purchase.order)
    facts = await stage.facts(purchase)
    stage.hold("the payment is written down once", facts["PaymentCaptured"], 1)
    await stage.holds_one_order(purchase)


async def same_second(stage: Stage) -> None:
    purchases = await stage.many(4, units=5)
    for purchase in purchases:
        await purchase.pay(deliver=False)
    events = [await stage.razorpay.event(each.order, "payment.captured") for each in purchases]
    bodies = [(event["body"].encode(), event["signature"]) for event in events]
    answers = await asyncio.gather(
        *(
            stage.razorpay.deliver(body, None, signature=signature)
            for body, signature in [*bodies, *bodies]
        )
    )
    stage.hold("every copy is acknowledged", set(answers), {OK})
    for purchase in purchases:
        await purchase.ordered()
    facts = [(await stage.facts(each))["PaymentCaptured"] for each in purchases]
    stage.hold("none is taken for another's copy", facts, [1, 1, 1, 1])
    await stage.holds_one_order(*purchases)


async def one_id_other_bytes(stage: Stage) -> None:
    purchase = await stage.purchase()
    await purchase.pay(deliver=False)
    event = await stage.razorpay.event(purchase.order, "payment.captured")
    other = b'{"entity":"event","event":"invoice.sung","contains":[],"payload":{},"created_at":1}'
    first = await stage.razorpay.deliver(other, event["event_id"])
    second = await told(stage, purchase, "payment.captured")
    stage.hold("both are acknowledged", (first, second), (OK, OK))
    await purchase.ordered()
    await stage.holds_one_order(purchase)
    listed = await stage.shop.get("/admin/webhooks?limit=100", stage.shop.staff)
    kept = [each for each in listed["items"] if each["event_id"] == event["event_id"]]
    alarms = await stage.shop.get("/admin/cases?kind=webhook-id-reused&limit=100", stage.shop.staff)
    about = [each for each in alarms["items"] if any(_names(each, delivery) for delivery in kept)]
    stage.hold("both are kept", len(kept), 2)
    stage.hold("somebody is asked to look", len(about), 1)


def _names(case: Json, delivery: Json) -> bool:
    return str(case["reason"]).endswith(f"kept as {delivery['webhook_id']}.")


async def fails_then_captured(stage: Stage) -> None:
    purchase = await stage.purchase()
    await stage.razorpay.plan(purchase.order, reorder=True)
    await purchase.bought(outcome="failed_then_captured")
    await stage.razorpay.until_acknowledged(purchase.order)
    await stage.holds_one_order(purchase)


async def failure_after_capture(stage: Stage) -> None:
    purchase = await stage.purchase()
    payment = await purchase.pays(outcome="failed", deliver=False)
    await purchase.approved(payment)
    await purchase.ordered()
    stage.hold("it is acknowledged", await told(stage, purchase, "payment.failed"), OK)
    await stage.razorpay.redeliver_all(purchase.order)
    await stage.holds_one_order(purchase)


async def both_serialisers(stage: Stage) -> None:
    """A refund's events come with their keys in the order of the alphabet."""
    purchase = await stage.purchase()
    payment, _ = await purchase.bought()
    await stage.razorpay.api("POST", f"/payments/{payment}/refund", {})
    event = await stage.razorpay.event(payment, "refund.processed")
    keys = [event["body"].index(f'"{name}"') for name in ("account_id", "contains", "payload")]
    stage.hold("it is written by the other serialiser", keys, sorted(keys))
    await stage.until_settled(purchase, refunds=1)
    events = await stage.razorpay.until_acknowledged(payment)
    stage.hold(
        "all are acknowledged", [each["state"] for each in events], ["delivered"] * len(events)
    )


def is_escaped(event: Json) -> bool:
    """Whether an event spells slashes and foreign letters in Razorpay's way."""
    return "\\/" in event["body"] and "\\u20b9" in event["body"]


GROUP = Group(
    "Webhooks",
    (
        Row(
            id="webhook-alone",
            title="Webhooks alone are enough: the buyer may close the tab",
            source="Razorpay: webhooks, payment.authorized, payment.captured, order.paid",
            done="pay, and never bring a callback back",
            steps=alone,
        ),
        Row(
            id="webhook-captured-alone",
            title="payment.captured alone is enough",
            source="Razorpay: the events to subscribe to",
            done="one of three events is delivered",
            steps=captured_alone,
        ),
        Row(
            id="webhook-order-paid-alone",
            title="order.paid alone is enough",
            source="Razorpay: the events to subscribe to; vacademy_platform#1973",
            done="one of three events is delivered",
            steps=order_paid_alone,
        ),
        Row(
            id="webhook-every-order",
            title="The order of the events does not matter",
            source="Razorpay: the order of webhooks is not guaranteed",
            done="all six orders of three events, one purchase each",
            steps=every_order,
        ),
        Row(
            id="webhook-authorized-after",
            title="payment.authorized after the capture takes nothing back",
            source="Razorpay: authorized may arrive when a payment is captured",
            done="payment.captured, then payment.authorized",
            steps=authorized_after,
        ),
        Row(
            id="webhook-duplicates",
            title="Events that come again count once",
            source="razorpay-opencart#120: 70 mails; pinelab-vendure-plugins#620",
            done=f"every event {COPIES} times at once, last to first, and once more",
            steps=duplicates,
        ),
        Row(
            id="webhook-without-id",
            title="An event without an id is known by its bytes",
            source="Razorpay: x-razorpay-event-id",
            done=f"every event {COPIES} times, without the header",
            steps=without_id,
        ),
        Row(
            id="seed-dedupe-by-second",
            title="Events of one second are not each other's copies",
            source="seed: duplicates are told by created_at",
            done="four payments at once, each event twice, without ids",
            steps=same_second,
        ),
        Row(
            id="webhook-one-id-other-bytes",
            title="Other bytes under a known id still count, and somebody looks",
            source="acode.app#15: check, then insert",
            done="a stranger's event under the id of the capture, then the capture",
            steps=one_id_other_bytes,
        ),
        Row(
            id="webhook-failed-then-captured",
            title="A payment that failed and was captured is an order",
            source="razorpay-opencart#47, razorpay-magento#44",
            done="payment.failed and payment.captured of one payment, last to first",
            steps=fails_then_captured,
        ),
        Row(
            id="webhook-failed-after-captured",
            title="The news of a failure that comes last ends nothing",
            source="Sylius#15172, shopware#16183",
            done="payment.failed is held back until the order exists",
            steps=failure_after_capture,
        ),
        Row(
            id="webhook-both-serialisers",
            title="Both of Razorpay's ways to write JSON are understood",
            source="Razorpay: refund events, keys in alphabetical order",
            done="a refund at the dashboard, its events beside those of the payment",
            steps=both_serialisers,
        ),
    ),
)

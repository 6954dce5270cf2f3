"""A shop that takes promised money itself: once, and only when it can keep its promise."""

import asyncio
from functools import partial

from src.cli.conformance.purchase import Purchase
from src.cli.conformance.row import Group, Row
from src.cli.conformance.rows.provider_errors import KINDS
from src.cli.conformance.stage import Stage
from src.cli.demo.polling import seen
from src.cli.demo.shop import Json, Stock

RETRIES_SECONDS_MAX = 40.0
TIMES = 10


async def callback(stage: Stage) -> None:
    purchase = await stage.purchase()
    answer = await purchase.bring_back(await purchase.pay(outcome="authorized", deliver=False))
    stage.hold("the buyer's answer is the order", answer.body["state"], "ORDER_CREATED")
    await _captured_once(stage, purchase)


async def webhook(stage: Stage) -> None:
    purchase = await stage.purchase()
    await purchase.bought(outcome="authorized")
    await _captured_once(stage, purchase)


async def medusa_13301(stage: Stage) -> None:
    purchase = await stage.purchase()
    await stage.razorpay.plan(purchase.order, duplicate=TIMES)
    paid = await purchase.pay(outcome="authorized")
    await purchase.brought_back_often(paid, TIMES)
    await purchase.ordered()
    await _captured_once(stage, purchase)


async def fault(stage: Stage, kind: str) -> None:
    purchase = await stage.purchase()
    paid = await purchase.pay(outcome="authorized", deliver=False)
    await stage.razorpay.fault("payment.capture", kind, paid["razorpay_payment_id"])
    await purchase.bring_back(paid)

    async def look() -> bool | None:
        return (await purchase.state()) == "ORDER_CREATED" or None

    await seen("the order", look, RETRIES_SECONDS_MAX)
    await stage.holds_that_razorpay_failed(paid["razorpay_payment_id"])
    await _captured_once(stage, purchase)


async def sold_out(stage: Stage) -> None:
    slow = await stage.purchase(units=1)
    await slow.buyer.cancel(slow.session)
    quick = await stage.begin()
    payment = await slow.pays(outcome="authorized")
    await _until_fact(stage, slow, "CaptureDeclined")
    await quick.bought(outcome="authorized")
    shown = await _payment(stage, payment)
    stage.hold(
        "the money was never taken", (shown["status"], shown["captured"]), ("authorized", False)
    )
    await stage.holds_no_order(slow)
    stage.hold("the unit was sold once", await stage.stock(), Stock(1, 0, 1, 0))


async def never_taken(stage: Stage) -> None:
    slow = await stage.purchase(units=1)
    await slow.buyer.cancel(slow.session)
    quick = await stage.begin()
    payment = await slow.pays(outcome="authorized")
    await _until_fact(stage, slow, "CaptureDeclined")
    await stage.razorpay.control("/clock", advance_seconds=3 * 24 * 60 * 60 + 60, wait=True)
    await _until_fact(stage, slow, "PaymentReturned")
    shown = await _payment(stage, payment)
    stage.hold("Razorpay gave it back", (shown["status"], shown["captured"]), ("refunded", False))
    stage.hold("nobody has to look", await stage.cases(slow), [])
    await quick.buyer.cancel(quick.session)


async def revived(stage: Stage) -> None:
    purchase = await stage.purchase(units=1)
    await purchase.buyer.cancel(purchase.session)
    await purchase.bought(outcome="authorized")
    await stage.holds_one_order(purchase, units=1)


async def rush(stage: Stage) -> None:
    await stage.product(units=1)
    late: list[tuple[Purchase, str]] = []
    for _ in range(4):
        purchase = await stage.begin()
        await purchase.buyer.cancel(purchase.session)
        late.append((purchase, await purchase.pays(outcome="authorized", deliver=False)))
    purchases = [purchase for purchase, _ in late]
    await asyncio.gather(*(stage.razorpay.redeliver_all(each.order) for each in purchases))
    for purchase in purchases:
        await _until_any(stage, purchase, {"CaptureDeclined", "PaymentCaptured"})
    shown = [await _payment(stage, payment) for _, payment in late]
    taken = [each["status"] for each in shown if each["captured"]]
    stage.hold("only what can be kept is taken", taken, ["captured"])
    stage.hold("one order", await stage.orders(*purchases), 1)
    stage.hold("the unit was sold once", await stage.stock(), Stock(1, 0, 1, 0))


async def _captured_once(stage: Stage, purchase: Purchase) -> None:
    facts = await stage.facts(purchase)
    written = facts["CaptureRequested"], facts["PaymentCaptured"]
    stage.hold("the money was asked for once, and came once", written, (1, 1))
    events = [each["event"] for each in await stage.razorpay.events(purchase.order)]
    stage.hold("Razorpay captured once", events.count("payment.captured"), 1)
    await stage.holds_one_order(purchase)


async def _payment(stage: Stage, payment: str) -> Json:
    return (await stage.razorpay.api("GET", f"/payments/{payment}")).body


async def _until_fact(stage: Stage, purchase: Purchase, fact: str) -> None:
    await _until_any(stage, purchase, {fact})


async def _until_any(stage: Stage, purchase: Purchase, facts: set[str]) -> None:
    async def look() -> bool | None:
        return not facts.isdisjoint(await stage.facts(purchase)) or None

    await seen(f"one of {sorted(facts)}", look)


def _fault(kind: str) -> Row:
    return Row(
        id=f"capture-{kind.replace('_', '-')}",
        title="Money is taken once, whatever Razorpay answers",
        source="razorpay-woocommerce#73: captured already",
        done=f"Razorpay answers to the capture: {KINDS[kind]}",
        steps=partial(fault, kind=kind),
        manual=True,
    )


GROUP = Group(
    "The shop captures itself",
    (
        Row(
            id="capture-at-callback",
            title="The buyer who comes back finds an order that is paid",
            source="Razorpay: capture settings, manual",
            done="authorize, and bring the callback back",
            steps=callback,
            manual=True,
        ),
        Row(
            id="capture-at-webhook",
            title="The webhook alone is enough",
            source="Razorpay: capture settings, manual",
            done="authorize, and never come back",
            steps=webhook,
            manual=True,
        ),
        Row(
            id="medusa#13301",
            title="Callback and webhook do not capture twice",
            source="medusa#13301: double /capture api, 1 in 20",
            done=f"{TIMES} callbacks and {TIMES} copies of the webhook at once",
            steps=medusa_13301,
            manual=True,
        ),
        *(_fault(kind) for kind in KINDS),
        Row(
            id="capture-revived",
            title="Money promised after the end takes the stock first, then the money",
            source="razorpay-woocommerce#157",
            done="cancel, then authorize",
            steps=revived,
            manual=True,
        ),
        Row(
            id="capture-sold-out",
            title="Money for what is sold out is never taken",
            source="openfoodnetwork#3925: three charges, one unit",
            done="authorize after the last unit is held by somebody else",
            steps=sold_out,
            manual=True,
        ),
        Row(
            id="capture-rush",
            title="Four promises for one unit: one is taken",
            source="openfoodnetwork#3925",
            done="four ended sessions are authorized at once",
            steps=rush,
            manual=True,
        ),
        Row(
            id="capture-returned",
            title="What is never taken goes back by itself, and nobody has to look",
            source="Razorpay: authorized payments are refunded after the window",
            done="authorize for what is sold out; three days pass",
            steps=never_taken,
            manual=True,
            alone=True,
        ),
    ),
)

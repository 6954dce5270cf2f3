"""Money of orders that goes back: whole, in part, late, refused, and never more than came."""

import asyncio

from src.cli.conformance.purchase import Purchase
from src.cli.conformance.row import Group, Row
from src.cli.conformance.stage import Stage
from src.cli.demo.polling import seen
from src.cli.demo.shop import CREATED, GIVEN_BACK, Answer, Json, Stock

CONFLICT, UNPROCESSABLE = 409, 422
PART_PAISE = 10_000
AT_ONCE = 10
REASON = "One lamp came broken."


async def asked(stage: Stage, order: str, paise: int | None = None, key: str = "") -> Answer:
    """Ask for a refund as the back office does."""
    wish: Json = {"reason": REASON}
    if paise is not None:
        wish["amount"] = {"amount": paise, "currency": "INR"}
    who = {**stage.shop.staff, **({"Idempotency-Key": key} if key else {})}
    return await stage.shop.ask("POST", f"/admin/orders/{order}/refunds", wish, who)


async def until_all(stage: Stage, order: str, status: str) -> list[Json]:
    """Wait until every refund of an order has come so far."""

    async def look() -> list[Json] | None:
        shown = await stage.shop.get(f"/admin/orders/{order}/refunds", stage.shop.staff)
        items: list[Json] = shown["items"]
        return items if items and all(each["status"] == status for each in items) else None

    return await seen(f"refunds that are {status}", look)


async def whole(stage: Stage) -> None:
    purchase = await stage.purchase()
    payment, order = await purchase.bought()
    stage.hold("it is taken", (await asked(stage, order)).status, CREATED)
    await until_all(stage, order, "processed")
    await stage.holds_given_back(purchase, payment)
    shown = await purchase.buyer.order(order)
    stage.hold("the order says so", shown["refunded"]["amount"], purchase.intent["amount"])
    stage.hold("a refund puts nothing back on the shelf", await stage.stock(), Stock(5, 0, 1, 4))


async def in_parts(stage: Stage) -> None:
    purchase = await stage.purchase()
    payment, order = await purchase.bought()
    due = purchase.intent["amount"]
    for _ in range(2):
        await asked(stage, order, PART_PAISE)
        await until_all(stage, order, "processed")
    more = await asked(stage, order, due - 2 * PART_PAISE + 1)
    stage.hold("a paisa more than is left is refused", (more.status, more.body["code"]), TOO_LARGE)
    await asked(stage, order)
    await until_all(stage, order, "processed")
    made = sorted(refund["amount"] for refund in await stage.razorpay.refunds(payment))
    parts = sorted([PART_PAISE, PART_PAISE, due - 2 * PART_PAISE])
    stage.hold("the parts add up", made, parts)
    nothing = await asked(stage, order)
    stage.hold("then nothing is left", nothing.status, CONFLICT)


TOO_LARGE = (CONFLICT, "refund-too-large")


async def same_key(stage: Stage) -> None:
    purchase = await stage.purchase()
    payment, order = await purchase.bought()
    key = stage.sku
    for _ in range(3):
        await asked(stage, order, PART_PAISE, key)
    await until_all(stage, order, "processed")
    amounts = [refund["amount"] for refund in await stage.razorpay.refunds(payment)]
    stage.hold("one refund", amounts, [PART_PAISE])


async def at_once(stage: Stage) -> None:
    purchase = await stage.purchase()
    payment, order = await purchase.bought()
    answers = await asyncio.gather(*(asked(stage, order) for _ in range(AT_ONCE)))
    statuses = sorted(answer.status for answer in answers)
    stage.hold("one is taken", statuses, [CREATED] + [CONFLICT] * (AT_ONCE - 1))
    await until_all(stage, order, "processed")
    await stage.holds_given_back(purchase, payment)


async def pending(stage: Stage, payment: str, order: str) -> str:
    """Let Razorpay work on a refund of everything; return its name there."""
    await stage.razorpay.control("/refunds/plan", outcome="pending", payment_id=payment)
    await asked(stage, order)
    [refund] = await until_all(stage, order, "pending")
    return str(refund["razorpay_refund_id"])


async def processed_later(stage: Stage) -> None:
    purchase = await stage.purchase()
    payment, order = await purchase.bought()
    refund = await pending(stage, payment, order)
    stage.hold("nothing is promised yet", (await stage.facts(purchase))[GIVEN_BACK], 0)
    await stage.razorpay.control(f"/refunds/{refund}/process")
    await until_all(stage, order, "processed")
    await stage.holds_given_back(purchase, payment)


async def failed_later(stage: Stage) -> None:
    purchase = await stage.purchase()
    payment, order = await purchase.bought()
    refund = await pending(stage, payment, order)
    await stage.razorpay.control(f"/refunds/{refund}/fail", reason="account closed")
    case = await stage.until_case(purchase)
    told = case["kind"], case["status"], case["amount"]["amount"]
    stage.hold("a person is asked", told, ("refund-failed", "open", purchase.intent["amount"]))
    wish = {"note": "Sent once more.", "refund": True}
    await stage.shop.post(f"/admin/cases/{case['case_id']}/resolve", wish, stage.shop.staff)
    await stage.shop.until_given_back(purchase.intent)
    made = sorted(each["status"] for each in await stage.razorpay.refunds(payment))
    stage.hold("the second attempt went through", made, ["failed", "processed"])
    stage.hold("nobody has to look any more", await stage.cases(purchase), [])


async def by_hand(stage: Stage) -> None:
    purchase = await stage.purchase()
    payment, order = await purchase.bought()
    await stage.razorpay.api("POST", f"/payments/{payment}/refund", {"amount": PART_PAISE})
    await stage.until_settled(purchase, refunds=1, cases=["refunded-outside"])
    left = purchase.intent["amount"] - PART_PAISE
    more = await asked(stage, order, left + 1)
    stage.hold("it counts against what is left", (more.status, more.body["code"]), TOO_LARGE)
    shown = await purchase.buyer.order(order)
    stage.hold("the order says so", shown["refunded"]["amount"], PART_PAISE)


async def no_balance(stage: Stage) -> None:
    purchase = await stage.purchase()
    payment, order = await purchase.bought()
    await stage.razorpay.control("/balance", amount=0)
    try:
        await asked(stage, order)
        case = await stage.until_case(purchase)
    finally:
        await stage.razorpay.control("/balance", amount=None)
    stage.hold("a person is asked", case["kind"], "refund-refused")
    stage.hold("nothing went back", await stage.razorpay.refunds(payment), [])
    wish = {"note": "The account has money again.", "refund": True}
    await stage.shop.post(f"/admin/cases/{case['case_id']}/resolve", wish, stage.shop.staff)
    await stage.holds_given_back(purchase, payment)


async def woocommerce_664(stage: Stage) -> None:
    purchases = await stage.many(2, units=5)
    ends: list[dict[str, object]] = []
    for purchase, order in zip(purchases, (FORWARD, FORWARD[::-1]), strict=True):
        await _refunded_unheard(stage, purchase)
        for name in order:
            event = await stage.razorpay.event(purchase.order, name)
            body, signature = event["body"].encode(), event["signature"]
            await stage.razorpay.deliver(body, event["event_id"], signature=signature)
        ends.append(await stage.until_settled(purchase, state="ORDER_CREATED", refunds=1))
    stage.hold("both ways end the same", ends[1], ends[0])
    stage.hold("in an order whose money went back", ends[0]["orders"], 1)
    await asyncio.gather(*(stage.razorpay.redeliver_all(each.order) for each in purchases))
    after = [await stage.outcome(purchase) for purchase in purchases]
    stage.hold("and stay so when all is told again", after, ends)


FORWARD = ("payment.authorized", "refund.created", "refund.processed")


async def _refunded_unheard(stage: Stage, purchase: Purchase) -> None:
    """Let a payment be captured and refunded at the dashboard, while nobody tells the shop."""
    payment = await purchase.pays(deliver=False)
    for name in ("refund.created", "refund.processed"):
        await stage.razorpay.plan(payment, name, drop=True)
    await stage.razorpay.api("POST", f"/payments/{payment}/refund", {})


GROUP = Group(
    "Refunds",
    (
        Row(
            id="refund-whole",
            title="A whole refund goes back once; stock stays where it is",
            source="Razorpay: refunds, full",
            done="the back office refunds an order",
            steps=whole,
        ),
        Row(
            id="refund-in-parts",
            title="Parts add up, and never to more than came",
            source="Razorpay: refunds, partial; InsForge#1485",
            done="two parts, one paisa too many, the rest, and once more",
            steps=in_parts,
        ),
        Row(
            id="refund-same-key",
            title="The same refund asked for again is one refund",
            source="Razorpay: X-Refund-Idempotency; razorpay-mcp-server#114",
            done="three times with one key",
            steps=same_key,
        ),
        Row(
            id="refund-at-once",
            title="Many refunds at once give back no more than came",
            source="razorpay-mcp-server#128: three refunds",
            done=f"everything, {AT_ONCE} times at once",
            steps=at_once,
        ),
        Row(
            id="refund-pending-processed",
            title="A refund that takes days is followed to its end",
            source="Razorpay: refund states; hyperswitch#5298",
            done="Razorpay answers pending; days later refund.processed",
            steps=processed_later,
            alone=True,
        ),
        Row(
            id="refund-failed",
            title="A refund that fails is a case, and resolved with another refund",
            source="Razorpay: refund.failed",
            done="pending, then refund.failed; the case is resolved with a refund",
            steps=failed_later,
            alone=True,
        ),
        Row(
            id="refund-no-balance",
            title="A refund that Razorpay refuses is a case",
            source="Razorpay: errors of refunds, insufficient balance",
            done="the account is empty; then it is not, and the case is resolved",
            steps=no_balance,
            alone=True,
        ),
        Row(
            id="refund-at-the-dashboard",
            title="A refund that the shop did not ask for is seen, counted, and looked at",
            source="Razorpay: refunds at the dashboard",
            done="a part is refunded at Razorpay itself",
            steps=by_hand,
        ),
        Row(
            id="razorpay-woocommerce#664",
            title="refund.created and payment.authorized in both orders: one state",
            source="razorpay-woocommerce#664: same events, other order, other state",
            done="refund and authorization, forwards for one buyer, backwards for the other",
            steps=woocommerce_664,
        ),
    ),
)

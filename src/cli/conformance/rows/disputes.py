"""Customers who ask their bank, and what Razorpay tells besides."""

from src.cli.conformance.purchase import Purchase
from src.cli.conformance.row import Group, Row
from src.cli.conformance.stage import Stage
from src.cli.demo.polling import seen
from src.cli.demo.shop import Json

CONFLICT = 409


async def won(stage: Stage) -> None:
    purchase, dispute = await _disputed(stage)
    for move in ("under_review", "win"):
        await stage.razorpay.control(f"/disputes/{dispute}/{move}")
    await _until_cases(stage, purchase, [])
    stage.hold("the order stands", await stage.orders(purchase), 1)
    stage.hold("no money moved", (await stage.facts(purchase))["RefundRequested"], 0)


async def lost(stage: Stage) -> None:
    purchase, dispute = await _disputed(stage)
    await stage.razorpay.control(f"/disputes/{dispute}/lose")
    await _until_cases(stage, purchase, ["dispute-lost"])
    order = (await stage.shop.orders_of(purchase.buyer.cart_id))[0]["order_id"]
    wish = {"reason": "The bank gave it back."}
    path = f"/admin/orders/{order}/refunds"
    answer = await stage.shop.ask("POST", path, wish, stage.shop.staff)
    stage.hold("what the bank gave back is not given back again", answer.status, CONFLICT)


async def backwards(stage: Stage) -> None:
    purchase = await stage.purchase()
    payment, _ = await purchase.bought()
    said = await stage.razorpay.control(f"/payments/{payment}/dispute", deliver=False)
    for move in ("under_review", "win"):
        await stage.razorpay.control(f"/disputes/{said['dispute']['id']}/{move}", deliver=False)
    for name in ("won", "under_review", "created"):
        event = await stage.razorpay.event(payment, f"payment.dispute.{name}")
        await stage.razorpay.redeliver(event)
    await stage.razorpay.until_acknowledged(payment)
    await _until_cases(stage, purchase, [])
    facts = await stage.facts(purchase)
    stage.hold("it is written down once", facts["DisputeOpened"], 1)
    stage.hold("and ended", facts["DisputeMoved"], 1)


async def other_news(stage: Stage) -> None:
    purchase = await stage.purchase()
    started = await stage.razorpay.control("/downtimes", method="upi")
    await stage.razorpay.control(f"/downtimes/{started['id']}/resolve")
    await purchase.bought()
    paid_out = await stage.razorpay.control("/settlements")
    events = await stage.razorpay.until_acknowledged(paid_out["settlement"]["id"])
    stage.hold(
        "a settlement is acknowledged", [each["event"] for each in events], ["settlement.processed"]
    )
    await stage.holds_one_order(purchase)


async def _disputed(stage: Stage) -> tuple[Purchase, str]:
    purchase = await stage.purchase()
    payment, _ = await purchase.bought()
    said = await stage.razorpay.control(f"/payments/{payment}/dispute")
    case = await stage.until_case(purchase)
    stage.hold("a person is asked", (case["kind"], case["status"]), ("disputed", "open"))
    return purchase, str(said["dispute"]["id"])


async def _until_cases(stage: Stage, purchase: Purchase, kinds: list[str]) -> None:
    async def look() -> list[Json] | bool | None:
        return (await stage.cases(purchase)) == kinds or None

    await seen(f"open cases {kinds}", look)
    stage.hold("what is left to look at", await stage.cases(purchase), kinds)


GROUP = Group(
    "Disputes and other news",
    (
        Row(
            id="dispute-won",
            title="A dispute asks a person, and closes when it is won",
            source="Razorpay: payment.dispute.created, under_review, won",
            done="a customer disputes a payment; the bank decides for the shop",
            steps=won,
        ),
        Row(
            id="dispute-lost",
            title="A lost dispute asks a person, and its money is not refunded again",
            source="Razorpay: payment.dispute.lost",
            done="the bank decides for the customer; then somebody refunds",
            steps=lost,
        ),
        Row(
            id="dispute-backwards",
            title="The end of a dispute may be told before its beginning",
            source="Razorpay: the order of webhooks is not guaranteed",
            done="won, under_review and created of one dispute, last to first",
            steps=backwards,
        ),
        Row(
            id="downtime-and-settlement",
            title="Downtimes and settlements are heard, and buy nothing",
            source="Razorpay: payment.downtime, settlement.processed",
            done="UPI is down and back, a purchase, a settlement",
            steps=other_news,
            alone=True,
        ),
    ),
)

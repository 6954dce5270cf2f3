"""Orders that are cancelled: stock and money come back once, and only before a parcel left."""

import asyncio

from src.cli.conformance.row import Group, Row
from src.cli.conformance.rows.refunds import AT_ONCE, CONFLICT, PART_PAISE, asked, until_all
from src.cli.conformance.stage import Stage
from src.cli.demo.shop import OK, Stock


async def cancelled(stage: Stage) -> None:
    purchase = await stage.purchase()
    payment, order = await purchase.bought()
    path = f"/orders/{order}/cancel"
    answers = await asyncio.gather(
        *(stage.shop.ask("POST", path, {}, purchase.buyer.who) for _ in range(AT_ONCE))
    )
    stage.hold("all are told the same", {answer.status for answer in answers}, {OK})
    await stage.holds_given_back(purchase, payment)
    shown = await purchase.buyer.order(order)
    stage.hold("the order stays, cancelled", shown["status"], "cancelled")
    stage.hold("the unit is on the shelf again, once", await stage.stock(), Stock(5, 0, 0, 5))


async def cancelled_after_part(stage: Stage) -> None:
    purchase = await stage.purchase()
    payment, order = await purchase.bought()
    await asked(stage, order, PART_PAISE)
    await until_all(stage, order, "processed")
    await stage.shop.post(f"/orders/{order}/cancel", {}, purchase.buyer.who)
    await until_all(stage, order, "processed")
    back = sum(refund["amount"] for refund in await stage.razorpay.refunds(payment))
    stage.hold("what was left went back, no more", back, purchase.intent["amount"])


async def cancelled_too_late(stage: Stage) -> None:
    purchase = await stage.purchase()
    payment, order = await purchase.bought()
    wish = {"reference": stage.sku}
    await stage.shop.post(f"/admin/orders/{order}/fulfilments", wish, stage.shop.staff)
    answer = await stage.shop.ask("POST", f"/orders/{order}/cancel", {}, purchase.buyer.who)
    told = answer.status, answer.body["code"]
    stage.hold("it is refused", told, (CONFLICT, "not-possible-now"))
    stage.hold("no money moved", await stage.razorpay.refunds(payment), [])


GROUP = Group(
    "Cancelled orders",
    (
        Row(
            id="order-cancelled",
            title="A cancelled order gives stock and money back once",
            source="razorpay-magento#371; vendure#550",
            done=f"the buyer cancels {AT_ONCE} times at once",
            steps=cancelled,
        ),
        Row(
            id="order-cancelled-after-part",
            title="A cancelled order gives back what is left",
            source="Razorpay: refunds, partial then full",
            done="a part is refunded, then the order cancelled",
            steps=cancelled_after_part,
        ),
        Row(
            id="order-cancelled-too-late",
            title="What was sent is not cancelled",
            source="Razorpay: refunds follow the merchant's terms",
            done="a parcel leaves, then the buyer cancels",
            steps=cancelled_too_late,
        ),
    ),
)

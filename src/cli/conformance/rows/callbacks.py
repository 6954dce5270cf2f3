"""What checkout.js brings back: believed when it is signed, and decided by asking Razorpay."""

import asyncio

from src.cli.conformance.purchase import ORDERED, Purchase
from src.cli.conformance.razorpay_side import sign
from src.cli.conformance.row import Group, Row
from src.cli.conformance.stage import ORDER, Stage
from src.cli.demo.shop import NOT_FOUND, OK

UNAUTHORIZED = 401
RACES = 20
TIMES = 10
WAITING = "PAYMENT_PENDING"


async def alone(stage: Stage) -> None:
    purchase = await stage.purchase()
    answer = await purchase.bring_back(await purchase.pay(deliver=False))
    told = answer.status, answer.body["state"]
    stage.hold("the buyer's answer is the order", told, (OK, ORDERED))
    await stage.holds_one_order(purchase)


async def repeated(stage: Stage) -> None:
    purchase = await stage.purchase()
    answers = await purchase.brought_back_often(await purchase.pay(deliver=False), TIMES)
    orders = {answer.body.get("order_id") for answer in answers}
    stage.hold("all were told of one order", (len(orders), None in orders), (1, False))
    await stage.holds_one_order(purchase)


async def forged(stage: Stage) -> None:
    purchase = await stage.purchase()
    paid = await purchase.pay(deliver=False)
    order, payment = purchase.order, paid["razorpay_payment_id"]
    secrets = ("not-the-secret", stage.razorpay.place.webhook_secrets[0], "\0")
    wrong = ["0" * 64, *(sign(f"{order}|{payment}".encode(), each) for each in secrets)]
    wrong += [
        paid["razorpay_signature"].upper(),
        sign(f"{payment}|{order}".encode(), stage.razorpay.place.key_secret),
    ]
    answers = [await purchase.bring_back({**paid, "razorpay_signature": each}) for each in wrong]
    stage.hold("none is believed", {each.status for each in answers}, {UNAUTHORIZED})
    stage.hold("the session waits", await purchase.state(), WAITING)
    stage.hold("the true one is believed", (await purchase.bring_back(paid)).body["state"], ORDERED)


async def swapped(stage: Stage) -> None:
    cheap, dear = await stage.many(2, units=5)
    paid = await cheap.pay(deliver=False)
    answer = await dear.bring_back({**paid, "razorpay_order_id": dear.order})
    stage.hold("another order's signature is refused", answer.status, UNAUTHORIZED)
    stranger = await dear.bring_back(paid)
    stage.hold("another's order does not exist", stranger.status, NOT_FOUND)
    stage.hold("nothing was bought", (await dear.state(), await cheap.state()), (WAITING, WAITING))
    await stage.holds_no_order(cheap, dear)


async def authorized_only(stage: Stage) -> None:
    purchase = await stage.purchase()
    paid = await purchase.pay(outcome="authorized")
    answer = await purchase.bring_back(paid)
    stage.hold("a promise is not money", answer.body["state"], WAITING)
    await stage.holds_no_order(purchase)
    await stage.razorpay.control(f"/payments/{paid['razorpay_payment_id']}/capture")
    await purchase.ordered()
    await stage.holds_one_order(purchase)


async def failed_one(stage: Stage) -> None:
    purchase = await stage.purchase()
    paid = await purchase.pay(outcome="failed", deliver=False)
    await purchase.bring_back(paid)
    await stage.holds_no_order(purchase)
    stage.hold(
        "the session did not become an order", await purchase.state() != ORDERED, expected=True
    )


async def magento_291(stage: Stage) -> None:
    purchases = await stage.many(RACES, units=RACES)
    await asyncio.gather(*map(_raced, purchases))
    facts = [await stage.facts(each) for each in purchases]
    paid = [(each["PaymentCaptured"], each["RefundRequested"]) for each in facts]
    stage.hold("none twice, none missing", await stage.orders(*purchases), RACES)
    stage.hold("every payment is written down once", paid, [(1, 0)] * RACES)
    await stage.holds_one_order(*purchases, units=RACES)


async def _raced(purchase: Purchase) -> None:
    """Let two callbacks and all webhooks, each twice, tell of one payment at once."""
    paid = await purchase.pay()
    await purchase.brought_back_often(paid, 2)
    await purchase.ordered()


async def loser_deletes(stage: Stage) -> None:
    purchases = await stage.many(RACES // 2, units=RACES)
    await asyncio.gather(*map(_raced, purchases))
    made = [str((await purchase.ordered())["order_id"]) for purchase in purchases]
    told = [
        await purchase.buyer.states(order) for purchase, order in zip(purchases, made, strict=True)
    ]
    stage.hold(
        "each was made once, and never unmade",
        [each.count(ORDER) for each in told],
        [1] * len(made),
    )
    positions = await _positions(stage)
    stage.hold("the book has no gap", positions, list(range(1, len(positions) + 1)))


async def _positions(stage: Stage) -> list[int]:
    """Return every position of the book, page by page."""
    found: list[int] = []
    while True:
        page = await stage.shop.get(f"/audit/events?after={len(found)}&limit=100", stage.shop.staff)
        found += [each["position"] for each in page["items"]]
        if not page["items"]:
            return found


async def held_until_asked(stage: Stage) -> None:
    purchase = await stage.purchase()
    await stage.razorpay.plan(purchase.order, hold_until="fetched", duplicate=3)
    paid = await purchase.pay()
    stage.hold("nothing was heard yet", await purchase.state(), WAITING)
    await purchase.bring_back(paid)
    await purchase.ordered()
    await stage.razorpay.until_acknowledged(purchase.order)
    await stage.holds_one_order(purchase)


GROUP = Group(
    "Callbacks",
    (
        Row(
            id="callback-alone",
            title="The callback alone is enough",
            source="Razorpay: verify the payment signature",
            done="pay, hold every webhook back, bring the callback",
            steps=alone,
        ),
        Row(
            id="callback-repeated",
            title="A callback that comes again changes nothing",
            source="medusa#14758",
            done=f"the same callback {TIMES} times at once",
            steps=repeated,
        ),
        Row(
            id="callback-forged",
            title="A callback that is not signed by Razorpay has no effect",
            source="Razorpay: signature verification; razorpay-php#48",
            done="six forgeries: other secrets, swapped words, capitals, zeros; then the true one",
            steps=forged,
        ),
        Row(
            id="callback-of-another-order",
            title="The signature of one order pays for no other",
            source="Razorpay: use the order id from your own database",
            done="one buyer's payment is brought back for another's order",
            steps=swapped,
        ),
        Row(
            id="callback-before-capture",
            title="A callback is no money: what is only authorized waits",
            source="Razorpay: payment states, authorized and captured",
            done="authorize, callback, then capture",
            steps=authorized_only,
        ),
        Row(
            id="callback-of-a-failure",
            title="A signed callback of a failed payment buys nothing",
            source="Razorpay: payment states, failed",
            done="a payment fails; its signed triple is brought back",
            steps=failed_one,
        ),
        Row(
            id="razorpay-magento#291",
            title="Callback and webhook race: no order twice, none missing",
            source="razorpay-magento#291: of 305 payments 6 were two orders, 3 none",
            done=f"{RACES} races of two callbacks and three webhooks",
            steps=magento_291,
        ),
        Row(
            id="seed-loser-deletes-order",
            title="Nobody inserts an order to delete it: no doubles, no gaps",
            source="seed: the loser of the race deletes its order",
            done=f"{RACES // 2} races, then the book's positions and each order's facts",
            steps=loser_deletes,
        ),
        Row(
            id="callback-before-webhooks",
            title="Webhooks that wait for the callback find it done",
            source="Razorpay: webhooks and callbacks in any order",
            done="every webhook, three times, as soon as the shop asks",
            steps=held_until_asked,
        ),
    ),
)

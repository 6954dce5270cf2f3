"""Orders at Razorpay: made once, for the right amount, and asked for again without harm."""

import asyncio

from src.cli.conformance.row import Group, Row
from src.cli.conformance.stage import Stage
from src.cli.demo.buyer import ADDRESS, Buyer
from src.cli.demo.shop import CREATED, OK, Json, Stock

BELOW_MINIMUM_PAISE = 99
CONFLICT, UNPROCESSABLE = 409, 422
ASKED = 10


async def straight(stage: Stage) -> None:
    purchase = await stage.purchase()
    await purchase.bought()
    [made] = await stage.razorpay.orders_of(purchase.session)
    order = (await stage.shop.orders_of(purchase.buyer.cart_id))[0]
    due = order["totals"]["total"]["amount"]
    stage.hold(
        "Razorpay's order is over the total", (made["amount"], made["currency"]), (due, "INR")
    )
    stage.hold("what was paid is what was due", order["payment"]["amount"]["amount"], due)
    stage.hold("Razorpay calls its order paid", made["status"], "paid")
    await stage.holds_one_order(purchase)


async def asked_at_once(stage: Stage) -> None:
    await stage.product()
    buyer = await stage.buyer()
    session = (await buyer.start())["checkout_session_id"]
    intents = await asyncio.gather(*(buyer.intend(session) for _ in range(ASKED)))
    stage.hold("all were told of one intent", len({intent["id"] for intent in intents}), 1)
    made = await stage.razorpay.orders_of(session)
    stage.hold(
        "Razorpay has one order, and no orphan", [each["id"] for each in made], [intents[0]["id"]]
    )
    stage.hold("one unit is held", await stage.stock(), Stock(5, 1, 0, 4))


async def one_key_twice(stage: Stage) -> None:
    await stage.product()
    buyer = await stage.buyer()
    keyed = {**buyer.who, "Idempotency-Key": stage.sku}
    wish = _wish(buyer, "asha@example.in")
    answers = await asyncio.gather(
        *(stage.shop.ask("POST", "/orders", wish, keyed) for _ in range(2))
    )
    statuses = sorted(answer.status for answer in answers)
    stage.hold(
        "one did it, the other repeats it or is told to wait", statuses in TOGETHER, expected=True
    )
    again = await stage.shop.ask("POST", "/orders", wish, keyed)
    stage.hold("asked again it is the same answer", again.status, CREATED)
    session = again.body["checkout_session_id"]
    stage.hold("one Razorpay order", len(await stage.razorpay.orders_of(session)), 1)
    stage.hold("one unit is held", await stage.stock(), Stock(5, 1, 0, 4))


TOGETHER = ([CREATED, CREATED], [CREATED, CONFLICT])


async def key_with_other_words(stage: Stage) -> None:
    await stage.product()
    buyer = await stage.buyer()
    keyed = {**buyer.who, "Idempotency-Key": stage.sku}
    first = await stage.shop.ask("POST", "/orders", _wish(buyer, "asha@example.in"), keyed)
    other = await stage.shop.ask("POST", "/orders", _wish(buyer, "other@example.in"), keyed)
    told = other.status, other.body["code"]
    stage.hold("the first was done", first.status, CREATED)
    stage.hold("the second is refused", told, (UNPROCESSABLE, "idempotency-key-reused"))
    session = first.body["checkout_session_id"]
    stage.hold("one Razorpay order", len(await stage.razorpay.orders_of(session)), 1)


async def below_minimum(stage: Stage) -> None:
    await stage.product(paise=BELOW_MINIMUM_PAISE)
    await stage.shop.put(f"/admin/coupons/{stage.sku}", {"kind": "free_shipping"}, stage.shop.staff)
    buyer = await stage.buyer()
    await stage.shop.put(f"/carts/{buyer.cart_id}/coupon", {"code": stage.sku}, buyer.who)
    answer = await stage.shop.ask("POST", "/orders", _wish(buyer, "asha@example.in"), buyer.who)
    told = answer.status, answer.body["code"]
    stage.hold("it is refused", told, (UNPROCESSABLE, "amount-below-minimum"))
    stage.hold("nothing is held for it", await stage.stock(), Stock(5, 0, 0, 5))


async def other_total(stage: Stage) -> None:
    await stage.product()
    buyer = await stage.buyer()
    wish = {**_wish(buyer, "asha@example.in"), "expected_total": {"amount": 1, "currency": "INR"}}
    answer = await stage.shop.ask("POST", "/orders", wish, buyer.who)
    told = answer.status, answer.body["code"]
    stage.hold("it is refused", told, (CONFLICT, "total-changed"))
    stage.hold("the true total is told", answer.body["totals"]["subtotal"]["amount"], 25_000)


async def cancelled_window(stage: Stage) -> None:
    purchase = await stage.purchase()
    ended = await purchase.buyer.cancel(purchase.session)
    stage.hold("the session ended, the cart is open", ended["ended"], "cancelled")
    stage.hold("the unit is free", await stage.stock(), Stock(5, 0, 0, 5))
    again = await purchase.again()
    stage.hold(
        "the next session has another Razorpay order", again.order != purchase.order, expected=True
    )
    await again.bought()
    await stage.holds_one_order(purchase, again)


async def two_carts_one_unit(stage: Stage) -> None:
    await stage.product(units=1)
    buyers = await asyncio.gather(*(stage.buyer() for _ in range(ASKED)))
    answers = await asyncio.gather(*(buyer.try_start() for buyer in buyers))
    statuses = sorted(answer.status for answer in answers)
    stage.hold("one holds it, all others are told", statuses, [CREATED] + [CONFLICT] * (ASKED - 1))
    stage.hold("it is held once", await stage.stock(), Stock(1, 1, 0, 0))
    looks = [
        await stage.shop.ask("GET", f"/carts/{each.cart_id}", None, each.who) for each in buyers
    ]
    stage.hold("every cart is as it was", {look.status for look in looks}, {OK})


def _wish(buyer: Buyer, email: str) -> Json:
    return {
        "cart_id": buyer.cart_id,
        "email": email,
        "name": "Asha",
        "phone": "+919800000000",
        "shipping_address": ADDRESS,
    }


GROUP = Group(
    "Razorpay orders",
    (
        Row(
            id="order-straight",
            title="A guest buys, and everybody speaks of the same amount",
            source="Razorpay: orders, test payments",
            done="an intent, a captured payment, three webhooks",
            steps=straight,
        ),
        Row(
            id="seed-intent-asked-at-once",
            title="One session has one Razorpay order, and leaves no orphan",
            source="seed: order create before the lock; Razorpay: one order, many attempts",
            done=f"the intent is asked for {ASKED} times at once",
            steps=asked_at_once,
        ),
        Row(
            id="spree-same-key-race",
            title="Two requests with one Idempotency-Key at once have one effect",
            source="spree: a key that lives in a cache",
            done="POST /orders twice at once with one key, and once more",
            steps=one_key_twice,
        ),
        Row(
            id="order-key-other-words",
            title="A key with other words is refused",
            source="Razorpay: idempotency of requests",
            done="POST /orders twice with one key and two e-mail addresses",
            steps=key_with_other_words,
        ),
        Row(
            id="order-below-minimum",
            title="Less than Razorpay takes is refused before anything is held",
            source="Razorpay: errors of orders, minimum of 100 paise",
            done=f"a cart of {BELOW_MINIMUM_PAISE} paise without shipping",
            steps=below_minimum,
        ),
        Row(
            id="order-other-total",
            title="Nobody pays another total than the one that was shown",
            source="vendure#4660",
            done="an intent with an expected total that is not the cart's",
            steps=other_total,
        ),
        Row(
            id="order-window-closed",
            title="A closed payment window frees the stock, and the cart can be bought again",
            source="Razorpay: checkout, modal closed; medusa#12481",
            done="cancel the session, start another, pay it",
            steps=cancelled_window,
        ),
        Row(
            id="order-last-unit-rush",
            title="The last unit is promised once",
            source="vendure#3508, medusa#16502",
            done=f"{ASKED} carts start their checkout for one unit at once",
            steps=two_carts_one_unit,
        ),
    ),
)

"""Money that comes late, twice or wrong: an order, or back by itself, or a person is asked."""

import asyncio

from src.cli.conformance.purchase import ORDERED, Purchase, begun
from src.cli.conformance.row import Group, Row
from src.cli.conformance.stage import Stage
from src.cli.demo.shop import GIVEN_BACK, Stock

EXPIRED_SECONDS_MAX = 60.0
LOSERS = 8
BOTH = 5


async def after_expiry(stage: Stage) -> None:
    purchase = await stage.purchase()
    await purchase.buyer.until_expired(purchase.session, EXPIRED_SECONDS_MAX)
    stage.hold("the expiry freed the unit", await stage.stock(), Stock(5, 0, 0, 5))
    await purchase.bought()
    await stage.holds_one_order(purchase)


async def vendure_3065(stage: Stage) -> None:
    slow = await stage.purchase(units=1)
    payment = await slow.fails()
    quick = await stage.begin()
    await quick.bought()
    await slow.approved(payment)
    await stage.holds_given_back(slow, payment)
    events = await stage.razorpay.until_acknowledged(payment)
    stage.hold(
        "Razorpay was heard each time",
        [each["state"] for each in events],
        ["delivered"] * len(events),
    )
    await stage.holds_no_order(slow)
    stage.hold("the unit was sold once", await stage.stock(), Stock(1, 0, 1, 0))


async def medusa_16825(stage: Stage) -> None:
    await stage.product(units=1)
    late: list[tuple[Purchase, str]] = []
    for _ in range(LOSERS):
        purchase = await stage.begin()
        late.append((purchase, await purchase.fails()))
    purchases = [purchase for purchase, _ in late]
    await asyncio.gather(*(purchase.approved(payment) for purchase, payment in late))
    for purchase, _ in late:
        await _ended(stage, purchase)
    facts = [await stage.facts(purchase) for purchase in purchases]
    stage.hold("one unit is one order", await stage.orders(*purchases), 1)
    stage.hold("the unit was sold once", await stage.stock(), Stock(1, 0, 1, 0))
    back = sorted(each[GIVEN_BACK] for each in facts)
    stage.hold("the money of all others went back", back, [0] + [1] * (LOSERS - 1))
    stage.hold("nobody has to look", await stage.cases(*purchases), [])


async def _ended(stage: Stage, purchase: Purchase) -> None:
    """Wait until a purchase is an order, or its money back."""
    await purchase.until_decided()
    if await purchase.state() != ORDERED:
        await stage.shop.until_given_back(purchase.intent)


async def both_sessions(stage: Stage) -> None:
    await stage.product(units=BOTH)
    pairs = await asyncio.gather(*(_two_sessions(stage) for _ in range(BOTH)))
    await asyncio.gather(*(each.pay() for pair in pairs for each in pair))
    for pair in pairs:
        for each in pair:
            await _ended(stage, each)
    back = [sum([(await stage.facts(each))[GIVEN_BACK] for each in pair]) for pair in pairs]
    stage.hold("of each cart, one payment went back", back, [1] * BOTH)
    await stage.holds_one_order(*(each for pair in pairs for each in pair), units=BOTH)


async def _two_sessions(stage: Stage) -> tuple[Purchase, Purchase]:
    buyer = await stage.buyer()
    first = await begun(buyer, stage.razorpay)
    await buyer.cancel(first.session)
    return first, await begun(buyer, stage.razorpay)


async def twice_on_one(stage: Stage) -> None:
    purchase = await stage.purchase()
    await purchase.bought()
    second = await purchase.pays(even_if_paid=True)
    await stage.holds_given_back(purchase, second)
    await stage.holds_one_order(purchase)


async def razorpay_refuses_second(stage: Stage) -> None:
    purchase = await stage.purchase()
    first, _ = await purchase.bought()
    second = await purchase.pays()
    await stage.razorpay.until_acknowledged(second)
    stage.hold("Razorpay sent it back itself", len(await stage.razorpay.refunds(second)), 1)
    stage.hold("the shop sent nothing back", await stage.razorpay.refunds(first), [])
    await stage.holds_one_order(purchase)


async def after_cancel(stage: Stage) -> None:
    purchase = await stage.purchase()
    await purchase.buyer.cancel(purchase.session)
    await purchase.bought()
    await stage.holds_one_order(purchase)


async def cart_ordered(stage: Stage) -> None:
    first = await stage.purchase()
    payment = await first.fails()
    second = await first.again()
    await second.bought()
    await first.approved(payment)
    await stage.holds_given_back(first, payment)
    await stage.holds_one_order(first, second)


async def coupon_gone(stage: Stage) -> None:
    await stage.product()
    wish = {"kind": "fixed", "value": 5_000, "limit_total": 1}
    await stage.shop.put(f"/admin/coupons/{stage.sku}", wish, stage.shop.staff)
    slow = await _with_coupon(stage)
    payment = await slow.fails()
    quick = await _with_coupon(stage)
    await quick.bought()
    await slow.approved(payment)
    await stage.holds_given_back(slow, payment)
    await stage.holds_no_order(slow)


async def _with_coupon(stage: Stage) -> Purchase:
    buyer = await stage.buyer()
    await stage.shop.put(f"/carts/{buyer.cart_id}/coupon", {"code": stage.sku}, buyer.who)
    return await begun(buyer, stage.razorpay)


async def wrong_amount(stage: Stage) -> None:
    purchase = await stage.purchase()
    payment = await purchase.pays(amount=purchase.intent["amount"] - 1)
    case = await stage.until_case(purchase)
    stage.hold("a person is asked", case["kind"], "wrong-amount")
    await stage.holds_no_order(purchase)
    wish = {"note": "Sent back.", "refund": True}
    await stage.shop.post(f"/admin/cases/{case['case_id']}/resolve", wish, stage.shop.staff)
    await stage.shop.until_given_back(purchase.intent)
    made = [refund["amount"] for refund in await stage.razorpay.refunds(payment)]
    stage.hold("and sends all that came back", made, [purchase.intent["amount"] - 1])
    stage.hold("the case is closed", await stage.cases(purchase), [])


async def wrong_currency(stage: Stage) -> None:
    purchase = await stage.purchase()
    await purchase.pays(currency="USD")
    case = await stage.until_case(purchase)
    told = case["kind"], case["amount"]["currency"]
    stage.hold("a person is asked, and told the currency", told, ("wrong-amount", "USD"))
    await stage.holds_no_order(purchase)


async def tampered(stage: Stage) -> None:
    purchase = await stage.purchase()
    await stage.razorpay.plan(purchase.order, tamper_amount=1)
    await purchase.pays()
    case = await stage.until_case(purchase)
    told = case["kind"], case["amount"]["amount"]
    stage.hold("a person is asked", told, ("wrong-amount", 1))
    await stage.holds_no_order(purchase)
    stage.hold("the unit is still held", await stage.stock(), Stock(5, 1, 0, 4))


GROUP = Group(
    "Late, double and wrong money",
    (
        Row(
            id="late-after-expiry",
            title="Money after the session's end takes the stock again and is the order",
            source="razorpay-woocommerce#157 #339; medusa#13867",
            done="the session expires; then its order is paid",
            steps=after_expiry,
        ),
        Row(
            id="late-after-cancel",
            title="Money after a closed window is the order",
            source="Razorpay: an order stays payable; razorpay-node#426",
            done="cancel the session, then pay its order",
            steps=after_cancel,
        ),
        Row(
            id="vendure#3065",
            title="Paid, and the stock is gone: the money goes back by itself",
            source="vendure#3065: the webhook answers 200, and nothing happens",
            done="a declined payment is approved after the last unit was sold",
            steps=vendure_3065,
        ),
        Row(
            id="medusa#16825",
            title="No order without its unit, and the money of the losers ends",
            source="medusa#16825: two orders for one unit",
            done=f"{LOSERS} declined payments for one unit are approved at once",
            steps=medusa_16825,
        ),
        Row(
            id="late-two-sessions-paid",
            title="Two sessions of one cart, both paid: one order, one refund",
            source="ps_checkout#1546: two paid orders; vendure#2620",
            done=f"{BOTH} carts, two sessions each, all paid at once",
            steps=both_sessions,
        ),
        Row(
            id="late-cart-ordered",
            title="Money for a cart that became an order otherwise goes back",
            source="mercur#1418, razorpay-prestashop#64",
            done="a payment fails, the next one buys, the first is approved",
            steps=cart_ordered,
        ),
        Row(
            id="late-coupon-gone",
            title="Money at a price that is gone goes back",
            source="saleor#10925",
            done="the last use of a coupon went to somebody else meanwhile",
            steps=coupon_gone,
        ),
        Row(
            id="order-captured-twice",
            title="Two captures on one Razorpay order: one order, one refund",
            source="vendure#2620, Automattic/woocommerce-payments#3345",
            done="another payment is captured on an order that is paid",
            steps=twice_on_one,
        ),
        Row(
            id="order-paid-again",
            title="What Razorpay sends back itself is not sent back twice",
            source="Razorpay: multiple payments of an order",
            done="another payment on a paid order, which Razorpay refunds",
            steps=razorpay_refuses_second,
        ),
        Row(
            id="wrong-amount",
            title="Another amount is no order; a person sends it back",
            source="Razorpay: check the amount; medusa#12789",
            done="one paisa less is captured; the case is resolved with a refund",
            steps=wrong_amount,
        ),
        Row(
            id="wrong-currency",
            title="Another currency is no order",
            source="Razorpay: international payments",
            done="the amount that is due is captured in dollars",
            steps=wrong_currency,
        ),
        Row(
            id="tampered-amount",
            title="A webhook that names another amount buys nothing, also when signed",
            source="Razorpay: check amount, currency and order against your own",
            done="the events say one paisa, correctly signed",
            steps=tampered,
        ),
    ),
)

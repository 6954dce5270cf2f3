"""The traps of the design that this shop comes from, each set up once more."""

from collections.abc import Iterator

from src.cli.conformance.row import Group, Row
from src.cli.conformance.stage import Stage
from src.cli.demo.buyer import ADDRESS, Buyer
from src.cli.demo.shop import CREATED, Answer, Json, Stock

CONFLICT, UNPROCESSABLE = 409, 422
ODD_PAISE = 1_999
TEST_PATHS = (
    "/store/payments/razorpay/test",
    "/payments/razorpay/test",
    "/payments/test",
    "/razorpay/test",
)
NOT_THERE = {401, 404, 405}
PASSWORD = "six chai before noon"  # noqa: S105 - of an account that lives for minutes


async def session_key_gone(stage: Stage) -> None:
    purchase = await stage.purchase()
    there = await stage.shop.is_at_hand(purchase.session)
    await stage.shop.empty_redis()
    gone = not await stage.shop.is_at_hand(purchase.session)
    await purchase.bought()
    stage.hold("the key was there, and was gone", (there, gone), (True, True))
    await stage.holds_one_order(purchase)


async def stock_in_redis(stage: Stage) -> None:
    purchase = await stage.purchase(units=1)
    await stage.shop.empty_redis()
    stage.hold("the unit is still held", await stage.stock(), Stock(1, 1, 0, 0))
    refused = await (await stage.buyer()).try_start()
    stage.hold("nobody else gets it", refused.status, CONFLICT)
    await purchase.pay()
    await stage.shop.empty_redis()
    await purchase.ordered()
    await stage.holds_one_order(purchase, units=1)


async def no_test_endpoint(stage: Stage) -> None:
    answers = [await stage.shop.ask("POST", path, {"amount": 100}) for path in TEST_PATHS]
    stage.hold("there is none", {each.status for each in answers} <= NOT_THERE, expected=True)
    stage.hold(
        "and none says more than that", [_detail(each) for each in answers if _talks(each)], []
    )


async def totals_frozen(stage: Stage) -> None:
    purchase = await stage.purchase()
    dearer = {"name": "Brass lamp", "price": {"amount": 99_900, "currency": "INR"}}
    await stage.shop.put(f"/admin/products/{stage.sku}", dearer, stage.shop.staff)
    await purchase.bought()
    order = (await stage.shop.orders_of(purchase.buyer.cart_id))[0]
    due = purchase.intent["amount"]
    stage.hold("the order is over what was paid", order["totals"]["total"]["amount"], due)
    stage.hold("at the price of the checkout", order["items"][0]["unit_price"]["amount"], 25_000)
    await stage.holds_one_order(purchase)


async def whole_paise(stage: Stage) -> None:
    await stage.product(paise=ODD_PAISE)
    coupon = {"kind": "percent", "value": 33}
    await stage.shop.put(f"/admin/coupons/{stage.sku}", coupon, stage.shop.staff)
    buyer = await stage.buyer(quantity=3)
    cart = await stage.shop.put(f"/carts/{buyer.cart_id}/coupon", {"code": stage.sku}, buyer.who)
    session = (await buyer.start())["checkout_session_id"]
    intent = await buyer.intend(session)
    await stage.shop.pay(intent)
    await buyer.until_ordered(session)
    order = (await stage.shop.orders_of(buyer.cart_id))[0]
    totals = {name: each["amount"] for name, each in order["totals"].items()}
    fractions = [each for body in (cart, intent, order) for each in _fractions(body)]
    stage.hold("no answer has a fraction in it", fractions, [])
    sums = totals["subtotal"] - totals["discount"] + totals["shipping"]
    stage.hold("totals add up to the paisa", (totals["subtotal"], sums), (5_997, intent["amount"]))
    [made] = await stage.razorpay.orders_of(session)
    stage.hold("and that is what Razorpay was asked for", made["amount"], totals["total"])
    wish = {"name": "Lamp", "price": {"amount": 19.99, "currency": "INR"}}
    answer = await stage.shop.ask("PUT", f"/admin/products/{stage.sku}", wish, stage.shop.staff)
    stage.hold("a price with a fraction is refused", answer.status, UNPROCESSABLE)


async def known_email(stage: Stage) -> None:
    await stage.product()
    account = {"email": f"{stage.sku.lower()}@example.in", "password": PASSWORD}
    wish = {**account, "name": "Ravi", "phone": "+919800000001"}
    registered = await stage.shop.post("/customers", wish)
    buyer = await stage.buyer()
    guest = _guest(buyer, account["email"])
    sly = await stage.shop.ask("POST", "/orders", {**guest, "password": PASSWORD}, buyer.who)
    stage.hold("a guest's order makes no account", sly.status, UNPROCESSABLE)
    answer = await stage.shop.ask("POST", "/orders", guest, buyer.who)
    stage.hold("a guest may use the address, and learns nothing", answer.status, CREATED)
    await stage.shop.pay(answer.body["payment_intent"])
    done = await buyer.until_ordered(answer.body["checkout_session_id"])
    tokens = await stage.shop.post("/customers/login", account)
    who = {"Authorization": f"Bearer {tokens['access_token']}"}
    own = await stage.shop.get("/orders", who)
    stage.hold("the account has no order of the guest's", own["items"], [])
    order = await buyer.order(done["order_id"])
    same = order["customer_id"] == registered["customer_id"]
    stage.hold("the guest is somebody else", same, expected=False)
    other = await stage.shop.ask("GET", f"/orders/{done['order_id']}", None, who)
    stage.hold("and the account cannot read the order", other.status, 404)


async def no_order_before_money(stage: Stage) -> None:
    purchase = await stage.purchase()
    await stage.holds_no_order(purchase)
    shown = (await purchase.buyer.look(purchase.session)).body
    stage.hold("the session names none", shown["order_id"], None)
    await purchase.bought()
    await stage.holds_one_order(purchase)


def _guest(buyer: Buyer, email: str) -> Json:
    return {
        "cart_id": buyer.cart_id,
        "email": email,
        "name": "Asha",
        "phone": "+919800000000",
        "shipping_address": ADDRESS,
    }


def _talks(answer: Answer) -> bool:
    """Whether an answer shows the inside of a program."""
    return any(word in str(answer.body) for word in ("Traceback", ".py", "order_"))


def _detail(answer: Answer) -> str:
    return str(answer.body)


def _fractions(body: object) -> Iterator[float]:
    """Yield every number of an answer that is not whole."""
    if isinstance(body, float):
        yield body
    elif isinstance(body, dict):
        for each in body.values():  # pyright: ignore[reportUnknownVariableType]  # whatever JSON says
            yield from _fractions(each)  # pyright: ignore[reportUnknownArgumentType]  # the same
    elif isinstance(body, list):
        for each in body:  # pyright: ignore[reportUnknownVariableType]  # the same
            yield from _fractions(each)  # pyright: ignore[reportUnknownArgumentType]  # the same


GROUP = Group(
    "Traps",
    (
        Row(
            id="seed-session-key-gone",
            title="A capture counts when the session's key in Redis is gone",
            source="seed: paid, no order, and 200",
            done="FLUSHALL between the intent and the capture",
            steps=session_key_gone,
            alone=True,
        ),
        Row(
            id="seed-stock-in-redis",
            title="The truth about stock is not in Redis",
            source="seed: counters in Redis, mended at night",
            done="FLUSHALL while the last unit is held, and again after the payment",
            steps=stock_in_redis,
            alone=True,
        ),
        Row(
            id="seed-test-endpoint",
            title="There is no public address that makes Razorpay orders",
            source="seed: POST /store/payments/razorpay/test",
            done=f"POST to {len(TEST_PATHS)} such addresses",
            steps=no_test_endpoint,
        ),
        Row(
            id="seed-totals-recomputed",
            title="Nothing is computed anew after money moved",
            source="seed: finalize validates the cart again, and throws",
            done="the price rises between intent and payment",
            steps=totals_frozen,
        ),
        Row(
            id="seed-rupee-floats",
            title="Money is whole paise everywhere",
            source="seed: rupees times 100; razorpay-go#5, frappe/payments#62",
            done=f"3 at {ODD_PAISE} paise less 33 %; a price of 19.99",
            steps=whole_paise,
        ),
        Row(
            id="seed-known-email",
            title="A guest with a known e-mail does not become the account",
            source="seed: a password in a guest's order; Sylius#6883",
            done="a guest orders with the address of an account",
            steps=known_email,
        ),
        Row(
            id="seed-order-before-money",
            title="There is no order before the money",
            source="seed: POST /orders creates the payment intent",
            done="an intent, then its payment",
            steps=no_order_before_money,
        ),
    ),
)

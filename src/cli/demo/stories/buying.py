"""A guest buys, and a customer with an account buys: the two straight ways."""

from src.cli.demo.buyer import ADDRESS, Buyer
from src.cli.demo.shop import Json, Shop, Stock
from src.cli.demo.story import Story
from src.cli.demo.telling import Telling
from src.cli.demo.words import paid_and_due, total

PASSWORD = "six chai before noon"  # noqa: S105 - of an account that lives for seconds


async def guest(shop: Shop, telling: Telling) -> None:
    sku = await shop.list_product("DEMO-CHAI", "Masala chai, 250 g", 34_900, units=10)
    buyer = await Buyer.guest(shop, "Asha")
    cart = await buyer.take(sku, 2)
    telling.happened(cart["state"], f"a guest's cart holds 2 of {sku}, {total(cart)}")
    order = await _bought(shop, telling, buyer)
    stock = await shop.stock(sku)
    telling.promise("the cart became one order", len(await shop.orders_of(buyer.cart_id)), 1)
    telling.promise("lines plus shipping were paid, to the paisa", *paid_and_due(order))
    telling.promise("two units are sold, none is still held", stock, Stock(10, 0, 2, 8))


async def customer(shop: Shop, telling: Telling) -> None:
    sku = await shop.list_product("DEMO-TIFFIN", "Steel tiffin, 3 tiers", 129_900, units=3)
    token, customer_id = await _account(shop)
    kept = await shop.post("/customers/me/addresses", ADDRESS, _bearer(token))
    telling.happened("", "a customer registers, logs in and keeps an address")
    buyer = await Buyer.customer(shop, token, kept["address_id"])
    cart = await buyer.take(sku, 1)
    telling.happened(cart["state"], f"the customer's cart holds 1 of {sku}, {total(cart)}")
    order = await _bought(shop, telling, buyer)
    own = await shop.get("/orders", buyer.who)
    telling.promise("the customer's list shows this order alone", _ids(own), [order["order_id"]])
    telling.promise("it belongs to the account", order["customer_id"], customer_id)
    city = order["shipping_address"]["city"]
    telling.promise("it goes to the address that was kept", city, ADDRESS["city"])


async def _bought(shop: Shop, telling: Telling, buyer: Buyer) -> Json:
    """Go the straight way from a filled cart to the order."""
    session = await buyer.start()
    telling.happened(session["state"], "prices frozen, stock reserved, cart locked")
    intent = await buyer.intend(session["checkout_session_id"])
    telling.happened("PAYMENT_PENDING", f"Razorpay's order {intent['id']} waits for money")
    payment = await shop.pay(intent)
    telling.happened("", f"payment {payment} is captured; Razorpay tells the shop")
    done = await buyer.until_ordered(session["checkout_session_id"])
    facts = await buyer.states(done["order_id"])
    if facts.index("OrderCreated") == facts.index("PaymentConfirmed") + 1:
        telling.happened("PAYMENT_CONFIRMED", "money and order in one append")
    telling.happened(done["state"], f"order {done['order_number']} over {total(done)}")
    return await buyer.order(done["order_id"])


async def _account(shop: Shop) -> tuple[str, str]:
    wish = {"email": "ravi@example.in", "password": PASSWORD, "name": "Ravi"}
    account = await shop.post("/customers", {**wish, "phone": "+919800000001"})
    login = {"email": wish["email"], "password": PASSWORD}
    tokens = await shop.post("/customers/login", login)
    return tokens["access_token"], account["customer_id"]


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _ids(page: Json) -> list[str]:
    return [order["order_id"] for order in page["items"]]


GUEST = Story(title="A guest buys", shows=(1, 3, 8), tell=guest)
CUSTOMER = Story(title="A customer buys, to an address that is kept", shows=(1,), tell=customer)

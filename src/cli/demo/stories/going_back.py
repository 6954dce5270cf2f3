"""Money that goes back: it came for what is sold out, or its order was cancelled."""

from src.cli.demo.buyer import Buyer
from src.cli.demo.shop import GIVEN_BACK, Json, Shop, Stock
from src.cli.demo.story import Story
from src.cli.demo.telling import Telling
from src.cli.demo.words import total


async def too_late(shop: Shop, telling: Telling) -> None:
    sku = await shop.list_product("DEMO-VEENA", "Veena, one of a kind", 4_500_000, units=1)
    slow, quick = await Buyer.guest(shop, "Farah"), await Buyer.guest(shop, "Jaya")
    declined = await _declined(shop, slow, sku)
    telling.happened("CART_PENDING", f"the bank declines {declined['id']}; the {sku} is free again")
    done = await _bought(shop, quick, sku)
    telling.happened("ORDER_CREATED", f"somebody else buys it: order {done['order_number']}")
    await shop.sandbox("POST", f"/payments/{declined['payment']}/authorize", {})
    telling.happened("", f"now the first bank says yes, and {declined['payment']} is captured")
    facts = await shop.until_given_back(declined)
    cart = await slow.cart()
    telling.happened(cart["state"], "the money goes back by itself")
    carts = slow.cart_id, quick.cart_id
    telling.promise("one unit, one order", len(await shop.orders_of(*carts)), 1)
    telling.promise("the late money went back once", facts.count(GIVEN_BACK), 1)
    telling.promise("nobody has to look", await shop.cases_of(declined), [])
    telling.promise("the unit is sold once", await shop.stock(sku), Stock(1, 0, 1, 0))


async def cancelled(shop: Shop, telling: Telling) -> None:
    sku = await shop.list_product("DEMO-LAMP", "Paper lamp", 75_000, units=4)
    buyer = await Buyer.guest(shop, "Ishan")
    done = await _bought(shop, buyer, sku)
    sold = await shop.stock(sku)
    telling.happened(done["state"], f"order {done['order_number']} over {total(done)}")
    path = f"/orders/{done['order_id']}/cancel"
    await shop.post(path, {}, buyer.who)
    telling.happened("", "the buyer changes their mind, and cancels")
    facts = await shop.until_given_back(done["payment_intent"])
    telling.happened("", "the money is back")
    await shop.post(path, {}, buyer.who)
    order = await buyer.order(done["order_id"])
    back = [refund["amount"] for refund in order["refunds"]]
    telling.promise("the order stays in the book, cancelled", order["status"], "cancelled")
    telling.promise("one unit was sold", sold, Stock(4, 0, 1, 3))
    telling.promise("it is on the shelf again", await shop.stock(sku), Stock(4, 0, 0, 4))
    telling.promise("all that was paid went back", back, [order["payment"]["amount"]])
    telling.promise("cancelled twice, once only", facts.count(GIVEN_BACK), 1)


async def _declined(shop: Shop, buyer: Buyer, sku: str) -> Json:
    """Let the bank decline; return the intent, and its payment besides."""
    await buyer.take(sku, 1)
    session = (await buyer.start())["checkout_session_id"]
    intent = await buyer.intend(session)
    payment = await shop.pay(intent, outcome="failed")
    await buyer.until_ended(session)
    return {**intent, "payment": payment}


async def _bought(shop: Shop, buyer: Buyer, sku: str) -> Json:
    """Go the straight way from an empty cart to the order; return the finished session."""
    await buyer.take(sku, 1)
    session = (await buyer.start())["checkout_session_id"]
    intent = await buyer.intend(session)
    await shop.pay(intent)
    return {**await buyer.until_ordered(session), "payment_intent": intent}


TOO_LATE = Story(
    title="Money that comes when all is sold out goes back", shows=(2, 3), tell=too_late
)
CANCELLED = Story(title="An order is cancelled", shows=(2, 3), tell=cancelled)

"""A payment fails and is tried again; a session expires, and its money comes late."""

from src.cli.demo.buyer import GONE, Buyer
from src.cli.demo.polling import SEEN_SECONDS_MAX
from src.cli.demo.shop import Shop, Stock
from src.cli.demo.story import Story
from src.cli.demo.telling import Telling
from src.cli.demo.throw_away import CHECKOUT_TTL_SECONDS

EXPIRED_SECONDS_MAX = CHECKOUT_TTL_SECONDS + SEEN_SECONDS_MAX


async def failed(shop: Shop, telling: Telling) -> None:
    sku = await shop.list_product("DEMO-KURTA", "Cotton kurta, M", 89_900, units=1)
    buyer = await Buyer.guest(shop, "Meera")
    await buyer.take(sku, 1)
    first = (await buyer.start())["checkout_session_id"]
    declined = await buyer.intend(first)
    telling.happened("PAYMENT_PENDING", f"the last {sku} is reserved for {declined['id']}")
    await shop.pay(declined, outcome="failed")
    ended = await buyer.until_ended(first)
    after = await shop.stock(sku)
    telling.happened(ended["state"], f"the bank declines; the session ended: {ended['ended']}")
    second = (await buyer.start())["checkout_session_id"]
    intent = await buyer.intend(second)
    telling.happened("PAYMENT_PENDING", f"a new session, a new Razorpay order {intent['id']}")
    await shop.pay(intent)
    done = await buyer.until_ordered(second)
    telling.happened(done["state"], f"order {done['order_number']}")
    telling.promise("the failure gave the unit back", after, Stock(1, 0, 0, 1))
    intents = {declined["id"], intent["id"]}
    telling.promise("the retry is another Razorpay order", len(intents), 2)
    telling.promise("two attempts, one order", len(await shop.orders_of(buyer.cart_id)), 1)
    telling.promise("the unit is sold once", await shop.stock(sku), Stock(1, 0, 1, 0))


async def expired(shop: Shop, telling: Telling) -> None:
    sku = await shop.list_product("DEMO-DIYA", "Brass diya", 45_000, units=2)
    buyer = await Buyer.guest(shop, "Kabir")
    await buyer.take(sku, 2)
    session = (await buyer.start())["checkout_session_id"]
    intent = await buyer.intend(session)
    held = await shop.stock(sku)
    telling.happened("PAYMENT_PENDING", f"2 of {sku} are held for {CHECKOUT_TTL_SECONDS} s")
    over = await buyer.until_expired(session, EXPIRED_SECONDS_MAX)
    back, cart = await shop.stock(sku), await buyer.cart()
    telling.happened(cart["state"], f"nobody paid: {GONE} {over['code']}")
    payment = await shop.pay(intent)
    telling.happened("", f"payment {payment} is captured after all, too late")
    done = await buyer.until_ordered(session)
    telling.happened(done["state"], f"the late money became order {done['order_number']}")
    telling.promise("the session held its stock", held, Stock(2, 2, 0, 0))
    telling.promise("the expiry gave it back", back, Stock(2, 0, 0, 2))
    telling.promise("the late money took it again", await shop.stock(sku), Stock(2, 0, 2, 0))
    orders, cases = await shop.orders_of(buyer.cart_id), await shop.cases_of(intent)
    telling.promise("the money is one order and no case", (len(orders), len(cases)), (1, 0))


FAILED = Story(title="A payment fails and is tried again", shows=(1, 3), tell=failed)
EXPIRED = Story(title="A session expires, and its money comes late", shows=(2, 3), tell=expired)

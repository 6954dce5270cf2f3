"""Redis is emptied in the middle of a checkout."""

from src.cli.demo.buyer import Buyer
from src.cli.demo.shop import Json, Shop, Stock
from src.cli.demo.story import Story
from src.cli.demo.telling import Telling


async def flushed(shop: Shop, telling: Telling) -> None:
    sku = await shop.list_product("DEMO-MAP", "Map of the Western Ghats", 52_500, units=3)
    buyer = await Buyer.guest(shop, "Noor")
    await buyer.take(sku, 1)
    session = (await buyer.start())["checkout_session_id"]
    intent = await buyer.intend(session)
    before = (await buyer.look(session)).body
    there = await shop.is_at_hand(session)
    telling.happened("PAYMENT_PENDING", "the session is at hand in Redis")
    await shop.empty_redis()
    gone = not await shop.is_at_hand(session)
    telling.happened("PAYMENT_PENDING", "FLUSHALL: Redis is empty")
    after = (await buyer.look(session)).body
    back = await shop.is_at_hand(session)
    telling.happened(after["state"], "the next read answers from the book, and fills Redis again")
    await shop.empty_redis()
    telling.happened(after["state"], "FLUSHALL again, and then the money comes")
    await shop.pay(intent)
    done = await buyer.until_ordered(session)
    telling.happened(done["state"], f"order {done['order_number']}")
    telling.promise("the key was there, was gone, came back", (there, gone, back), (True,) * 3)
    telling.promise("the answer is the same without Redis", _lasting(after), _lasting(before))
    telling.promise("the money became one order", len(await shop.orders_of(buyer.cart_id)), 1)
    telling.promise("one unit is sold", await shop.stock(sku), Stock(3, 0, 1, 2))


def _lasting(session: Json) -> Json:
    """Leave out of an intent what counts down with the clock."""
    return {**session, "payment_intent": session["payment_intent"]["id"]}


FLUSHED = Story(title="Redis is emptied in the middle of a checkout", shows=(4, 5), tell=flushed)

"""Everything twice: webhooks delivered twice in the wrong order, and a cart paid twice."""

from src.cli.demo.buyer import Buyer
from src.cli.demo.shop import GIVEN_BACK, Json, Shop, Stock
from src.cli.demo.story import Story
from src.cli.demo.telling import Telling

COPIES = 2
CAPTURED_EVENTS = ["payment.authorized", "payment.captured", "order.paid"]


async def told_twice(shop: Shop, telling: Telling) -> None:
    sku = await shop.list_product("DEMO-PEN", "Fountain pen", 60_000, units=5)
    buyer = await Buyer.guest(shop, "Leela")
    await buyer.take(sku, 1)
    session = (await buyer.start())["checkout_session_id"]
    intent = await buyer.intend(session)
    telling.happened("PAYMENT_PENDING", f"Razorpay's order {intent['id']} waits for money")
    await shop.sandbox("POST", "/webhooks/plan", {"duplicate": COPIES, "reorder": True})
    await shop.pay(intent)
    items = await shop.until_delivered(intent, each=COPIES)
    done = await buyer.until_ordered(session)
    for name, times in _as_they_came(items):
        telling.happened("", f"webhook {name}, delivered {times} times")
    telling.happened(done["state"], f"order {done['order_number']}")
    told = sorted(item["event"] for item in items)
    telling.promise("every event came, twice each", told, sorted(CAPTURED_EVENTS))
    order_of_arrival = [name for name, _ in _as_they_came(items)]
    telling.promise("last came first", order_of_arrival, CAPTURED_EVENTS[::-1])
    orders, cases = await shop.orders_of(buyer.cart_id), await shop.cases_of(intent)
    telling.promise("six deliveries, one order, no case", (len(orders), len(cases)), (1, 0))
    telling.promise("one unit is sold", await shop.stock(sku), Stock(5, 0, 1, 4))


async def paid_twice(shop: Shop, telling: Telling) -> None:
    sku = await shop.list_product("DEMO-RADIO", "Pocket radio", 150_000, units=4)
    buyer = await Buyer.guest(shop, "Dev")
    await buyer.take(sku, 1)
    first = (await buyer.start())["checkout_session_id"]
    old = await buyer.intend(first)
    ended = await buyer.cancel(first)
    telling.happened(ended["state"], f"a first session is cancelled, {old['id']} stays payable")
    await buyer.take(sku, 2)
    second = (await buyer.start())["checkout_session_id"]
    new = await buyer.intend(second)
    telling.happened("PAYMENT_PENDING", f"the cart now holds 2; {new['id']} waits for money")
    await shop.pay(old)
    done = await buyer.until_ordered(first)
    telling.happened(done["state"], f"the old one is paid first: order {done['order_number']} of 1")
    superseded = await buyer.until_ended(second)
    telling.happened(superseded["state"], f"the second session ended: {superseded['ended']}")
    payment = await shop.pay(new)
    telling.happened("", f"payment {payment} of the second is captured, too")
    facts = await shop.until_given_back(new)
    telling.happened("", "nobody has to look: all of it goes back by itself")
    orders = await shop.orders_of(buyer.cart_id)
    telling.promise("one cart, one order", len(orders), 1)
    telling.promise("the order has its own frozen line", orders[0]["items"][0]["quantity"], 1)
    telling.promise("the second payment went back once", facts.count(GIVEN_BACK), 1)
    telling.promise("and the first did not", (await shop.facts_of(old)).count(GIVEN_BACK), 0)
    telling.promise("no case is left", await shop.cases_of(old, new), [])
    telling.promise("only one unit is sold", await shop.stock(sku), Stock(4, 0, 1, 3))


def _as_they_came(items: list[Json]) -> list[tuple[str, int]]:
    """Return each event's name and how often it came, by its first arrival."""
    first = sorted(items, key=lambda item: float(item["attempts"][0]["at"]))
    return [(item["event"], len(item["attempts"])) for item in first]


TOLD_TWICE = Story(
    title="Every webhook comes twice, and the last comes first", shows=(1, 6), tell=told_twice
)
PAID_TWICE = Story(title="Two sessions of one cart are both paid", shows=(1, 2), tell=paid_twice)

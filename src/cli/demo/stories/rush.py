"""Sold out: more buyers than units, all at the same moment."""

import asyncio

from src.cli.demo.buyer import Buyer
from src.cli.demo.shop import CREATED, Answer, Shop, Stock
from src.cli.demo.story import Story
from src.cli.demo.telling import Telling

UNITS, BUYERS = 5, 12
CONFLICT = 409


async def sold_out(shop: Shop, telling: Telling) -> None:
    sku = await shop.list_product("DEMO-SAREE", "Handloom saree", 799_900, units=UNITS)
    buyers = await asyncio.gather(*(_with_cart(shop, sku, number) for number in range(BUYERS)))
    telling.happened("CART_PENDING", f"{BUYERS} carts with 1 of {sku}, of which there are {UNITS}")
    answers = await asyncio.gather(*(buyer.try_start() for buyer in buyers))
    won = [pair for pair in zip(buyers, answers, strict=True) if pair[1].status == CREATED]
    lost = [answer for answer in answers if answer.status != CREATED]
    rush = await shop.stock(sku)
    telling.happened("CHECKOUT_STARTED", f"all start at once: {len(won)} hold a unit")
    telling.happened("CART_PENDING", f"{len(lost)} are told that there is none left")
    numbers = await asyncio.gather(*(_paid(shop, each) for each in won))
    telling.happened("ORDER_CREATED", f"orders {', '.join(sorted(numbers))}")
    orders = await shop.orders_of(*(buyer.cart_id for buyer in buyers))
    telling.promise("every unit was promised once", rush, Stock(UNITS, UNITS, 0, 0))
    telling.promise("five orders", (len(set(numbers)), len(orders)), (UNITS, UNITS))
    telling.promise(
        "seven clean refusals, each naming the line that is short",
        [_is_clean(answer, sku) for answer in lost],
        [True] * (BUYERS - UNITS),
    )
    telling.promise(
        "five units sold, none oversold", await shop.stock(sku), Stock(UNITS, 0, UNITS, 0)
    )


async def _with_cart(shop: Shop, sku: str, number: int) -> Buyer:
    buyer = await Buyer.guest(shop, f"Buyer{number + 1}")
    await buyer.take(sku, 1)
    return buyer


async def _paid(shop: Shop, winner: tuple[Buyer, Answer]) -> str:
    """Pay for a session that was won, and return the number of its order."""
    buyer, session_id = winner[0], winner[1].body["checkout_session_id"]
    await shop.pay(await buyer.intend(session_id))
    return str((await buyer.until_ordered(session_id))["order_number"])


def _is_clean(answer: Answer, sku: str) -> bool:
    """Whether a refusal says what is missing and how to go on."""
    short = [{"sku": sku, "requested": 1, "available": 0}]
    told = answer.body["code"], answer.body["lines"]
    return answer.status == CONFLICT and told == ("inventory-unavailable", short)


SOLD_OUT = Story(
    title=f"Sold out: {UNITS} units, {BUYERS} buyers at once", shows=(3,), tell=sold_out
)

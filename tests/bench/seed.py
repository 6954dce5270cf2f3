"""What the shop sells: written by the same commands that staff gives."""

import asyncio

from src.bootstrap import Parts, new_id, open_parts
from src.commands.decisions.catalogue import define_shipping_method, list_product, receive_stock
from src.commands.view import Decide
from src.events.envelope import Cause
from src.events.money import Money
from src.events.product import Product
from src.events.shipping import ShippingMethodDefined, ShippingRate
from src.settings import Settings

UNITS = 1_000_000
SPREAD = [f"SPREAD-{number:03}" for number in range(200)]
SHARED = ["SHARED-0", "SHARED-1"]


async def seed(settings: Settings) -> None:
    """List every product with its stock, and one way to ship."""
    parts = await open_parts(settings)
    try:
        await asyncio.gather(*(_listed(parts, sku) for sku in [*SPREAD, *SHARED]))
        rate = ShippingRate(price=Money(5_000, "INR"))
        method = ShippingMethodDefined(code="standard", name="Standard", rates=(rate,))
        await _done(parts, lambda view: define_shipping_method(view, method))
    finally:
        await parts.close()


async def _listed(parts: Parts, sku: str) -> None:
    price = Money(49_900, "INR")
    product = Product(sku=sku, name=f"Product {sku}", price=price, weight_grams=250)
    await _done(parts, lambda view: list_product(view, product))
    await _done(parts, lambda view: receive_stock(view, sku, UNITS, None))


async def _done(parts: Parts, decide: Decide) -> None:
    command = new_id()
    cause = Cause(command_id=command, correlation_id=command, actor="staff:admin:bench")
    await parts.ledger.transact(cause, decide)

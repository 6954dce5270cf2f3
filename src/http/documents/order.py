"""An order as its buyer and as staff read it: with the person's name, while that still opens."""

from datetime import datetime

from msgspec.structs import asdict

from src.commands.people import People
from src.events.customer import Address, Profile
from src.events.order import OrderPlaced
from src.events.ports import Sealed
from src.projections.order_document import OrderDocument, document_of


class FullOrder(OrderDocument, frozen=True, kw_only=True):
    """An order; what names the person is null once the person was erased."""

    contact: Profile | None
    shipping_address: Address | None
    billing_address: Address | None


async def full_order(order: OrderPlaced, placed_at: datetime, people: People) -> FullOrder:
    """Show an order, its boxes opened."""
    billing = order.billing_address
    return FullOrder(
        **asdict(document_of(order, placed_at)),
        contact=await people.open(order.contact, Profile),
        shipping_address=await people.open(order.shipping_address, Address),
        billing_address=await _address(billing, people),
    )


async def _address(sealed: Sealed | None, people: People) -> Address | None:
    return None if sealed is None else await people.open(sealed, Address)

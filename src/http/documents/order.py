"""An order as its buyer and as staff read it: with the person's name, while that still opens."""

from msgspec.structs import asdict, replace

from src.commands.people import People
from src.events.customer import Address, Profile
from src.events.order import Cancelled, Fulfilled, status_of
from src.events.ports import Sealed
from src.projections.order_document import OrderDocument, document_of
from src.queries.as_of import StandingOrder
from src.queries.order_refunds import OrderRefund, refunded


class FullOrder(OrderDocument, frozen=True, kw_only=True):
    """An order; what names the person is null once the person was erased."""

    refunds: tuple[OrderRefund, ...]
    contact: Profile | None
    shipping_address: Address | None
    billing_address: Address | None


async def full_order(then: StandingOrder, people: People) -> FullOrder:
    """Show an order as it stood, its boxes opened."""
    order = then.order
    return FullOrder(
        **asdict(_document(then)),
        refunds=then.refunds,
        contact=await people.open(order.contact, Profile),
        shipping_address=await people.open(order.shipping_address, Address),
        billing_address=await _address(order.billing_address, people),
    )


def _document(then: StandingOrder) -> OrderDocument:
    state, document = then.state, document_of(then.order, then.placed_at)
    return replace(
        document,
        status=status_of(state),
        fulfilments=state.references if isinstance(state, Fulfilled) else (),
        cancelled_reason=state.reason if isinstance(state, Cancelled) else None,
        refunded=refunded(then.refunds, document.refunded.currency),
    )


async def _address(sealed: Sealed | None, people: People) -> Address | None:
    return None if sealed is None else await people.open(sealed, Address)

"""What somebody looks for: a number, an id of ours or of Razorpay's, or a buyer's e-mail."""

from src.events.identifiers import normalised_email, order_number_as_read
from src.events.mailbox import Mailbox
from src.http.shop import Shop
from src.queries.order_places import order_on
from src.queries.orders import find_order, order_id_of
from src.queries.payments import find_payment, list_payments, razorpay_order_of

ORDERS, PAYMENTS = "/console/orders", "/console/payments"


def is_email(wanted: str) -> bool:
    """Whether a person is looked for, and not a thing."""
    return "@" in wanted


async def buyers_of(shop: Shop, email: str) -> list[str]:
    """Return everybody that a mailbox is known as: its account, and its guests.

    Nobody's address is compared: the book knows a mailbox by a keyed hash alone.
    """
    name = shop.people.mailbox(normalised_email(email))
    mailbox: Mailbox = await shop.ledger.look(lambda view: view.mailbox(name))
    account = () if mailbox.account is None else (mailbox.account,)
    return [*account, *mailbox.guests]


async def page_of(shop: Shop, wanted: str) -> str | None:
    """Return the page of the one thing that has this number or id; None where nothing has."""
    if wanted.startswith("pay_"):
        return await _of_payment(shop, wanted)
    order = await _order(shop, wanted)
    if order is not None:
        return f"{ORDERS}/{order}"
    if wanted.startswith("order_"):
        found = await list_payments(
            shop.reads, shop.book_id, shop.cursors, razorpay_order_id=wanted, limit=1
        )
        return f"{PAYMENTS}/{found.items[0].razorpay_payment_id}" if found.items else None
    return None


async def _order(shop: Shop, wanted: str) -> str | None:
    if wanted.startswith("order_"):
        return await order_on(shop.reads, shop.book_id, wanted)
    if wanted.startswith("ord_"):
        found = await find_order(shop.reads, shop.book_id, wanted)
        return None if found is None else found.order_id
    return await order_id_of(shop.reads, shop.book_id, order_number_as_read(wanted))


async def _of_payment(shop: Shop, wanted: str) -> str | None:
    """Money that became an order leads to the order, and other money to itself."""
    on = await razorpay_order_of(shop.reads, shop.book_id, wanted)
    payment = await find_payment(shop.reads, shop.book_id, wanted)
    if on is None or payment is None:
        return None
    if payment.order_id is not None:
        return f"{ORDERS}/{payment.order_id}"
    return f"{PAYMENTS}/{wanted}"

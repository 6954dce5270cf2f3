"""Whose an order is: asked here by all that shows one to a shopper, or changes it for one."""

from src.commands.rejections import Unknown
from src.commands.view import View
from src.events.cart import OrderedCart
from src.events.customer import Account
from src.events.order import OrderPlaced
from src.http.auth import Caller, CustomerCaller, holds_pass
from src.http.refusals import BadToken
from src.http.shop import Shop


def check_owner(shop: Shop, view: View, caller: Caller, order: OrderPlaced) -> None:
    """Let the buyer pass, or whoever has the cart: a guest's secret opens what guests bought.

    The buyer is also the account whose owner has proven to have been that guest.
    A cart that an account took is closed to the secret, and so is what it
    became, but for a pass: the guest who paid late gets one by mail all the same.
    Once it is ordered nobody can take it, so a glance is enough.
    """
    if isinstance(caller, CustomerCaller) and order.customer_id in persons(view, caller):
        return
    if holds_pass(caller, order.cart_id, shop.guest_key, shop.clock()):
        return
    cart = view.cart(order.cart_id)
    if not isinstance(cart, OrderedCart) or not shop.owns(caller, order.cart_id, cart.contents):
        raise Unknown("order", order.order_id)


def persons(view: View, caller: CustomerCaller) -> tuple[str, ...]:
    """Return as whom a customer has bought: by account, and as guests who are proven to be them.

    Raises BadToken for a login that a changed password has ended: whoever opened
    an account with another's e-mail sees nothing of what its owner claims.
    """
    person = view.customer(caller.customer_id)
    if caller.is_outdated(person):
        raise BadToken
    claimed = view.mailbox(person.mailbox).claimed if isinstance(person, Account) else ()
    return (caller.customer_id, *claimed)

"""Whom the payment window lets in, and what it tells the others."""

from src.http.sandbox.account import Account
from src.http.sandbox.entities import Order, Payment
from src.http.sandbox.page.money import spelled
from src.http.sandbox.page.visit import Visit


class TurnedAway(Exception):
    """There is nothing to pay here, or not now; with what the customer reads."""

    def __init__(self, title: str, says: str, status: int = 200) -> None:
        super().__init__(title, says)
        self.title = title
        self.says = says
        self.status = status


def admitted(account: Account, visit: Visit) -> Order:
    """The order that can be paid now, or TurnedAway."""
    order = known_order(account, visit)
    if order.status == "paid":
        amount = spelled(order.amount_paid, order.currency)
        raise TurnedAway("Already paid", f"{amount} was paid for this order. Nothing is due.")
    if any(each.status == "authorized" for each in account.entities.of_parent(Payment, order.id)):
        says = (
            "The bank has promised the money and the shop has not taken it yet. Until it does, "
            "this order cannot be paid a second time."
        )
        raise TurnedAway("A payment is under way", says)
    return order


def known_order(account: Account, visit: Visit) -> Order:
    if visit.key_id != account.settings.key_id:
        says = "The shop sent a key that this sandbox does not know."
        raise TurnedAway("Wrong key", f"{says} Its key id is {account.settings.key_id}.", 401)
    if not visit.order_id:
        says = "The shop named no order. Create one with POST /v1/orders, and send its order_id."
        raise TurnedAway("No order", says, 400)
    order = account.entities.find(Order, visit.order_id)
    if order is None:
        raise TurnedAway("Unknown order", f"This sandbox has no order {visit.order_id}.", 404)
    return order

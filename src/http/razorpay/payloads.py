"""What events about money carry: the payment, and whatever else the event is about."""

from msgspec import Struct

from src.commands.gateway import Report
from src.http.razorpay.entities import OrderId, PaymentEntity, moment, payment_report
from src.http.razorpay.envelope import Envelope, Of, UnreadableWebhook


class OrderNamed(Struct, frozen=True):
    """An order, of which only the name counts."""

    id: OrderId


class PaymentPayload(Struct, frozen=True):
    """The payload of an event about a payment; those about its money carry more."""

    payment: Of[PaymentEntity]
    order: Of[OrderNamed] | None = None

    def reports(self, envelope: Envelope) -> tuple[Report, ...]:
        """Return what it tells of an order's money, nothing if the money belongs to no order.

        Raises UnreadableWebhook when its parts do not belong together.
        """
        order_id, payment = self._order_id(), self.payment.entity
        if order_id is None:
            return ()
        at = moment(envelope.created_at) or moment(payment.created_at)
        return (payment_report(payment, order_id, at),)

    def check_payment(self, payment_id: str) -> None:
        """Raise UnreadableWebhook if this is not the payment that the event is about."""
        if payment_id != self.payment.entity.id:
            raise UnreadableWebhook(
                "what it tells of belongs to another payment than the one in it"
            )

    def _order_id(self) -> str | None:
        of_payment = self.payment.entity.order_id
        of_order = self.order.entity.id if self.order else None
        if of_payment and of_order and of_payment != of_order:
            raise UnreadableWebhook("the payment and the order in it belong to different orders")
        return of_payment or of_order

"""What the bank's side tells: signed webhooks, through the inbox that takes those of Razorpay."""

from collections.abc import Sequence
from typing import Protocol

from src.cli.sample_history.acquirer import SampleAcquirer
from src.cli.sample_history.chance import Ids
from src.cli.sample_history.instruments import details, method_of
from src.cli.sample_history.keys_ahead import KeysAhead
from src.commands.webhook_inbox import Delivery, Settled, WebhookInbox
from src.events.money import Money
from src.http.razorpay.signatures import verify_webhook
from src.http.sandbox.entities import Dispute, Order, Payment, Refund
from src.http.sandbox.envelope import Envelope
from src.http.sandbox.wire import encode, sign_webhook

Entity = Order | Payment | Refund | Dispute


class Payer(Protocol):
    """Whom Razorpay knows of."""

    @property
    def email(self) -> str: ...
    @property
    def phone(self) -> str: ...


class Bank:
    """Tells of payments, refunds and disputes."""

    def __init__(
        self,
        acquirer: SampleAcquirer,
        inbox: WebhookInbox,
        secrets: Sequence[str],
        ids: Ids,
        keys: KeysAhead,
    ) -> None:
        self.acquirer = acquirer
        self._inbox = inbox
        self._secrets = secrets
        self._ids = ids
        self._keys = keys
        self._told = 0
        self.remembered: dict[str, Payment] = {}
        """Payments by id, those whose money staff may have to give back."""

    def seconds(self) -> int:
        """Return the time as Razorpay writes it."""
        return int(self._ids.clock().timestamp())

    def payment(self, razorpay_order_id: str, tried: int, due: Money, payer: Payer) -> Payment:
        """Return the n-th payment that is tried on an order, before the bank has answered."""
        payment_id = self.acquirer.id_of("pay_", razorpay_order_id, tried)
        return Payment(
            id=payment_id,
            amount=due.amount,
            currency=due.currency,
            status="created",
            order_id=razorpay_order_id,
            method=method_of(payment_id),
            email=payer.email,
            contact=payer.phone,
            notes=[],
            acquirer_data={},
            created_at=self.seconds(),
            **details(payment_id),
        )

    def paid_order(self, payment: Payment, receipt: str) -> Order:
        """Return the order that a captured payment has paid."""
        return Order(
            id=payment.order_id or "",
            amount=payment.amount,
            amount_paid=payment.amount,
            amount_due=0,
            currency=payment.currency,
            receipt=receipt,
            status="paid",
            attempts=1,
            notes=[],
            created_at=payment.created_at,
        )

    def refund(self, payment: Payment, refund_id: str, amount: int, status: str) -> Refund:
        """Return a refund that the shop asked for, as it stands."""
        return Refund(
            id=self.acquirer.id_of("rfnd_", refund_id),
            amount=amount,
            currency=payment.currency,
            payment_id=payment.id,
            notes=[],
            receipt=refund_id,
            acquirer_data={"arn": None},
            created_at=self.seconds(),
            status=status,
            speed_processed="normal",
            speed_requested="normal",
        )

    async def tell(self, event: str, *entities: Entity, again: bool = False) -> Settled:
        """Deliver what happened, twice if the first answer got lost on its way."""
        self._told += 1
        body = self._body(event, entities)
        delivery = self._signed(body)
        await self._keys.top_up()
        webhook, _ = await self._inbox.receive(delivery, self._ids.new())
        settled = await self._inbox.handle(webhook, body)
        if again:
            await self._keys.top_up()
            webhook, _ = await self._inbox.receive(delivery, self._ids.new())
            await self._inbox.handle(webhook, body)
        return settled

    def _body(self, event: str, entities: Sequence[Entity]) -> bytes:
        envelope = Envelope(
            account_id=self.acquirer.id_of("acc_", "account"),
            event=event,
            contains=[entity.entity for entity in entities],
            payload={entity.entity: {"entity": entity} for entity in entities},
            created_at=self.seconds(),
        )
        return encode(envelope, alphabetical=event.startswith("refund."))

    def _signed(self, body: bytes) -> Delivery:
        signature = sign_webhook(body, self._secrets[0])
        secret = verify_webhook(body, signature, self._secrets)
        assert secret is not None
        return Delivery(
            event_id=self.acquirer.id_of("", "event", self._told),
            body=body,
            signature=signature,
            secret_index=secret,
        )

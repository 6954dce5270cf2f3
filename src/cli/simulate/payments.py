"""What customers and their banks do with a payment."""

from typing import Annotated, Any

import typer

from src.cli.simulate.calls import command, tell

OrderId = Annotated[str, typer.Argument(help="The payment intent's id, order_….")]
PaymentId = Annotated[str, typer.Argument(help="pay_….")]
Method = Annotated[str, typer.Option(help="upi, card, netbanking, wallet …")]
Reason = Annotated[str | None, typer.Option(help="Razorpay's word for it.")]
Amount = Annotated[int | None, typer.Option(help="In minor units; what is due without it.")]
Currency = Annotated[str | None, typer.Option(help="Another one than the order's.")]
EvenIfPaid = Annotated[bool, typer.Option("--even-if-paid", help="Capture it twice over.")]
Silently = Annotated[bool, typer.Option("--no-webhook", help="Hold the webhooks back.")]


@command
def pay(  # noqa: PLR0913 - one option for each thing that can be odd
    order: OrderId,
    *,
    method: Method = "upi",
    amount: Amount = None,
    currency: Currency = None,
    even_if_paid: EvenIfPaid = False,
    no_webhook: Silently = False,
) -> None:
    """The customer pays, and the money is captured."""
    sums = {"amount": amount, "currency": currency, "even_if_paid": even_if_paid or None}
    _pay(order, "captured", method=method, deliver=not no_webhook, **sums)


@command
def fail(order: OrderId, method: Method = "upi", reason: Reason = None) -> None:
    """The bank declines."""
    _pay(order, "failed", method=method, reason=reason)


@command
def stumble(order: OrderId, method: Method = "upi", reason: Reason = None) -> None:
    """A wrong PIN and then the right one, of one payment."""
    _pay(order, "failed_then_captured", method=method, reason=reason)


@command
def authorize(order: OrderId, method: Method = "card") -> None:
    """The bank promises the money; `capture` takes it."""
    _pay(order, "authorized", method=method)


@command
def silent(order: OrderId, method: Method = "upi") -> None:
    """The bank does not answer until you say `late`."""
    _pay(order, "silent", method=method)


@command
def late(payment: PaymentId, *, even_if_paid: EvenIfPaid = False) -> None:
    """The bank says yes to a silent or failed payment."""
    say_payment(tell(f"/payments/{payment}/authorize", even_if_paid=even_if_paid or None))


@command
def capture(payment: PaymentId, *, even_if_paid: EvenIfPaid = False) -> None:
    """Take money that was only authorized."""
    say_payment(tell(f"/payments/{payment}/capture", even_if_paid=even_if_paid or None))


@command
def foreign_pay(
    *,
    amount: Annotated[int, typer.Option(help="In minor units.")] = 49900,
    currency: Annotated[str, typer.Option(help="Three letters.")] = "INR",
    method: Method = "upi",
    without_order: Annotated[bool, typer.Option("--without-order", help="As by QR code.")] = False,
) -> None:
    """Somebody pays this merchant elsewhere."""
    wish = {"amount": amount, "currency": currency, "method": method}
    say_payment(tell("/foreign/pay", **wish, without_order=without_order))


def say_payment(said: dict[str, Any]) -> None:
    """What checkout.js would hand to the page, ready for /payments/razorpay/verify."""
    typer.echo(f"payment {said['payment']['status']}")
    for name in ("razorpay_order_id", "razorpay_payment_id", "razorpay_signature"):
        if said[name] is not None:
            typer.echo(f"{name} {said[name]}")


def _pay(order: str, outcome: str, **wishes: object) -> None:
    say_payment(tell(f"/orders/{order}/pay", outcome=outcome, **wishes))

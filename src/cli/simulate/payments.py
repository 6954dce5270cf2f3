"""What customers and their banks do with a payment."""

from collections.abc import Callable
from typing import Annotated, Any

import typer

from src.cli.simulate.calls import command, tell


def _id(prefix: str) -> Callable[[str], str]:
    """Say what is wanted, where a payment's id is given for an order's or the reverse."""

    def checked(given: str) -> str:
        if given.startswith(PREFIXES) and not given.startswith(prefix):
            raise typer.BadParameter(f"{given} is no {prefix}…, which is wanted here.")
        return given

    return checked


PREFIXES = ORDER, PAYMENT = "order_", "pay_"
OrderId = Annotated[
    str,
    typer.Argument(metavar="ORDER", help="The payment intent's id, order_….", callback=_id(ORDER)),
]
PaymentId = Annotated[
    str,
    typer.Argument(
        metavar="PAYMENT", help="pay_…, as the other commands say.", callback=_id(PAYMENT)
    ),
]
Method = Annotated[str, typer.Option(help="upi, card, netbanking, wallet …")]
Reason = Annotated[str | None, typer.Option(help="Razorpay's word for it.")]
Amount = Annotated[int | None, typer.Option(help="In minor units; what is due without it.")]
Currency = Annotated[str | None, typer.Option(help="Another one than the order's.")]
EvenIfPaid = Annotated[bool, typer.Option("--even-if-paid", help="Capture it twice over.")]
SIGNED = {"authorized", "captured", "refunded"}
"""Of a payment that is neither promised nor made, checkout.js brings no signature."""
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
    status = said["payment"]["status"]
    typer.echo(f"payment {status}")
    names = ("razorpay_order_id", "razorpay_payment_id", "razorpay_signature")
    for name in names if status in SIGNED else names[:2]:
        if said[name] is not None:
            typer.echo(f"{name} {said[name]}")


def _pay(order: str, outcome: str, **wishes: object) -> None:
    say_payment(tell(f"/orders/{order}/pay", outcome=outcome, **wishes))

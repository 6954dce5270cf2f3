"""`khata simulate`: tells the sandbox of the running shop what customers, banks and networks do."""

import os
from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any, ParamSpec

import typer

from src.cli.complaint import Complaint
from src.cli.local_calls import Answer, NoAnswerError, ask
from src.cli.outcome import told
from src.cli.shop_place import settings_of_a_shop
from src.cli.shop_record import read_shop

OK = 200

P = ParamSpec("P")

simulate = typer.Typer(
    help="Tell the running sandbox what happens at Razorpay.",
    no_args_is_help=True,
)
OrderId = Annotated[str, typer.Argument(help="The payment intent's id, order_….")]
PaymentId = Annotated[str, typer.Argument(help="pay_….")]
Method = Annotated[str, typer.Option(help="upi, card, netbanking, wallet …")]
Silently = Annotated[bool, typer.Option("--no-webhook", help="Hold the webhooks back.")]


def _command(run: Callable[P, None]) -> Callable[P, None]:
    """One of these commands, which ends as every command does."""

    @wraps(run)
    def ends_well(*args: P.args, **kwargs: P.kwargs) -> None:
        told(lambda: run(*args, **kwargs))

    return simulate.command()(ends_well)


@_command
def pay(order: OrderId, method: Method = "upi", no_webhook: Silently = False) -> None:  # noqa: FBT002 - an option
    """The customer pays, and the money is captured."""
    _pay(order, "captured", method=method, deliver=not no_webhook)


@_command
def fail(
    order: OrderId,
    method: Method = "upi",
    reason: Annotated[str | None, typer.Option(help="Razorpay's word for it.")] = None,
) -> None:
    """The bank declines."""
    _pay(order, "failed", method=method, **({} if reason is None else {"reason": reason}))


@_command
def authorize(order: OrderId, method: Method = "card") -> None:
    """The bank promises the money; `capture` takes it."""
    _pay(order, "authorized", method=method)


@_command
def silent(order: OrderId, method: Method = "upi") -> None:
    """The bank does not answer; `late` lets it answer after all."""
    _pay(order, "silent", method=method)


@_command
def late(payment: PaymentId) -> None:
    """The bank says yes to a silent or failed payment after all."""
    _move(payment, "authorize")


@_command
def capture(payment: PaymentId) -> None:
    """Take money that was only authorized."""
    _move(payment, "capture")


@_command
def dispute(payment: PaymentId) -> None:
    """The customer asks the bank for the money back."""
    _tell(f"/payments/{payment}/dispute", {})
    typer.echo(f"{payment} is disputed")


@_command
def drop(count: Annotated[int, typer.Argument(help="How many.")] = 1) -> None:
    """The webhooks of the next payment are held back until `flush`."""
    _plan("held back", drop=count)


@_command
def duplicate(copies: Annotated[int, typer.Argument(help="How often.")] = 2) -> None:
    """Each webhook of the next payment arrives several times at once."""
    _plan(f"sent {copies} times", duplicate=copies)


@_command
def reorder() -> None:
    """The webhooks of the next payment arrive last to first."""
    _plan("sent last to first", reorder=True)


@_command
def delay(seconds: Annotated[float, typer.Argument(help="By how much.")]) -> None:
    """The webhooks of the next payment wait."""
    _plan(f"held for {seconds:g} s", delay_seconds=seconds)


@_command
def webhooks(
    of: Annotated[str | None, typer.Option(help="Of this order or payment only.")] = None,
) -> None:
    """List the events, oldest first, and what became of them."""
    items = _ask("GET", "/webhooks" + (f"?of={of}" if of else ""))["items"]
    for item in items:
        tries = len(item["attempts"])
        typer.echo(f"{item['event_id']}  {item['event']:<24}{item['state']}, {_times(tries)}")
    if not items:
        typer.echo("no events")


@_command
def flush() -> None:
    """Deliver everything that waits, now."""
    typer.echo(f"tried {len(_tell('/webhooks/flush', {})['items'])} events")


@_command
def redeliver(event: Annotated[str, typer.Argument(help="An event's id.")]) -> None:
    """Send one event again."""
    typer.echo(f"{event}: {_tell(f'/webhooks/{event}/redeliver', {})['state']}")


@_command
def fault(
    kind: Annotated[
        str, typer.Argument(help="hang, reset, http_500, html_502, http_429, commit_then_drop")
    ],
    operation: Annotated[str, typer.Option(help="For example order.create.")] = "*",
    times: Annotated[int, typer.Option(help="How often.")] = 1,
) -> None:
    """Razorpay's API misbehaves when it is called next."""
    _tell("/faults", {"operation": operation, "fault": kind, "times": times})
    typer.echo(f"{operation}: {kind}, {times} times")


@_command
def clock(seconds: Annotated[float, typer.Argument(help="How much time passes.")]) -> None:
    """Let time pass at Razorpay, not in the shop."""
    _tell("/clock", {"advance_seconds": seconds})
    typer.echo(f"{seconds:g} s have passed at Razorpay")


def _times(tries: int) -> str:
    return "1 try" if tries == 1 else f"{tries} tries"


def _pay(order: str, outcome: str, **wishes: object) -> None:
    said = _tell(f"/orders/{order}/pay", {"outcome": outcome, **wishes})
    _say_payment(said)


def _move(payment: str, how: str) -> None:
    _say_payment(_tell(f"/payments/{payment}/{how}", {}))


def _say_payment(said: dict[str, Any]) -> None:
    """What checkout.js would hand to the page, ready for /payments/razorpay/verify."""
    typer.echo(f"payment {said['payment']['status']}")
    for name in ("razorpay_order_id", "razorpay_payment_id", "razorpay_signature"):
        typer.echo(f"{name} {said[name]}")


def _plan(what: str, **plan: object) -> None:
    _tell("/webhooks/plan", plan)
    typer.echo(f"the webhooks of the next payment are {what}")


def _tell(path: str, body: dict[str, object]) -> Any:  # noqa: ANN401 - each call answers in its own way
    return _ask("POST", path, body)


def _ask(method: str, path: str, body: dict[str, object] | None = None) -> Any:  # noqa: ANN401 - as above
    try:
        answer = ask(_sandbox_url(), method, f"/_sandbox{path}", body)
    except NoAnswerError as error:
        raise Complaint(f"{error}: start `khata up` or `khata sandbox`.") from error
    if answer.status != OK:
        raise Complaint(f"The sandbox says no: {_refusal(answer)}")
    return answer.body


def _refusal(answer: Answer) -> object:
    """In words, unless it is no sandbox that answers there."""
    try:
        return answer.body["error"]["description"]
    except (LookupError, TypeError):
        return f"status {answer.status}"


def _sandbox_url() -> str:
    settings = settings_of_a_shop(os.environ)
    running = read_shop(settings.home)
    return (running and running.sandbox_url) or settings.sandbox_url

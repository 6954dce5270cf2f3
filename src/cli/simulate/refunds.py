"""How refunds end, and what the account has to refund from."""

from typing import Annotated

import typer

from src.cli.simulate.calls import command, post, tell
from src.cli.simulate.payments import Silently

RefundId = Annotated[str, typer.Argument(help="rfnd_….")]


@command
def refund_plan(
    outcome: Annotated[str, typer.Argument(help="processed, pending or failed.")],
    times: Annotated[int, typer.Option(help="How many refunds.")] = 1,
    payment: Annotated[str | None, typer.Option(help="Of this payment only.")] = None,
) -> None:
    """Say how the next refunds end."""
    tell("/refunds/plan", outcome=outcome, times=times, payment_id=payment)
    typer.echo(f"the next {times} refunds are {outcome}")


@command
def refund_process(refund: RefundId, *, no_webhook: Silently = False) -> None:
    """A pending refund arrives."""
    _say(tell(f"/refunds/{refund}/process", deliver=not no_webhook)["refund"])


@command
def refund_fail(
    refund: RefundId,
    *,
    reason: Annotated[str | None, typer.Option(help="For the answer of this call.")] = None,
    no_webhook: Silently = False,
) -> None:
    """A pending refund fails."""
    _say(tell(f"/refunds/{refund}/fail", reason=reason, deliver=not no_webhook)["refund"])


@command
def balance(
    amount: Annotated[int | None, typer.Argument(help="In paise; endless without it.")] = None,
) -> None:
    """Set what the account has to refund from."""
    post("/balance", {"amount": amount})
    typer.echo("the balance is endless" if amount is None else f"the balance is {amount} paise")


@command
def settle() -> None:
    """Pay out now what was captured since the last time."""
    paid = tell("/settlements")["settlement"]
    typer.echo(f"settlement {paid['id']} of {paid['amount']} paise")


def _say(refund: dict[str, object]) -> None:
    typer.echo(f"refund {refund['id']} {refund['status']}")

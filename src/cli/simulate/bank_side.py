"""What banks do by themselves: disputes, and whole methods that do not work."""

from typing import Annotated, Any

import typer

from src.cli.simulate.calls import command, tell
from src.cli.simulate.payments import PaymentId, Silently

DISPUTE_MOVES = "under_review, action_required, win, lose, close"
DowntimeId = Annotated[str, typer.Argument(help="down_….")]
Severity = Annotated[str, typer.Option(help="high, medium or low.")]


@command
def dispute(
    payment: PaymentId,
    *,
    amount: Annotated[int | None, typer.Option(help="In minor units; all without it.")] = None,
    reason: Annotated[str | None, typer.Option(help="Razorpay's reason_code.")] = None,
    phase: Annotated[str | None, typer.Option(help="fraud, retrieval, chargeback …")] = None,
    no_webhook: Silently = False,
) -> None:
    """The customer asks the bank for the money back."""
    wish = {"amount": amount, "reason_code": reason, "phase": phase}
    said = tell(f"/payments/{payment}/dispute", **wish, deliver=not no_webhook)
    typer.echo(f"{payment} is disputed: {said['dispute']['id']}")


@command
def dispute_move(
    dispute_id: Annotated[str, typer.Argument(metavar="DISPUTE", help="disp_….")],
    move: Annotated[str, typer.Argument(help=f"{DISPUTE_MOVES}.")],
    *,
    no_webhook: Silently = False,
) -> None:
    """The bank looks, asks for more, or decides."""
    moved = tell(f"/disputes/{dispute_id}/{move}", deliver=not no_webhook)["dispute"]
    typer.echo(f"dispute {moved['id']} {moved['status']}")


@command
def downtime(
    *,
    method: Annotated[str, typer.Option(help="upi, card or netbanking.")] = "upi",
    severity: Severity = "high",
    instrument: Annotated[
        list[str] | None, typer.Option(help="name=value, for example bank=HDFC.")
    ] = None,
    scheduled: Annotated[bool, typer.Option("--scheduled", help="It was announced.")] = False,
) -> None:
    """A method stops working."""
    named = [each.partition("=") for each in instrument or []]
    parts = {name: value for name, _, value in named}
    wish = {"method": method, "severity": severity, "instrument": parts or None}
    _say(tell("/downtimes", **wish, scheduled=scheduled))


@command
def downtime_update(downtime_id: DowntimeId, severity: Severity = "low") -> None:
    """A method works better or worse."""
    _say(tell(f"/downtimes/{downtime_id}/update", severity=severity))


@command
def downtime_resolve(downtime_id: DowntimeId) -> None:
    """A method works again."""
    _say(tell(f"/downtimes/{downtime_id}/resolve"))


def _say(said: dict[str, Any]) -> None:
    typer.echo(f"downtime {said['id']} of {said['method']} {said['status']}")

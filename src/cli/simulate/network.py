"""What the network, Razorpay's machines and time itself do."""

from typing import Annotated

import typer

from src.cli.simulate.calls import command, look, tell

KINDS = (
    "hang, reset, slow, http_401, http_429, http_429_bare, http_500, html_502, html_504, "
    "empty_200, not_json_200, commit_then_drop, commit_then_500"
)


@command
def fault(
    kind: Annotated[str, typer.Argument(help=KINDS)],
    operation: Annotated[str, typer.Option(help="For example order.create.")] = "*",
    times: Annotated[int, typer.Option(help="How often.")] = 1,
    about: Annotated[str | None, typer.Option(help="Only for this id or receipt.")] = None,
    seconds: Annotated[float | None, typer.Option(help="How long `slow` waits.")] = None,
) -> None:
    """Razorpay's API misbehaves when it is called next."""
    tell("/faults", operation=operation, fault=kind, times=times, about=about, seconds=seconds)
    typer.echo(f"{operation}: {kind}, {times} times")


@command
def faults(
    *,
    clear: Annotated[bool, typer.Option("--clear", help="Forget them all.")] = False,
) -> None:
    """List the faults that wait for a call."""
    planned = (tell("/faults/clear") if clear else look("/faults"))["planned"]
    for each in planned:
        about = f" about {each['about']}" if each["about"] else ""
        typer.echo(f"{each['operation']}: {each['fault']}, {each['times']} times{about}")
    if not planned:
        typer.echo("no faults")


@command
def clock(
    seconds: Annotated[float, typer.Argument(help="How much time passes.")],
    *,
    wait: Annotated[bool, typer.Option("--wait", help="Until due webhooks were tried.")] = False,
) -> None:
    """Let time pass at Razorpay, not in the shop."""
    tell("/clock", advance_seconds=seconds, wait=wait)
    typer.echo(f"{seconds:g} s have passed at Razorpay")


@command
def list_lag(
    seconds: Annotated[float, typer.Argument(help="0 for not at all.")],
) -> None:
    """Let Razorpay's lists be behind."""
    tell("/lists", lag_seconds=seconds)
    typer.echo(f"lists are {seconds:g} s behind")


@command
def reset(
    seed: Annotated[int | None, typer.Option(help="Begin another account.")] = None,
) -> None:
    """Forget everything that happened at Razorpay."""
    tell("/reset", seed=seed)
    typer.echo("the sandbox has forgotten everything")

"""What became of the webhooks, and sending them once more."""

from typing import Annotated

import typer

from src.cli.simulate.calls import command, look, tell

EventId = Annotated[str, typer.Argument(help="An event's id.")]


@command
def webhooks(
    *,
    of: Annotated[str | None, typer.Option(help="Of this order or payment only.")] = None,
    tries: Annotated[bool, typer.Option("--tries", help="With every try.")] = False,
) -> None:
    """List the events, oldest first, and what became of them."""
    items = look("/webhooks" + (f"?of={of}" if of else ""))["items"]
    for item in items:
        count = _times(len(item["attempts"]))
        typer.echo(f"{item['event_id']}  {item['event']:<24}{item['state']}, {count}")
        if tries:
            _say_tries(item["attempts"])
    if not items:
        typer.echo("no events")


@command
def flush() -> None:
    """Deliver everything that waits, now."""
    typer.echo(f"tried {len(tell('/webhooks/flush')['items'])} events")


@command
def redeliver(event: EventId) -> None:
    """Send one event again, whatever became of it."""
    typer.echo(f"{event}: {tell(f'/webhooks/{event}/redeliver')['state']}")


@command
def replay(event: EventId) -> None:
    """Replay an event nobody took, by the dashboard's rules."""
    typer.echo(f"{event}: {tell(f'/webhooks/{event}/replay')['state']}")


@command
def endpoints() -> None:
    """List where webhooks go, and whether they still do."""
    for each in look("/webhooks/endpoints")["items"]:
        state = "active" if each["active"] else "disabled"
        typer.echo(f"{each['id']}  {state:<10}{each['url'] or 'no address yet'}")


@command
def enable(
    endpoint: Annotated[str | None, typer.Argument(help="Its id; the first without it.")] = None,
) -> None:
    """Let a disabled endpoint hear again."""
    chosen = endpoint or look("/webhooks/endpoints")["items"][0]["id"]
    typer.echo(f"{tell(f'/webhooks/endpoints/{chosen}/enable')['id']} is active")


@command
def secret(
    new: Annotated[str, typer.Argument(help="Signs what happens from now on.")],
    endpoint: Annotated[str | None, typer.Option(help="Its id; the first without it.")] = None,
) -> None:
    """Rotate the webhook secret at Razorpay."""
    changed = tell("/webhooks/secret", secret=new, endpoint=endpoint)
    typer.echo(f"{changed['id']} signs new events with the new secret")


def _say_tries(attempts: list[dict[str, object]]) -> None:
    for each in attempts:
        typer.echo(f"    {each['endpoint']}  {each['status'] or each['problem']}")


def _times(tries: int) -> str:
    return "1 try" if tries == 1 else f"{tries} tries"

"""Mischief that waits for the next webhooks."""

import json
from typing import Annotated, Any

import typer

from src.cli.simulate.calls import command, look, tell

FIELDS = (
    "drop=2, duplicate=3, delay_seconds=30, hold_until=fetched (or flush), tamper_amount=100, "
    "huge_body=512 (KiB), or one of reorder, bad_signature, wrong_secret, unknown_order, "
    "not_utf8, without_event_id, swap_id."
)


@command
def drop(count: Annotated[int, typer.Argument(help="How many.")] = 1) -> None:
    """The next webhooks are held back until `flush`."""
    _plan("held back", drop=count)


@command
def duplicate(copies: Annotated[int, typer.Argument(help="How often.")] = 2) -> None:
    """Each webhook arrives several times at once."""
    _plan(f"sent {copies} times", duplicate=copies)


@command
def reorder() -> None:
    """The webhooks arrive last to first."""
    _plan("sent last to first", reorder=True)


@command
def delay(seconds: Annotated[float, typer.Argument(help="By how much.")]) -> None:
    """The webhooks of the next payment wait."""
    _plan(f"held for {seconds:g} s", delay_seconds=seconds)


@command
def plan(
    fields: Annotated[
        list[str] | None, typer.Argument(metavar="FIELD[=VALUE]", help=FIELDS)
    ] = None,
    *,
    order: Annotated[str | None, typer.Option(help="Only what is about this order.")] = None,
    payment: Annotated[str | None, typer.Option(help="Only what is about this payment.")] = None,
    event: Annotated[str | None, typer.Option(help="Only events of this name.")] = None,
) -> None:
    """Plan mischief for the next webhooks, or list it.

    With an order, a payment or an event the plan waits for such webhooks, and leaves
    all others alone; without a field it ends.
    """
    only = {"order": order, "payment": payment, "event": event}
    meant = {name: value for name, value in only.items() if value is not None}
    if fields or meant:
        tell("/webhooks/plan", **dict(map(_field, fields or [])), only=meant or None)
    _list()


def _field(text: str) -> tuple[str, object]:
    """`drop=2` counts, `hold_until=flush` is a word, and `not_utf8` alone is a yes."""
    name, equals, value = text.partition("=")
    try:
        return name, json.loads(value) if equals else True
    except ValueError:
        return name, value


def _list() -> None:
    items: list[dict[str, Any]] = look("/webhooks/plan")["items"]
    for item in items:
        only: dict[str, str | None] = item.pop("only") or {}
        about = [f"{name} {value}" for name, value in only.items() if value is not None]
        said = [
            f"{name}={json.dumps(value)}" for name, value in item.items() if _is_said(name, value)
        ]
        typer.echo(f"{', '.join(about) or 'any webhook'}: {' '.join(said)}")
    if not items:
        typer.echo("nothing is planned")


def _is_said(name: str, value: object) -> bool:
    return bool(value) and (name, value) != ("duplicate", 1)


def _plan(what: str, **wish: object) -> None:
    tell("/webhooks/plan", **wish)
    typer.echo(f"the webhooks of the next payment are {what}")

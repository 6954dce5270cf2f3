"""How every simulation is asked for: a call to the sandbox, and its no in one line."""

import os
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec
from urllib.parse import quote

import typer

from src.cli.complaint import Complaint
from src.cli.local_calls import Answer, NoAnswerError, ask
from src.cli.outcome import told
from src.cli.shop_place import settings_of_a_shop
from src.cli.shop_record import read_shop

OK = 200
TRIES_SECONDS_MAX = 60.0
"""Some calls answer only when webhooks were tried, each of which may take five seconds."""

P = ParamSpec("P")

simulate = typer.Typer(
    help="Tell the running sandbox what happens at Razorpay.",
    no_args_is_help=True,
)


def command(run: Callable[P, None]) -> Callable[P, None]:
    """One of these commands, which ends as every command does."""

    @wraps(run)
    def ends_well(*args: P.args, **kwargs: P.kwargs) -> None:
        told(lambda: run(*args, **kwargs))

    return simulate.command()(ends_well)


def tell(path: str, **body: object) -> Any:  # noqa: ANN401 - each call answers in its own way
    """Make a call; what is None is not said."""
    return post(path, {name: value for name, value in body.items() if value is not None})


def post(path: str, body: dict[str, object]) -> Any:  # noqa: ANN401 - each call answers in its own way
    """Make a call in exactly these words."""
    return _ask("POST", path, body)


def look(path: str) -> Any:  # noqa: ANN401 - each call answers in its own way
    return _ask("GET", path, None)


def _ask(method: str, path: str, body: dict[str, object] | None) -> Any:  # noqa: ANN401 - as above
    spelled = quote(f"/_sandbox{path}", safe="/?=")
    try:
        answer = ask(_sandbox_url(), method, spelled, body, TRIES_SECONDS_MAX)
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

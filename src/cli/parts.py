"""`khata serve`, `worker`, `sandbox` and `migrate`: the parts of a shop, one at a time."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from socket import socket

import typer
from msgspec.structs import replace

from src.cli.engines_here import migrate_book, with_engines
from src.cli.ports import bind, handed_down, port_of
from src.cli.preparing import open_with_sample
from src.cli.serving import serve_api, serve_sandbox, work
from src.cli.webhook_warning import warn_without_webhook_secret
from src.events.migrated import newest
from src.http.places import LOOPBACK_HOST
from src.settings import Settings
from src.telemetry import configure_logging

SettingsToCome = Callable[[], Settings]
"""Known only once `khata up` has said them; what is heavy to import is imported before."""


def serve(told: SettingsToCome, fd: int) -> None:
    """Run one API process, on its own port or on the one handed down."""
    configure_logging()
    import_module("src.bootstrap")
    settings = told()
    listening = handed_down(fd) if fd >= 0 else bind(settings.host, settings.port, "KHATA_PORT")
    with with_engines(settings) as addressed, _traced(settings, "api"):
        serve_api(
            addressed, listening, lambda: None if fd >= 0 else _say_where(settings, listening)
        )


def _say_where(settings: Settings, listening: socket) -> None:
    """What `khata up` would say, where there is none."""
    warn_without_webhook_secret(settings)
    here = replace(settings, port=port_of(listening))
    typer.echo(f"khata: the API listens on {here.api_url}", err=True)


def worker(told: SettingsToCome, *, with_sample: bool) -> None:
    """Run one worker, in a shop that has something to sell if that was asked for."""
    configure_logging()
    import_module("src.bootstrap")
    with with_engines(told()) as addressed:
        if with_sample:
            open_with_sample(addressed)
        with _traced(addressed, "worker"):
            work(addressed)


def _traced(settings: Settings, part: str) -> AbstractContextManager[None]:
    """Send spans of this process where the settings say, if they do."""
    if settings.traces_url is None:
        return nullcontext()
    from src.trace_export import exported  # noqa: PLC0415 - a third of a second for nothing, without traces

    return exported(part)


def sandbox(told: SettingsToCome, fd: int) -> None:
    """Run the sandbox; it needs no engine."""
    configure_logging()
    import_module("src.http.sandbox")
    settings = told()
    port = settings.sandbox_port
    serve_sandbox(
        settings, handed_down(fd) if fd >= 0 else bind(LOOPBACK_HOST, port, "KHATA_SANDBOX_PORT")
    )


def migrate(settings: Settings) -> None:
    """Migrate the given database, the running engine's or our own."""
    with with_engines(settings) as addressed:
        migrate_book(addressed)
    typer.echo(f"the database is at version {int(newest())}")

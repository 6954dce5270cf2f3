"""How long Razorpay takes to answer, by what it was asked and how that ended."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from enum import StrEnum
from functools import partial
from time import perf_counter

from prometheus_client import CollectorRegistry, Histogram

from src.commands.gateway import GatewayRefusedError
from src.tracing import Kind, span

SECONDS_BUCKETS = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)


class Answered(StrEnum):
    """How a question to Razorpay ended."""

    ANSWERED = "answered"
    REFUSED = "refused"
    UNAVAILABLE = "unavailable"
    LATE = "late"
    """Nobody waited any longer."""


class ProviderFigures:
    """The figures of one process, under `khata_provider_seconds`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._seconds = Histogram(
            "khata_provider_seconds",
            "Time from asking Razorpay until its answer, by operation and outcome.",
            ("operation", "outcome"),
            buckets=SECONDS_BUCKETS,
            registry=registry,
        )

    @contextmanager
    def asking(self, ask: object) -> Generator[None]:
        """Count one question, with the time that it took, and let a trace show it."""
        operation, begun, outcome = operation_of(ask), perf_counter(), Answered.ANSWERED
        with span(f"razorpay {operation}", Kind.CLIENT) as seen:
            try:
                yield
            except BaseException as error:
                outcome = _outcome(error)
                if isinstance(error, GatewayRefusedError) and error.status is not None:
                    seen.note("http.response.status_code", error.status)
                raise
            finally:
                seen.note("khata.outcome", outcome.value)
                seconds = perf_counter() - begun
                self._seconds.labels(operation, outcome.value).observe(seconds)


def operation_of(ask: object) -> str:
    """Return the SDK's name of a question, like `order.create`: code, and nothing of anybody."""
    asked = ask.func if isinstance(ask, partial) else ask  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]  # of any function
    name: str = getattr(asked, "__qualname__", "call")  # pyright: ignore[reportUnknownArgumentType]  # as above
    return name.rpartition("<locals>.")[2].lower()


def _outcome(error: BaseException) -> Answered:
    if isinstance(error, GatewayRefusedError):
        return Answered.REFUSED
    if isinstance(error, asyncio.CancelledError):
        return Answered.LATE
    return Answered.UNAVAILABLE

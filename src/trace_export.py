"""Sending spans to an OpenTelemetry collector: in a thread of its own, and never in anybody's way.

What the environment says in OTEL_… variables is read by the library. A collector
that is away costs the spans, and one log line a minute.
"""

import logging
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from time import monotonic

from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

from src import tracing
from src.telemetry import logger
from src.trace_spans import OtelSpans

COMPLAINT_SECONDS = 60.0
"""A collector that is away is worth one line in this time."""
FLUSH_SECONDS = 2.0
"""So long may the last spans take on their way, when a process ends."""

_log = logger("tracing")


class Patient(SpanExporter):
    """Hands spans to an exporter, and complains of it once a minute at most."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter
        self._lost = 0
        self._complained_at = float("-inf")

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        try:
            result = self._exporter.export(spans)
        except Exception:  # noqa: BLE001 - whatever it was, only spans are lost, and that is said
            result = SpanExportResult.FAILURE
        if result is not SpanExportResult.SUCCESS:
            self._complain(len(spans))
        return result

    def shutdown(self) -> None:
        self._exporter.shutdown()

    def _complain(self, lost: int) -> None:
        self._lost += lost
        now = monotonic()
        if now - self._complained_at >= COMPLAINT_SECONDS:
            _log.warning("nobody takes the traces", spans_lost=self._lost)
            self._complained_at, self._lost = now, 0


@contextmanager
def exported(part: str) -> Generator[None]:
    """Send what this process does to OTEL_EXPORTER_OTLP_ENDPOINT until the end of the block."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415 - tests do without
        OTLPSpanExporter,
    )

    _hush()
    exporter = Patient(OTLPSpanExporter())
    try:
        spans = OtelSpans(part, BatchSpanProcessor(exporter))
    except ValueError:  # Its words quote a variable; no shop stays closed for want of traces.
        _log.warning("no traces: a number in OTEL_BSP_… or OTEL_…_LIMIT cannot be used")
        yield
        return
    with collecting(spans):
        try:
            yield
        finally:
            _flush(spans.provider, exporter)


@contextmanager
def collecting(spans: OtelSpans) -> Generator[None]:
    """Let these be the spans of this process until the end of the block."""
    tracing.collect(spans)
    try:
        yield
    finally:
        tracing.collect(None)


def _flush(provider: TracerProvider, exporter: SpanExporter) -> None:
    """Send the rest; a collector that is away must not keep a process from its end."""
    last = threading.Thread(target=provider.force_flush, daemon=True)
    last.start()
    last.join(FLUSH_SECONDS)
    exporter.shutdown()  # It stops waiting for another try.
    threading.Thread(target=provider.shutdown, daemon=True).start()


def _hush() -> None:
    """The library complains of each batch, in its own words; we do, once a minute."""
    library = logging.getLogger("opentelemetry")
    library.addHandler(logging.NullHandler())
    library.propagate = False

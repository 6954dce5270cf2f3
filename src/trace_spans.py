"""Spans of OpenTelemetry's library, behind the names of ours; imported by whoever collects them."""

import os
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Self
from uuid import UUID

from opentelemetry import trace
from opentelemetry.context import Context, attach, detach
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import Decision
from opentelemetry.trace import SpanContext, SpanKind, TraceFlags, set_span_in_context

from src.tracing import LINKS_MAX, NOBODYS, Caller, Kind, Origin, Span

SERVICE = "khata"
SPAN_ID_MASK = 2**64 - 1
_KINDS = {kind: SpanKind(kind.value) for kind in Kind}


class _Ids(RandomIdGenerator):
    """Random, but for the span of a command."""

    wanted: int | None = None

    def generate_span_id(self) -> int:
        wanted, self.wanted = self.wanted, None
        return super().generate_span_id() if wanted is None else wanted


class _Recorded(Span):
    """A span of the library's, current within its `with`."""

    __slots__ = ("_span", "_token")

    def __init__(self, span: trace.Span) -> None:
        self._span = span

    @property
    def context(self) -> SpanContext | None:
        return self._span.get_span_context() if self._span.is_recording() else None

    @property
    def trace(self) -> UUID | None:
        return UUID(int=self._span.get_span_context().trace_id)

    def note(self, name: str, value: str | int) -> None:
        self._span.set_attribute(name, value)

    def link(self, others: Iterable[SpanContext]) -> None:
        for other in list(others)[:LINKS_MAX]:
            self._span.add_link(other)

    def fail(self) -> None:
        self._span.set_status(trace.StatusCode.ERROR)

    def rename(self, name: str) -> None:
        self._span.update_name(name)

    def __enter__(self) -> Self:
        self._token = attach(set_span_in_context(self._span))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        detach(self._token)
        if kind is not None:
            self._span.set_attribute("error.type", kind.__name__)
        self._span.end()


class OtelSpans:
    """Spans of the library's SDK, sampled as OTEL_TRACES_SAMPLER says.

    They begin on the loop's thread, one at a time.
    """

    def __init__(self, part: str, processor: SpanProcessor) -> None:
        self._ids = _Ids()
        self.provider = TracerProvider(
            resource=_resource(part), id_generator=self._ids, shutdown_on_exit=False
        )
        self.provider.add_span_processor(processor)
        self._tracer = self.provider.get_tracer(SERVICE)

    def begin(self, name: str, kind: Kind) -> Span:
        now = trace.get_current_span()
        if now is not trace.INVALID_SPAN and not now.get_span_context().trace_flags.sampled:
            return NOBODYS  # Nobody collects what this is a part of.
        return self._begun(name, kind, None)

    def answer(self, name: str, caller: Caller | None) -> Span:
        return self._begun(name, Kind.SERVER, Context() if caller is None else _within(caller))

    def command(self, name: str, command_id: UUID) -> Span:
        self._ids.wanted = command_id.int & SPAN_ID_MASK
        try:
            return self.begin(f"command {name}", Kind.INTERNAL)
        finally:
            self._ids.wanted = None

    def serve(self, name: str, served: Sequence[SpanContext]) -> Span:
        first, *others = served
        inside = set_span_in_context(trace.NonRecordingSpan(first), Context())
        span = self._begun(name, Kind.CONSUMER if first.is_remote else Kind.INTERNAL, inside)
        span.link(others)
        return span

    def contexts(self, origins: Iterable[Origin]) -> list[SpanContext]:
        found: dict[UUID, SpanContext] = {}
        for origin in origins:
            trace_id = origin.correlation_id
            if trace_id not in found and self._is_collected(trace_id.int):
                found[trace_id] = _context(trace_id.int, origin.command_id.int & SPAN_ID_MASK, 1)
                if len(found) == LINKS_MAX:
                    break
        return list(found.values())

    def current(self) -> Span:
        now = trace.get_current_span()
        return NOBODYS if now is trace.INVALID_SPAN else _Recorded(now)

    def _begun(self, name: str, kind: Kind, inside: Context | None) -> Span:
        return _Recorded(
            self._tracer.start_span(
                name,
                inside,
                _KINDS[kind],
                record_exception=False,  # Its words may quote anything.
                set_status_on_exception=False,
            )
        )

    def _is_collected(self, trace_id: int) -> bool:
        """Say what was decided of a trace where it began, unless its caller decided."""
        asked = self.provider.sampler.should_sample(Context(), trace_id, "")
        return asked.decision is Decision.RECORD_AND_SAMPLE


def _resource(part: str) -> Resource:
    """What OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES say, and which process this is."""
    named = Resource.create({"khata.part": part, "process.pid": os.getpid()})
    if str(named.attributes[SERVICE_NAME]).startswith("unknown_service"):
        return named.merge(Resource({SERVICE_NAME: SERVICE}))
    return named


def _within(caller: Caller) -> Context:
    remote = trace.NonRecordingSpan(_context(*caller))
    return set_span_in_context(remote, Context())


def _context(trace_id: int, span_id: int, flags: int) -> SpanContext:
    return SpanContext(trace_id, span_id, is_remote=True, trace_flags=TraceFlags(flags))

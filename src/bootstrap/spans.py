"""Spans of what is done later, in the trace that began it, also when another process does it."""

from src import tracing
from src.bootstrap.parts import BOOK, Parts
from src.events.identifiers import Stream
from src.queries.origins import origins_of
from src.tracing import Kind, Span


async def span_about(parts: Parts, name: str, about: Stream) -> Span:
    """Begin work on a stream: a part of what is done now, or else of what began the stream."""
    if not tracing.is_on():
        return tracing.NOBODYS
    if tracing.current().trace is not None:
        return tracing.span(name, Kind.CONSUMER)
    return tracing.follow(name, await origins_of(parts.reads, BOOK, about))


async def link_to(parts: Parts, span: Span, about: Stream) -> None:
    """Let a span name the one that began a stream, if anybody sees it."""
    if span.context is not None:
        span.link(tracing.contexts(await origins_of(parts.reads, BOOK, about)))

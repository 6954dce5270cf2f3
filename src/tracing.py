"""Spans: what one request caused, how long each part took, and which process did it.

Off unless somebody collects: then a span costs one look at a variable. The id of
a trace is the correlation id in the book, and a command's span is named after
the command's id, so that whoever reads a fact later, in any process, knows which
span wrote it. No attribute holds a path, a name or words of an exception.
"""

from collections.abc import Iterable, Sequence
from enum import Enum
from types import TracebackType
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol, Self
from uuid import UUID

if TYPE_CHECKING:  # Loaded by whoever collects: a third of a second for all others.
    from opentelemetry.trace import SpanContext

LINKS_MAX = 32
"""So many other spans does one name that serves many: an append, a page of facts."""


class Kind(Enum):
    """Who is at the other end, as OpenTelemetry numbers it."""

    INTERNAL = 0
    SERVER = 1
    CLIENT = 2
    CONSUMER = 4


class Caller(NamedTuple):
    """The span of another program that called us, as its traceparent says."""

    trace: int
    span: int
    flags: int


class Origin(NamedTuple):
    """What a fact says of where it comes from: a trace, and the command whose span wrote it."""

    correlation_id: UUID
    command_id: UUID


class Span:
    """A stretch of work; this one is nobody's and costs nothing."""

    __slots__ = ()

    @property
    def context(self) -> "SpanContext | None":
        """How others name it; None when nobody will see it."""
        return None

    @property
    def trace(self) -> UUID | None:
        """Which trace it is of, also while nobody will see it; None while nobody collects."""
        return None

    def note(self, name: str, value: str | int) -> None:
        """Say something of it: an id of ours, a count, a word of ours; nothing of a person."""

    def link(self, others: "Iterable[SpanContext]") -> None:
        """Name others that it has to do with, LINKS_MAX at most."""

    def fail(self) -> None:
        """Say that it went wrong, and that it is our fault."""

    def rename(self, name: str) -> None:
        """Say what it turned out to be."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        """End it; of an exception its class alone is noted."""


NOBODYS: Final = Span()


class Spans(Protocol):
    """Makes spans that somebody collects."""

    def begin(self, name: str, kind: Kind) -> Span:
        """Begin a part of what is done now."""
        ...

    def answer(self, name: str, caller: Caller | None) -> Span:
        """Begin what somebody called us for."""
        ...

    def command(self, name: str, command_id: UUID) -> Span:
        """Begin a part of what is done now, named after a command."""
        ...

    def serve(self, name: str, served: "Sequence[SpanContext]") -> Span:
        """Begin what many wait for: a part of the first, linked to the others."""
        ...

    def contexts(self, origins: "Iterable[Origin]") -> "list[SpanContext]":
        """Return the spans of commands, of at most LINKS_MAX traces that somebody collects."""
        ...

    def current(self) -> Span:
        """Return what is done now."""
        ...


class _Collecting:
    """Who makes the spans of this process."""

    spans: Spans | None = None


def collect(spans: Spans | None) -> None:
    """Let every span from now on be made there; None turns them off."""
    _Collecting.spans = spans


def is_on() -> bool:
    """Say whether somebody collects, so that it is worth finding out what to tell."""
    return _Collecting.spans is not None


def span(name: str, kind: Kind = Kind.INTERNAL) -> Span:
    """Begin a part of what is done now."""
    spans = _Collecting.spans
    return NOBODYS if spans is None else spans.begin(name, kind)


def answer(name: str, caller: Caller | None) -> Span:
    """Begin what somebody called us for."""
    spans = _Collecting.spans
    return NOBODYS if spans is None else spans.answer(name, caller)


def command(name: str, command_id: UUID) -> Span:
    """Begin a command; whoever reads its facts finds this very span."""
    spans = _Collecting.spans
    return NOBODYS if spans is None else spans.command(name, command_id)


def serve(name: str, served: "Sequence[SpanContext]") -> Span:
    """Begin what many wait for: a part of the first, linked to the others."""
    spans = _Collecting.spans
    return NOBODYS if spans is None or not served else spans.serve(name, served)


def follow(name: str, origins: Iterable[Origin]) -> Span:
    """Begin what follows from facts: a part of the first's trace, linked to the others."""
    spans = _Collecting.spans
    if spans is None:
        return NOBODYS
    found = spans.contexts(origins)
    return spans.serve(name, found) if found else NOBODYS


def contexts(origins: Iterable[Origin]) -> "list[SpanContext]":
    """Return the spans of commands, for a link, of at most LINKS_MAX traces."""
    spans = _Collecting.spans
    return [] if spans is None else spans.contexts(origins)


def current() -> Span:
    """Return what is done now."""
    spans = _Collecting.spans
    return NOBODYS if spans is None else spans.current()

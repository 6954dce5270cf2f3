"""The span of an append: it serves many commands, and each of them says which append it was."""

from collections.abc import Sequence

from src.commands.wish import Wish
from src.tracing import Span, serve


def append_span(wishes: Sequence[Wish]) -> Span:
    """Begin it: a part of the first command that somebody watches, linked to the others."""
    watched = [(wish.span, context) for wish in wishes if (context := wish.span.context)]
    span = serve("append", [context for _, context in watched])
    if span.context is not None:
        span.note("khata.commands", len(wishes))
        for each, _ in watched:
            each.link([span.context])
    return span

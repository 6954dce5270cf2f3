"""What can be exported: every view that analysts read, and the book itself."""

from collections.abc import Iterator
from difflib import get_close_matches
from textwrap import fill

from src.cli.complaint import Complaint
from src.projections.published.catalogue import VIEWS
from src.projections.published.view import View
from src.queries.export.events import COMMENT, EVENTS

NEAR_MAX = 3
MISUSED = 2
LINE_CHARACTERS = 100
INDENT = "    "


def lines() -> Iterator[str]:
    """Say what there is, each with what one row of it is."""
    for name, comment in {EVENTS: COMMENT, **{view.name: view.comment for view in VIEWS}}.items():
        yield name
        yield fill(comment, LINE_CHARACTERS, initial_indent=INDENT, subsequent_indent=INDENT)


def chosen(name: str | None) -> View | None:
    """Return the view of this name, None for the book; raises Complaint."""
    known = {view.name: view for view in VIEWS}
    if name is None:
        raise Complaint(f"Say what: {_all()}.", exit_code=MISUSED)
    if name == EVENTS:
        return None
    if name in known:
        return known[name]
    near = get_close_matches(name.lower(), [EVENTS, *known], NEAR_MAX)
    hint = (
        f"did you mean {' or '.join(near)}? There are {_all()}" if near else f"there are {_all()}"
    )
    raise Complaint(f"There is no table {name}: {hint}.", exit_code=MISUSED)


def _all() -> str:
    return ", ".join([EVENTS, *(view.name for view in VIEWS)])

"""What analysts are shown: one view of the schema `read`, with a word on each of its columns."""

from collections.abc import Mapping

from msgspec import Struct


class View(Struct, frozen=True, kw_only=True):
    """A view named in the shop's words; nobody may ask what it is made from."""

    name: str
    comment: str
    """One row is what, and what the reader has to know; `read.about` has the position."""
    columns: Mapping[str, str]
    """Every column in order, and what it means: with its unit, its zone, and when it is null."""
    query: str
    """A select that names its tables with their schema, as `models.orders`, and gives every
    column its name; `book` is the first."""
    models: tuple[str, ...]
    """The projections by NAME that it is made from: it is true up to the last of them."""
    order: tuple[str, ...] = ()
    """The row's key, as expressions of the view's columns that are never null and that no two
    rows of a book share, best those of an index: `khata export` reads the view by it, page by
    page. A view that names none is read at once, and refused when it has many rows."""
    born: str | None = None
    """The column with the position of the fact that made the row, which never changes: rows that
    come while a file is written are left out by it. None where the position is that of the last
    change, or where a row is a sum."""
    time: str | None = None
    """The column with a row's natural time or day, such as `placed_at`: what `--from` and `--to`
    of `khata export` bound; None where a row has no time of its own."""

"""An answer that is no JSON: a page, a script, a style sheet."""

from msgspec import Struct


class Document(Struct, frozen=True):
    kind: str
    """The media type."""
    body: bytes
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()

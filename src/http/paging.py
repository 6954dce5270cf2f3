"""The query parameters of every list."""

from typing import Annotated

from msgspec import Meta

from src.queries.page import CURSOR_CHARACTERS_MAX, LIMIT_MAX

Limit = Annotated[int, Meta(ge=1, le=LIMIT_MAX, description="Rows a page.")]
Cursor = Annotated[
    str, Meta(min_length=1, max_length=CURSOR_CHARACTERS_MAX, description="`next_cursor`, as is.")
]

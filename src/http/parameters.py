"""What may stand in a path or a query: the limits of `fields`, said the framework's way.

The framework drops msgspec's limits from parameters, so `FromPath[Sku]` would
let anything through: handlers take these instead.
"""

from datetime import datetime
from typing import Annotated

from litestar.params import PathParameter, QueryParameter

from src.events.identifiers import STREAM_LENGTH_MAX
from src.http.fields import (
    CODE_LENGTH_MAX,
    CODE_PATTERN,
    CURSOR_LENGTH_MAX,
    ID_LENGTH_MAX,
    LIMIT_MAX,
    NAME_LENGTH_MAX,
    POSITION_MAX,
    POSTAL_CODE_LENGTH_MAX,
    POSTAL_CODE_PATTERN,
    SKU_LENGTH_MAX,
)

IdInPath = Annotated[str, PathParameter(min_length=1, max_length=ID_LENGTH_MAX)]
SkuInPath = Annotated[
    str, PathParameter(min_length=1, max_length=SKU_LENGTH_MAX, pattern=CODE_PATTERN)
]
CodeInPath = Annotated[
    str, PathParameter(min_length=1, max_length=CODE_LENGTH_MAX, pattern=CODE_PATTERN)
]
PositionInPath = Annotated[int, PathParameter(ge=1, le=POSITION_MAX)]

LimitInQuery = Annotated[int, QueryParameter(ge=1, le=LIMIT_MAX)]
CursorInQuery = Annotated[str | None, QueryParameter(min_length=1, max_length=CURSOR_LENGTH_MAX)]
IdInQuery = Annotated[str, QueryParameter(min_length=1, max_length=ID_LENGTH_MAX)]
PostalCodeInQuery = Annotated[
    str,
    QueryParameter(min_length=2, max_length=POSTAL_CODE_LENGTH_MAX, pattern=POSTAL_CODE_PATTERN),
]
WordInQuery = Annotated[str | None, QueryParameter(min_length=1, max_length=NAME_LENGTH_MAX)]
PositionInQuery = Annotated[int, QueryParameter(ge=0, le=POSITION_MAX)]
OlderInQuery = Annotated[int, QueryParameter(ge=1, le=POSITION_MAX)]
SizeInQuery = Annotated[int | None, QueryParameter(ge=1, le=POSITION_MAX)]
StreamInPath = Annotated[str, PathParameter(min_length=1, max_length=STREAM_LENGTH_MAX)]
StreamInQuery = Annotated[str | None, QueryParameter(min_length=1, max_length=STREAM_LENGTH_MAX)]
MomentInQuery = Annotated[datetime | None, QueryParameter()]

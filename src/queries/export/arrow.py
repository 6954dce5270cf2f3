"""Pages as Arrow's record batches, with a word on every column: what all files are written from."""

from collections.abc import Mapping
from typing import Any, cast

import pyarrow as pa  # type: ignore[import-untyped]  # pyarrow ships no types; what we use of it is here
import pyarrow.compute  # type: ignore[import-untyped]  # as above

from src.queries.export.columns import DECIMAL_DIGITS, DECIMAL_PLACES, Kind
from src.queries.export.source import Page, Source

arrow, _compute = cast("Any", pa), cast("Any", pyarrow.compute)

TYPES: Mapping[Kind, Any] = {
    Kind.BOOLEAN: arrow.bool_(),
    Kind.INT16: arrow.int16(),
    Kind.INT32: arrow.int32(),
    Kind.INT64: arrow.int64(),
    Kind.FLOAT64: arrow.float64(),
    Kind.DECIMAL: arrow.decimal128(DECIMAL_DIGITS, DECIMAL_PLACES),
    Kind.DATE: arrow.date32(),
    Kind.TIME: arrow.timestamp("us", tz="UTC"),
    Kind.TEXT: arrow.string(),
}
COMMENT = "comment"


def schema_of(source: Source, about: Mapping[str, str]) -> Any:  # noqa: ANN401 - Arrow has no types
    """Return the schema of a source, with what is said of each column and of the whole."""
    fields = [
        arrow.field(each.name, TYPES[each.kind], metadata={COMMENT: each.comment})
        for each in source.columns
    ]
    return arrow.schema(fields, metadata={COMMENT: source.comment, **about})


def batch_of(schema: Any, page: Page) -> Any:  # noqa: ANN401 - as above
    """Return a page as a batch of this schema."""
    arrays = [
        arrow.array(values, type=field.type)
        for values, field in zip(page.columns, schema, strict=True)
    ]
    return arrow.record_batch(arrays, schema=schema)


def times_as_text(values: Any) -> Any:  # noqa: ANN401 - as above
    """Return times as RFC 3339 writes them; Arrow has a space where most readers want a T."""
    return _compute.replace_substring(values.cast(arrow.string()), " ", "T")

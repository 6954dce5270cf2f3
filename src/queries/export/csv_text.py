"""A CSV file as RFC 4180 describes it, safe to open in a spreadsheet."""

import re
from typing import IO, Any, cast

import pyarrow.compute  # type: ignore[import-untyped]  # as in src/queries/export/arrow.py
import pyarrow.csv  # type: ignore[import-untyped]  # as above

from src.queries.export.arrow import arrow, times_as_text
from src.queries.spreadsheets import APOSTROPHE, FORMULA

LINE_END = "\r\n"
BEGINS_FORMULA = f"^[{re.escape(''.join(FORMULA))}]"

_compute, _csv = cast("Any", pyarrow.compute), cast("Any", pyarrow.csv)


class CsvWriter:
    """Writes a header and then the rows; nothing stands for null, two quotes for no text."""

    def __init__(self, file: IO[bytes], schema: Any) -> None:  # noqa: ANN401 - Arrow has no types
        self._schema = arrow.schema([arrow.field(each.name, _written(each)) for each in schema])
        options = _csv.WriteOptions(eol=LINE_END, quoting_style="needed")
        self._writer = _csv.CSVWriter(file, self._schema, write_options=options)

    def write(self, batch: Any) -> None:  # noqa: ANN401 - as above
        """Write some rows."""
        arrays = [_as_text(each) for each in batch.columns]
        self._writer.write_batch(arrow.record_batch(arrays, schema=self._schema))

    def close(self, last_words: dict[str, str]) -> None:
        """End the file; what is said of it stands beside it."""
        del last_words
        self._writer.close()


def _written(field: Any) -> Any:  # noqa: ANN401 - as above
    return arrow.string() if arrow.types.is_timestamp(field.type) else field.type


def _as_text(values: Any) -> Any:  # noqa: ANN401 - as above
    """Write times as RFC 3339 does, and take the power from what begins a formula."""
    if arrow.types.is_timestamp(values.type):
        return times_as_text(values)
    if not arrow.types.is_string(values.type):
        return values
    is_formula = _compute.match_substring_regex(values, BEGINS_FORMULA)
    if not _compute.any(is_formula).as_py():
        return values
    escaped = _compute.binary_join_element_wise(APOSTROPHE, values, "")
    return _compute.if_else(is_formula, escaped, values)

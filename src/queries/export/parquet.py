"""A Parquet file, a bounded group of rows at a time."""

from typing import IO, Any, cast

import pyarrow.parquet  # type: ignore[import-untyped]  # as in src/queries/export/arrow.py

from src.queries.export.arrow import arrow

COMPRESSION = "zstd"
ROW_GROUP_ROWS = 50_000
ROW_GROUP_BYTES = 32 * 1024 * 1024
"""Whichever comes first: so much is in memory, and so much a reader skips at once."""

_parquet = cast("Any", pyarrow.parquet)


class ParquetWriter:
    """Collects batches, and writes each group of rows when it is full."""

    def __init__(self, file: IO[bytes], schema: Any) -> None:  # noqa: ANN401 - Arrow has no types
        self._schema = schema
        self._writer = _parquet.ParquetWriter(file, schema, compression=COMPRESSION)
        self._collected: list[Any] = []
        self._rows = self._bytes = 0

    def write(self, batch: Any) -> None:  # noqa: ANN401 - as above
        """Take some rows."""
        self._collected.append(batch)
        self._rows += batch.num_rows
        self._bytes += batch.nbytes
        if self._rows >= ROW_GROUP_ROWS or self._bytes >= ROW_GROUP_BYTES:
            self._write_group()

    def close(self, last_words: dict[str, str]) -> None:
        """Write what is left, and what could only be said at the end."""
        if self._collected:
            self._write_group()
        self._writer.add_key_value_metadata(last_words)
        self._writer.close()

    def _write_group(self) -> None:
        table = arrow.Table.from_batches(self._collected, self._schema)
        self._writer.write_table(table, row_group_size=self._rows)
        self._collected = []
        self._rows = self._bytes = 0

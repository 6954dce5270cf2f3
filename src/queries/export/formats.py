"""The kinds of files there are, and what writes each."""

from collections.abc import Mapping
from enum import StrEnum
from typing import IO, Any, Protocol

from src.queries.export.csv_text import CsvWriter
from src.queries.export.json_lines import JsonLinesWriter
from src.queries.export.parquet import ParquetWriter


class Format(StrEnum):
    """How rows are written."""

    PARQUET = "parquet"
    CSV = "csv"
    JSON_LINES = "jsonl"


class Writer(Protocol):
    """Writes rows into an open file, which stays open."""

    def write(self, batch: Any) -> None:  # noqa: ANN401 - Arrow has no types
        """Write some rows."""
        ...

    def close(self, last_words: dict[str, str]) -> None:
        """Write what is left, and where the format has room for it, what is said of the rows."""
        ...


class MakesWriter(Protocol):
    """What a format is: a writer into a file, for rows of a schema."""

    def __call__(self, file: IO[bytes], schema: Any) -> Writer: ...  # noqa: ANN401 - as above


WRITERS: Mapping[Format, MakesWriter] = {
    Format.PARQUET: ParquetWriter,
    Format.CSV: CsvWriter,
    Format.JSON_LINES: JsonLinesWriter,
}
DESCRIBES_ITSELF = frozenset({Format.PARQUET})
"""The others have their schema in a file beside them."""

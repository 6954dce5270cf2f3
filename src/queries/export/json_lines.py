"""A file of JSON, an object a line: whole numbers as they are, times as RFC 3339, UTC."""

from typing import IO, Any

import msgspec

from src.queries.export.arrow import arrow, times_as_text

_encoder = msgspec.json.Encoder()


class JsonLinesWriter:
    """Writes each row as an object of all its columns, null where there is nothing."""

    def __init__(self, file: IO[bytes], schema: Any) -> None:  # noqa: ANN401 - Arrow has no types
        self._file = file
        self._names: list[str] = schema.names

    def write(self, batch: Any) -> None:  # noqa: ANN401 - as above
        """Write some rows."""
        columns = [_as_json(each) for each in batch.columns]
        rows = (dict(zip(self._names, row, strict=True)) for row in zip(*columns, strict=True))
        self._file.write(_encoder.encode_lines(rows))

    def close(self, last_words: dict[str, str]) -> None:
        """End the file; what is said of it stands beside it."""
        del last_words


def _as_json(values: Any) -> list[Any]:  # noqa: ANN401 - as above
    if arrow.types.is_timestamp(values.type):
        values = times_as_text(values)
    listed: list[Any] = values.to_pylist()
    return listed

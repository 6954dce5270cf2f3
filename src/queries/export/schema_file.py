"""The schema of a file that has no room for it: what each column is, and what the whole is."""

from collections.abc import Mapping

import msgspec

from src.queries.export.source import Source


def schema_file(source: Source, about: Mapping[str, str]) -> bytes:
    """Write it as JSON, for people and programs."""
    columns = [
        {"name": each.name, "type": each.kind, "comment": each.comment} for each in source.columns
    ]
    document = {"comment": source.comment, **about, "columns": columns}
    return msgspec.json.format(msgspec.json.encode(document)) + b"\n"

"""Rows as CSV that a spreadsheet can open without running anything that stands in them.

RFC 4180; a text that a spreadsheet would take for a formula gets an apostrophe
in front, after OWASP's advice on CSV injection. Numbers are written as they are.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from msgspec import Struct

from src.queries.spreadsheets import APOSTROPHE, FORMULA

CSV_TYPE = "text/csv; charset=utf-8"


def csv_of(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Write rows below a line of their columns' names, which is there without rows too."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([cell(row[name]) for name in columns] for row in rows)
    return text.getvalue().encode()


def columns_of(kind: type[Struct]) -> tuple[str, ...]:
    """Return the names that the members of a struct have outside."""
    return kind.__struct_encode_fields__


def cell(value: object) -> str | int | float:
    """Return one cell; None is an empty one, times are UTC."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int() | float():
            return value
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case _:
            text = str(value)
            return f"{APOSTROPHE}{text}" if text.startswith(FORMULA) else text

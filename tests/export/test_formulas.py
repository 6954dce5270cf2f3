"""CSV that is opened in a spreadsheet: no text is worked out, no number becomes text."""

import csv
import io
from datetime import UTC, datetime

import pyarrow as pa  # type: ignore[import-untyped]  # pyarrow ships no types
import pytest

from src.queries.export.arrow import batch_of, schema_of
from src.queries.export.columns import Column, Kind
from src.queries.export.csv_text import CsvWriter
from src.queries.export.json_lines import JsonLinesWriter
from src.queries.export.source import Page
from tests.export.sources import Rows

HOSTILE = ["=1+1", "+91 98", "-2", "@SUM(A1)", "\tx", "\rx", '=HYPERLINK("http://x","y")']
HOSTILE += ["\n=1", "\uff1d1", "\uff0b1", "\uff0d1", "\uff201"]
HARMLESS = [
    "",
    "a=1",
    "^1",
    "]1",
    "\\1",
    "a\n=1",
    "'quoted'",
    'say "no"',
    "a,b",
    "two\r\nlines",
    "नमस्ते",
    " =1",
]


def written(*columns: tuple[Kind, list[object]]) -> list[list[str]]:
    """Write columns as CSV and read it back as a spreadsheet would."""
    source = Rows(
        [Column(name=f"c{n}", kind=kind, comment="") for n, (kind, _) in enumerate(columns)],
        [Page(len(columns[0][1]), [values for _, values in columns])],
    )
    file, schema = io.BytesIO(), schema_of(source, {})
    writer = CsvWriter(file, schema)
    writer.write(batch_of(schema, source.all[0]))
    writer.close({})
    text = file.getvalue().decode()
    assert text.endswith("\r\n")
    return list(csv.reader(io.StringIO(text, newline="")))[1:]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_that_begins_a_formula_gets_an_apostrophe(text: str) -> None:
    assert written((Kind.TEXT, [text, "x"])) == [[f"'{text}"], ["x"]]


@pytest.mark.parametrize("text", HARMLESS)
def test_every_other_text_stays_as_it_is(text: str) -> None:
    assert written((Kind.TEXT, [text, "x"])) == [[text], ["x"]]


def test_numbers_below_zero_stay_numbers() -> None:
    values: list[object] = [-1, 2**63 - 1, -(2**63), None]
    assert written((Kind.INT64, values), (Kind.TEXT, ["a"] * 4)) == [
        ["-1", "a"],
        ["9223372036854775807", "a"],
        ["-9223372036854775808", "a"],
        ["", "a"],
    ]


def test_times_are_written_as_rfc_3339_does() -> None:
    noon = datetime(2026, 10, 31, 12, 0, 0, 1, tzinfo=UTC)
    [row] = written((Kind.TIME, [noon]))
    assert row == ["2026-10-31T12:00:00.000001Z"]
    columns = [Column(name="at", kind=Kind.TIME, comment="")]
    source = Rows(columns, [Page(2, [[noon, None]])])
    file, schema = io.BytesIO(), schema_of(source, {})
    JsonLinesWriter(file, schema).write(batch_of(schema, source.all[0]))
    assert file.getvalue() == b'{"at":"2026-10-31T12:00:00.000001Z"}\n{"at":null}\n'


def test_json_keeps_whole_numbers_exact() -> None:
    columns = [Column(name="n", kind=Kind.INT64, comment="")]
    source = Rows(columns, [Page(2, [[2**63 - 1, None]])])
    file, schema = io.BytesIO(), schema_of(source, {})
    JsonLinesWriter(file, schema).write(batch_of(schema, source.all[0]))
    assert file.getvalue() == b'{"n":9223372036854775807}\n{"n":null}\n'


def test_a_number_that_does_not_fit_is_refused_and_never_cut() -> None:
    columns = [Column(name="n", kind=Kind.INT32, comment="")]
    source = Rows(columns, [Page(1, [[2**31]])])
    with pytest.raises(pa.ArrowInvalid):
        batch_of(schema_of(source, {}), source.all[0])

"""The book in files: the same events for every reader, to the microsecond and the paisa."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet  # type: ignore[import-untyped]  # pyarrow ships no types

from src.cli.complaint import Complaint
from src.cli.export.run import Request, run_export
from tests.export.conftest import ORDERS, Exporting
from tests.export.reading import (
    Rows,
    by_duckdb,
    by_polars,
    by_pyarrow,
    of_csv,
    of_json_lines,
    schema_beside,
)
from tests.projections.facts import MAILBOX, SECRET_BOX

pytestmark = pytest.mark.anyio


async def exported(of: Exporting, form: str = "parquet", **asked: Any) -> Path:  # noqa: ANN401 - what a request takes
    """Export the events, and return the file."""
    path = of.folder / f"events-{len(list(of.folder.iterdir()))}.{form}"
    request = Request(table="events", form=form, output=path, **asked)
    await asyncio.to_thread(run_export, of.settings, request)
    return path


async def stored(of: Exporting) -> Rows:
    """Return the book as it is stored, in the shape of a file."""
    events = await of.shop.book.read_page(0, 10_000)
    return [
        {
            "position": each.position,
            "stream": each.stream,
            "version": each.version,
            "type": each.type,
            "schema_version": each.schema_version,
            "event_id": str(each.event_id),
            "recorded_at": each.recorded_at,
            "command_id": str(each.command_id),
            "correlation_id": str(each.correlation_id),
            "causation_id": None if each.causation_id is None else str(each.causation_id),
            "actor": each.actor,
            "payload": bytes(each.payload).decode(),
        }
        for each in events
    ]


async def test_every_reader_finds_the_stored_book_in_a_parquet_file(exporting: Exporting) -> None:
    path = await exported(exporting, as_stored=True)
    book = await stored(exporting)
    assert len(book) > 20 * ORDERS
    assert by_pyarrow(path) == book
    assert by_duckdb(path) == book
    assert by_polars(path) == book


async def test_csv_and_json_lines_hold_the_same_rows(exporting: Exporting) -> None:
    book = await stored(exporting)
    csv = await exported(exporting, "csv", as_stored=True)
    assert of_csv(csv, schema_beside(csv)["columns"]) == book
    lines = await exported(exporting, "jsonl", as_stored=True)
    assert of_json_lines(lines, schema_beside(lines)["columns"]) == book


async def test_a_file_says_what_it_is_and_what_each_column_means(exporting: Exporting) -> None:
    path = await exported(exporting)
    head = await exporting.shop.book.head()
    schema = parquet.read_schema(path)
    said = {name.decode(): value.decode() for name, value in schema.metadata.items()}
    in_the_end = parquet.read_metadata(path).metadata
    assert in_the_end[b"rows"] == str(head).encode()
    beside = schema_beside(await exported(exporting, "jsonl"))
    assert beside["rows"] == str(head)
    for about in (said, beside):
        assert (about["relation"], about["book"], about["disclosure"]) == ("events", "1", "careful")
        assert (about["first_position"], about["last_position"]) == ("1", str(head))
        assert about.keys() >= {"exported_at", "khata_version", "schema_version", "comment"}
    comments = {field.name: field.metadata[b"comment"].decode() for field in schema}
    assert comments == {each["name"]: each["comment"] for each in beside["columns"]}
    assert all(comments.values())
    assert str(schema.field("recorded_at").type) == "timestamp[us, tz=UTC]"
    assert str(schema.field("position").type) == "int64"


async def test_without_being_asked_a_file_holds_no_box_and_no_mailbox(
    exporting: Exporting,
) -> None:
    rows = by_pyarrow(await exported(exporting))
    text = json.dumps(rows, default=str)
    assert SECRET_BOX not in text
    assert MAILBOX not in text
    as_it_is = await stored(exporting)
    assert SECRET_BOX in json.dumps(as_it_is, default=str)
    for row, kept in zip(rows, as_it_is, strict=True):
        known, shown = json.loads(kept["payload"]), json.loads(row["payload"])
        assert shown.keys() == known.keys()
        assert {k: v for k, v in shown.items() if v != "sealed"} == {
            k: known[k] for k in shown if shown[k] != "sealed"
        }


async def test_a_file_is_of_the_positions_that_were_asked_for(exporting: Exporting) -> None:
    book = await stored(exporting)
    path = await exported(exporting, begin="11", end="30", as_stored=True)
    assert by_pyarrow(path) == book[10:30]
    begin, end = book[50]["recorded_at"], book[-30]["recorded_at"]
    path = await exported(exporting, begin=begin.isoformat(), end=end.isoformat(), as_stored=True)
    assert by_pyarrow(path) == [row for row in book if begin <= row["recorded_at"] <= end]
    nothing = await exported(exporting, begin="100000")
    assert by_pyarrow(nothing) == []


async def test_a_span_that_ends_before_it_begins_is_refused(exporting: Exporting) -> None:
    with pytest.raises(Complaint, match="nothing lies between"):
        await exported(exporting, begin="5", end="4")

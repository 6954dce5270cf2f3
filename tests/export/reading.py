"""The same file, read by the readers that analysts have."""

import csv
import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
from pyarrow import parquet  # type: ignore[import-untyped]  # pyarrow ships no types

Rows = list[dict[str, Any]]
FORMULA_SIGNS = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"


def by_pyarrow(path: Path) -> Rows:
    rows: Rows = parquet.read_table(path).to_pylist()
    return rows


def by_duckdb(path: Path) -> Rows:
    """Read through SQL; its own clock is the machine's, so times are asked for as numbers."""
    with duckdb.connect() as db:
        described = db.execute("describe select * from read_parquet(?)", [str(path)]).fetchall()
        names = [name for name, *_ in described]
        times = {name for name, kind, *_ in described if kind == "TIMESTAMP WITH TIME ZONE"}
        asked = ", ".join(f'epoch_us("{name}")' if name in times else f'"{name}"' for name in names)
        found = db.execute(f"select {asked} from read_parquet(?)", [str(path)]).fetchall()  # noqa: S608 - names of our own file
    return [
        {n: _time(v) if n in times else v for n, v in zip(names, row, strict=True)} for row in found
    ]


def by_polars(path: Path) -> Rows:
    return pl.read_parquet(path).to_dicts()


def of_csv(path: Path, schema: Sequence[dict[str, str]]) -> Rows:
    """Read CSV strictly, and take back what was done to formulas; null is not no text."""
    text = path.read_bytes().decode()
    kinds = {each["name"]: each["type"] for each in schema}
    header, *rows = _cells(text)
    assert [name for name, _ in header] == list(kinds)
    return [
        {
            name: _of_cell(cell, kinds[name], is_quoted=is_quoted)
            for (name, _), (cell, is_quoted) in zip(header, row, strict=True)
        }
        for row in rows
    ]


def of_json_lines(path: Path, schema: Sequence[dict[str, str]]) -> Rows:
    times = [each["name"] for each in schema if each["type"] == "time"]
    rows: Rows = [json.loads(line) for line in path.read_text().splitlines()]
    for row in rows:
        row.update({name: row[name] and datetime.fromisoformat(row[name]) for name in times})
    return rows


def schema_beside(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.with_name(f"{path.name}.schema.json").read_text())
    return found


def _time(micros: int | None) -> datetime | None:
    if micros is None:
        return None
    seconds, rest = divmod(micros, 1_000_000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest)


def _cells(text: str) -> list[list[tuple[str, bool]]]:
    """Split a file of RFC 4180, and say of each cell whether it stood in quotes."""
    rows: list[list[tuple[str, bool]]] = [[]]
    at = 0
    while at < len(text):
        if is_quoted := text[at] == '"':
            end = at + 1
            while text[end] != '"' or text[end + 1 : end + 2] == '"':
                end += 2 if text[end] == '"' else 1
            cell, at = text[at + 1 : end].replace('""', '"'), end + 1
        else:
            end = min(found for sign in (",", "\r\n") if (found := text.find(sign, at)) >= 0)
            cell, at = text[at:end], end
        rows[-1].append((cell, is_quoted))
        if text[at] == ",":
            at += 1
            continue
        assert text[at : at + 2] == "\r\n"
        at += 2
        rows.append([])
    assert rows.pop() == []
    assert [[cell for cell, _ in row] for row in rows] == list(
        csv.reader(io.StringIO(text, newline=""))
    )
    return rows


def _of_cell(cell: str, kind: str, *, is_quoted: bool) -> object:
    if not cell and not is_quoted:
        return None
    match kind:
        case "int16" | "int32" | "int64":
            return int(cell)
        case "boolean":
            return {"true": True, "false": False}[cell]
        case "time":
            return datetime.fromisoformat(cell)
        case "text":
            return cell[1:] if cell[:1] == "'" and cell[1:2] in FORMULA_SIGNS else cell
        case _:
            return cell

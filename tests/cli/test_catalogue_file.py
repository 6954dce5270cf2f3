"""A catalogue is read line by line, and a line that is no product is refused by its number."""

import io

import pytest

from src.cli.catalogue_file import CatalogueRow, RefusedLine, read_catalogue
from src.cli.complaint import Complaint

PEN = CatalogueRow(sku="PEN", name="Gel pen", price=1000, weight_grams=12, opening_stock=5)


def read(content: bytes) -> list[tuple[int, CatalogueRow] | RefusedLine]:
    return list(read_catalogue(io.BytesIO(content)))


def test_csv_and_json_lines_say_the_same() -> None:
    csv = b"\xef\xbb\xbfSKU,name,price,weight_grams,opening_stock\nPEN,Gel pen,1000,12,5\n"
    json = b'{"sku":"PEN","name":"Gel pen","price":1000,"weight_grams":12,"opening_stock":5}\n'
    assert read(csv) == [(2, PEN)]
    assert read(json) == [(1, PEN)]


def test_an_empty_field_and_an_absent_column_are_the_same() -> None:
    assert read(b"sku,name,price,currency\nA,B,5,\n") == [
        (2, CatalogueRow(sku="A", name="B", price=5))
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"A,B,12.50", "price"),
        (b"A,B,-1", "price"),
        (b"A,B,", "price"),
        (b"A B,C,1", "sku"),
        (b",C,1", "sku"),
        (b"A,B\xff,1", "UTF-8"),
        (b"A,B", "2 fields"),
        (b"A,B\x00,1", "name"),
        (b"A,B,99999999999999999999999", "price"),
    ],
)
def test_a_wrong_line_is_refused_and_the_next_one_is_read(line: bytes, reason: str) -> None:
    refused, good = read(b"sku,name,price\n" + line + b"\nC,D,1\n")
    assert isinstance(refused, RefusedLine)
    assert refused.line == 2
    assert reason in refused.reason
    assert good == (3, CatalogueRow(sku="C", name="D", price=1))


@pytest.mark.parametrize("line", [b"{", b"[]", b'{"sku":"A"}', b'{"sku":"A","colour":1}', b"\xff"])
def test_a_wrong_json_line_is_refused(line: bytes) -> None:
    good = b'{"sku":"PEN","name":"Gel pen","price":1}\n'
    assert [type(each) for each in read(good + line + b"\n" + good)] == [tuple, RefusedLine, tuple]


@pytest.mark.parametrize("header", [b"", b"sku,name\n", b"sku,name,price,colour\n"])
def test_a_file_without_its_columns_is_no_catalogue(header: bytes) -> None:
    with pytest.raises(Complaint, match="must name the columns"):
        read(header)


def test_a_quote_that_never_ends_stops_the_reading_at_its_line() -> None:
    with pytest.raises(Complaint, match="cannot be read as CSV"):
        read(b'sku,name,price\nA,B,1\nC,"D,1\n')

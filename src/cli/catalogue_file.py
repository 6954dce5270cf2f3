"""A catalogue in a file, CSV or JSON Lines, read row by row with each row's line number."""

import csv
from collections.abc import Callable, Iterator
from functools import partial
from typing import IO, Annotated

import msgspec
from msgspec import Struct

from src.cli.complaint import Complaint
from src.events.money import Money
from src.events.product import Product
from src.http.fields import UNITS_MAX, Amount, Currency, Name, Sku, WeightGrams

OpeningStock = Annotated[int, msgspec.Meta(ge=0, le=UNITS_MAX)]


class CatalogueRow(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A product, and how much of it the shop begins with."""

    sku: Sku
    name: Name
    price: Amount
    """In minor units: 149900 paise are 1,499.00 rupees."""
    currency: Currency = "INR"
    weight_grams: WeightGrams = 0
    opening_stock: OpeningStock = 0
    """Counted in once; a product whose stock was ever counted keeps the stock it has."""

    @property
    def product(self) -> Product:
        """What is offered."""
        price = Money(self.price, self.currency)
        return Product(sku=self.sku, name=self.name, price=price, weight_grams=self.weight_grams)


class RefusedLine(Struct, frozen=True):
    """A line that is no product, and why."""

    line: int
    reason: str


Line = tuple[int, CatalogueRow] | RefusedLine

COLUMNS = CatalogueRow.__struct_fields__
REQUIRED_COLUMNS = ("sku", "name", "price")
JSON_BEGINS = b"{"
_JSON = msgspec.json.Decoder(CatalogueRow)


def read_catalogue(file: IO[bytes]) -> Iterator[Line]:
    """Read a file that is open at its beginning; raises Complaint when it is no catalogue."""
    begins = file.read(1)
    file.seek(0)
    return _read_json_lines(file) if begins == JSON_BEGINS else _read_csv(file)


def _read_json_lines(file: IO[bytes]) -> Iterator[Line]:
    for number, line in enumerate(file, start=1):
        if line.strip():
            yield _row(number, partial(_JSON.decode, line))


def _read_csv(file: IO[bytes]) -> Iterator[Line]:
    rows = csv.reader(_text_lines(file), strict=True)
    header = _header(rows)
    try:
        for values in rows:
            if values:
                yield _row(rows.line_num, partial(_from_csv, header, values))
    except csv.Error as error:
        raise Complaint(
            f"Line {rows.line_num} cannot be read as CSV ({error}); the lines after it were not "
            "imported. Mend it and import the file again: nothing is added twice."
        ) from error


def _header(rows: Iterator[list[str]]) -> list[str]:
    nothing: list[str] = []
    header = [name.strip().lower() for name in next(rows, nothing)]
    missing = [name for name in REQUIRED_COLUMNS if name not in header]
    unknown = [name for name in header if name not in COLUMNS]
    if missing or unknown or len(set(header)) < len(header):
        raise Complaint(
            f"The first line must name the columns, each once: {', '.join(REQUIRED_COLUMNS)} and "
            f"perhaps {', '.join(COLUMNS[3:])}. It names: {', '.join(header) or 'nothing'}."
        )
    return header


def _from_csv(header: list[str], values: list[str]) -> CatalogueRow:
    """An empty field is an absent one."""
    if len(values) != len(header):
        raise ValueError(f"{len(values)} fields where the header has {len(header)}")
    given = {name: text.strip() for name, text in zip(header, values, strict=True) if text.strip()}
    return msgspec.convert(given, CatalogueRow, strict=False)


def _text_lines(file: IO[bytes]) -> Iterator[str]:
    """Bytes that are not UTF-8 pass through, so that only their own line is refused."""
    for number, line in enumerate(file):
        yield line.decode("utf-8-sig" if number == 0 else "utf-8", errors="surrogateescape")


def _row(number: int, read: Callable[[], CatalogueRow]) -> Line:
    try:
        row = read()
        row.name.encode()
    except UnicodeError:
        return RefusedLine(number, "it is not UTF-8")
    except ValueError as error:
        return RefusedLine(number, str(error))
    return number, row

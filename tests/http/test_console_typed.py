"""What people type into the console, and what others sent, read and shown without a shop."""

from xml.etree import ElementTree as ET

import pytest

from src.events.money import Money
from src.http.console.amounts import amount_in
from src.http.console.charts import Chart, Kind, Unit, series
from src.http.console.drawing import Colours, Width, draw
from src.http.console.render import readable
from src.http.refusals import InvalidInput


@pytest.mark.parametrize(
    ("typed", "currency", "minor"),
    [
        ("149", "INR", 14_900),
        (" 149.5 ", "INR", 14_950),
        ("1,49,900.00", "INR", 14_990_000),
        ("149,900", "INR", 14_990_000),
        ("1,234,567.89", "USD", 123_456_789),
        ("1.5", "KWD", 1_500),
        ("1500", "JPY", 1_500),
    ],
)
def test_amounts_are_read_as_they_are_written_with_us(
    typed: str, currency: str, minor: int
) -> None:
    assert amount_in("amount", typed, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    "typed",
    [
        *("149,50", "1,5", "1,", ",100", "1,,000", "1,000,00", "1.000,00", "1234,567", "1.5,0"),
        *("1.555", "-1", "+1", "0", "0.00", "1 000", "1e3", "\u0967", "", ".", "1.", ".5"),
    ],
)
def test_what_could_mean_another_amount_is_asked_for_again(typed: str) -> None:
    with pytest.raises(InvalidInput):
        amount_in("amount", typed, "INR")


def test_what_was_sent_is_shown_whatever_it_is() -> None:
    assert readable(b'{"a":1}') == '{\n  "a": 1\n}'
    assert readable(b"[1,") == "[1,"
    assert readable(b"\xff<b>") == "\\xff<b>"
    deep = b"[" * 100_000
    assert readable(deep) == deep.decode()


def test_a_reason_that_no_picture_can_write_is_drawn_all_the_same() -> None:
    chart = Chart(
        name="reasons",
        title="Why carts did not become orders",
        point="",
        kind=Kind.PARTS,
        unit=Unit.COUNT,
        labelled="Reason",
        labels=("failed: \x0b<script>\x1b", "expired"),
        series=(series("Carts", [2, 1]),),
    )
    picture = draw(chart, Colours.LIGHT, Width.WIDE)
    words = "".join(ET.fromstring(picture).itertext())  # noqa: S314  # drawn by us, a line above
    assert "failed: \ufffd<script>\ufffd: 2" in words
    assert b"<script" not in picture

"""The small rules of the payment window: addresses, pictures, money, colours."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.http.sandbox.call import Call
from src.http.sandbox.page.money import spelled
from src.http.sandbox.page.theme import COLOUR, colour, stylesheet
from src.http.sandbox.page.visit import FIELD_CHARACTERS_MAX, Visit, form_of, origin_of


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("http://127.0.0.1:8000/a?b=c", "http://127.0.0.1:8000"),
        ("HTTPS://Shop.example", "https://shop.example"),
        ("http://[::1]:80/", "http://[::1]:80"),
        ("http://user@shop.example/", ""),
        ("http://shop.example;script-src *", ""),
        ("javascript:alert(1)", ""),
        ("//shop.example", ""),
        ("", ""),
    ],
)
def test_an_origin_is_plain_or_none(address: str, origin: str) -> None:
    assert origin_of(address) == origin


@pytest.mark.parametrize(
    ("origin", "told"),
    [
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://localhost", "http://localhost"),
        ("http://127.0.0.1:8000/path", ""),
        ("https://shop.example", ""),
        ("*", ""),
    ],
)
def test_only_a_page_of_this_machine_is_told_anything(origin: str, told: str) -> None:
    assert Visit({"origin": origin}).origin == told


@pytest.mark.parametrize(
    ("image", "shown"),
    [
        ("http://127.0.0.1:8000/logo.png", "http://127.0.0.1:8000/logo.png"),
        ("data:image/png;base64,AA==", "data:image/png;base64,AA=="),
        ("https://shop.example/logo.png", ""),
        ("data:text/html,x", ""),
    ],
)
def test_a_picture_comes_from_this_machine(image: str, shown: str) -> None:
    assert Visit({"image": image}).image == shown


@pytest.mark.parametrize(
    ("name", "kept"),
    [("description", FIELD_CHARACTERS_MAX), ("image", 0), ("callback_url", 0), ("cancel_url", 0)],
)
def test_a_long_text_is_cut_and_a_long_address_left_out(name: str, kept: int) -> None:
    sent = f"{name}={'x' * (FIELD_CHARACTERS_MAX + 1)}".encode()
    assert len(form_of(Call((), b"", sent, {})).get(name, "")) == kept


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (100, "INR", "₹1.00"),
        (99999, "INR", "₹999.99"),
        (100000, "INR", "₹1,000.00"),
        (123456789, "INR", "₹12,34,567.89"),
        (1234567, "USD", "USD 12,345.67"),
        (1234567, "JPY", "JPY 1,234,567"),
        (99990, "KWD", "KWD 99.990"),
    ],
)
def test_money_is_spelled_as_its_readers_group_it(amount: int, currency: str, text: str) -> None:
    assert spelled(amount, currency) == text


@pytest.mark.parametrize(
    ("text", "meant"),
    [("#0B57A4", "#0b57a4"), ("fff", "#ffffff"), ("red", COLOUR), ("#12345; }", COLOUR)],
)
def test_a_colour_is_six_digits_or_our_own(text: str, meant: str) -> None:
    assert colour(text) == meant


@given(st.integers(0, 0xFFFFFF))
def test_text_on_any_colour_has_the_contrast_it_needs(number: int) -> None:
    sheet = stylesheet(f"{number:06x}").decode()
    brand, on_brand = re.findall(r"#[0-9a-f]+", sheet)
    darker, lighter = sorted((luminance(brand), luminance(on_brand)))
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5


def luminance(text: str) -> float:
    """As WCAG 2.2 defines it."""
    digits = colour(text).removeprefix("#")
    channels = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    ]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue

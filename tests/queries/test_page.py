"""Cursors: nobody can forge one, and no page repeats or leaves out a row."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.queries.page import LIMIT_MAX, BadCursor, Cursors, page_of, rows_wanted

CURSORS = Cursors(b"k" * 32)
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@given(st.integers(0, 2**53))
def test_a_cursor_is_url_safe_and_comes_back_whole(place: int) -> None:
    cursor = CURSORS.write("orders", place)
    assert set(cursor) <= set(ALPHABET)
    assert CURSORS.read("orders", cursor, int) == place


@given(st.integers(0, 2**53), st.data())
def test_a_cursor_with_one_changed_letter_is_refused(place: int, data: st.DataObject) -> None:
    cursor = CURSORS.write("orders", place)
    at = data.draw(st.integers(0, len(cursor) - 1))
    letter = data.draw(st.sampled_from(ALPHABET).filter(lambda each: each != cursor[at]))
    with pytest.raises(BadCursor):
        CURSORS.read("orders", cursor[:at] + letter + cursor[at + 1 :], int)


@given(st.text(max_size=600))
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(BadCursor):
        CURSORS.read("orders", text, int)


def test_a_cursor_of_another_list_or_another_shop_is_refused() -> None:
    with pytest.raises(BadCursor):
        CURSORS.read("cases", CURSORS.write("orders", 7), int)
    with pytest.raises(BadCursor):
        Cursors(b"x" * 32).read("orders", CURSORS.write("orders", 7), int)


def test_a_cursor_of_an_older_shape_is_refused() -> None:
    with pytest.raises(BadCursor):
        CURSORS.read("orders", CURSORS.write("orders", "seven"), int)


@pytest.mark.parametrize(
    ("limit", "shown"), [(-1, 1), (0, 1), (1, 1), (100, 100), (101, 100), (10**9, 100)]
)
def test_a_page_never_shows_more_than_its_limit(limit: int, shown: int) -> None:
    rows = list(range(LIMIT_MAX * 3))[: rows_wanted(limit)]
    page = page_of(rows, limit, str, lambda row: f"after {row}")
    assert len(page.items) == shown
    assert page.next_cursor == f"after {shown - 1}"

"""States written down and read again are what they were, and other code does not read them."""

import inspect
from types import ModuleType
from typing import Any, get_origin

import msgspec
import pytest
from immutables import Map

from src.events import stock
from src.events.catalogue import FOLDS
from src.events.identifiers import CART, CHECKOUT, STOCK
from src.events.snapshots import PostgresSnapshots
from src.events.state_codec import code_of, decode_state, encode_state, is_kept
from tests.events.examples import value

KINDS = [(category, kind) for category, fold in FOLDS.items() for kind in fold.states]


def filled(kind: Any) -> Any:  # noqa: ANN401  # a state of any kind, with something in every field
    return value("state", kind)


@pytest.mark.parametrize(("category", "kind"), KINDS, ids=str)
def test_a_state_is_read_as_it_was_written(category: str, kind: Any) -> None:  # noqa: ANN401  # as above
    state = filled(kind)
    written = encode_state(state)
    read = decode_state(category, written)
    assert (type(read), read) == (type(state), state)
    assert type(read) is (get_origin(kind) or kind)
    assert encode_state(read) == written


def test_equal_states_are_written_equally_in_whatever_order_they_came_to_be() -> None:
    names = [f"cs_{n}" for n in range(50)]
    one = stock.Stock(received=99, holds=Map(dict.fromkeys(names, 1)))
    other = stock.Stock(received=99, holds=Map(dict.fromkeys(reversed(names), 1)))
    assert encode_state(one) == encode_state(other)


@pytest.mark.parametrize("written", [b"", b"{}", b'["Stock",{"received":"x"}]', b'["Nobody",{}]'])
def test_what_is_no_state_of_the_category_is_refused(written: bytes) -> None:
    with pytest.raises((msgspec.DecodeError, LookupError)):
        decode_state(STOCK, written)


def test_a_session_is_short_and_a_stock_is_not() -> None:
    assert (is_kept(CHECKOUT), is_kept(STOCK), is_kept(CART)) == (False, True, True)


def test_the_code_of_a_fold_is_the_text_of_everything_it_is_made_of(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = {category: code_of(category) for category in (STOCK, CART)}
    assert before[STOCK] != before[CART]
    text_of = inspect.getsource

    def edited(module: ModuleType) -> str:
        return text_of(module) + ("# edited" if module is stock else "")

    monkeypatch.setattr(inspect, "getsource", edited)
    again = code_of.__wrapped__
    assert again(STOCK) != before[STOCK]
    assert again(CART) == before[CART]


def test_an_upgrade_below_a_running_process_does_not_lend_its_name_to_older_code(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def upgraded(module: ModuleType) -> str:
        return f"the next {module}"

    before = code_of(STOCK)
    code_of.cache_clear()
    PostgresSnapshots("postgresql://127.0.0.1:1/nowhere")
    monkeypatch.setattr(inspect, "getsource", upgraded)
    assert code_of(STOCK) == before

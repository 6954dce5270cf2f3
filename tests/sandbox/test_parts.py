"""The small parts on their own: keys, ids, fees, the retry ladder."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from src.http.sandbox.bank import fee_and_tax
from src.http.sandbox.event_table import Attempt
from src.http.sandbox.ids import NUMBERS_PER_START, Ids
from src.http.sandbox.retries import LADDER_SECONDS, gap_seconds
from src.http.sandbox.settings import LiveKeyRefused
from src.http.sandbox.wire import encode, sign_payment
from tests.sandbox.shop import settings_for


@pytest.mark.parametrize("key_id", ["rzp_live_Khata000000001", "", "rzp_Khata"])
def test_a_key_that_is_no_test_key_is_refused(tmp_path: Path, key_id: str) -> None:
    with pytest.raises(LiveKeyRefused, match="rzp_test_"):
        settings_for(tmp_path / "sandbox.db", key_id=key_id)


@pytest.mark.parametrize("more", [{"webhook_secret": ""}, {"key_secret": ""}, {"retry_scale": 0}])
def test_an_empty_secret_or_scale_is_refused(tmp_path: Path, more: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"empty|above zero"):
        settings_for(tmp_path / "sandbox.db", **more)


@given(seed=st.integers(0, 2**32), starts=st.integers(0, 2**20))
def test_ids_are_fourteen_characters_and_differ_within_and_across_starts(
    seed: int, starts: int
) -> None:
    first, second = Ids(seed, starts), Ids(seed, starts + 1)
    made = [ids.new() for ids in (first, second) for _ in range(20)]
    assert len(set(made)) == len(made)
    assert all(len(each) == 14 and each.isascii() and each.isalnum() for each in made)


def test_a_start_has_room_for_every_id_it_will_ever_make() -> None:
    a_thousand_years_of_ten_thousand_a_second = 1000 * 366 * 24 * 3600 * 10_000
    assert a_thousand_years_of_ten_thousand_a_second < NUMBERS_PER_START * 1000


@pytest.mark.parametrize(
    ("amount", "fee", "tax"),
    [(100, 2, 0), (1000, 24, 4), (2100, 50, 8), (250000, 5900, 900), (150000, 3540, 540)],
)
def test_fees_are_the_published_ones(amount: int, fee: int, tax: int) -> None:
    assert fee_and_tax(amount) == (fee, tax)


def test_the_payment_signature_is_the_published_one() -> None:
    signature = sign_payment(
        "order_IEIaMR65cu6nz3", "pay_IH4NVgf4Dreq1l", "EnLs21M47BllR3X8PSFtjtbd"
    )
    assert signature == "0d4e745a1838664ad6c9c9902212a32d627d68e917290b0ad5f08ff4561bc50f"


@given(st.text())
def test_bytes_are_ascii_without_a_bare_slash_and_mean_the_same(text: str) -> None:
    raw = encode({"text": text})
    assert raw.isascii()
    assert raw.count(b"/") == raw.count(b"\\/")
    assert json.loads(raw) == {"text": text}


def ladder(tmp_path: Path, name: str, first: int | None, **more: float) -> list[float]:
    """Seconds from the first try to each of the next, until Razorpay gives up."""
    settings, elapsed, tries = replace(settings_for(tmp_path), **more), 0.0, [0.0]
    failures = [Attempt(0, first)]
    while (gap := gap_seconds(name, failures, elapsed, settings)) is not None:
        elapsed += gap
        failures.append(Attempt(elapsed, 500))
        tries.append(round(elapsed, 2))
    return tries


def test_the_ladder_is_the_measured_one(tmp_path: Path) -> None:
    assert ladder(tmp_path, "refund.created", 500) == list(LADDER_SECONDS)
    assert ladder(tmp_path, "payment.captured", 400) == list(LADDER_SECONDS)


def test_the_events_of_a_payment_are_tried_again_at_once_after_a_5xx(tmp_path: Path) -> None:
    impatient = ladder(tmp_path, "payment.captured", 503)
    assert impatient == ladder(tmp_path, "order.paid", None)
    assert impatient[:3] == [0.0, 0.23, 6.0]
    assert len(impatient) == 16


def test_a_capped_gap_keeps_trying_for_a_day(tmp_path: Path) -> None:
    tries = ladder(tmp_path, "order.paid", None, retry_scale=0.02, retry_gap_seconds_max=60.0)
    assert max(b - a for a, b in pairwise(tries)) <= 60.01
    assert 24 * 3600 <= tries[-1] < 24 * 3600 + 61

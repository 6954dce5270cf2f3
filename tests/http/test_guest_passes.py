"""A pass opens one cart until its time, and nothing that looks like it opens anything."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from src.http.auth import (
    SECRET_LENGTH_MAX,
    CustomerCaller,
    GuestCaller,
    StaffCaller,
    guest_secret,
    holds_secret,
)
from src.http.guest_passes import guest_pass, is_good_pass

KEY, CART = b"k" * 32, "cart_x5d3na"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
UNTIL = NOW + timedelta(hours=24)
PASS = guest_pass(CART, UNTIL, KEY)
SECONDS = st.integers(0, 10**12 - 1)


def test_a_pass_is_as_good_as_the_secret_until_its_time_and_not_a_moment_longer() -> None:
    assert len(PASS) <= SECRET_LENGTH_MAX
    for caller in (GuestCaller(PASS), CustomerCaller("c1", PASS)):
        assert holds_secret(caller, CART, KEY, NOW)
        assert holds_secret(caller, CART, KEY, UNTIL - timedelta(seconds=1))
        assert not holds_secret(caller, CART, KEY, UNTIL)
    assert not holds_secret(StaffCaller("s1", frozenset({"admin"})), CART, KEY, NOW)


def test_the_carts_own_secret_stays_good_for_ever() -> None:
    secret = guest_secret(CART, KEY)
    assert holds_secret(GuestCaller(secret), CART, KEY, NOW + timedelta(days=3650))
    assert not is_good_pass(secret, CART, KEY, NOW)


@given(length=st.integers(0, len(PASS) - 1))
def test_no_part_of_a_pass_is_one(length: int) -> None:
    assert not is_good_pass(PASS[:length], CART, KEY, NOW)
    assert not is_good_pass(PASS[len(PASS) - length :], CART, KEY, NOW)


@given(before=st.text(max_size=5), after=st.text(max_size=5))
def test_nothing_around_a_pass_is_overlooked(before: str, after: str) -> None:
    assume(before or after)
    assert not is_good_pass(before + PASS + after, CART, KEY, NOW)


@given(seconds=SECONDS)
def test_nobody_makes_a_pass_last_longer(seconds: int) -> None:
    assume(seconds != int(UNTIL.timestamp()))
    mac = PASS.partition(".")[2]
    assert not is_good_pass(f"{seconds}.{mac}", CART, KEY, NOW)


@pytest.mark.parametrize("spelling", ["0{}", "+{}", " {}", "{} ", "{}_0", "-{}", "٣{}", "{}e0"])
def test_another_spelling_of_the_time_is_another_pass(spelling: str) -> None:
    said, _, mac = PASS.partition(".")
    assert not is_good_pass(f"{spelling.format(said)}.{mac}", CART, KEY, NOW)


@given(place=st.integers(0, len(PASS) - 1), sign=st.characters(max_codepoint=255))
def test_no_altered_sign_goes_unnoticed(place: int, sign: str) -> None:
    assume(PASS[place] != sign)
    assert not is_good_pass(PASS[:place] + sign + PASS[place + 1 :], CART, KEY, NOW)


@given(cart=st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30))
def test_a_pass_of_one_cart_never_opens_another(cart: str) -> None:
    assume(cart != CART)
    assert not is_good_pass(PASS, cart, KEY, NOW)
    assert not is_good_pass(guest_pass(cart, UNTIL, KEY), CART, KEY, NOW)


@given(
    one=st.tuples(SECONDS, st.text("0123456789ab_", max_size=12)),
    other=st.tuples(SECONDS, st.text("0123456789ab_", max_size=12)),
)
def test_time_and_cart_never_run_into_each_other(
    one: tuple[int, str], other: tuple[int, str]
) -> None:
    assume(one != other)
    made = guest_pass(one[1], datetime.fromtimestamp(one[0] % 10**10, UTC), KEY)
    forged = f"{other[0]}.{made.partition('.')[2]}"
    assume((other[0], other[1]) != (one[0] % 10**10, one[1]))
    assert not is_good_pass(forged, other[1], KEY, datetime(1970, 1, 1, tzinfo=UTC))


@given(noise=st.text(max_size=SECRET_LENGTH_MAX))
def test_no_text_in_place_of_a_pass_breaks_anything(noise: str) -> None:
    assert not is_good_pass(noise, CART, KEY, NOW)


def test_a_pass_of_another_installation_opens_nothing() -> None:
    assert not is_good_pass(guest_pass(CART, UNTIL, b"o" * 32), CART, KEY, NOW)

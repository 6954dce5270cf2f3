"""Signatures: ours says yes exactly when the SDK does, and no where the SDK should."""

import hashlib
import hmac
from typing import Any

import pytest
import razorpay
from hypothesis import given
from hypothesis import strategies as st

from src.http.razorpay.signatures import verify_callback, verify_webhook
from tests.razorpay.published import published

# Published test vector: razorpay/markdown-docs@ab3bda5, standard checkout, signature verification.
SECRET = "EnLs21M47BllR3X8PSFtjtbd"
ORDER, PAYMENT = "order_IEIaMR65cu6nz3", "pay_IH4NVgf4Dreq1l"
SIGNATURE = "0d4e745a1838664ad6c9c9902212a32d627d68e917290b0ad5f08ff4561bc50f"

SUFFIX = st.text(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", min_size=14, max_size=14
)
# HMAC fills a short key up with zeros, so that two that differ only there are one.
SECRETS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=40
)


def signed(message: bytes, secret: str) -> str:
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def sdk_says(verify: Any, *arguments: object) -> bool:  # noqa: ANN401  # the SDK has no types
    try:
        return bool(verify(*arguments))
    except razorpay.errors.SignatureVerificationError:
        return False


def sdk(secret: str) -> Any:  # noqa: ANN401  # the SDK has no types
    return razorpay.Utility(razorpay.Client(auth=("rzp_test_x", secret)))


def test_the_published_callback_signature_verifies() -> None:
    assert verify_callback(ORDER, PAYMENT, SIGNATURE, (SECRET,))


def test_a_callback_for_another_order_or_payment_does_not_verify() -> None:
    assert not verify_callback("order_IEIaMR65cu6nz4", PAYMENT, SIGNATURE, (SECRET,))
    assert not verify_callback(ORDER, "pay_IH4NVgf4Dreq1m", SIGNATURE, (SECRET,))


def test_ids_that_only_read_alike_once_joined_do_not_verify() -> None:
    joined = signed(f"{ORDER}|{PAYMENT}|x".encode(), SECRET)
    assert not verify_callback(ORDER, f"{PAYMENT}|x", joined, (SECRET,))
    assert not verify_callback(f"{ORDER}\n", PAYMENT, SIGNATURE, (SECRET,))


@given(SUFFIX, SUFFIX, SECRETS, SECRETS)
def test_callbacks_are_judged_as_the_sdk_judges_them(
    order: str, payment: str, secret: str, other: str
) -> None:
    order_id, payment_id = f"order_{order}", f"pay_{payment}"
    right = signed(f"{order_id}|{payment_id}".encode(), secret)
    swapped = ("0" if right[0] != "0" else "1") + right[1:]
    for signature in (right, swapped, right.upper(), right[:-1], f"{right}0", ""):
        body = {
            "razorpay_order_id": order_id,
            "razorpay_payment_id": payment_id,
            "razorpay_signature": signature,
        }
        for judge in (secret, other):
            expected = sdk_says(sdk(judge).verify_payment_signature, body)
            assert verify_callback(order_id, payment_id, signature, (judge,)) is expected


@given(st.lists(SECRETS, min_size=1, max_size=4, unique=True), SECRETS, st.data())
def test_a_callback_may_be_signed_with_any_secret_the_key_has_had(
    secrets: list[str], other: str, data: st.DataObject
) -> None:
    known = tuple(secret for secret in secrets if secret != other)
    message = f"{ORDER}|{PAYMENT}".encode()
    for secret in known:
        assert verify_callback(ORDER, PAYMENT, signed(message, secret), known)
    mixed = data.draw(st.permutations([*known, ""]))
    assert not verify_callback(ORDER, PAYMENT, signed(message, other), tuple(mixed))
    assert not verify_callback(ORDER, PAYMENT, signed(message, ""), tuple(mixed))


@given(st.text(), SECRETS, SECRETS, st.integers(0, 63))
def test_webhooks_are_judged_as_the_sdk_judges_them(
    body: str, secret: str, other: str, place: int
) -> None:
    right = signed(body.encode(), secret)
    swapped = "0" if right[place] != "0" else "1"
    wrong = right[:place] + swapped + right[place + 1 :]
    for signature in (right, wrong, right.upper()):
        for judge in (secret, other):
            expected = sdk_says(sdk("k").verify_webhook_signature, body, signature, judge)
            assert (verify_webhook(body.encode(), signature, [judge]) == 0) is expected


@given(st.binary(), st.lists(SECRETS, min_size=1, max_size=4, unique=True), st.data())
def test_the_secret_that_signed_is_named_by_its_place(
    raw: bytes, secrets: list[str], data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(secrets) - 1))
    assert verify_webhook(raw, signed(raw, secrets[place]), secrets) == place


@given(st.binary(), st.binary(), SECRETS)
def test_a_signature_holds_for_no_other_bytes(raw: bytes, other: bytes, secret: str) -> None:
    expected = 0 if raw == other else None
    assert verify_webhook(other, signed(raw, secret), [secret]) == expected


@given(st.binary(), st.none() | st.text(max_size=80))
def test_any_text_may_be_given_as_a_signature_and_none_of_it_raises(
    raw: bytes, signature: str | None
) -> None:
    assert verify_webhook(raw, signature, ["secret"]) is None
    assert not verify_callback(ORDER, PAYMENT, signature, ("secret",))


def test_an_empty_secret_verifies_nothing() -> None:
    raw = b"{}"
    assert verify_webhook(raw, signed(raw, ""), ["", ""]) is None
    empty = signed(f"{ORDER}|{PAYMENT}".encode(), "")
    assert not verify_callback(ORDER, PAYMENT, empty, ("",))
    assert not verify_callback(ORDER, PAYMENT, empty, ())


@pytest.mark.parametrize("secret", ["\0", "\0" * 64])
def test_a_secret_of_zeros_is_as_good_as_none(secret: str) -> None:
    assert signed(b"{}", secret) == signed(b"{}", "")
    assert verify_webhook(b"{}", signed(b"{}", ""), [secret]) is None
    empty = signed(f"{ORDER}|{PAYMENT}".encode(), "")
    assert not verify_callback(ORDER, PAYMENT, empty, (secret,))


def test_an_empty_secret_beside_a_real_one_changes_nothing() -> None:
    raw = b"{}"
    assert verify_webhook(raw, signed(raw, "new"), ["", "new"]) == 1
    assert verify_webhook(raw, signed(raw, "new"), []) is None


@given(st.text())
def test_where_the_sdk_believes_an_empty_secret_we_do_not(body: str) -> None:
    forged = signed(body.encode(), "")
    assert sdk_says(sdk("k").verify_webhook_signature, body, forged, "")
    assert verify_webhook(body.encode(), forged, [""]) is None


NO_SIGNATURES: list[Any] = [
    None,
    b"",
    SIGNATURE.encode(),
    7,
    [SIGNATURE],
    "\N{DIGIT ONE}\0",
    "é" * 64,
]


@pytest.mark.parametrize("signature", NO_SIGNATURES)
def test_what_is_no_signature_at_all_is_refused(signature: Any) -> None:  # noqa: ANN401  # anything at all
    message = f"{ORDER}|{PAYMENT}".encode()
    assert not verify_callback(ORDER, PAYMENT, signature, (SECRET,))
    assert verify_webhook(message, signature, [SECRET]) is None


@given(st.binary())
def test_where_the_sdk_raises_over_bytes_we_judge_them(raw: bytes) -> None:
    with pytest.raises(TypeError):
        sdk("k").verify_webhook_signature(raw, signed(raw, "s"), "s")
    assert verify_webhook(raw, signed(raw, "s"), ["s"]) == 0


@pytest.mark.parametrize("length", [0, 63, 65, 128])
def test_a_signature_of_another_length_is_refused(length: int) -> None:
    right = signed(b"{}", "secret")
    assert verify_webhook(b"{}", (right * 2)[:length], ["secret"]) is None


def test_digits_that_are_not_ascii_are_refused() -> None:
    right = signed(b"{}", "secret")
    assert verify_webhook(b"{}", "\N{FULLWIDTH DIGIT ONE}" + right[1:], ["secret"]) is None


def test_a_secret_from_an_environment_that_is_not_utf8_works() -> None:
    secret = b"caf\xe9".decode("utf-8", "surrogateescape")
    signature = hmac.new(b"caf\xe9", b"{}", hashlib.sha256).hexdigest()
    assert verify_webhook(b"{}", signature, [secret]) == 0


def test_a_delivered_body_verifies_only_byte_for_byte() -> None:
    raw = published("live_payment.captured.netbanking.raw")
    assert verify_webhook(raw, signed(raw, "old"), ("new", "old")) == 1
    assert verify_webhook(raw + b"\n", signed(raw, "old"), ("new", "old")) is None

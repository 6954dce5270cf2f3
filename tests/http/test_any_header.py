"""Any bytes as a key, any list as a precondition: what they mean is decided, and never a 500."""

from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from src.http.etag import VERSION_DIGITS_MAX, etag, expected_version, is_unchanged
from src.http.idempotency import KEY_LENGTH_MAX
from src.http.refusals import PreconditionFailed
from tests.http.tiny import Shop

pytestmark = pytest.mark.anyio

VERSIONS = st.integers(0, 10**VERSION_DIGITS_MAX - 1)
OURS = st.tuples(VERSIONS, st.binary(max_size=4)).map(lambda made: etag(*made).encode())
NOT_OURS = st.one_of(
    OURS.map(lambda tag: b"W/" + tag),
    OURS.map(lambda tag: tag.strip(b'"')),
    OURS.map(lambda tag: b'"-' + tag[1:]),
    OURS.map(lambda tag: b'"0' + tag[1:]),
    OURS.map(lambda tag: tag.upper()[:-2] + b'G"'),
    st.integers(10**VERSION_DIGITS_MAX).map(lambda version: etag(version, b"").encode()),
    st.sampled_from((b"", b"*", b'"', b'""', b'"*"', b'"1"', b'"1-"', b'"1-0123456789abcde"')),
    st.binary(max_size=40).map(lambda text: text.replace(b",", b"")),
)
SPACES = st.sampled_from((b"", b" ", b"\t", b"  "))


@given(st.lists(st.tuples(SPACES, OURS | NOT_OURS, SPACES), min_size=1, max_size=6))
@example([(b"", b"*", b"")])
def test_if_match_is_the_one_version_that_it_names_or_a_refusal(
    tags: list[tuple[bytes, bytes, bytes]],
) -> None:
    header = b",".join(before + tag + after for before, tag, after in tags)
    found = {version for _, tag, _ in tags if (version := _version(tag)) is not None}
    if len(tags) == 1 and header.strip() == b"*":
        assert expected_version(header) is None
    elif len(found) == 1:
        assert expected_version(header) == found.pop()
    else:
        with pytest.raises(PreconditionFailed):
            expected_version(header)


def _version(tag: bytes) -> int | None:
    """Read a tag without a regular expression."""
    tag = tag.strip()
    inner = tag[1:-1]
    number, dash, rest = inner.partition(b"-")
    is_number = number.isdigit() and len(number) <= VERSION_DIGITS_MAX
    is_plain = number == b"0" or not number.startswith(b"0")
    is_hash = len(rest) == 16 and set(rest) <= set(b"0123456789abcdef")
    quoted = len(tag) >= 2 and tag[:1] == tag[-1:] == b'"'
    return int(number) if quoted and dash and is_number and is_plain and is_hash else None


@given(st.lists(OURS | NOT_OURS, max_size=6), OURS)
def test_a_tag_among_others_is_unchanged_weak_or_not(others: list[bytes], tag: bytes) -> None:
    listed = [each for each in others if each.strip().removeprefix(b"W/") not in {tag, b"*"}]
    for own in (tag, b"W/" + tag, b"*"):
        assert is_unchanged(b", ".join([*listed, own]), tag)
    assert not is_unchanged(b", ".join(listed), tag)


KEYS = st.one_of(
    st.binary(max_size=KEY_LENGTH_MAX + 45),
    st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=300).map(str.encode),
    st.text(max_size=60).map(lambda text: text.encode("utf-8", "surrogatepass")),
)


@given(KEYS)
@example(b"")
@example(b"k" * KEY_LENGTH_MAX)
@example(b"k" * (KEY_LENGTH_MAX + 1))
@example("ключ".encode())
async def test_any_bytes_are_a_key_with_one_effect_or_no_key_with_none(key: bytes) -> None:
    is_key = 0 < len(key) <= KEY_LENGTH_MAX and all(0x21 <= byte <= 0x7E for byte in key)
    with TemporaryDirectory() as directory:
        shop = Shop(Path(directory))
        line = (b"idempotency-key", key)
        async with shop.client() as client:
            both = [await client.post("/things", json={}, headers=[line]) for _ in range(2)]
            twice = await client.post("/things", json={}, headers=[line, line])
    assert [each.status_code for each in both] == [201 if is_key else 422] * 2
    assert both[0].content == both[1].content or not is_key
    assert twice.status_code == 400
    assert len(shop.counter.effects) == is_key


@given(KEYS, st.binary(max_size=20), st.binary(max_size=20))
async def test_the_same_key_means_the_same_wish_only_with_the_same_body(
    key: bytes, one: bytes, other: bytes
) -> None:
    with TemporaryDirectory() as directory:
        shop = Shop(Path(directory))
        headers = [(b"idempotency-key", key or str(uuid4()).encode())]
        async with shop.client() as client:
            first = await client.post("/things/trivial", content=one, headers=headers)
            second = await client.post("/things/trivial", content=other, headers=headers)
    assert first.status_code < 500
    assert second.status_code < 500
    if first.status_code != 422 or first.json()["code"] != "validation":
        same = (one or b"{}") == (other or b"{}")
        assert (second.headers.get("idempotent-replayed") == "true") is same

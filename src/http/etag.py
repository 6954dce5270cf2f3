"""Entity tags: `"<version>-<hash of the body>"`, and what clients may ask by them."""

import hashlib
import re

from src.http.refusals import PreconditionFailed

HASH_BYTES = 8
VERSION_DIGITS_MAX = 15

_TAG = re.compile(
    rb'"(0|[1-9][0-9]{0,%d})-[0-9a-f]{%d}"' % (VERSION_DIGITS_MAX - 1, 2 * HASH_BYTES)
)


def etag(version: int, body: bytes) -> str:
    """Return the tag of a resource at this version that reads like this."""
    return f'"{version}-{hashlib.blake2b(body, digest_size=HASH_BYTES).hexdigest()}"'


def expected_version(if_match: bytes | None) -> int | None:
    """Return the version that If-Match names; None if any will do.

    A tag that could never have been ours, a weak one too, matches nothing:
    PreconditionFailed, as RFC 9110 wants it.
    """
    if if_match is None or if_match.strip() == b"*":
        return None
    tags = [_TAG.fullmatch(tag.strip()) for tag in if_match.split(b",")]
    versions = {int(tag[1]) for tag in tags if tag}
    if len(versions) != 1:
        raise PreconditionFailed
    return versions.pop()


def is_unchanged(if_none_match: bytes, tag: bytes) -> bool:
    """Whether the client has what we would send; here weak tags count, as RFC 9110 wants it."""
    given = [each.strip().removeprefix(b"W/") for each in if_none_match.split(b",")]
    return tag in given or b"*" in given

"""Files as browsers get them: typed, tagged, and with a strict policy.

The address of every file holds a hash of all of them, so that a browser may
keep them for ever and an upgrade still shows at once.
"""

import hashlib
from importlib.resources import files
from typing import Any

from litestar import Response
from litestar.exceptions import NotFoundException
from msgspec import Struct

from src.http.answers import written_answer
from src.http.etag import etag

HASH_BYTES = 8
KEEP_SECONDS = 365 * 24 * 60 * 60
TYPES = {
    "css": "text/css; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
FILE_POLICY = "default-src 'none'; style-src 'self'; frame-ancestors 'none'"


class PageFiles(Struct, frozen=True):
    """What a folder of pages serves as it is."""

    stamp: str
    """A hash of all of them."""
    held: dict[str, bytes]

    def answer(self, stamp: str, name: str) -> Response[Any]:
        """Give one file, to be kept for ever; of another stamp there is none."""
        if stamp != self.stamp or name not in self.held:
            raise NotFoundException
        body = self.held[name]
        headers = {
            "cache-control": f"public, max-age={KEEP_SECONDS}, immutable",
            "content-security-policy": FILE_POLICY,
            "etag": etag(1, body),
        }
        return written_answer(None, body, 200, TYPES[_ending(name)], headers)


def page_files(package: str, *, without: str) -> PageFiles:
    """Read the folder `page` of a package, but for what is drawn here (by its ending)."""
    folder = files(package).joinpath("page")
    held = {each.name: each.read_bytes() for each in folder.iterdir() if each.is_file()}
    served = {name: body for name, body in held.items() if _ending(name) != without}
    return PageFiles(_hash(served), served)


def _ending(name: str) -> str:
    return name.rsplit(".", maxsplit=1)[-1]


def _hash(held: dict[str, bytes]) -> str:
    whole = hashlib.blake2b(digest_size=HASH_BYTES)
    for name, body in sorted(held.items()):
        whole.update(b"%s %d\n" % (name.encode(), len(body)) + body)
    return whole.hexdigest()

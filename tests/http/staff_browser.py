"""Somebody who works here, with a browser that runs no script: keeps cookies, sends forms."""

from collections.abc import AsyncIterator
from html.parser import HTMLParser
from urllib.parse import urljoin

import httpx
import pytest

from src.embedded import Engines
from tests.databases import BookDatabase
from tests.shop import ShopUnderTest, opened_shop


@pytest.fixture(scope="module")
async def staffed(
    engines: Engines,
    shared_database: BookDatabase,
    tmp_path_factory: pytest.TempPathFactory,
    anyio_backend: str,
) -> AsyncIterator[ShopUnderTest]:
    """A shop for all tests of a file, with somebody who works there."""
    assert anyio_backend == "asyncio"
    home = tmp_path_factory.mktemp("shop")
    async with opened_shop(engines, shared_database, home) as shop:
        yield shop


@pytest.fixture
def ravi(staffed: ShopUnderTest) -> "StaffBrowser":
    """A browser that nobody has logged in with."""
    return StaffBrowser(staffed)


class Form(HTMLParser):
    """The forms of a page, each with its fields as they stand."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, str]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append((given["action"], {}))
        elif tag in {"input", "textarea"} and self.forms and given.get("type") != "checkbox":
            self.forms[-1][1][given["name"]] = given.get("value", "")

    def to(self, action: str) -> dict[str, str]:
        """Return the fields of the one form that leads there."""
        [fields] = [fields for leads_to, fields in self.forms if leads_to == action]
        return fields


class StaffBrowser:
    """One browser, logged in or not."""

    def __init__(self, shop: ShopUnderTest) -> None:
        self.shop = shop
        self.origin = str(shop.client.base_url).rstrip("/")
        self.cookies: dict[str, str] = {}

    async def logs_in(self, role: str, next: str = "/console") -> httpx.Response:  # noqa: A002  # the field's name
        """Type a token of this role."""
        token = self.shop.bearer(role)["Authorization"].removeprefix("Bearer ")
        return await self.sends("/console/login", {"token": token, "next": next})

    async def sees(self, path: str) -> str:
        """Open a page that must be there, and return it."""
        answer = await self.opens(path)
        assert answer.status_code == 200, answer.text
        return answer.text

    async def opens(self, path: str) -> httpx.Response:
        return await self._asks("GET", path)

    async def fills(self, path: str, action: str, **said: str) -> httpx.Response:
        """Open a page, fill in one of its forms, and send it."""
        fields = Form(await self.sees(path)).to(action)
        return await self.sends(action, {**fields, **said})

    async def sends(self, action: str, fields: dict[str, str], **headers: str) -> httpx.Response:
        """Send a form as a page of this origin does."""
        return await self._asks("POST", action, fields, **{"Origin": self.origin, **headers})

    async def posts_raw(self, action: str, body: bytes) -> httpx.Response:
        """Send what no form would."""
        return await self._asks("POST", action, body, Origin=self.origin)

    async def _asks(
        self, method: str, path: str, said: dict[str, str] | bytes | None = None, **headers: str
    ) -> httpx.Response:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        lines = {**({"Cookie": cookie} if cookie else {}), **headers}
        url = urljoin(self.origin, path)
        async with httpx.AsyncClient(trust_env=False, timeout=30.0) as client:
            raw = said if isinstance(said, bytes) else None
            fields = None if isinstance(said, bytes) else said
            answer = await client.request(method, url, headers=lines, content=raw, data=fields)
        for name, value in answer.cookies.items():
            self.cookies[name] = value
        if "Max-Age=0" in answer.headers.get("set-cookie", ""):
            self.cookies.clear()
        return answer

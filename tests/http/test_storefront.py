"""The demo shop's files: what is sent, how it is named and kept, and what it may load."""

import re
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest
from msgspec.structs import replace

from src.bootstrap.api import storefront_of
from src.http.razorpay.settings import OFFICIAL_URL, RazorpaySettings
from src.http.storefront.pages import policy
from src.http.storefront.settings import Storefront
from src.settings import Settings
from tests.architecture.tree import SRC
from tests.http.tiny import Shop

pytestmark = pytest.mark.anyio

PAGE = SRC / "http" / "storefront" / "page"
SANDBOX = Storefront(
    key_id="rzp_test_0123456789",
    checkout_script="http://127.0.0.1:8001/v1/checkout.js",
    provider_url="http://127.0.0.1:8001",
)
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


class Elements(HTMLParser):
    """The elements of a page, with their attributes and what is written inside scripts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.inline = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.lasttag in {"script", "style"}:
            self.inline += data.strip()

    def one(self, tag: str) -> dict[str, str | None]:
        return next(attributes for name, attributes in self.found if name == tag)


@pytest.fixture
def client(tmp_path: Path) -> httpx.AsyncClient:
    return Shop(tmp_path, storefront=SANDBOX).client()


async def test_the_page_knows_the_key_and_where_checkout_js_is(client: httpx.AsyncClient) -> None:
    front = await client.get("/")
    body = Elements(front.text).one("body")
    assert front.status_code == 200
    assert front.headers["content-type"] == "text/html; charset=utf-8"
    assert front.headers["x-content-type-options"] == "nosniff"
    assert body["data-key-id"] == SANDBOX.key_id
    assert body["data-checkout-script"] == SANDBOX.checkout_script


async def test_the_policy_trusts_nobody_but_us_and_the_payment_window(
    client: httpx.AsyncClient,
) -> None:
    said = (await client.get("/")).headers["content-security-policy"]
    rules = dict(rule.split(" ", maxsplit=1) for rule in said.split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == "'self' http://127.0.0.1:8001"
    assert rules["frame-src"] == "'self' http://127.0.0.1:8001"
    assert rules["connect-src"] == rules["style-src"] == rules["img-src"] == "'self'"
    assert rules["frame-ancestors"] == rules["base-uri"] == "'none'"
    assert "unsafe" not in said


async def test_nothing_in_the_page_needs_an_exception_from_the_policy(
    client: httpx.AsyncClient,
) -> None:
    page = Elements((await client.get("/")).text)
    attributes = {name for _, given in page.found for name in given}
    assert page.inline == ""
    assert {name for name in attributes if name.startswith("on") or name == "style"} == set()


async def test_every_file_that_is_asked_for_is_there_with_its_type_for_ever(
    client: httpx.AsyncClient,
) -> None:
    front = Elements((await client.get("/")).text)
    asked = {given.get("href") or given.get("src") or "" for _, given in front.found}
    wanted = {path for path in asked if path.startswith("/shop/")}
    seen: set[str] = set()
    while wanted - seen:
        path = (wanted - seen).pop()
        seen.add(path)
        file = await client.get(path)
        assert file.status_code == 200, path
        assert file.headers["content-type"].startswith(TYPES[Path(path).suffix])
        assert file.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert "default-src 'none'" in file.headers["content-security-policy"]
        folder = path.rsplit("/", maxsplit=1)[0]
        if path.endswith(".js"):
            wanted |= {f"{folder}/{name}" for name in re.findall(r'from "\./(.+?)"', file.text)}
    assert {Path(path).name for path in seen} == {
        path.name for path in PAGE.iterdir() if path.name != "index.html"
    }


async def test_an_unchanged_file_is_not_sent_again(client: httpx.AsyncClient) -> None:
    for path in ("/", Elements((await client.get("/")).text).one("script")["src"] or ""):
        tag = (await client.get(path)).headers["etag"]
        again = await client.get(path, headers={"If-None-Match": tag})
        assert (again.status_code, again.content) == (304, b"")


async def test_the_page_itself_is_looked_at_anew_each_time(client: httpx.AsyncClient) -> None:
    assert (await client.get("/")).headers["cache-control"] == "no-cache"
    head = await client.head("/")
    assert (head.status_code, head.content) == (200, b"")


async def test_no_other_file_and_no_other_name_is_served(client: httpx.AsyncClient) -> None:
    source = Elements((await client.get("/")).text).one("script")["src"] or ""
    folder = source.rsplit("/", maxsplit=1)[0]
    for path in (f"{folder}/index.html", f"{folder}/../pages.py", "/shop/0/main.js", "/shop"):
        assert (await client.get(path)).status_code == 404, path


async def test_what_settings_say_is_text_in_the_page_and_never_markup(tmp_path: Path) -> None:
    sly = replace(SANDBOX, key_id="rzp_test_\"'><script>alert(1)</script>$folder")
    page = (await Shop(tmp_path, storefront=sly).client().get("/")).text
    assert Elements(page).one("body")["data-key-id"] == sly.key_id
    assert len([name for name, _ in Elements(page).found if name == "script"]) == 1


async def test_the_document_stays_where_it_is(client: httpx.AsyncClient) -> None:
    front = Elements((await client.get("/")).text)
    assert "/docs" in [given.get("href") for name, given in front.found if name == "a"]
    assert (await client.get("/docs")).status_code == 200
    paths = (await client.get("/schema/openapi.json")).json()["paths"]
    assert [path for path in paths if path == "/" or path.startswith("/shop")] == []


@pytest.mark.parametrize("path", sorted(PAGE.iterdir()), ids=lambda path: path.name)
def test_a_file_names_no_other_host_and_makes_no_markup_of_text(path: Path) -> None:
    text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
    assert re.findall(r"https?://[\w.]+", text) == []
    assert re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", text) == []


def test_razorpays_own_script_is_used_with_a_razorpay_account() -> None:
    account = RazorpaySettings(key_id="rzp_test_1", key_secret="s")
    explicit = replace(account, base_url=OFFICIAL_URL + "/")
    assert account.checkout_script == explicit.checkout_script
    assert account.checkout_script == "https://checkout.razorpay.com/v1/checkout.js"
    played = replace(account, base_url="http://127.0.0.1:8001/")
    assert played.checkout_script == SANDBOX.checkout_script


def test_razorpays_own_window_may_load_what_it_needs_and_nobody_else() -> None:
    account = RazorpaySettings(key_id="rzp_test_1", key_secret="s")
    said = policy(
        Storefront(
            key_id=account.key_id,
            checkout_script=account.checkout_script,
            provider_url=account.url,
        )
    )
    rules = dict(rule.split(" ", maxsplit=1) for rule in said.split("; "))
    for kind in ("script-src", "connect-src", "img-src", "frame-src"):
        assert rules[kind] == "'self' https://*.razorpay.com"
    assert rules["style-src"] == "'self' 'unsafe-inline'"
    assert rules["default-src"] == rules["form-action"] == "'none'"


@pytest.mark.parametrize(("key", "is_shown"), [("rzp_test_1", True), ("rzp_live_1", False)])
def test_there_is_no_demo_shop_over_real_money(tmp_path: Path, key: str, *, is_shown: bool) -> None:
    environ = {
        "KHATA_HOME": str(tmp_path),
        "RAZORPAY_KEY_ID": key,
        "RAZORPAY_KEY_SECRET": "secret",
        "RAZORPAY_WEBHOOK_SECRETS": "hush",
    }
    assert (storefront_of(Settings.from_environ(environ)) is not None) is is_shown

"""Whatever is written into a field, a path, a query or a header: a no, a yes, and never a 500."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from src.queries.page import Cursors
from tests.http.described import Described, described, resolved
from tests.http.test_every_call import Scene, set_scene
from tests.shop import ShopUnderTest, shop

__all__ = ["shop"]

pytestmark = pytest.mark.anyio

TEXTS = (
    "",
    " ",
    "\x00",
    "a\x00b",
    "\ud800",  # half of a pair, which no UTF-8 can hold
    "a\udfffb",
    "\ud83c\udf75",  # both halves, each written as an escape
    "🍵" * 50,
    "\u202edeorder\u202c",
    "عربي عنوان",
    "e\u0301" * 20,
    "\ufeff\uffff\u2028",
    "\n\r\t\x7f\x1b",
    "' or 1=1 --",
    "%s%n{0}${x}",
    "../../etc",
    "x" * 5_000,
)
NUMBERS = (-(2**70), -(2**63), -(2**53), -1, 0, 1, 2**31, 2**53 - 1, 2**53, 2**63, 2**64, 10**400)
TELLING = {502, 503}
"""The provider, or a position to come, may be away; everything else above 499 is a bug."""
ENDLESS = {"watch_checkout"}

Leaf = tuple[str | int, ...]
Json = dict[str, Any] | list[Any] | str | float | None


def _leaves(value: Json, kind: type, at: Leaf = ()) -> Iterator[Leaf]:
    """Give the places in a document that hold something of this kind."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(inner, kind, (*at, name))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _leaves(inner, kind, (*at, number))
    elif isinstance(value, kind) and not isinstance(value, bool):
        yield at


def _with(body: object, at: Leaf, value: object) -> Any:  # noqa: ANN401  # a JSON document
    changed = json.loads(json.dumps(body))
    place = changed
    for name in at[:-1]:
        place = place[name]
    place[at[-1]] = value
    return changed


def _caller(call: Described, scene: Scene) -> dict[str, str]:
    if call.path.startswith(("/admin", "/audit", "/analytics")):
        return scene.callers["admin"]
    return scene.callers["customer" if call.path.startswith("/customers/me") else "guest"]


def _example(call: Described, scene: Scene) -> dict[str, Any] | None:
    asked = call.operation.get("requestBody")
    if asked is None or call.name == "receive_razorpay":
        return None
    body = dict(asked["content"]["application/json"]["example"])
    return body | {name: scene.known[name] for name in body if name in scene.known}


async def _send(
    shop: ShopUnderTest, call: Described, scene: Scene, written: bytes
) -> httpx.Response:
    await shop.parts.runner.catch_up()  # As the worker would: lists wait for it.
    headers = {**_caller(call, scene), "Content-Type": "application/json"}
    path = call.path.format_map(scene.known)
    return await shop.client.request(call.method, path, content=written, headers=headers)


def _is_fine(answer: httpx.Response) -> bool:
    known = answer.status_code < 500 or answer.status_code in TELLING
    return known and (answer.is_success or bool(answer.json()["code"]))


@pytest.mark.parametrize(("kind", "values"), [(str, TEXTS), (int, NUMBERS)])
async def test_no_text_and_no_number_in_any_field_is_a_500(
    shop: ShopUnderTest, kind: type, values: tuple[object, ...]
) -> None:
    scene = await set_scene(shop)
    wrong: list[str] = []
    fields = 0
    for call in described():
        body = _example(call, scene)
        for at in _leaves(body, kind):
            fields += 1
            for value in values:
                for written in _spellings(_with(body, at, value)):
                    answer = await _send(shop, call, scene, written)
                    if not _is_fine(answer):
                        wrong.append(f"{call.name} {at} {value!r:.40}: {answer.status_code}")
    assert fields > 10
    assert wrong == []


def _spellings(body: object) -> set[bytes]:
    """The same document in ASCII with escapes, and in UTF-8, also where that is no UTF-8."""
    plain = json.dumps(body, ensure_ascii=False)
    return {json.dumps(body).encode(), plain.encode("utf-8", "surrogatepass")}


async def test_no_text_and_no_number_in_any_path_or_query_is_a_500(shop: ShopUnderTest) -> None:
    scene = await set_scene(shop)
    wrong: list[str] = []
    for call in described():
        if call.name in ENDLESS:
            continue
        for url in _odd_urls(call, scene):
            body = _example(call, scene)
            content = None if body is None else json.dumps(body).encode()
            await shop.parts.runner.catch_up()  # As the worker would: lists wait for it.
            answer = await shop.client.request(
                call.method, url, content=content, headers=_caller(call, scene)
            )
            if not _is_fine(answer):
                wrong.append(f"{call.name} {url[:80]}: {answer.status_code}")
    assert wrong == []


def _odd_urls(call: Described, scene: Scene) -> Iterator[str]:
    """Put each odd thing into each parameter, the others as they should be."""
    given = [resolved(each) for each in call.operation["parameters"]]
    odd = [*TEXTS, *map(str, NUMBERS)]
    for asked in given:
        for text in odd:
            word = quote(text.encode("utf-8", "surrogatepass"), safe="")
            if asked["in"] == "path":
                yield call.path.format_map({**scene.known, asked["name"]: word})
            elif asked["in"] == "query":
                rest = _needed(given, asked["name"], scene.known)
                yield f"{call.path.format_map(scene.known)}?{asked['name']}={word}{rest}"


def _needed(given: list[dict[str, Any]], but: str, known: Mapping[str, str]) -> str:
    needed = [each["name"] for each in given if each["in"] == "query" and each.get("required")]
    return "".join(f"&{name}={known.get(name, 'none')}" for name in needed if name != but)


def _lists() -> list[Described]:
    return [
        call
        for call in described()
        if any(resolved(each)["name"] == "cursor" for each in call.operation["parameters"])
    ]


async def test_a_cursor_is_good_for_the_list_that_made_it_in_the_shop_that_made_it(
    shop: ShopUnderTest,
) -> None:
    scene = await set_scene(shop)
    await shop.stocked("MILK-1")
    await shop.work()
    made: dict[str, str] = {}
    for call in _lists():
        answer = await _listed(shop, call, scene, {"limit": "1"})
        if (cursor := answer.json().get("next_cursor")) is not None:
            made[call.name] = cursor
    assert len(made) > 1
    elsewhere = Cursors(b"another shop's key".ljust(32)).write("products", ["MILK-1"])
    for call in _lists():
        others = [cursor for name, cursor in made.items() if name != call.name]
        altered = [each for own in made.values() for each in _altered(own)]
        for cursor in (*others, *altered, elsewhere, *TEXTS):
            answer = await _listed(shop, call, scene, {"cursor": cursor})
            assert answer.status_code in {422, 414}, (call.name, cursor, answer.text)
        if call.name in made:
            again = await _listed(shop, call, scene, {"cursor": made[call.name]})
            assert again.status_code == 200


async def _listed(
    shop: ShopUnderTest, call: Described, scene: Scene, query: dict[str, str]
) -> httpx.Response:
    given = [resolved(each) for each in call.operation["parameters"]]
    needed = {
        each["name"]: scene.known.get(each["name"], "none")
        for each in given
        if each["in"] == "query" and each.get("required")
    }
    words = "&".join(
        f"{name}={quote(value.encode('utf-8', 'surrogatepass'), safe='')}"
        for name, value in {**needed, **query}.items()
    )
    path = call.path.format_map(scene.known)
    await shop.parts.runner.catch_up()
    who = "customer" if call.name == "list_own_orders" else None
    headers = scene.callers[who] if who else _caller(call, scene)
    return await shop.client.get(f"{path}?{words}", headers=headers)


def _altered(cursor: str) -> Iterator[str]:
    changes: tuple[Callable[[str], str], ...] = (
        lambda text: text[:-1],
        lambda text: text + "A",
        lambda text: text + "=",
        lambda text: ("B" if text[0] == "A" else "A") + text[1:],
        lambda text: text[: len(text) // 2] + text[len(text) // 2 + 1 :],
        str.swapcase,
    )
    for change in changes:
        yield change(cursor)


@pytest.mark.parametrize("value", ["", "+1", "0x1", "1e3", "٣", "-0", "9" * 400])
async def test_what_is_no_position_is_422(shop: ShopUnderTest, value: str) -> None:
    lines = [(b"khata-position", value.encode())]
    answer = await shop.client.get("/products", headers=lines)
    assert answer.status_code == 422

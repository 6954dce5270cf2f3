"""Who gets past which door, asked of the whole application, one row for every route.

`just roles` writes tests/http/role_table.txt; a test compares it. It stands on
engines of its own, because only the real application knows its routes.
"""

import asyncio
import io
import tempfile
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from pathlib import Path

from httpx import Response
from litestar import Litestar

from src.events.migrations import migrate
from src.http import auth
from src.http.auth import CONSOLE, OPEN
from src.telemetry import configure_logging
from tests.accounts import bearer
from tests.databases import on_engines, role_of
from tests.engines import start_throw_away_engines
from tests.http.asking import METHODS, Door, asked, doors, in_turn
from tests.http.cast import WHOS, Cast, assembled
from tests.shop import ShopUnderTest, opened_shop

LEGEND = """\
Who gets past which door. A column is somebody, a row is a route of the application.

  in   let in: what the answer says is about the thing, not about who asks for it
  401  who are you?          a missing or bad identity
  403  this is not for you   a role that may not
  404  there is no such thing: it is not yours, so it does not exist
  405  not with this method

Guests, staff and nobody ask for things of "guest, owner"; customers for those of
"customer, owner". Claiming and choosing a new password are 401 to everybody without
the secret of a letter. "mixed roles" is a token that says customer and operator at once.
"""
AREAS = tuple(sorted((*OPEN, *(area for area, _ in auth.AREAS)), key=len, reverse=True))
"""The narrowest first: each is told apart, since others may enter it."""
CLOSED = ("/admin", "/audit", "/analytics", CONSOLE)
EVERY_METHOD = (*METHODS, "OPTIONS", "TRACE", "PROPFIND")
TOLD_APART = {401, 403, 404, 405, 429}
WRITTEN = Path(__file__).parent / "http" / "role_table.txt"
Rows = dict[str, dict[str, str]]


def said(status: int) -> str:
    """Return what a status means for somebody at a door."""
    is_said = status in TOLD_APART or status >= HTTPStatus.INTERNAL_SERVER_ERROR
    return str(status) if is_said else "in"


async def rows(shop: ShopUnderTest, cast: Cast) -> Rows:
    """Ask at every door as everybody."""
    found: Rows = {}
    every = doors(application(shop))
    for door in in_turn(every):
        answers = {who: await asked(shop, cast, door, who) for who in _turns()}
        found[door.label] = {who: said(answer.status_code) for who, answer in answers.items()}
        if door.name == "change_password":
            _go_on_with_new_tokens(cast, answers)
    known = {door.label: found[door.label] for door in every}
    return {**known, **await _beyond(shop, cast, every)}


def _go_on_with_new_tokens(cast: Cast, answers: Mapping[str, Response]) -> None:
    """Nobody can erase an account with a login that a new password has ended."""
    for who, answer in answers.items():
        if answer.is_success:
            cast.headers[who].update(bearer(answer.json()))


def application(shop: ShopUnderTest) -> Litestar:
    """Return the framework's application, which alone knows every route."""
    inside = vars(shop.app)["_inside"]
    assert isinstance(inside, Litestar)
    return inside


def _turns() -> list[str]:
    """Owners and staff last: what strangers are told should not depend on what is left."""
    return sorted(WHOS, key=lambda who: who.endswith("owner"))


async def _beyond(shop: ShopUnderTest, cast: Cast, every: list[Door]) -> Rows:
    """Ask for paths that are not there, and with methods that are not."""
    found: Rows = {}
    for area in (*CLOSED, ""):
        shown = f"{area}/**" if area else "/** elsewhere"
        for path in (f"{area}/nothing/here", f"{area}/nothing/"):
            await _ask(shop, cast, found, f"any    {shown}, not there", path, EVERY_METHOD)
    for path in sorted({door.path for door in every}):
        area = next((each for each in AREAS if path.startswith(each)), "")
        label = f"other  {area}/**{'' if area else ' elsewhere'}, known"
        others = (*METHODS, "TRACE", "PROPFIND")
        methods = [each for each in others if not _listed(each, path, every)]
        await _ask(shop, cast, found, label, path.format_map(cast.given("nobody")), methods)
    return found


def _listed(method: str, path: str, every: list[Door]) -> bool:
    return any((door.method, door.path) == (method, path) for door in every)


async def _ask(  # noqa: PLR0913, PLR0917  # what is asked, of whom, and where the answer goes
    shop: ShopUnderTest, cast: Cast, found: Rows, label: str, path: str, methods: Sequence[str]
) -> None:
    """Add what everybody is told to a row; who is told different things is told them all."""
    row = found.setdefault(label, {})
    for who in WHOS:
        for method in methods:
            answer = await shop.client.request(method, path, headers=cast.headers[who])
            told = said(answer.status_code)
            row[who] = told if row.get(who, told) == told else _both(row[who], told)


def _both(one: str, other: str) -> str:
    return "/".join(sorted({*one.split("/"), other}))


def table(found: Mapping[str, Mapping[str, str]]) -> str:
    """Write the whole table."""
    names = [who.replace(", ", "\n").replace(" ", "\n").split("\n") for who in WHOS]
    width = max(map(len, found))
    heads = [
        f"{'':{width}} │ " + " │ ".join(f"{[*name, ''][line]:8}" for name in names)
        for line in range(2)
    ]
    rule = f"{'─' * width}─┼─" + "─┼─".join("─" * 8 for _ in names)
    lines = [
        f"{label:{width}} │ " + " │ ".join(f"{row[who]:8}" for who in WHOS)
        for label, row in found.items()
    ]
    return LEGEND + "\n" + "".join(f"{line.rstrip()}\n" for line in [*heads, rule, *lines])


async def _asked_everywhere(home: Path) -> str:
    with start_throw_away_engines(home / "engines") as engines:
        database = on_engines(engines, "khata")
        await migrate(database.owner_url, role_of(database.app_url))
        async with opened_shop(engines, database, home) as shop:
            return table(await rows(shop, await assembled(shop)))


def main() -> None:
    """Write it down and show it, without the thousands of requests that it takes."""
    configure_logging(file=io.StringIO())
    with tempfile.TemporaryDirectory() as home:
        found = asyncio.run(_asked_everywhere(Path(home)))
    WRITTEN.write_text(found, encoding="utf-8")
    place = WRITTEN.relative_to(Path(__file__).parents[1])
    print(f"{found}\nThis was written to {place}.")  # noqa: T201 - it is what the recipe is for


if __name__ == "__main__":
    main()

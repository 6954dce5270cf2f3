"""Ten thousand wrong logins of one e-mail lock nobody else out, and cost ten looks a minute."""

import json
import math
import time
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from msgspec.structs import replace

from src.bootstrap.api import open_api
from src.embedded import Engines
from src.http.asgi import Message
from src.http.middleware import Edge
from src.http.settings import HttpSettings
from tests.asgi import posted
from tests.databases import BookDatabase
from tests.shop import ShopUnderTest, opened_shop

pytestmark = pytest.mark.anyio

GUESSES = 10_000
HERE, THERE, OFFICE, ELSEWHERE = "192.0.2.1", "192.0.2.2", "192.0.2.3", "198.51.100.1"
"""All tests of a process share one Redis, so each begins at an address of its own."""
ASHA = {"email": "asha@example.in", "password": "six chai before noon"}
RAVI = {"email": "ravi@example.in", "password": "seven chai after noon"}
STRICT = HttpSettings(rate_per_second=100_000, access_log=False)
"""The usual doors; the flood limit has tests of its own."""


@pytest.fixture
async def shop(
    engines: Engines, book_database: BookDatabase, tmp_path: Path
) -> AsyncIterator[ShopUnderTest]:
    """A shop with two accounts."""
    async with opened_shop(engines, book_database, tmp_path) as opened:
        for person in (ASHA, RAVI):
            await opened.sent("POST", "/customers", {**person, "name": "Somebody"})
        yield opened


@pytest.fixture
async def edge(shop: ShopUnderTest) -> AsyncIterator[Edge]:
    """The same shop's application once more, as strict as it is by default."""
    async with open_api(replace(shop.settings, http=STRICT)) as app:
        yield app


async def log_in(edge: Edge, who: dict[str, str], address: str) -> httpx.Response:
    """Log in from an address."""
    transport = httpx.ASGITransport(app=edge, client=(address, 1234))
    async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
        return await client.post("/customers/login", json=who)


async def guess(edge: Edge, number: int) -> int:
    """Guess a password of Asha's, without a client, which would cost more than the answer."""
    body = json.dumps({**ASHA, "password": f"guess number {number}"}).encode()
    length = (b"content-length", str(len(body)).encode())
    scope = posted("/customers/login", [length], HERE)
    statuses: list[int] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    await edge(scope, receive, send)
    return statuses[0]


async def test_10000_wrong_logins_of_one_e_mail_lock_nobody_else_out(edge: Edge) -> None:
    began = time.monotonic()
    statuses = Counter([await guess(edge, number) for number in range(GUESSES)])
    minutes = math.floor((time.monotonic() - began) / 60) + 1
    assert set(statuses) == {401, 429}
    assert statuses[401] <= 10 * minutes, "only what is not refused reaches the password's hash"
    assert (await log_in(edge, RAVI, HERE)).status_code == 200
    assert (await log_in(edge, RAVI, ELSEWHERE)).status_code == 200


async def test_a_refusal_says_which_limit_it_was_and_when_to_come_back(edge: Edge) -> None:
    wrong = {**ASHA, "password": "a wrong one"}
    answers = [await log_in(edge, wrong, THERE) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [401] * 10 + [429]
    refused = answers[-1]
    assert refused.json()["code"] == "rate-limited"
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert '"login-email";q=10;w=60' in refused.headers["ratelimit-policy"]
    assert f'"login-email";r=0;t={refused.headers["retry-after"]}' in refused.headers["ratelimit"]
    assert (await log_in(edge, ASHA, ELSEWHERE)).status_code == 429, "the right one waits as well"


async def test_of_61_e_mails_from_one_address_the_last_is_refused(edge: Edge) -> None:
    began = time.monotonic()
    persons = [{**ASHA, "email": f"person{number}@example.in"} for number in range(61)]
    statuses = [(await log_in(edge, person, OFFICE)).status_code for person in persons]
    minutes = math.floor((time.monotonic() - began) / 60) + 1
    assert statuses[:60] == [401] * 60
    assert statuses[60] == 429 or minutes > 1
    assert (await log_in(edge, RAVI, ELSEWHERE)).status_code == 200

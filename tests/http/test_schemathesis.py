"""Requests made up from the served OpenAPI document: whatever comes back is in the document."""

import asyncio
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import suppress
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from src.embedded import Engines
from src.http.auth import AREAS
from tests.databases import BookDatabase, copied_database
from tests.http.test_back_office import UNREADABLE, delivered
from tests.shop import ShopUnderTest, guest, opened_shop

EXAMPLES = 8
SLOW_EXAMPLES = 3
"""Where every request hashes a password."""
SLOW = {"POST /customers", "POST /customers/login"}
ENDLESS = {"GET /checkout/{checkout_session_id}/events"}
STAFF = ("operator", "analyst", "auditor", "admin")
TURNED_AWAY_EXAMPLES = 2
"""Where a role may not enter: what is asked there is not looked at."""
CHECKS = [
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
TIMEOUT_SECONDS = 10
LOOK_SECONDS = 0.05


class Visitors:
    """A served shop, and the headers and ids of those who visit it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.headers: dict[str, dict[str, str]] = {"anonymous": {}}
        self.ids: dict[str, str] = {}
        self.statuses: Counter[int] = Counter()


@pytest.fixture(scope="module")
def database(engines: Engines, book_template: BookDatabase) -> Iterator[BookDatabase]:
    assert book_template.app_url
    with copied_database(engines) as copied:
        yield copied


@pytest.fixture(scope="module")
def visitors(
    engines: Engines, database: BookDatabase, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Visitors]:
    """A shop on a loop of its own, because what calls it does not know of loops."""
    ready: Future[Visitors] = Future()
    stop = asyncio.Event()
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        home = tmp_path_factory.mktemp("shop")
        async with opened_shop(engines, database, home) as shop:
            ready.set_result(await _visited(shop))
            while not stop.is_set():  # As the worker would: lists wait for it.
                await shop.parts.runner.catch_up()
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), LOOK_SECONDS)

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    try:
        yield ready.result(timeout=60)
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()


async def _visited(shop: ShopUnderTest) -> Visitors:
    visitors = Visitors(shop.settings.api_url)
    await shop.stocked("CHAI-250")
    cart_id, headers = await shop.guest_cart(CHAI_250=1)
    checkout = await shop.sent("POST", "/orders", guest(cart_id=cart_id), headers)
    visitors.headers["guest"] = headers
    visitors.ids = {
        "cart_id": cart_id,
        "checkout_session_id": checkout["checkout_session_id"],
        "sku": "CHAI-250",
    }
    account = {"email": "asha@example.in", "password": "six chai before noon"}
    await shop.sent("POST", "/customers", {**account, "name": "Asha Example"})
    tokens = await shop.sent("POST", "/customers/login", account)
    visitors.headers["customer"] = {"Authorization": f"Bearer {tokens['access_token']}"}
    visitors.headers |= {role: shop.bearer(role) for role in STAFF}
    webhook = await delivered(shop, UNREADABLE)
    await shop.sent("POST", f"/admin/webhooks/{webhook}/replay", {}, shop.bearer("admin"))
    await shop.work()
    cases = await shop.client.get("/admin/cases", headers=shop.bearer("admin"))
    visitors.ids |= {
        "webhook_id": webhook,
        "case_id": cases.json()["items"][0]["case_id"],
        "code": "standard",
        "position": "1",
        "stream": "stock-CHAI-250",
    }
    return visitors


@pytest.mark.parametrize("who", ["anonymous", "guest", "customer", *STAFF])
def test_answers_are_as_documented(visitors: Visitors, who: str) -> None:
    schema = schemathesis.openapi.from_url(f"{visitors.url}/schema/openapi.json")
    wrong: list[str] = []
    tried = 0
    for found in schema.get_all_operations():
        assert isinstance(found, Ok), found
        operation = found.ok()
        if operation.label in ENDLESS:
            continue
        tried += 1
        try:
            _try(operation, visitors, who)
        except (FailureGroup, AssertionError) as failure:
            wrong.append(f"{operation.label}: {_words(failure)}")
    assert not wrong, "\n\n".join(wrong)
    assert tried > 20
    assert visitors.statuses.keys() >= ({200, 403, 422} if who in STAFF else {200, 404, 422})


def _try(operation: Any, visitors: Visitors, who: str) -> None:  # noqa: ANN401  # schemathesis' own
    @settings(
        max_examples=_examples(operation, who),
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def ask(case: Any) -> None:  # noqa: ANN401  # schemathesis' own
        if len(repr(case.body)) % 2:  # half of them about something that is there
            for name in case.path_parameters or {}:
                case.path_parameters[name] = visitors.ids.get(name, case.path_parameters[name])
        if case.headers:
            case.headers.pop("Khata-Position", None)  # a position to come is worth two seconds
        response = case.call(headers=visitors.headers[who], timeout=TIMEOUT_SECONDS)
        assert response.status_code != 500, response.text
        visitors.statuses[response.status_code] += 1
        case.validate_response(response, checks=CHECKS)

    ask()


def _examples(operation: Any, who: str) -> int:  # noqa: ANN401  # schemathesis' own
    """Look closer where somebody may enter."""
    area = next((roles for prefix, roles in AREAS if operation.path.startswith(prefix)), None)
    if (who not in area) if area is not None else who in STAFF:
        return TURNED_AWAY_EXAMPLES
    return SLOW_EXAMPLES if operation.label in SLOW else EXAMPLES


def _words(failure: BaseException) -> str:
    return "\n".join(line for line in str(failure).splitlines()[:60] if line.strip())

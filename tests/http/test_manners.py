"""Request ids, traces, entity tags, positions and limits; and no header breaks anything."""

import io
import json
import os
import re
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote
from uuid import UUID

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from src.events.identifiers import named
from src.http.etag import etag, expected_version, is_unchanged
from src.http.refusals import PreconditionFailed
from src.http.settings import HttpSettings
from src.telemetry import configure_logging
from tests.http.tiny import REACHED, Shop

pytestmark = pytest.mark.anyio
TRACE = "0af7651916cd43dd8448eb211c80319c"


@pytest.mark.parametrize(
    ("given", "kept"), [("mine-1", True), ("a" * 128, True), ("a" * 129, False), ("a b", False)]
)
async def test_a_sane_request_id_comes_back_and_another_is_replaced(
    shop: Shop, given: str, *, kept: bool
) -> None:
    async with shop.client() as client:
        answer = await client.get("/nowhere", headers={"X-Request-Id": given})
    assert (answer.headers["x-request-id"] == given) is kept
    assert kept or UUID(answer.headers["x-request-id"]).version == 4


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}, UUID(hex=TRACE)),
        ({"traceparent": f"01-{TRACE}-b7ad6b7169203331-01-more"}, UUID(hex=TRACE)),
        ({"X-Request-Id": "mine"}, named("request", "mine")),
        (
            {"X-Request-Id": "mine", "traceparent": f"ff-{TRACE}-b7ad6b7169203331-01"},
            named("request", "mine"),
        ),
        (
            {"X-Request-Id": "mine", "traceparent": f"00-{'0' * 32}-b7ad6b7169203331-01"},
            named("request", "mine"),
        ),
    ],
)
async def test_what_a_request_causes_carries_its_trace(
    shop: Shop, headers: dict[str, str], expected: UUID
) -> None:
    async with shop.client() as client:
        answer = await client.post("/things", headers=headers)
    assert answer.json()["correlation_id"] == str(expected)


async def test_the_book_knows_a_caller_by_a_name_that_is_no_secret(shop: Shop) -> None:
    async with shop.client() as client:
        actors = [
            (await client.post("/things", headers=headers)).json()["actor"]
            for headers in (
                {"X-Session-Id": "secret"},
                shop.bearer("customer", "c1"),
                shop.bearer("operator", "s1"),
            )
        ]
    assert actors == ["guest", "customer:c1", "staff:operator:s1"]


async def test_an_entity_tag_is_the_version_and_the_hash(shop: Shop) -> None:
    async with shop.client() as client:
        answer = await client.get("/things/CHAI")
        tag = answer.headers["etag"]
        same = await client.get("/things/CHAI", headers={"If-None-Match": f'"other", W/{tag}'})
        other = await client.get("/things/MILK", headers={"If-None-Match": tag})
    assert tag == etag(7, answer.content)
    assert tag.startswith('"7-')
    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
    assert "content-type" not in same.headers
    assert other.status_code == 200


@pytest.mark.parametrize(
    ("if_match", "status"),
    [
        (None, 200),
        ("*", 200),
        ('"7-0123456789abcdef"', 200),
        ('"6-0123456789abcdef"', 412),
        ('W/"7-0123456789abcdef"', 412),
        ("7", 412),
        ('"7"', 412),
        ('"7-0123456789abcdef", "6-0123456789abcdef"', 412),
    ],
)
async def test_if_match_compares_the_version(shop: Shop, if_match: str | None, status: int) -> None:
    headers = {} if if_match is None else {"If-Match": if_match}
    async with shop.client() as client:
        answer = await client.put("/things/CHAI", json={"quantity": 1}, headers=headers)
    assert answer.status_code == status
    assert status == 200 or answer.json()["code"] == "version-moved"


async def test_a_write_says_where_it_holds(shop: Shop) -> None:
    async with shop.client() as client:
        answer = await client.post("/things", json={})
    assert answer.headers["khata-position"] == "1"
    assert answer.headers["khata-recorded-at"] == "2026-01-15T12:00:00Z"


@pytest.mark.parametrize(
    ("position", "status"),
    [(str(REACHED), 200), (str(REACHED + 1), 503), ("-1", 422), ("x", 422), (str(2**53), 422)],
)
async def test_a_read_waits_for_its_position(shop: Shop, position: str, status: int) -> None:
    async with shop.client() as client:
        answer = await client.get("/things", headers={"Khata-Position": position})
    assert answer.status_code == status
    assert ("retry-after" in answer.headers) is (status == 503)


async def test_headers_over_16_kib_are_431(shop: Shop) -> None:
    async with shop.client() as client:
        fits = await client.get("/things", headers={"X-Much": "a" * 15_000})
        too_much = await client.get("/things", headers={"X-Much": "a" * 16_384})
    assert (fits.status_code, too_much.status_code) == (200, 431)


async def test_answers_are_private_and_their_type_is_not_guessed(shop: Shop) -> None:
    async with shop.client() as client:
        listed, one = await client.get("/things"), await client.get("/things/CHAI")
    assert listed.headers["cache-control"] == "no-store"
    assert one.headers["cache-control"] == "private, no-cache"
    assert listed.headers["x-content-type-options"] == "nosniff"


async def test_more_writes_at_once_than_allowed_are_busy(tmp_path: Path) -> None:
    shop = Shop(tmp_path, settings=HttpSettings(writes_at_once_max=0, access_log=False))
    async with shop.client() as client:
        write, read = await client.post("/things"), await client.get("/things")
        delivery = await client.post("/webhooks/razorpay", content=b"{}")
    assert (write.status_code, write.json()["code"]) == (503, "busy")
    assert (read.status_code, delivery.status_code) == (200, 200), "each has room of its own"


async def test_room_is_given_back_whatever_became_of_the_write(tmp_path: Path) -> None:
    one = HttpSettings(writes_at_once_max=1, webhooks_at_once_max=0, access_log=False)
    async with Shop(tmp_path, settings=one).client() as client:
        statuses = [(await client.post("/things", content=b"{")).status_code for _ in range(3)]
        assert statuses == [400, 400, 400]
        assert (await client.post("/webhooks/razorpay")).json()["code"] == "busy"


async def test_the_log_names_the_route_and_nothing_personal(
    tmp_path: Path, log: io.StringIO
) -> None:
    shop = Shop(tmp_path, settings=HttpSettings())
    async with shop.client() as client:
        await client.get("/things/CHAI?limit=9", headers={"X-Request-Id": "r1"})
        await client.get("/asha@example.com")
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert [(line["route"], line["status"]) for line in lines] == [
        ("/things/{thing_id}", 200),
        ("unmatched", 404),
    ]
    assert set(lines[0]) == {
        "event", "level", "timestamp", "part", "method", "route", "status", "ms", "request_id",
    }  # fmt: skip
    assert "asha" not in log.getvalue()
    assert "CHAI" not in log.getvalue()


async def test_a_line_about_a_write_names_the_id_that_the_book_keeps_of_it(
    tmp_path: Path, log: io.StringIO
) -> None:
    async with Shop(tmp_path, settings=HttpSettings()).client() as client:
        await client.post("/things", json={}, headers={"traceparent": f"00-{TRACE}-{'1' * 16}-01"})
    (line,) = [json.loads(line) for line in log.getvalue().splitlines()]
    assert line["correlation_id"].replace("-", "") == TRACE


async def test_nobody_reads_the_log_and_everybody_is_served(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    gone = os.fdopen(writer, "w", buffering=1)
    configure_logging(file=gone)
    try:
        async with Shop(tmp_path, settings=HttpSettings()).client() as client:
            assert (await client.get("/things/CHAI")).status_code == 200
        with pytest.raises(BrokenPipeError):
            gone.write("so much for the reader\n")
    finally:
        configure_logging()
        with suppress(BrokenPipeError):
            gone.close()


async def test_whoever_is_kept_out_of_a_closed_area_is_noted_by_the_area_alone(
    tmp_path: Path, log: io.StringIO
) -> None:
    async with Shop(tmp_path, settings=HttpSettings()).client() as client:
        await client.get("/admin/orders/ord_secret")
        await client.get("/administration")
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert [(line["route"], line["status"]) for line in lines] == [
        ("/admin/…", 401),
        ("unmatched", 404),
    ]
    assert "ord_secret" not in log.getvalue()


async def test_the_figures_count_requests_by_route(shop: Shop) -> None:
    async with shop.client() as client:
        await client.get("/things/CHAI")
        await client.request("BREW", "/things/CHAI")
        figures = (await client.get("/metrics")).text
    expected = 'khata_http_requests_total{method="GET",route="/things/{thing_id}",status="200"} 1.0'
    assert expected in figures
    assert "BREW" not in figures
    assert 'method="OTHER"' in figures


async def test_the_document_and_its_viewer_need_nothing_from_elsewhere(shop: Shop) -> None:
    async with shop.client() as client:
        document = (await client.get("/schema/openapi.json")).json()
        pages = [
            await client.get(path) for path in ("/docs", "/docs/viewer.js", "/docs/viewer.css")
        ]
    assert document["openapi"].startswith("3.1")
    assert document["info"]["title"] == "Khata"
    operations = [operation for item in document["paths"].values() for operation in item.values()]
    assert all(
        operation["responses"]["default"] == {"$ref": "#/components/responses/Problem"}
        for operation in operations
    )
    staff = [{"staff": ["admin"]}, {"staff": ["operator"]}]
    assert document["paths"]["/admin/things"]["get"]["security"] == staff
    assert [page.status_code for page in pages] == [200, 200, 200]
    assert not any(re.search(r"//(?! )", page.text) for page in pages)
    assert "default-src 'none'" in pages[0].headers["content-security-policy"]


HEADERS = (
    "if-match",
    "if-none-match",
    "khata-position",
    "idempotency-key",
    "x-request-id",
    "x-session-id",
    "authorization",
    "traceparent",
    "content-type",
    "last-event-id",
)
HEADER_VALUES = st.text(
    st.characters(max_codepoint=255, exclude_characters="\r\n\x00"), max_size=60
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.fixed_dictionaries(
        {},
        optional=dict.fromkeys(HEADERS, HEADER_VALUES),
    ),
    st.text(max_size=20),
)
async def test_no_header_and_no_cursor_is_ever_a_500(
    shop: Shop, headers: dict[str, str], word: str
) -> None:
    lines = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    query = httpx.QueryParams({"cursor": word, "limit": word})
    async with shop.client() as client:
        answers = [
            await client.get("/things", params=query, headers=lines),
            await client.get(f"/things/{quote(word, safe='')}", headers=lines),
            await client.put("/things/CHAI", content=b'{"quantity":1}', headers=lines),
            await client.post("/things", content=b"{}", headers=lines),
        ]
    assert [each.status_code for each in answers if each.status_code == 500] == []


@given(st.binary(max_size=80))
def test_any_if_match_is_a_version_or_a_refusal(value: bytes) -> None:
    is_unchanged(value, b'"7-0123456789abcdef"')
    try:
        version = expected_version(value)
    except PreconditionFailed:
        return
    assert version is None or version >= 0


async def test_the_front_leads_to_the_document_where_there_is_one(
    shop: Shop, tmp_path: Path
) -> None:
    async with shop.client() as client:
        front = await client.get("/")
    assert (front.status_code, front.headers["location"], front.content) == (307, "/docs", b"")
    plain = Shop(tmp_path / "plain", settings=HttpSettings(docs=False, access_log=False))
    async with plain.client() as client:
        assert (await client.get("/")).status_code == 404

"""One purchase is one connected trace, and no span of it says who bought."""

import io
import json
from collections import defaultdict
from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from src.trace_export import collecting
from src.trace_spans import OtelSpans
from tests.databases import BookDatabase, connected
from tests.journeys.buyers import Buyer, ok, order_of
from tests.journeys.persons import EMAIL, PERSON, traces_in
from tests.shop import ShopUnderTest

pytestmark = pytest.mark.anyio

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
CALLER = "00f067aa0ba902b7"
TRACED = {"traceparent": f"00-{TRACE}-{CALLER}-01"}


@pytest.fixture
def seen() -> Iterator[InMemorySpanExporter]:
    """Every span that ends meanwhile."""
    exporter = InMemorySpanExporter()
    with collecting(OtelSpans("test", SimpleSpanProcessor(exporter))):
        yield exporter


Place = tuple[int, int]


def place(span: ReadableSpan) -> Place:
    assert span.context is not None
    return span.context.trace_id, span.context.span_id


def neighbours(span: ReadableSpan) -> list[Place]:
    """Return the spans that this one names, as its parent or in a link."""
    named = [each.context for each in span.links]
    if span.parent is not None:
        named.append(span.parent)
    return [(each.trace_id, each.span_id) for each in named]


def connected_to(begin: ReadableSpan, spans: list[ReadableSpan]) -> set[Place]:
    """Return everything that hangs together with a span, through parents and links."""
    ways: dict[Place, set[Place]] = defaultdict(set)
    for span in spans:
        for other in neighbours(span):
            ways[place(span)].add(other)
            ways[other].add(place(span))
    found, todo = {place(begin)}, [place(begin)]
    while todo:
        new = ways[todo.pop()] - found
        found |= new
        todo += new
    return found


def by_name(spans: list[ReadableSpan]) -> dict[str, list[ReadableSpan]]:
    found: dict[str, list[ReadableSpan]] = defaultdict(list)
    for span in spans:
        found[span.name].append(span)
    return found


def one(spans: list[ReadableSpan]) -> ReadableSpan:
    (span,) = spans
    return span


async def bought(shop: ShopUnderTest) -> Buyer:
    """Let somebody buy, to the end, from requests that name their trace."""
    await shop.stocked("SECRET", units=9)
    shop.client.headers.update(TRACED)
    buyer = await Buyer.guest(shop, EMAIL, SECRET=1)
    buyer.who = dict(PERSON)
    pending = ok(await buyer.order())
    await shop.parts.runner.catch_up()
    await shop.pay(order_of(pending), method="upi")
    await buyer.until(pending, "ORDER_CREATED")
    await shop.work()
    return buyer


async def test_a_purchase_hangs_together_from_the_request_to_the_settled_webhook(
    shop: ShopUnderTest, seen: InMemorySpanExporter
) -> None:
    await bought(shop)
    spans = list(seen.get_finished_spans())
    names = by_name(spans)
    ordered = one(names["POST /orders"])
    assert place(ordered)[0] == int(TRACE, 16)
    assert neighbours(ordered) == [(int(TRACE, 16), int(CALLER, 16))]
    together = connected_to(ordered, spans)
    wish = one([each for each in names["command record_intent"] if each.parent is not None])
    assert place(wish)[0] == int(TRACE, 16)
    appended = [each for each in names["append"] if place(wish) in neighbours(each)]
    assert [place(each) for each in appended] == [
        (link.context.trace_id, link.context.span_id) for link in wish.links
    ]
    asked = one(names["razorpay order.create"])
    assert place(asked) in together
    delivered = names["POST /webhooks/razorpay"]
    settled = names["settle a delivery"]
    assert len(delivered) == len(settled) > 0
    assert {place(each) for each in (*delivered, *settled)} <= together
    inside = {place(each) for each in delivered}
    assert all(each.parent and neighbours(each)[-1] in inside for each in settled)
    assert all(place(ordered)[0] in {trace for trace, _ in neighbours(each)} for each in settled)
    page = names["project"][0]
    assert place(page) in together
    assert all(each.parent is not None for each in names["append"])


async def test_the_book_and_the_traces_find_each_other(
    shop: ShopUnderTest, seen: InMemorySpanExporter, book_database: BookDatabase
) -> None:
    await bought(shop)
    places = {place(each): each for each in seen.get_finished_spans()}
    facts = await connected(
        book_database.superuser_url,
        lambda db: db.fetch("select stream, correlation_id, command_id from khata.events"),
    )
    assert facts
    for fact in facts:
        wrote = places[fact["correlation_id"].int, fact["command_id"].int & (2**64 - 1)]
        assert wrote.attributes is not None
    ids = [place(each) for each in seen.get_finished_spans()]
    assert len(ids) == len(set(ids)), "no two spans have one name"


async def test_a_request_without_a_trace_begins_one_and_the_book_knows_it(
    shop: ShopUnderTest, seen: InMemorySpanExporter, log: io.StringIO
) -> None:
    await shop.stocked("TEA", units=9)
    listed = one([s for s in seen.get_finished_spans() if s.name == "PUT /admin/products/{sku}"])
    told = [json.loads(line) for line in log.getvalue().splitlines()]
    (line,) = [each for each in told if each.get("route") == "/admin/products/{sku}"]
    assert line["trace_id"] == f"{place(listed)[0]:032x}"
    assert line["request_id"]


async def test_what_nobody_collects_is_no_span_and_the_trace_is_in_the_book_all_the_same(
    shop: ShopUnderTest, monkeypatch: pytest.MonkeyPatch, book_database: BookDatabase
) -> None:
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "parentbased_always_off")
    exporter = InMemorySpanExporter()
    with collecting(OtelSpans("test", SimpleSpanProcessor(exporter))):
        await shop.stocked("TEA", units=9)
        await shop.work()
    assert exporter.get_finished_spans() == ()
    facts = await connected(
        book_database.superuser_url,
        lambda db: db.fetch("select distinct correlation_id from khata.events"),
    )
    assert len(facts) == 3


async def test_no_span_and_no_line_says_who_bought(
    shop: ShopUnderTest, seen: InMemorySpanExporter, log: io.StringIO
) -> None:
    buyer = await bought(shop)
    password = "zenobia quillfeather 77665 54433"
    account = {"email": EMAIL, "password": password, "name": PERSON["name"]}
    await shop.sent("POST", "/customers", account)
    wrong = {"email": EMAIL, "password": "zenobia quillfeather wrong"}
    assert (await shop.client.post("/customers/login", json=wrong)).status_code == 401
    tokens = await shop.sent("POST", "/customers/login", {"email": EMAIL, "password": password})
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    await shop.sent("POST", "/customers/me/addresses", PERSON["shipping_address"], bearer)
    await shop.client.get(f"/{EMAIL}?q={EMAIL}")
    await shop.client.request("DELETE", "/customers/me", headers=bearer)
    await shop.work()
    said = log.getvalue() + "".join(each.to_json() for each in seen.get_finished_spans())
    assert "POST /customers/login" in said
    assert traces_in(said) == []
    secrets = (
        buyer.headers["X-Session-Id"],
        tokens["access_token"],
        tokens["refresh_token"],
        shop.settings.razorpay.key_secret,
        *shop.settings.razorpay.webhook_secrets,
        shop.settings.app_url,
    )
    assert [secret for secret in secrets if secret in said] == []

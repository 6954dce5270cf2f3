"""`khata history … --why`: what led to every fact, down to the bytes that Razorpay signed."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager

import msgspec

from src.bootstrap.moments import monotonic, token_bytes
from src.bootstrap.parts import BOOK
from src.cli.asked import Named, moment_of, stream_of, stream_or_number
from src.cli.engines_here import with_engines
from src.cli.history import nothing
from src.cli.printing import at, put, put_all
from src.events.book_key import master_keys_of
from src.events.identifiers import ORDER, Stream, category_of, key_of
from src.events.key_ring import open_key_ring
from src.events.ledger import open_book
from src.events.webhook import WebhookReceived
from src.http.razorpay.signatures import verify_webhook
from src.queries.evidence import Evidence
from src.queries.history import Moment
from src.queries.why import Reason, Sources, Why, why_of_order, why_of_stream
from src.settings import Settings

INDENTED = " " * 10
PLAIN_CONTROLS = "\t\r\n"


def show_why(settings: Settings, name: str, as_of: str | None, *, as_json: bool) -> None:
    """Print an order's story, or any stream, with the reason of every fact."""
    named, up_to = stream_or_number(name), moment_of("--as-of", as_of)
    with with_engines(settings) as addressed:
        asyncio.run(_explained(addressed, named, up_to, as_json=as_json))


async def _explained(
    settings: Settings, named: Named, up_to: Moment | None, *, as_json: bool
) -> None:
    name = await stream_of(settings, named)
    write = _json_lines if as_json else _lines
    is_empty = True
    async with _sources(settings) as sources:
        async for why in _parts(sources, name, up_to):
            put("".join(write(why)))
            is_empty = is_empty and not why.events
    if is_empty:
        raise nothing(name, up_to)
    put_all()


async def _parts(sources: Sources, name: Stream, up_to: Moment | None) -> AsyncGenerator[Why]:
    if category_of(name) == ORDER:
        whole = await why_of_order(sources, key_of(name), up_to)
        if whole is not None:
            yield whole
        return
    async for why in why_of_stream(sources, name, up_to):
        yield why


@asynccontextmanager
async def _sources(settings: Settings) -> AsyncGenerator[Sources]:
    master = await master_keys_of(settings.app_url, settings.master_key_file, token_bytes, BOOK)
    keys = await open_key_ring(settings.app_url, master, token_bytes, monotonic, BOOK)
    book = await open_book(settings.app_url, BOOK)
    secrets = settings.razorpay.webhook_secrets

    async def open_box(received: WebhookReceived) -> bytes | None:
        return await keys.open(received.body)

    def verify(raw: bytes, signature: str) -> bool:
        return verify_webhook(raw, signature, secrets) is not None

    try:
        yield Sources(book=book, open_box=open_box, verify=verify)
    finally:
        await book.close()
        await keys.close()


def _json_lines(why: Why) -> Iterator[str]:
    """Each line stands alone: a delivery is repeated with every fact that it caused."""
    deliveries = {each.webhook_id: each for each in why.webhooks}
    for reason in why.events:
        delivery = deliveries.get(reason.webhook_id or "")
        line = msgspec.to_builtins(reason) | {"webhook": msgspec.to_builtins(delivery)}
        yield f"{msgspec.json.encode(line).decode()}\n"


def _lines(why: Why) -> Iterator[str]:
    """Tell each delivery once, before the first fact that it caused."""
    deliveries = {each.webhook_id: each for each in why.webhooks}
    for reason in why.events:
        delivery = deliveries.pop(reason.webhook_id or "", None)
        if delivery is not None:
            yield from _delivery(delivery)
        yield from _reason(reason)


def _reason(reason: Reason) -> Iterator[str]:
    time = at(reason.recorded_at)
    yield f"{reason.position:>8}  {time}  {reason.event}  {reason.text}\n"
    yield f"{INDENTED}by {reason.actor}, request {reason.request}\n"
    after = "" if reason.causation_id is None else f", after {reason.causation_id}"
    yield f"{INDENTED}command {reason.command_id}{after}\n"
    if reason.webhook_id is not None:
        yield f"{INDENTED}because of {reason.webhook_id}\n"
    elif reason.came_by is not None:
        yield f"{INDENTED}came by {reason.came_by}\n"


def _delivery(delivery: Evidence) -> Iterator[str]:
    yield f"\n{delivery.webhook_id}\n"
    for name, value in (
        ("called", delivery.name or "?"),
        ("sender's id", delivery.sender_event_id or "none"),
        ("received at", f"{at(delivery.received_at)}, position {delivery.position}"),
        ("request", delivery.request),
        ("fact", delivery.fact_id),
        ("sha256", delivery.sha256),
        ("signature", f"{delivery.signature}, verified with secret {delivery.secret_index}"),
        ("verdict", delivery.verdict),
        ("verified again", delivery.verified_again),
    ):
        yield f"{INDENTED}{name:<15} {value}\n"
    yield from _body(delivery.body)


def _body(body: bytes | None) -> Iterator[str]:
    """Show the exact bytes: as the text that they are, or in base64 where they are none."""
    if body is None:
        yield f"{INDENTED}{'body':<15} erased\n\n"
        return
    text = _text(body)
    kind = "as base64" if text is None else "as text"
    yield f"{INDENTED}{'body':<15} {len(body)} bytes {kind}:\n"
    yield f"{msgspec.to_builtins(body) if text is None else text}\n\n"


def _text(body: bytes) -> str | None:
    """Return the text of bytes; what a terminal would obey is not text."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return None
    is_plain = all(each.isprintable() or each in PLAIN_CONTROLS for each in text)
    return text if is_plain else None

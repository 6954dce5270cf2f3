"""The worker's rounds: what is wrong with one session or delivery stops no other."""

import asyncio

import pytest

from src.bootstrap import settling
from src.bootstrap.moments import now
from src.bootstrap.parts import BOOK
from src.bootstrap.settling import Settling
from src.bootstrap.worker import expire_due, run_worker
from src.commands.decisions.captures import give_up_capture
from src.commands.view import Decide, Fact, View
from src.commands.webhook_inbox import Delivery
from src.events.capture import CaptureMode
from src.events.checkout import Ended
from src.events.identifiers import WEBHOOK, stream
from src.events.webhook import WebhookStatus
from src.projections.lag import lag
from tests.factories import CUP, EXPIRES_AT, TEA
from tests.factories import shop as opening
from tests.processes import cause, simply
from tests.purchases import Purchase
from tests.shop import ShopUnderTest

pytestmark = pytest.mark.anyio
SOUND = Purchase(name="sound", cart="sound", wants=((CUP, 1),))
BROKEN = Purchase(name="broken", cart="broken", wants=((TEA, 1),))
DELIVERY = b'{"event": "settlement.processed", "payload": {}}'


async def test_a_session_that_cannot_expire_does_not_keep_the_others_from_it(
    shop: ShopUnderTest,
) -> None:
    assert now() > EXPIRES_AT, "both sessions are overdue"
    without_holds = [fact for fact in BROKEN.begun() if not fact[0].startswith("stock-")]
    facts = [*opening(), *SOUND.filled(), *SOUND.begun(), *BROKEN.filled(), *without_holds]
    await shop.parts.ledger.transact(cause("open"), simply(*facts))
    await shop.parts.runner.catch_up()
    assert await expire_due(shop.parts) == 2
    sound = await shop.parts.ledger.look(lambda view: view.checkout(SOUND.session))
    assert isinstance(sound, Ended)


async def test_deliveries_that_find_no_room_here_are_left_to_the_worker(
    shop: ShopUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settling, "WAITING_MAX", 1)
    names = [await _received(shop, f"evt{n}") for n in range(2)]
    here = Settling(shop.parts)
    for name in names:
        here.soon(name, DELIVERY)
    await here.finish()
    assert [await _status(shop, name) for name in names] == [
        WebhookStatus.HANDLED,
        WebhookStatus.RECEIVED,
    ]


async def _received(shop: ShopUnderTest, event_id: str) -> str:
    delivery = Delivery(event_id=event_id, body=DELIVERY, signature="ab", secret_index=0)
    name, _ = await shop.parts.inbox.receive(delivery, cause(event_id).command_id)
    return name


async def _status(shop: ShopUnderTest, name: str) -> WebhookStatus:
    webhook = await shop.parts.ledger.look(lambda view: view.state(stream(WEBHOOK, name)))
    status: WebhookStatus = webhook.status
    return status


async def test_a_notary_without_a_usable_key_does_not_end_the_worker(shop: ShopUnderTest) -> None:
    keys = shop.settings.home / "keys" / "notary"
    keys.mkdir()
    (keys / "notary.pem").write_text("no key")
    stop = asyncio.Event()
    worker = asyncio.create_task(run_worker(shop.settings, stop))
    await shop.stocked("A")
    async with asyncio.timeout(10):
        while any(each.behind for each in await lag(shop.parts.reads, shop.parts.book, BOOK)):  # noqa: ASYNC110 - the worker rings nobody
            await asyncio.sleep(0.02)
    assert not worker.done()
    stop.set()
    await worker


async def test_a_session_that_lived_again_expires_again_under_a_name_of_its_own(
    shop: ShopUnderTest,
) -> None:
    """Whoever tells facts apart by their ids must not take the second end for the first."""
    await _do(shop, simply(*opening(), *SOUND.filled(), *SOUND.begun(), *SOUND.asked()))
    await _do(shop, SOUND.record(capture=CaptureMode.MANUAL))
    assert await _expired(shop) == 1
    await _do(shop, SOUND.report("authorized"), _never_taken)
    assert await _expired(shop) == 1
    facts = await shop.parts.book.read_stream(SOUND.checkout)
    first, second = (each.event_id for each in facts if each.type == "CheckoutExpired")
    assert first != second


def _never_taken(view: View) -> list[Fact]:
    order, payment = SOUND.razorpay_order, SOUND.payment_id
    return give_up_capture(view, order, payment, "the bank says no", refused=True)


async def _do(shop: ShopUnderTest, *decisions: Decide) -> None:
    for decide in decisions:
        command = cause(str(await shop.parts.book.head()))
        await shop.parts.ledger.transact(command, decide)


async def _expired(shop: ShopUnderTest) -> int:
    await shop.parts.runner.catch_up()
    return await expire_due(shop.parts)

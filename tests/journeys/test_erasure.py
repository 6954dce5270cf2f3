"""A person is erased: nothing tells of them any more, and every proof still verifies."""

import asyncio
import io
import json
import signal
from typing import Any

import pytest
from msgspec.structs import replace

from src.bootstrap.erasing import finish_erasures
from src.bootstrap.inbox_keeping import destroy_unmatched
from src.cli.audit_verify import verify_book
from src.commands.webhook_inbox import Delivery
from src.embedded import Engines
from src.events.connection import connecting
from tests.cli.commands import command, environment
from tests.databases import BookDatabase, connected
from tests.journeys.buyers import Buyer, deliveries_of, eventually, ok, order_of
from tests.journeys.persons import (
    EMAIL,
    PERSON,
    boxes_of,
    everything_in,
    everything_in_redis,
    kept_answers,
    traces_in,
)
from tests.journeys.test_webhook_mischief import captured_elsewhere, deliver, settled, webhook
from tests.journeys.whole_book import check_rebuild, whole_book
from tests.processes import cause, claimed_all
from tests.shop import ShopUnderTest

pytestmark = pytest.mark.anyio
ME = "/customers/me"
PASSWORD = "zenobia quillfeather 77665 54433"


async def account(shop: ShopUnderTest) -> tuple[str, dict[str, str]]:
    """Register, log in, and return the customer's id and headers."""
    opened = {
        "email": EMAIL,
        "password": PASSWORD,
        "name": PERSON["name"],
        "phone": PERSON["phone"],
    }
    key = {"Idempotency-Key": "register-zenobia"}
    made = await shop.sent("POST", "/customers", opened, key)
    tokens = await shop.sent("POST", "/customers/login", {"email": EMAIL, "password": PASSWORD})
    return made["customer_id"], {"Authorization": f"Bearer {tokens['access_token']}"}


async def about(shop: ShopUnderTest, razorpay_order: str, event_id: str) -> dict[str, Any]:
    """Let Razorpay tell once more of a payment, this time with the buyer's own address in it."""
    (captured,) = [
        each["body"]
        for each in await deliveries_of(shop, razorpay_order)
        if each["event"] == "payment.captured"
    ]
    text = captured if isinstance(captured, str) else json.dumps(captured)
    body = text.replace("void@razorpay.com", EMAIL)
    assert EMAIL in body
    return await settled(shop, ok(await deliver(shop, body.encode(), event_id)))


async def stored_about(shop: ShopUnderTest, razorpay_order: str) -> dict[str, Any]:
    """Return the newest delivery about a Razorpay order, as staff see it in the list."""
    path = f"/admin/webhooks?razorpay_order_id={razorpay_order}"
    found = ok(await shop.client.get(path, headers=shop.bearer("operator")))["items"]
    newest: dict[str, Any] = found[0]
    return newest


async def bought(buyer: Buyer, **how: object) -> dict[str, Any]:
    """Order, pay, and return the finished session."""
    pending = await buyer.intent(**how)  # type: ignore[arg-type]  # key and fields of a body
    await buyer.shop.pay(order_of(pending), method="upi")
    done = await buyer.until(pending, "ORDER_CREATED")
    return {**done, "razorpay_order": order_of(pending)}


async def gave_up(shop: ShopUnderTest, headers: dict[str, str], address_id: str) -> str:
    """Try to pay as a customer, in vain, and return the Razorpay order."""
    cart = (await shop.sent("POST", "/carts", {}, headers))["cart_id"]
    await shop.sent("PUT", f"/carts/{cart}/items/LOTUS", {"quantity": 1}, headers)
    buyer = Buyer(shop, cart, headers, {"shipping_address_id": address_id})
    pending = await buyer.intent()
    await shop.pay(order_of(pending), method="upi", outcome="failed")
    await buyer.until(pending, "CART_PENDING", ended="failed")
    return order_of(pending)


async def test_a_person_is_gone_from_everywhere_and_the_book_is_whole(
    shop: ShopUnderTest,
    shared_database: BookDatabase,
    engines: Engines,
    capfd: pytest.CaptureFixture[str],
    log: io.StringIO,
) -> None:
    staff = shop.bearer("operator")
    await shop.stocked("LOTUS", units=20)
    guest = await Buyer.guest(shop, EMAIL, LOTUS=1)
    guest.who = dict(PERSON)
    as_guest = await bought(guest, key="guest-buys")
    bystander = await Buyer.guest(shop, "ravi@example.in", LOTUS=1)
    other = await bought(bystander, key="bystander-buys")

    customer_id, headers = await account(shop)
    await shop.parts.ledger.transact(cause("claim"), lambda view: claimed_all(view, customer_id))
    kept = await shop.sent(
        "POST", f"{ME}/addresses", PERSON["shipping_address"], {**headers, "Idempotency-Key": "a1"}
    )
    cart = (await shop.sent("POST", "/carts", {}, headers))["cart_id"]
    await shop.sent("PUT", f"/carts/{cart}/items/LOTUS", {"quantity": 2}, headers)
    buyer = Buyer(shop, cart, headers, {"shipping_address_id": kept["address_id"]})
    as_customer = await bought(buyer, key="customer-buys")
    told = [
        await about(shop, session["razorpay_order"], f"told-{n}")
        for n, session in enumerate((as_guest, as_customer))
    ]
    failed = await gave_up(shop, headers, kept["address_id"])
    replay = f"/admin/webhooks/{told[0]['webhook_id']}/replay"
    await shop.sent("POST", replay, {}, {**staff, "Idempotency-Key": "look"})
    await shop.work()

    orders = (as_guest["order_id"], as_customer["order_id"])
    shown = ok(await shop.client.get(f"{ME}", headers=headers))
    assert shown["email"] == EMAIL
    assert EMAIL in told[0]["body"]["text"]
    assert traces_in("\n".join(await kept_answers(shop, shared_database)))
    assert traces_in(ok(await buyer.ask("GET", f"/orders/{orders[1]}"))["contact"]["name"])

    gone = await shop.client.delete(ME, headers=headers)
    assert (gone.status_code, gone.content) == (204, b"")
    assert (await webhook(shop, told[1]))["body"] is None, "before any worker has looked"
    late = await about(shop, as_customer["razorpay_order"], "told-too-late")
    await shop.work()

    await nothing_tells_of_them(shop, shared_database, engines)
    await they_can_be_read_without_the_person(shop, set(orders))
    tried = f"/admin/webhooks?razorpay_order_id={failed}"
    of_failed = ok(await shop.client.get(tried, headers=staff))["items"]
    assert "payment.failed" in {each["name"] for each in of_failed}
    for delivery in (*told, late, *of_failed):
        now_shown = await webhook(shop, delivery)
        assert now_shown["body"] is None
        assert (now_shown["status"], now_shown["sha256"]) == ("handled", delivery["sha256"])
    replayed = await shop.client.post(replay, headers=staff)
    assert (replayed.status_code, replayed.json()["body"]) == (200, None)
    still = ok(await bystander.ask("GET", f"/orders/{other['order_id']}"))
    assert still["contact"]["email"] == "ravi@example.in"

    await shop.notarise()
    assert await asyncio.to_thread(verify_book, shop.settings, 0) == 0
    await check_rebuild(shop.settings.app_url)
    captured = capfd.readouterr()
    assert "/customers/me" in log.getvalue()
    assert traces_in(log.getvalue() + captured.out + captured.err) == []


async def nothing_tells_of_them(
    shop: ShopUnderTest, database: BookDatabase, engines: Engines
) -> None:
    """Search every table, all of Redis, every kept answer, and every box that still opens."""
    tables = await everything_in(database)
    assert tables["khata.events"]
    assert tables["edge.idempotency"]
    assert {name: traces_in(text) for name, text in tables.items() if traces_in(text)} == {}
    assert traces_in(await everything_in_redis(engines)) == []
    assert traces_in("\n".join(await kept_answers(shop, database))) == []
    shut = 0
    for event in await whole_book(shop.settings.app_url):
        for box in boxes_of(event):
            plain = await shop.parts.keys.open(box)
            shut += plain is None
            assert traces_in((plain or b"").decode(errors="replace")) == [], event.type
    assert shut


async def they_can_be_read_without_the_person(shop: ShopUnderTest, orders: set[str]) -> None:
    """Orders stay, with their lines, their totals and what happened."""
    staff = shop.bearer("operator")
    for order in orders:
        document = ok(await shop.client.get(f"/admin/orders/{order}", headers=staff))
        assert (document["contact"], document["shipping_address"]) == (None, None)
        assert document["totals"]["total"]["amount"]
        path = f"/admin/orders/{order}/timeline"
        assert ok(await shop.client.get(path, headers=staff))["items"]
    listed = ok(await shop.client.get("/admin/orders?limit=100", headers=staff))["items"]
    assert orders <= {each["order_id"] for each in listed}


async def test_what_a_killed_process_had_only_wished_for_is_erased_all_the_same(
    shop: ShopUnderTest, shared_database: BookDatabase
) -> None:
    await shop.stocked("KILLED")
    buyer = await Buyer.guest(shop, "killed@example.in", KILLED=1)
    await bought(buyer)
    await shop.work()
    (guest,) = await shop.parts.ledger.look(
        lambda view: view.mailbox(shop.parts.people.mailbox("killed@example.in")).guests
    )
    blocker = await connecting(shared_database.superuser_url, "khata tests")()
    async with blocker.transaction():
        # Keys can be read and not destroyed, so that the process waits between its two steps.
        await blocker.execute("lock table keys.person_keys in share mode")
        process = await asyncio.create_subprocess_exec(
            *command("erase", "killed@example.in", "--yes"),
            env=environment(
                shop.settings.home,
                DATABASE_URL=shared_database.app_url,
                KHATA_OWNER_DATABASE_URL=shared_database.owner_url,
                REDIS_URL=shop.settings.cache_url,
            ),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )

        async def waits() -> bool:
            waiting: bool = await connected(shared_database.superuser_url, _one(_WAITS))
            return waiting

        await eventually(waits)
        process.send_signal(signal.SIGKILL)
        await process.wait()
        await connected(shared_database.superuser_url, _one(_END_THEM))
    await blocker.close()
    assert await wrapped(shared_database, guest), "the key outlived the process"
    await shop.work()
    assert not await wrapped(shared_database, guest)
    await connected(shared_database.superuser_url, _one("delete from edge.reactions returning 1"))
    await finish_erasures(shop.parts)  # and once more from the beginning
    assert not await wrapped(shared_database, guest)


async def wrapped(database: BookDatabase, key_id: str) -> bool:
    """Whether a key can still be opened."""
    asked = f"select wrapped is not null from keys.person_keys where key_id = '{key_id}'"  # noqa: S608  # an id of ours
    found: bool = await connected(database.superuser_url, _one(asked))
    return found


def _one(statement: str) -> Any:  # noqa: ANN401  # what `connected` takes
    return lambda db: db.fetchval(statement)


_WAITING = """
from pg_stat_activity where datname = current_database() and application_name = 'khata keys'
  and wait_event_type = 'Lock'
"""
_WAITS = f"select count(*) > 0 {_WAITING}"
_END_THEM = f"select count(pg_terminate_backend(pid, 5000)) {_WAITING}"


async def test_messages_that_were_never_matched_are_readable_for_some_days_and_no_longer(
    shop: ShopUnderTest,
) -> None:
    await shop.stocked("KEPT")
    buyer = await Buyer.guest(shop, "kept@example.in", KEPT=1)
    done = await bought(buyer)
    await shop.work()
    ours = await stored_about(shop, done["razorpay_order"])
    foreign = await settled(shop, ok(await deliver(shop, captured_elsewhere(), "never-ours")))
    unsettled, _ = await shop.parts.inbox.receive(
        Delivery(event_id="waits", body=b'{"event": "x.y"}', signature="ab", secret_index=0),
        cause("waits").correlation_id,
    )
    await shop.parts.runner.catch_up()
    assert await destroy_unmatched(shop.parts) == 0, "none is old enough"
    at_once = replace(shop.parts, settings=replace(shop.settings, inbox_keep_days=0))
    assert await destroy_unmatched(at_once) >= 1
    assert await destroy_unmatched(at_once) == 0
    shown = await webhook(shop, foreign)
    assert (shown["body"], shown["status"], shown["sha256"]) == (
        None,
        "parked",
        foreign["sha256"],
    )
    assert (await webhook(shop, ours))["body"] is not None
    assert await shop.parts.inbox.body_of(unsettled) is not None
    await shop.parts.inbox.handle(unsettled)
    await shop.parts.runner.catch_up()
    assert await destroy_unmatched(at_once) == 1
    assert await shop.parts.inbox.body_of(unsettled) is None
    path = f"/admin/webhooks/{foreign['webhook_id']}/replay"
    again = ok(await shop.client.post(path, headers=shop.bearer("operator")))
    assert again["reason"] == "Its bytes were erased."


async def test_no_message_is_given_up_as_foreign_by_a_read_model_that_has_only_begun(
    shop: ShopUnderTest, shared_database: BookDatabase
) -> None:
    """As after an upgrade that brought the read model along: it is empty, the others are not."""
    await shop.stocked("KEPT")
    done = await bought(await Buyer.guest(shop, "kept@example.in", KEPT=1))
    await shop.work()
    ours = await stored_about(shop, done["razorpay_order"])
    await connected(shared_database.superuser_url, lambda db: db.execute(_ONLY_BEGUN))
    at_once = replace(shop.parts, settings=replace(shop.settings, inbox_keep_days=0))
    assert await destroy_unmatched(at_once) == 0
    assert await shop.parts.inbox.body_of(ours["webhook_id"]) is not None
    await connected(shared_database.superuser_url, lambda db: db.execute(_GOES_ON))
    await shop.parts.runner.catch_up()
    await destroy_unmatched(at_once)
    assert await shop.parts.inbox.body_of(ours["webhook_id"]) is not None


_ONLY_BEGUN = """
delete from models.buyers_v1; delete from models.buyer_orders_v1;
update models.checkpoints set position = 0, stopped_at = 1 where projection = 'buyers'
"""
_GOES_ON = "update models.checkpoints set stopped_at = null where projection = 'buyers'"

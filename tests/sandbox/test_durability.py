"""What was answered outlives a kill, and what was promised is still delivered."""

import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from src.http.sandbox.store import StateInUse, Store
from tests.sandbox.receiver import Receiver, bound_socket, receiving
from tests.sandbox.shop import Shop, running_sandbox, settings_for

STATE_OF_ONE_ENDPOINT = """
create table remembered (name text primary key, value blob not null);
insert into remembered values ('seed', '7'), ('starts', '3'), ('account_id', '"acc_1"');
create table events (
    number integer primary key, id text not null unique, name text not null, body blob not null,
    signature text not null, created_at real not null, state text not null, due_at real not null,
    attempts blob not null
);
create index events_undelivered on events (number) where state in ('pending', 'held');
insert into events values (1, 'OldEvent000001', 'payment.failed',
    cast('{"event":"payment.failed"}' as blob), 'signed long ago', 0, 'pending', 0,
    '[{"at":0,"status":500,"problem":null,"seconds":0.1}]');
insert into events values (2, 'OldEvent000002', 'payment.failed',
    cast('{"event":"payment.failed"}' as blob), 'signed long ago', 0, 'delivered', 0, '[]');
"""
ID = re.compile(r"(?:order|pay|rfnd)_[A-Za-z0-9]{14}")


@contextmanager
def killed_sandbox(state_path: Path, receiver: Receiver) -> Iterator[Shop]:
    """A sandbox in a process of its own, ended with SIGKILL."""
    listener = bound_socket()
    listener.listen()
    arguments = [str(listener.fileno()), str(state_path), receiver.url]
    command = [sys.executable, "-m", "tests.sandbox.process", *arguments]
    with listener, subprocess.Popen(command, pass_fds=[listener.fileno()]) as process:
        shop = Shop(f"http://127.0.0.1:{listener.getsockname()[1]}", receiver)
        try:
            yield shop
        finally:
            shop.close()
            process.kill()


def test_a_killed_sandbox_goes_on_delivering(tmp_path: Path) -> None:
    down, state = bound_socket(), tmp_path / "sandbox.db"
    with killed_sandbox(state, Receiver(down)) as shop:
        order = shop.order()
        shop.pay(order)
    with receiving(down) as receiver, killed_sandbox(state, receiver) as shop:
        assert {each.event for each in receiver.take(3)} == {
            "payment.authorized", "payment.captured", "order.paid",
        }  # fmt: skip
        assert shop.sdk.order.fetch(order["id"])["status"] == "paid"


def test_a_shop_that_comes_back_gets_its_webhooks_without_being_asked(tmp_path: Path) -> None:
    down = bound_socket()
    url = f"http://127.0.0.1:{down.getsockname()[1]}/webhooks/razorpay"
    settings = settings_for(
        tmp_path / "sandbox.db", url, retry_scale=0.02, retry_gap_seconds_max=0.5
    )
    with running_sandbox(settings, Receiver(down)) as shop:
        shop.pay(shop.order(), outcome="failed")
        while not shop.webhooks()[0]["attempts"]:
            shop.control("webhooks/flush")  # It waits for its attempt, unless one is under way.
        assert shop.webhooks()[0]["attempts"][0]["status"] is None
        with receiving(down) as receiver:
            assert receiver.next().event == "payment.failed"


def test_faults_plans_and_the_clock_survive_a_restart(tmp_path: Path, receiver: Receiver) -> None:
    settings = settings_for(tmp_path / "sandbox.db", receiver.url)
    with running_sandbox(settings, receiver) as shop:
        shop.control("faults", operation="order.list", fault="http_500")
        shop.control("webhooks/plan", drop=True)
        skipped = shop.control("clock", advance_seconds=86400)["skipped_seconds"]
    with running_sandbox(settings, receiver) as shop:
        assert shop.http.get("/v1/orders").status_code == 500
        assert shop.control("clock", advance_seconds=0)["skipped_seconds"] == skipped
        shop.pay(shop.order())
        assert {each["state"] for each in shop.webhooks()} == {"held"}


def test_no_id_comes_twice_after_a_reset_and_a_restart(tmp_path: Path, receiver: Receiver) -> None:
    settings = settings_for(tmp_path / "sandbox.db")
    seen: list[str] = []
    for _ in range(2):
        with running_sandbox(settings, receiver) as shop:
            for _ in range(2):
                paid = shop.pay(shop.order())
                refund = shop.sdk.payment.refund(paid["razorpay_payment_id"], {})
                seen += [paid["razorpay_order_id"], paid["razorpay_payment_id"], refund["id"]]
                shop.control("reset")
    assert len(set(seen)) == len(seen) == 12
    assert all(ID.fullmatch(each) for each in seen)


def test_the_same_seed_gives_the_same_ids_in_a_new_state(
    tmp_path: Path, receiver: Receiver
) -> None:
    firsts: list[str] = []
    for name, seed in (("a", 7), ("b", 7), ("c", 8)):
        with running_sandbox(settings_for(tmp_path / name, seed=seed), receiver) as shop:
            firsts.append(shop.order()["id"])
    assert firsts[0] == firsts[1] != firsts[2]


def test_another_seed_begins_another_account_with_the_ids_of_that_seed(
    tmp_path: Path, receiver: Receiver
) -> None:
    with running_sandbox(settings_for(tmp_path / "a", seed=7), receiver) as shop:
        shop.order()
        shop.control("reset", seed=8)
        there = shop.order()["id"], shop.sdk.webhook.all()["items"]
    with running_sandbox(settings_for(tmp_path / "b", seed=8), receiver) as shop:
        assert (shop.order()["id"], shop.sdk.webhook.all()["items"]) == there


def test_no_id_comes_twice_whatever_is_reset_restarted_or_killed(tmp_path: Path) -> None:
    listener = bound_socket()
    seen: list[str] = []
    with receiving(listener) as receiver:
        for _ in range(3):
            with killed_sandbox(tmp_path / "sandbox.db", receiver) as shop:
                for seed in (7, None, 8, 7):
                    paid = shop.pay(shop.order())
                    events = [each["event_id"] for each in shop.webhooks()]
                    seen += [paid["razorpay_order_id"], paid["razorpay_payment_id"], *events]
                    shop.control("reset", **({} if seed is None else {"seed": seed}))
    assert len(set(seen)) == len(seen) == 60


def test_a_state_of_one_endpoint_is_lifted_to_many(tmp_path: Path, receiver: Receiver) -> None:
    """With an event that an earlier Khata kept and had not delivered yet."""
    state = tmp_path / "sandbox.db"
    with closing(sqlite3.connect(state)) as db:
        db.executescript(STATE_OF_ONE_ENDPOINT)
    with running_sandbox(settings_for(state, receiver.url), receiver) as shop:
        delivered = receiver.next()
        assert delivered.raw == b'{"event":"payment.failed"}'
        assert delivered.headers["X-Razorpay-Event-Id"] == "OldEvent000001"
        assert delivered.headers["X-Razorpay-Signature"] == "signed long ago"
        shop.control("webhooks/flush")
        old, done = shop.webhooks()
        endpoint = shop.sdk.webhook.all()["items"][0]["id"]
        assert [each["endpoint"] for each in old["deliveries"]] == [endpoint]
        assert [each["status"] for each in old["attempts"]] == [500, 200]
        assert (old["state"], done["state"]) == ("delivered", "delivered")
    store = Store(state)
    assert store.count_start(seed=7) == 4  # Three of the old state, and the one above.
    store.close()


def test_a_reset_forgets_everything_else(shop: Shop) -> None:
    shop.control("clock", advance_seconds=3600)
    order = shop.order(unique_receipt=True)
    shop.pay(order, deliver=False)
    assert shop.control("reset")["skipped_seconds"] == 0
    assert (shop.webhooks(), shop.sdk.order.all()["count"]) == ([], 0)
    assert shop.order(unique_receipt=True)["id"] != order["id"]


def test_two_sandboxes_never_share_a_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("src.http.sandbox.store.PREDECESSOR_SECONDS", 0.05)
    first = Store(tmp_path / "sandbox.db")
    first.count_start(seed=1)
    with pytest.raises(StateInUse, match="Another sandbox is using"):
        Store(tmp_path / "sandbox.db")
    first.db.close()

"""What was answered outlives a kill, and what was promised is still delivered."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from src.http.sandbox.store import StateInUse, Store
from tests.sandbox.receiver import Receiver, bound_socket, receiving
from tests.sandbox.shop import Shop, running_sandbox, settings_for

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

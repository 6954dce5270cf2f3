"""Finer mischief: for some events only, held until something, or with strange bytes."""

import json
from pathlib import Path
from typing import Any

import pytest

from src.http.sandbox.wire import sign
from tests.sandbox.receiver import Delivery, Receiver
from tests.sandbox.shop import KEY_SECRET, WEBHOOK_SECRET, Shop, running_sandbox, settings_for

LIFE = ["payment.authorized", "payment.captured", "order.paid"]


def is_signed(delivery: Delivery, secret: str = WEBHOOK_SECRET) -> bool:
    return delivery.headers["X-Razorpay-Signature"] == sign(delivery.raw, secret)


def planned(shop: Shop) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = shop.http.get("/_sandbox/webhooks/plan").json()["items"]
    return items


def states(shop: Shop, about: str) -> dict[str, str]:
    items = shop.http.get(f"/_sandbox/webhooks?of={about}").json()["items"]
    return {each["event"]: each["state"] for each in items}


def test_a_plan_for_one_order_waits_for_it(shop: Shop) -> None:
    meant, other = shop.order(), shop.order()
    shop.control("webhooks/plan", drop=True, only={"order": meant["id"]})
    shop.pay(other)
    assert len(shop.receiver.take(3)) == 3
    shop.pay(meant)
    assert set(states(shop, meant["id"]).values()) == {"held"}
    assert planned(shop) == []


def test_a_plan_for_one_event_leaves_its_neighbours_alone(shop: Shop) -> None:
    order = shop.order()
    shop.control("webhooks/plan", drop=True, only={"event": "payment.captured"})
    shop.pay(order)
    assert {each.event for each in shop.receiver.take(2)} == {LIFE[0], LIFE[2]}
    assert states(shop, order["id"])["payment.captured"] == "held"


def test_a_plan_for_one_payment_knows_its_refund(shop: Shop) -> None:
    payment_id = shop.pay(shop.order())["razorpay_payment_id"]
    other_id = shop.pay(shop.order())["razorpay_payment_id"]
    shop.receiver.take(6)
    only = {"payment": payment_id, "event": "refund.processed"}
    shop.control("webhooks/plan", duplicate=3, only=only)
    shop.sdk.payment.refund(other_id, {})
    shop.sdk.payment.refund(payment_id, {})
    events = [each.event for each in shop.receiver.take(6)]
    assert events.count("refund.processed") == 4


def test_several_plans_wait_at_once_and_the_narrower_goes_first(shop: Shop) -> None:
    order = shop.order()
    shop.control("webhooks/plan", drop=True)
    shop.control("webhooks/plan", bad_signature=True, only={"event": "order.paid"})
    assert len(planned(shop)) == 2
    shop.pay(order)
    assert not is_signed(shop.receiver.next())
    assert [states(shop, order["id"])[each] for each in LIFE[:2]] == ["held", "held"]
    assert planned(shop) == []


def test_a_count_for_one_event_goes_on_until_it_is_used_up(shop: Shop) -> None:
    shop.control("webhooks/plan", drop=2, only={"event": "payment.failed"})
    for _ in range(3):
        shop.pay(shop.order(), outcome="failed")
    assert [each["state"] for each in shop.webhooks()[:2]] == ["held", "held"]
    assert shop.receiver.next().event == "payment.failed"
    assert planned(shop) == []


def test_a_plan_of_nothing_ends_the_plan_for_the_same_events(shop: Shop) -> None:
    shop.control("webhooks/plan", drop=True, only={"event": "order.paid"})
    shop.control("webhooks/plan", drop=True)
    shop.control("webhooks/plan", only={"event": "order.paid"})
    assert [each["only"] for each in planned(shop)] == [None]


def test_plans_are_bounded_and_end_with_a_reset(shop: Shop) -> None:
    for number in range(100):
        shop.control("webhooks/plan", drop=True, only={"order": f"order_{number}"})
    one_more = {"drop": True, "only": {"order": "order_100"}}
    assert shop.http.post("/_sandbox/webhooks/plan", json=one_more).status_code == 409
    shop.control("webhooks/plan", reorder=True, only={"order": "order_7"})
    shop.control("reset")
    assert planned(shop) == []


@pytest.mark.parametrize("asked", ["payments/{pay}", "orders/{order}", "orders/{order}/payments"])
def test_webhooks_wait_until_the_shop_asked_for_the_payment(shop: Shop, asked: str) -> None:
    order, other = shop.order(), shop.order()
    shop.control("webhooks/plan", hold_until="fetched", only={"order": order["id"]})
    pay = shop.pay(order)["razorpay_payment_id"]
    shop.http.get(f"/v1/orders/{other['id']}")
    assert set(states(shop, pay).values()) == {"held"}
    path = asked.format(pay=pay, order=order["id"])
    assert shop.http.get(f"/v1/{path}").status_code == 200
    assert {each.event for each in shop.receiver.take(3)} == set(LIFE)


def test_what_is_held_until_it_is_asked_for_is_held_over_a_restart(
    tmp_path: Path, receiver: Receiver
) -> None:
    settings = settings_for(tmp_path / "sandbox.db", receiver.url)
    with running_sandbox(settings, receiver) as shop:
        shop.control("webhooks/plan", hold_until="fetched")
        pay = shop.pay(shop.order(), outcome="failed")["razorpay_payment_id"]
    with running_sandbox(settings, receiver) as shop:
        assert states(shop, pay) == {"payment.failed": "held"}
        shop.sdk.payment.fetch(pay)
        assert receiver.next().event == "payment.failed"


def test_webhooks_wait_for_a_flush(shop: Shop) -> None:
    shop.control("webhooks/plan", hold_until="flush")
    pay = shop.pay(shop.order(), outcome="failed")["razorpay_payment_id"]
    shop.sdk.payment.fetch(pay)
    assert states(shop, pay) == {"payment.failed": "held"}
    shop.control("webhooks/flush")
    assert shop.receiver.next().event == "payment.failed"


def test_a_wrong_secret_is_that_of_the_api_key(shop: Shop) -> None:
    shop.control("webhooks/plan", wrong_secret=True)
    shop.pay(shop.order(), outcome="failed")
    delivery = shop.receiver.next()
    assert is_signed(delivery, KEY_SECRET)
    shop.control(f"webhooks/{delivery.headers['X-Razorpay-Event-Id']}/redeliver")
    assert is_signed(shop.receiver.next())


def test_an_unknown_order_is_named_under_a_right_signature(shop: Shop) -> None:
    order = shop.order()
    shop.control("webhooks/plan", unknown_order=True)
    shop.pay(order)
    deliveries = shop.receiver.take(3)
    named = {each.body["payload"]["payment"]["entity"]["order_id"] for each in deliveries}
    assert all(is_signed(each) for each in deliveries)
    assert order["id"] not in named
    assert [shop.http.get(f"/v1/orders/{each}").status_code for each in named] == [400] * len(named)


def test_a_huge_body_is_huge_and_otherwise_the_same(shop: Shop) -> None:
    shop.control("webhooks/plan", huge_body=2048)
    shop.pay(shop.order(), outcome="failed")
    delivery = shop.receiver.next()
    assert len(delivery.raw) > 2048 * 1024
    assert is_signed(delivery)
    assert delivery.body["payload"]["payment"]["entity"]["status"] == "failed"


def test_bytes_that_are_no_utf8_are_signed_all_the_same(shop: Shop) -> None:
    shop.control("webhooks/plan", not_utf8=True)
    shop.pay(shop.order(), outcome="failed")
    delivery = shop.receiver.next()
    with pytest.raises(UnicodeDecodeError):
        delivery.raw.decode()
    assert is_signed(delivery)
    assert json.loads(delivery.raw.decode(errors="replace"))["event"] == "payment.failed"
    assert "\\xff\\xfe" in shop.webhooks()[0]["body"]


def test_the_event_id_can_be_missing_and_a_redelivery_names_it(shop: Shop) -> None:
    shop.control("webhooks/plan", without_event_id=True)
    shop.pay(shop.order(), outcome="failed")
    headers = shop.receiver.next().headers
    assert not {"X-Razorpay-Event-Id", "Request-Id"} & set(headers)
    event_id = shop.webhooks()[0]["event_id"]
    shop.control(f"webhooks/{event_id}/redeliver")
    assert shop.receiver.next().headers["X-Razorpay-Event-Id"] == event_id


def test_one_id_can_come_with_other_bytes(shop: Shop) -> None:
    shop.pay(shop.order(), outcome="failed")
    before = shop.receiver.next()
    shop.control("webhooks/plan", swap_id=True)
    shop.pay(shop.order(), outcome="failed")
    after = shop.receiver.next()
    assert after.headers["X-Razorpay-Event-Id"] == before.headers["X-Razorpay-Event-Id"]
    assert after.raw != before.raw
    assert is_signed(after)


def test_plans_of_every_kind_survive_a_restart(tmp_path: Path, receiver: Receiver) -> None:
    settings = settings_for(tmp_path / "sandbox.db", receiver.url)
    wish = {"not_utf8": True, "huge_body": 1, "only": {"event": "order.paid"}}
    with running_sandbox(settings, receiver) as shop:
        shop.control("webhooks/plan", **wish)
        before = planned(shop)
    with running_sandbox(settings, receiver) as shop:
        assert planned(shop) == before
        assert before[0]["only"] == {"order": None, "payment": None, "event": "order.paid"}

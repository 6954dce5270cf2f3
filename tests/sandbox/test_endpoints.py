"""Several endpoints, the end of one that fails all day, and its return."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from src.http.sandbox.endpoints import ENDPOINTS_MAX, is_on_this_machine
from src.http.sandbox.retries import GIVE_UP_SECONDS, LADDER_SECONDS
from src.http.sandbox.wire import sign
from tests.sandbox.receiver import Receiver, bound_socket, receiving
from tests.sandbox.shop import WEBHOOK_SECRET, Shop, running_sandbox, settings_for

DAY_SECONDS = 24 * 60 * 60
SECOND_SECRET = "another endpoint's secret"


@pytest.fixture
def second() -> Iterator[Receiver]:
    with receiving(bound_socket()) as receiver:
        yield receiver


@pytest.fixture
def patient_shop(tmp_path: Path, receiver: Receiver) -> Iterator[Shop]:
    """A sandbox with Razorpay's own ladder, so that only the clock moves it."""
    with running_sandbox(settings_for(tmp_path / "sandbox.db", receiver.url), receiver) as shop:
        yield shop


def add_endpoint(shop: Shop, receiver: Receiver, *events: str) -> dict[str, Any]:
    wish = {"url": receiver.url, "secret": SECOND_SECRET, "events": list(events)}
    added: dict[str, Any] = shop.sdk.webhook.create(wish)
    return added


def first_endpoint(shop: Shop) -> dict[str, Any]:
    items: list[dict[str, Any]] = shop.http.get("/_sandbox/webhooks/endpoints").json()["items"]
    return items[0]


def pass_time(shop: Shop, seconds: float) -> None:
    shop.control("clock", advance_seconds=seconds, wait=True)


def fail_all_day(shop: Shop) -> None:
    """One event that nobody takes, tried twice, a day apart."""
    shop.receiver.answers.extend([500, 500])
    shop.pay(shop.order(), outcome="failed")
    pass_time(shop, 0)
    pass_time(shop, DAY_SECONDS)
    shop.receiver.take(2)


def test_the_endpoint_of_the_settings_is_the_first(shop: Shop) -> None:
    (listed,) = shop.sdk.webhook.all()["items"]
    assert (listed["url"], listed["active"]) == (shop.receiver.url, True)
    assert listed["secret_exists"] is True
    assert "secret" not in listed
    assert {"payment.captured", "refund.failed"} <= set(listed["events"])


def test_an_event_has_one_id_and_each_endpoint_its_own_signature(
    shop: Shop, second: Receiver
) -> None:
    add_endpoint(shop, second, "payment.failed")
    shop.pay(shop.order(), outcome="failed")
    here, there = shop.receiver.next(), second.next()
    assert here.raw == there.raw
    assert here.headers["X-Razorpay-Event-Id"] == there.headers["X-Razorpay-Event-Id"]
    assert here.headers["X-Razorpay-Signature"] == sign(here.raw, WEBHOOK_SECRET)
    assert there.headers["X-Razorpay-Signature"] == sign(there.raw, SECOND_SECRET)


def test_an_endpoint_hears_only_what_it_subscribed_to(shop: Shop, second: Receiver) -> None:
    added = add_endpoint(shop, second, "order.paid", "refund.created")
    shop.pay(shop.order())
    assert second.next().event == "order.paid"
    shop.sdk.webhook.edit(added["id"], None, {"events": {"payment.failed": 1, "order.paid": 0}})
    shop.pay(shop.order())
    shop.pay(shop.order(), outcome="failed")
    shop.control("webhooks/flush")
    assert second.next().event == "payment.failed"
    assert second.is_quiet()


def test_endpoints_deliver_and_fail_independently(shop: Shop, second: Receiver) -> None:
    added = add_endpoint(shop, second, "payment.failed")
    second.answers.extend([500] * 2)
    shop.pay(shop.order(), outcome="failed")
    second.take(3)
    shop.control("webhooks/flush")
    (item,) = shop.webhooks()
    theirs = [each["status"] for each in item["attempts"] if each["endpoint"] == added["id"]]
    assert theirs == [500, 500, 200]
    assert len(item["attempts"]) == 4
    assert len(shop.receiver.take(1)) == 1
    assert shop.receiver.is_quiet()


def test_an_endpoint_without_a_secret_gets_no_signature(shop: Shop, second: Receiver) -> None:
    wish = {"url": second.url, "events": ["payment.failed"]}
    assert shop.sdk.webhook.create(wish)["secret_exists"] is False
    shop.pay(shop.order(), outcome="failed")
    assert "X-Razorpay-Signature" not in second.next().headers


@pytest.mark.parametrize(
    "url",
    ["https://shop.example/hook", "http://192.0.2.7/hook", "http://localhost.example:80/", "hook"],
)
def test_an_endpoint_elsewhere_is_refused_and_never_called(shop: Shop, url: str) -> None:
    with pytest.raises(shop.sdk_errors.BadRequestError, match="never calls the outside"):
        shop.sdk.webhook.create({"url": url, "events": ["order.paid"]})
    first = first_endpoint(shop)["id"]
    with pytest.raises(shop.sdk_errors.BadRequestError, match="never calls the outside"):
        shop.sdk.webhook.edit(first, None, {"url": url})


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/x", "http://[::1]:9", "http://localhost/"])
def test_a_loopback_address_is_this_machine(url: str) -> None:
    assert is_on_this_machine(url)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:x/", "ftp://127.0.0.1/", "http://0x7f000001/", "http://user@/", ""]
)
def test_whatever_must_be_looked_up_is_not(url: str) -> None:
    assert not is_on_this_machine(url)


@pytest.mark.parametrize(
    ("wish", "says"),
    [
        ({"events": ["order.paid"]}, "The url field is required."),
        ({"url": "http://127.0.0.1:9/"}, "The events field is required."),
        ({"url": "http://127.0.0.1:9/", "events": []}, "at least one event"),
        ({"url": "http://127.0.0.1:9/", "events": ["paid"]}, "paid is not a valid event"),
        ({"url": "http://127.0.0.1:9/", "events": [7]}, "7 is not a valid event"),
        ({"url": "http://127.0.0.1:9/", "events": ["order.paid"], "hue": 1}, "hue is not required"),
    ],
)
def test_a_wrong_endpoint_is_refused(shop: Shop, wish: dict[str, Any], says: str) -> None:
    with pytest.raises(shop.sdk_errors.BadRequestError, match=says):
        shop.sdk.webhook.create(wish)


def test_there_are_at_most_thirty_endpoints(shop: Shop) -> None:
    wish = {"url": "http://127.0.0.1:9/", "events": ["settlement.processed"]}
    for _ in range(ENDPOINTS_MAX - 1):
        shop.sdk.webhook.create(wish)
    with pytest.raises(shop.sdk_errors.BadRequestError, match="at most 30 webhooks"):
        shop.sdk.webhook.create(wish)
    assert shop.sdk.webhook.all({"count": 100})["count"] == ENDPOINTS_MAX


def test_an_endpoint_is_neither_deleted_nor_patched(shop: Shop) -> None:
    path = f"/v1/webhooks/{first_endpoint(shop)['id']}"
    assert [shop.http.request(each, path).status_code for each in ("DELETE", "PATCH")] == [404, 404]
    answer = shop.http.put("/v1/webhooks/00000000000000", json={"active": True})
    assert answer.json()["error"]["description"] == "The id provided does not exist"


def test_a_whole_day_of_retries_passes_with_the_clock(patient_shop: Shop) -> None:
    shop = patient_shop
    shop.receiver.answers.extend([500] * len(LADDER_SECONDS))
    shop.pay(shop.order(), outcome="failed")
    pass_time(shop, 0)
    for before, after in pairwise(LADDER_SECONDS):
        pass_time(shop, after - before)
    (item,) = shop.webhooks()
    assert [each["status"] for each in item["attempts"]] == [500] * len(LADDER_SECONDS)
    assert (item["state"], first_endpoint(shop)["active"]) == ("pending", True)
    pass_time(shop, GIVE_UP_SECONDS - LADDER_SECONDS[-1])
    (item,) = shop.webhooks()
    assert (item["state"], first_endpoint(shop)["active"]) == ("abandoned", False)
    assert len(item["attempts"]) == len(shop.receiver.take(len(LADDER_SECONDS)))
    assert shop.receiver.is_quiet()


def test_an_endpoint_that_failed_all_day_is_disabled_and_hears_nothing(patient_shop: Shop) -> None:
    shop = patient_shop
    shop.pay(shop.order(), deliver=False)
    fail_all_day(shop)
    assert [each["active"] for each in shop.sdk.webhook.all()["items"]] == [False]
    assert first_endpoint(shop)["disabled_at"] > 0
    shop.pay(shop.order(), outcome="failed")
    shop.control("webhooks/flush")
    states = [each["state"] for each in shop.webhooks()]
    assert states == ["undelivered"] * 3 + ["abandoned", "undelivered"]
    assert shop.receiver.is_quiet()


def test_an_enabled_endpoint_hears_again(patient_shop: Shop) -> None:
    shop = patient_shop
    fail_all_day(shop)
    enabled = shop.control(f"webhooks/endpoints/{first_endpoint(shop)['id']}/enable")
    assert (enabled["active"], enabled["disabled_at"]) == (True, 0)
    shop.pay(shop.order(), outcome="failed")
    assert shop.receiver.next().event == "payment.failed"
    unknown = shop.http.post("/_sandbox/webhooks/endpoints/nosuch/enable", json={})
    assert (unknown.status_code, enabled["id"] in unknown.text) == (404, True)


def test_one_failure_is_no_day_of_failing(patient_shop: Shop) -> None:
    shop = patient_shop
    shop.pay(shop.order(), outcome="failed", deliver=False)
    pass_time(shop, 2 * DAY_SECONDS)
    shop.receiver.answers.append(500)
    shop.control("webhooks/flush")
    assert [each["state"] for each in shop.webhooks()] == ["abandoned"]
    assert first_endpoint(shop)["active"] is True


def test_a_disabled_endpoint_stays_disabled_over_a_restart(
    tmp_path: Path, receiver: Receiver
) -> None:
    settings = settings_for(tmp_path / "sandbox.db", receiver.url)
    with running_sandbox(settings, receiver) as shop:
        fail_all_day(shop)
        before = first_endpoint(shop)
    with running_sandbox(settings, receiver) as shop:
        assert first_endpoint(shop) == before
        assert before["active"] is False


def test_a_redelivery_to_a_disabled_endpoint_is_one_try_only(shop: Shop) -> None:
    shop.pay(shop.order(), outcome="failed", deliver=False)
    shop.sdk.webhook.edit(first_endpoint(shop)["id"], None, {"active": False})
    shop.receiver.answers.append(500)
    event_id = shop.webhooks()[0]["event_id"]
    assert shop.control(f"webhooks/{event_id}/redeliver")["state"] == "undelivered"
    pass_time(shop, DAY_SECONDS)
    assert len(shop.webhooks()[0]["attempts"]) == len(shop.receiver.take(1)) == 1


def test_an_endpoint_switched_off_by_the_merchant_gets_nothing_more(shop: Shop) -> None:
    shop.pay(shop.order(), deliver=False)
    shop.sdk.webhook.edit(first_endpoint(shop)["id"], None, {"active": False})
    shop.control("webhooks/flush")
    assert {each["state"] for each in shop.webhooks()} == {"undelivered"}
    assert shop.receiver.is_quiet()


def test_the_settings_move_the_first_endpoint_and_leave_others(
    tmp_path: Path, receiver: Receiver, second: Receiver
) -> None:
    state = tmp_path / "sandbox.db"
    with running_sandbox(settings_for(state, receiver.url), receiver) as shop:
        first = first_endpoint(shop)["id"]
        added = add_endpoint(shop, receiver, "refund.created")
    with running_sandbox(settings_for(state, second.url), second) as shop:
        urls = {each["id"]: each["url"] for each in shop.sdk.webhook.all()["items"]}
    assert urls == {first: second.url, added["id"]: receiver.url}


def test_a_new_secret_signs_new_events_and_old_ones_keep_their_signature(
    tmp_path: Path, receiver: Receiver
) -> None:
    settings = settings_for(tmp_path / "sandbox.db", receiver.url)
    with running_sandbox(settings, receiver) as shop:
        shop.pay(shop.order(), outcome="failed", deliver=False)
        answered = shop.control("webhooks/secret", secret="the next secret")
        assert "secret" not in answered
    with running_sandbox(settings, receiver) as shop:
        shop.control("webhooks/flush")
        old = receiver.next()
        assert old.headers["X-Razorpay-Signature"] == sign(old.raw, WEBHOOK_SECRET)
        shop.pay(shop.order(), outcome="failed")
        new = receiver.next()
        assert new.headers["X-Razorpay-Signature"] == sign(new.raw, "the next secret")


def test_a_secret_can_be_changed_at_one_endpoint_only(shop: Shop, second: Receiver) -> None:
    added = add_endpoint(shop, second, "payment.failed")
    shop.control("webhooks/secret", secret="the next secret", endpoint=added["id"])
    shop.pay(shop.order(), outcome="failed")
    here, there = shop.receiver.next(), second.next()
    assert here.headers["X-Razorpay-Signature"] == sign(here.raw, WEBHOOK_SECRET)
    assert there.headers["X-Razorpay-Signature"] == sign(there.raw, "the next secret")

"""What a merchant can send again by hand, and by which rules."""

from src.http.sandbox.wire import sign
from tests.sandbox.shop import WEBHOOK_SECRET, Shop

DAY_SECONDS = 24 * 60 * 60


def unheard(shop: Shop) -> str:
    """An event that the shop refused once; its id."""
    shop.control("webhooks/plan", drop=True)
    shop.pay(shop.order(), outcome="failed")
    event_id: str = shop.webhooks()[-1]["event_id"]
    return event_id


def refusal(shop: Shop, event_id: str) -> str:
    answer = shop.http.post(f"/_sandbox/webhooks/{event_id}/replay", json={})
    assert answer.status_code == 409
    return str(answer.json()["error"]["description"])


def test_a_replay_enables_the_endpoint_and_signs_with_the_present_secret(shop: Shop) -> None:
    event_id = unheard(shop)
    shop.sdk.webhook.edit(shop.sdk.webhook.all()["items"][0]["id"], None, {"active": False})
    shop.control("webhooks/secret", secret="the next secret")
    replayed = shop.control(f"webhooks/{event_id}/replay")
    assert replayed["state"] == "delivered"
    delivery = shop.receiver.next()
    assert delivery.headers["X-Razorpay-Signature"] == sign(delivery.raw, "the next secret")
    assert delivery.headers["X-Razorpay-Event-Id"] == event_id
    assert shop.sdk.webhook.all()["items"][0]["active"] is True


def test_what_was_acknowledged_is_not_replayed(shop: Shop) -> None:
    shop.pay(shop.order(), outcome="failed")
    event_id = shop.receiver.next().headers["X-Razorpay-Event-Id"]
    shop.control("webhooks/flush")
    assert "was acknowledged" in refusal(shop, event_id)
    assert shop.receiver.is_quiet()


def test_what_is_older_than_a_week_is_not_replayed(shop: Shop) -> None:
    event_id = unheard(shop)
    shop.control("clock", advance_seconds=7 * DAY_SECONDS + 60)
    assert "older than 7 days" in refusal(shop, event_id)


def test_an_event_is_replayed_five_times_a_day(shop: Shop) -> None:
    event_id = unheard(shop)
    shop.control("clock", advance_seconds=DAY_SECONDS)  # Nobody retries what is so old.
    shop.receiver.answers.extend([500] * 5)
    for _ in range(5):
        shop.control(f"webhooks/{event_id}/replay")
    assert "replayed 5 times within a day" in refusal(shop, event_id)
    shop.control("clock", advance_seconds=DAY_SECONDS)
    assert shop.control(f"webhooks/{event_id}/replay")["state"] == "delivered"
    assert len({each.raw for each in shop.receiver.take(6)}) == 1


def test_an_unknown_event_is_404(shop: Shop) -> None:
    answer = shop.http.post("/_sandbox/webhooks/nosuch/replay", json={})
    assert answer.status_code == 404


def test_the_log_says_which_try_was_a_replay(shop: Shop) -> None:
    event_id = unheard(shop)
    (attempt,) = shop.control(f"webhooks/{event_id}/replay")["attempts"]
    endpoint = shop.sdk.webhook.all()["items"][0]["id"]
    assert (attempt["is_replay"], attempt["status"]) == (True, 200)
    assert (attempt["endpoint"], attempt["problem"]) == (endpoint, None)
    assert shop.receiver.next().headers["X-Razorpay-Signature"] == sign(
        shop.webhooks()[-1]["body"].encode(), WEBHOOK_SECRET
    )

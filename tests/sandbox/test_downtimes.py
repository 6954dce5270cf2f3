"""What does not work now, and since when."""

import pytest

from tests.sandbox.shop import Shop, differences, published

INSTRUMENTS = {"netbanking": {"bank": "HDFC"}, "upi": {"vpa_handle": "oksbi"}}


def test_a_downtime_begins_gets_worse_and_ends(shop: Shop) -> None:
    begun = shop.control("downtimes", method="netbanking", severity="medium")
    theirs = published("rest.downtime.list.netbanking.json")
    assert differences(shop.sdk.payment.fetchDownTime(), theirs) == []
    assert shop.sdk.payment.fetchDownTimeById(begun["id"]) == begun
    worse = shop.control(f"downtimes/{begun['id']}/update", severity="high")
    assert (worse["status"], worse["severity"], worse["end"]) == ("updated", "high", None)
    over = shop.control(f"downtimes/{begun['id']}/resolve")
    assert (over["status"], over["begin"]) == ("resolved", begun["begin"])
    assert over["end"] >= over["begin"]
    assert shop.sdk.payment.fetchDownTime()["count"] == 0
    assert shop.sdk.payment.fetchDownTimeById(begun["id"]) == over


def test_every_change_is_announced(shop: Shop) -> None:
    begun = shop.control("downtimes")
    shop.control(f"downtimes/{begun['id']}/update", severity="low")
    shop.control(f"downtimes/{begun['id']}/resolve")
    bodies = [each.body for each in shop.receiver.take(3)]
    assert {each["event"] for each in bodies} == {
        f"payment.downtime.{word}" for word in ("started", "updated", "resolved")
    }
    for body in bodies:
        assert body["contains"] == ["payment.downtime"]
        entity = body["payload"]["payment.downtime"]["entity"]
        assert (entity["id"], entity["instrument"]) == (begun["id"], INSTRUMENTS["upi"])


def test_what_is_over_is_over(shop: Shop) -> None:
    begun = shop.control("downtimes", method="card", instrument={"issuer": "SBIN"})
    shop.control(f"downtimes/{begun['id']}/resolve")
    for move, body in (("update", {"severity": "low"}), ("resolve", {})):
        answer = shop.http.post(f"/_sandbox/downtimes/{begun['id']}/{move}", json=body)
        assert answer.status_code == 409
        assert "begins another" in answer.json()["error"]["description"]


@pytest.mark.parametrize(
    ("call", "body", "status", "says"),
    [
        ("downtimes", {"method": "wallet"}, 422, "Invalid enum value 'wallet'"),
        ("downtimes", {"method": "upi", "instrument": {"bank": "HDFC"}}, 422, "It has: vpa_handle"),
        ("downtimes", {"severity": "worst"}, 422, "Fields of this call: method, instrument"),
        ("downtimes/down_1/update", {}, 422, "severity"),
        ("downtimes/down_1/resolve", {}, 404, "GET /v1/payments/downtimes lists them"),
    ],
)
def test_a_wrong_wish_about_downtimes_says_what_would_be_right(
    shop: Shop, call: str, body: dict[str, object], status: int, says: str
) -> None:
    answer = shop.http.post(f"/_sandbox/{call}", json=body)
    assert answer.status_code == status
    assert says in answer.json()["error"]["description"]

"""A coupon counts in its time, above its minimum and within its limits: held, used, given back."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from src.commands.decisions.cart import apply_coupon
from src.commands.decisions.catalogue import define_coupon
from src.commands.decisions.start import known_redeemers
from src.commands.rejections import CouponNotApplicable
from src.commands.view import Fact
from src.events.coupon import Coupon
from src.events.customer import CustomerRegistered
from src.events.identifiers import COUPON, CUSTOMER, stream
from tests.factories import NOW, TEN_PERCENT, coupon, inr, sealed, shop
from tests.purchases import Purchase
from tests.scenario import Scenario, given

ASHA = Purchase(name="asha", cart="asha", coupon="C")
RAVI = Purchase(name="ravi", cart="ravi", coupon="C", email="ravi@example.in")
ASHA_AGAIN = Purchase(name="again", cart="again", coupon="C")
GOODS = sum(line.line_total.amount for line in ASHA.lines)


def shop_with(**terms: object) -> Scenario:
    return given(*shop(), coupon("C", replace(TEN_PERCENT, **terms)))


def held(scenario: Scenario) -> Coupon:
    found: Coupon = scenario.streams[stream(COUPON, "C")]
    return found


@pytest.mark.parametrize(
    ("terms", "reason"),
    [
        ({"starts_at": NOW + timedelta(seconds=1)}, "not valid yet"),
        ({"ends_at": NOW}, "expired"),
        ({"currency": "USD"}, "for USD only"),
        ({"minimum_subtotal": inr(GOODS + 1)}, "at least"),
        ({"limit_total": 0}, "used up"),
    ],
)
def test_a_coupon_that_does_not_count_says_why(terms: dict[str, object], reason: str) -> None:
    refused = shop_with(**terms).given(*ASHA.filled()).when(ASHA.start()).refusal
    assert isinstance(refused, CouponNotApplicable)
    assert reason in refused.reason


@pytest.mark.parametrize(
    "terms",
    [
        {"starts_at": NOW},
        {"ends_at": NOW + timedelta(microseconds=1)},
        {"minimum_subtotal": inr(GOODS)},
        {"limit_total": 1},
        {"limit_per_customer": 1},
    ],
)
def test_a_coupon_counts_up_to_its_very_limits(terms: dict[str, object]) -> None:
    shop_with(**terms).given(*ASHA.filled()).when(ASHA.start()).then(*ASHA.begun())


def test_the_last_redemption_is_held_by_whoever_starts_first() -> None:
    taken = shop_with(limit_total=1).given(*ASHA.filled(), *ASHA.begun(), *RAVI.filled())
    taken.when(RAVI.start()).then_refused(CouponNotApplicable, reason="it is used up")
    taken.when(lambda view: apply_coupon(view, RAVI.cart_id, "C", (), NOW)).then_refused(
        CouponNotApplicable, reason="it is used up"
    )


@pytest.mark.parametrize("end", ["cancelled", "expired", "failed"])
def test_a_redemption_that_was_held_can_be_had_again_after_the_end(end: str) -> None:
    ended = shop_with(limit_total=1).given(*ASHA.pending()).given(*getattr(ASHA, end)())
    assert held(ended).taken == 0
    ended.given(*RAVI.filled()).when(RAVI.start()).then(*RAVI.begun())


def test_a_redemption_that_an_order_used_is_gone() -> None:
    used = shop_with(limit_total=1).given(*ASHA.pending()).after(ASHA.report("captured"))
    assert (held(used).committed, len(held(used).holds)) == (1, 0)
    used.given(*RAVI.filled()).when(RAVI.start()).then_refused(CouponNotApplicable)


def test_a_mailbox_uses_a_coupon_as_often_as_one_customer_may() -> None:
    bought = shop_with(limit_per_customer=1).given(*ASHA.pending()).after(ASHA.report("captured"))
    again = bought.given(*ASHA_AGAIN.filled(), *ASHA_AGAIN.begun())
    again.when(ASHA_AGAIN.request()).then_refused(CouponNotApplicable)
    other = bought.given(*RAVI.filled(), *RAVI.begun())
    other.when(RAVI.request()).then(*RAVI.asked())


def test_a_use_that_is_only_held_counts_for_its_mailbox_too() -> None:
    pending = shop_with(limit_per_customer=1).given(*ASHA.pending())
    again = pending.given(*ASHA_AGAIN.filled(), *ASHA_AGAIN.begun())
    again.when(ASHA_AGAIN.request()).then_refused(CouponNotApplicable)
    free = pending.given(*ASHA.cancelled(), *ASHA_AGAIN.filled(), *ASHA_AGAIN.begun())
    assert free.when(ASHA_AGAIN.request()).refusal is None


def account() -> Fact:
    registered = CustomerRegistered(
        customer_id="cus_asha",
        mailbox=ASHA.buyer.mailbox,
        profile=sealed("asha"),
        password=sealed("hash"),
    )
    return stream(CUSTOMER, "cus_asha"), registered


def test_an_account_and_its_mailbox_are_one_customer() -> None:
    names = known_redeemers(given(account()).view, "cus_asha")
    assert names == ("customer:cus_asha", f"mailbox:{ASHA.buyer.mailbox}")
    assert known_redeemers(given().view, "cus_asha") == ("customer:cus_asha",)
    assert known_redeemers(given().view, None) == ()


def test_a_customer_who_pays_for_a_guests_cart_is_counted_by_account_and_mailbox() -> None:
    started = shop_with().given(account(), *ASHA.filled(), *ASHA.begun())
    buyer = replace(ASHA.buyer, guest=False)
    requested = started.after(ASHA.request(buyer=buyer))
    assert set(held(requested).uses) == {"customer:cus_asha", f"mailbox:{buyer.mailbox}"}


def test_no_limit_is_ever_exceeded_however_many_want_it() -> None:
    crowd = [Purchase(name=f"n{n}", cart=f"n{n}", coupon="C") for n in range(8)]
    shop_now = given(*shop(units=100), coupon("C", replace(TEN_PERCENT, limit_total=3)))
    for buyer in crowd:
        decided = shop_now.given(*buyer.filled()).when(buyer.start())
        shop_now = shop_now if decided.refusal else decided.shop
        assert held(shop_now).taken <= 3
    assert held(shop_now).taken == 3


def test_late_money_of_a_customer_who_used_the_coupon_meanwhile_goes_back() -> None:
    gave_up = shop_with(limit_per_customer=1).given(*ASHA.pending(), *ASHA.cancelled())
    second = ASHA_AGAIN
    used = gave_up.given(*second.filled(), *second.begun(), *second.asked(), *second.answered())
    bought = used.after(second.report("captured"))
    bought.when(ASHA.report("captured")).then_kinds("PaymentCaptured", "RefundRequested")


def test_the_same_terms_again_change_nothing_and_other_terms_count_from_now_on() -> None:
    wider = replace(TEN_PERCENT, limit_total=5)
    shop_now = shop_with()
    shop_now.when(lambda view: define_coupon(view, "C", TEN_PERCENT)).then_nothing()
    shop_now.when(lambda view: define_coupon(view, "C", wider)).then(coupon("C", wider))

"""A cart becomes a session, the session asks for its money, Razorpay's order is remembered."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from src.commands.rejections import (
    AmountBelowMinimum,
    CartIsEmpty,
    CartIsOrdered,
    IntentExists,
    InventoryUnavailable,
    NotPossibleNow,
    SessionExpired,
    ShippingNotAvailable,
    ShortLine,
    TotalChanged,
    Unknown,
)
from src.events.cart import CartOpened
from src.events.checkout import AwaitingPayment, PaymentWaived
from src.events.coupon import CouponKind, CouponTerms
from src.events.identifiers import CART, CHECKOUT, ORDER, named, public_id, stream
from src.events.pricing import totals_of
from tests.factories import (
    BY_POST,
    CUP,
    EXPIRES_AT,
    PIN,
    TEA,
    TEN_PERCENT,
    coupon,
    inr,
    shop,
)
from tests.purchases import Purchase
from tests.scenario import given

ONE = Purchase()
AGAIN = Purchase(name="two")
SHOP = given(*shop())
FILLED = SHOP.given(*ONE.filled())
STARTED = FILLED.given(*ONE.begun())
REQUESTED = STARTED.given(*ONE.asked())
PENDING = REQUESTED.given(*ONE.answered())
PAID = PENDING.after(ONE.report("captured"))


def test_a_start_freezes_the_prices_locks_the_cart_and_reserves_every_line() -> None:
    FILLED.when(ONE.start()).then(*ONE.begun())


def test_a_start_holds_the_coupon_too() -> None:
    bargain = Purchase(coupon="DIWALI")
    SHOP.given(coupon("DIWALI", TEN_PERCENT), *bargain.filled()).when(bargain.start()).then(
        *bargain.begun()
    )


def test_a_start_with_a_postal_code_knows_the_shipping() -> None:
    decided = FILLED.when(ONE.start(postal_code="560001", shipping_method="courier"))
    [started] = [event for name, event in decided.facts if name == ONE.checkout]
    assert started.shipping.code == "courier"  # type: ignore[attr-defined]  # a CheckoutStarted


def test_the_same_start_again_changes_nothing_whatever_became_of_the_session() -> None:
    for shop_now in (STARTED, REQUESTED, PENDING, PAID, STARTED.given(*ONE.cancelled())):
        shop_now.when(ONE.start()).then_nothing()


def test_another_start_of_the_cart_keeps_the_open_session() -> None:
    for shop_now in (STARTED, REQUESTED, PENDING):
        shop_now.when(AGAIN.start()).then_nothing()


def test_a_start_that_meets_an_overdue_session_ends_it_first() -> None:
    begun = replace(AGAIN.begun()[0][1], expires_at=EXPIRES_AT + timedelta(minutes=30))
    STARTED.when(AGAIN.start(now=EXPIRES_AT, expires_at=begun.expires_at)).then(  # type: ignore[attr-defined]  # a CheckoutStarted
        *ONE.expired(), (AGAIN.checkout, begun), *AGAIN.begun()[1:]
    )


def test_units_of_an_overdue_session_can_be_reserved_by_the_next_start() -> None:
    everything = Purchase(wants=((TEA, 10),))
    next_time = Purchase(name="two", wants=((TEA, 10),))
    shop_now = SHOP.given(*everything.filled(), *everything.begun())
    assert shop_now.when(next_time.start(now=EXPIRES_AT)).refusal is None


def test_an_unknown_cart_cannot_be_started() -> None:
    SHOP.when(ONE.start()).then_refused(Unknown)


def test_an_empty_cart_cannot_be_started() -> None:
    opened = CartOpened(cart_id=ONE.cart_id, customer_id=None, currency="INR")
    SHOP.given((stream(CART, ONE.cart_id), opened)).when(ONE.start()).then_refused(CartIsEmpty)


def test_an_ordered_cart_is_never_started_again() -> None:
    order_id = public_id("ord", named("order", ONE.session))
    PAID.when(AGAIN.start()).then_refused(CartIsOrdered, order_id=order_id)


def test_a_start_takes_all_lines_or_none_and_names_every_short_one() -> None:
    greedy = Purchase(wants=((TEA, 11), (CUP, 2), (PIN, 12)))
    SHOP.given(*greedy.filled()).when(greedy.start()).then_refused(
        InventoryUnavailable,
        lines=[
            ShortLine(sku=TEA.sku, requested=11, available=10),
            ShortLine(sku=PIN.sku, requested=12, available=10),
        ],
    )


def test_a_start_that_expects_another_total_is_told_the_right_one() -> None:
    right = totals_of(ONE.lines, None, "INR")
    FILLED.when(ONE.start(expected_total=inr(1))).then_refused(TotalChanged, totals=right)
    FILLED.when(ONE.start(expected_total=right.total)).then(*ONE.begun())


def test_an_amount_that_no_provider_takes_is_refused_before_stock_is_reserved() -> None:
    tiny = Purchase(wants=((PIN, 1),))
    free = CouponTerms(kind=CouponKind.FREE_SHIPPING, value=0, currency="INR")
    posted = SHOP.given(*tiny.filled())
    assert posted.when(tiny.start()).refusal is None, "shipping lifts it above the minimum"
    carried = Purchase(wants=((PIN, 1),), coupon="FREESHIP")
    SHOP.given(coupon("FREESHIP", free), *carried.filled()).when(carried.start()).then_refused(
        AmountBelowMinimum, minimum=100
    )


def test_a_request_freezes_buyer_address_and_shipping_and_creates_the_guest() -> None:
    STARTED.when(ONE.request()).then(*ONE.asked())


def test_a_guest_who_is_known_already_is_not_created_again() -> None:
    back = REQUESTED.given(*ONE.cancelled()).given(*AGAIN.begun())
    back.when(AGAIN.request()).then(*AGAIN.asked(again=True))


def test_the_same_request_again_changes_nothing() -> None:
    for shop_now in (REQUESTED, PENDING, PAID):
        shop_now.when(ONE.request()).then_nothing()


@pytest.mark.parametrize("other", [{"wish": "another"}, {"shipping_method": "courier"}])
def test_another_request_for_the_same_session_is_refused(other: dict[str, str]) -> None:
    for shop_now in (REQUESTED, PENDING, PAID):
        shop_now.when(ONE.request(**other)).then_refused(
            IntentExists, checkout_session_id=ONE.session
        )


def test_a_request_that_expects_another_total_is_refused_before_and_after() -> None:
    for shop_now in (STARTED, REQUESTED, PENDING):
        shop_now.when(ONE.request(expected_total=inr(1))).then_refused(TotalChanged)
        assert shop_now.when(ONE.request(expected_total=ONE.due)).refusal is None


def test_a_request_for_a_parcel_that_nobody_carries_is_refused() -> None:
    STARTED.when(ONE.request(shipping_method="pigeon")).then_refused(ShippingNotAvailable)


def test_a_request_keeps_the_way_to_ship_that_the_start_chose() -> None:
    started = FILLED.after(ONE.start(postal_code="560001", shipping_method="courier"))
    [(_, intent), *_] = started.when(ONE.request()).facts
    assert intent.shipping.code == "courier"  # type: ignore[attr-defined]  # a PaymentIntentRequested


def test_a_request_that_meets_an_overdue_session_ends_it() -> None:
    for shop_now in (STARTED, REQUESTED, PENDING):
        shop_now.when(ONE.request(now=EXPIRES_AT)).then(*ONE.expired())


def test_a_request_for_an_ended_or_unknown_session_is_refused() -> None:
    ended = STARTED.given(*ONE.cancelled())
    ended.when(ONE.request()).then_refused(NotPossibleNow, state="CART_PENDING")
    expired = STARTED.given(*ONE.expired())
    expired.when(ONE.request()).then_refused(SessionExpired, cart_id=ONE.cart_id)
    SHOP.when(ONE.request()).then_refused(Unknown)


def test_goods_for_nothing_are_still_shipped_for_money() -> None:
    free = CouponTerms(kind=CouponKind.PERCENT, value=100, currency="INR")
    gift = Purchase(coupon="GIFT")
    started = SHOP.given(coupon("GIFT", free), *gift.filled()).after(gift.start())
    started.when(gift.request()).then_kinds(
        "PaymentIntentRequested", "GuestIdentified", "GuestSeen", "CouponRedeemerNamed"
    )


def test_a_total_of_zero_makes_the_order_in_the_same_append() -> None:
    terms = CouponTerms(kind=CouponKind.FIXED, value=10**9, currency="INR")
    gift = Purchase(coupon="GIFT")
    waived = (
        given(*shop(shipping=0), coupon("GIFT", terms), *gift.filled())
        .after(gift.start())
        .when(gift.request())
    )
    assert (gift.checkout, PaymentWaived(total=inr(0))) in waived.facts
    waived.shop.when(gift.request()).then_nothing()
    order = waived.shop.streams[stream(ORDER, public_id("ord", named("order", gift.session)))]
    assert order.order.payment is None


def test_razorpays_order_is_remembered_by_the_session_and_known_to_be_ours() -> None:
    REQUESTED.when(ONE.record()).then(*ONE.answered())


def test_the_same_answer_again_changes_nothing() -> None:
    for shop_now in (PENDING, PAID, PENDING.given(*ONE.expired())):
        shop_now.when(ONE.record()).then_nothing()


def test_a_second_razorpay_order_of_a_session_is_ours_and_the_session_keeps_the_first() -> None:
    after = PENDING.when(ONE.record("order_other")).then(ONE.opened("order_other"))
    checkout = after.streams[stream(CHECKOUT, ONE.session)]
    assert isinstance(checkout, AwaitingPayment)
    assert checkout.razorpay_order_id == ONE.razorpay_order


def test_an_answer_that_comes_after_the_end_is_remembered_all_the_same() -> None:
    REQUESTED.given(*ONE.cancelled()).when(ONE.record()).then(ONE.opened())


def test_an_answer_that_nobody_asked_for_is_refused() -> None:
    for shop_now in (STARTED, STARTED.given(*ONE.cancelled())):
        shop_now.when(ONE.record()).then_refused(NotPossibleNow, wish="RecordIntent")
    SHOP.when(ONE.record()).then_refused(Unknown)


def test_shipping_by_post_is_the_cheapest_way_and_is_chosen_unasked() -> None:
    [(_, intent), *_] = STARTED.when(ONE.request()).facts
    assert intent.shipping == BY_POST  # type: ignore[attr-defined]  # a PaymentIntentRequested

"""An order lives on: sent in parcels or cancelled, and then never the other."""

from msgspec.structs import replace

from src.commands.decisions.orders import cancel_order, fulfil_order
from src.commands.decisions.refunds import refund_order
from src.commands.rejections import NotPossibleNow, Unknown
from src.commands.view import Decide
from src.events.coupon import CouponReturned, CouponTerms
from src.events.identifiers import COUPON, ORDER, PAYMENT, STOCK, order_of, stream
from src.events.order import Cancelled, Fulfilled, OrderCancelled, OrderFulfilled
from src.events.refund import RefundCause, RefundRequested
from src.events.stock import StockReturned
from tests.factories import CUP, PIN, TEA, TEN_PERCENT, coupon, inr, shop
from tests.purchases import Purchase
from tests.scenario import Scenario, given

ONE = Purchase()
ORDER_ID = order_of(ONE.session)[0]
PLACED = given(*shop(), *ONE.pending()).after(ONE.report("captured"))


def cancel(reason: str = "sold twice", order_id: str = ORDER_ID) -> Decide:
    return lambda view: cancel_order(view, order_id, reason)


def send(reference: str = "P-1", order_id: str = ORDER_ID) -> Decide:
    return lambda view: fulfil_order(view, order_id, reference)


def back(amount: int | None, refund_id: str = "refund_1") -> Decide:
    wanted = None if amount is None else inr(amount)
    return lambda view: refund_order(view, ORDER_ID, wanted, "torn", refund_id)


def committed(scenario: Scenario) -> list[int]:
    return [scenario.streams[stream(STOCK, each.sku)].committed for each in (TEA, CUP)]


def test_a_parcel_that_left_is_written_down() -> None:
    sent = OrderFulfilled(order_id=ORDER_ID, reference="P-1")
    after = PLACED.when(send()).then((stream(ORDER, ORDER_ID), sent))
    assert committed(after) == [2, 1], "what was sent stays sold"


def test_an_order_may_need_several_parcels_and_each_counts_once() -> None:
    sent = PLACED.after(send("P-1"), send("P-2"))
    sent.when(send("P-1")).then_nothing()
    order = sent.streams[stream(ORDER, ORDER_ID)]
    assert isinstance(order, Fulfilled)
    assert order.references == ("P-1", "P-2")


def test_cancelling_gives_back_stock_and_money_in_one_append() -> None:
    decided = PLACED.when(cancel())
    assert decided.kinds == ["OrderCancelled", "StockReturned", "StockReturned", "RefundRequested"]
    name, cancelled = decided.facts[0]
    assert (name, cancelled) == (
        stream(ORDER, ORDER_ID),
        OrderCancelled(order_id=ORDER_ID, reason="sold twice"),
    )
    assert {fact for _, fact in decided.facts[1:3]} == {
        StockReturned(sku=TEA.sku, order_id=ORDER_ID, quantity=2),
        StockReturned(sku=CUP.sku, order_id=ORDER_ID, quantity=1),
    }
    name, refund = decided.facts[3]
    assert name == stream(PAYMENT, ONE.razorpay_order)
    assert isinstance(refund, RefundRequested)
    assert (refund.amount, refund.cause) == (ONE.due, RefundCause.ORDER_CANCELLED)
    assert (refund.order_id, refund.reason) == (ORDER_ID, "sold twice")
    assert committed(decided.shop) == [0, 0]


def test_cancelling_again_changes_nothing_and_the_first_reason_stays() -> None:
    cancelled = PLACED.after(cancel("sold twice"))
    cancelled.when(cancel("another reason")).then_nothing()
    order = cancelled.streams[stream(ORDER, ORDER_ID)]
    assert isinstance(order, Cancelled)
    assert order.reason == "sold twice"


def test_what_was_sent_is_not_cancelled_and_what_was_cancelled_is_not_sent() -> None:
    sent, cancelled = PLACED.after(send()), PLACED.after(cancel())
    sent.when(cancel()).then_refused(NotPossibleNow, wish="CancelOrder", state="fulfilled")
    cancelled.when(send()).then_refused(NotPossibleNow, wish="FulfilOrder", state="cancelled")


def test_an_order_that_was_never_placed_is_unknown() -> None:
    for wish in (cancel(order_id="ord_none"), send(order_id="ord_none")):
        PLACED.when(wish).then_refused(Unknown)


def test_returned_stock_can_be_bought_at_once() -> None:
    scarce = given(*shop(units=2), *ONE.pending()).after(ONE.report("captured"))
    other = Purchase(name="two", cart="two")
    cart = scarce.given(*other.filled())
    assert cart.when(other.start()).refusal is not None
    assert cart.after(cancel()).when(other.start()).refusal is None


def test_cancelling_after_a_partial_refund_gives_back_the_rest() -> None:
    decided = PLACED.after(back(5_000)).when(cancel())
    refund = decided.facts[-1][1]
    assert isinstance(refund, RefundRequested)
    assert refund.amount == inr(ONE.due.amount - 5_000)
    decided.then(*decided.facts)


def test_cancelling_after_a_full_refund_gives_back_goods_alone() -> None:
    decided = PLACED.after(back(None)).when(cancel())
    decided.then_kinds("OrderCancelled", "StockReturned", "StockReturned")


def test_cancelling_frees_the_coupon_for_the_same_person() -> None:
    once = replace(TEN_PERCENT, limit_per_customer=1)
    bargain, after = bought_with(once)
    name = stream(COUPON, "DIWALI")
    assert after.streams[name].committed == 1
    order_id = order_of(bargain.session)[0]
    decided = after.when(cancel(order_id=order_id))
    redeemers = (f"mailbox:{bargain.buyer.mailbox}",)
    returned = CouponReturned(code="DIWALI", order_id=order_id, redeemers=redeemers)
    assert (name, returned) in decided.facts
    coupon_now = decided.shop.streams[name]
    assert (coupon_now.committed, dict(coupon_now.uses)) == (0, {})


def bought_with(terms: CouponTerms) -> tuple[Purchase, Scenario]:
    bargain = Purchase(coupon="DIWALI")
    pending = given(*shop(), coupon("DIWALI", terms), *bargain.pending())
    return bargain, pending.after(bargain.report("captured"))


def test_cancelling_an_order_that_cost_nothing_moves_no_money() -> None:
    gift = Purchase(wants=((PIN, 1),), coupon="GIFT")
    all_of_it = replace(TEN_PERCENT, value=100)
    filled = given(*shop(shipping=0), coupon("GIFT", all_of_it), *gift.filled())
    free = filled.after(gift.start(), gift.request())
    decided = free.when(cancel(order_id=order_of(gift.session)[0]))
    decided.then_kinds("OrderCancelled", "StockReturned", "CouponReturned")

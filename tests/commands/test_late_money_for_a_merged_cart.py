"""Late money for a guest's cart that lies in a customer's buys what it paid for, and once."""

import pytest

from src.commands.decisions.cart import open_cart, set_item
from src.commands.decisions.merged_carts import taken_out
from src.commands.decisions.own_cart import bring_cart
from src.commands.view import Decide, Fact, View
from src.events import identifiers as ids
from src.events.capture import CaptureMode
from src.events.cart import (
    CartItemRemoved,
    CartItemSet,
    MergedCart,
    OpenCart,
    OrderedCart,
)
from src.events.checkout import Completed, Ended, IntentRequested
from src.events.identifiers import CART, stream
from src.events.money import Money
from src.events.refund import RefundCause
from src.events.stock import StockAdjusted
from tests.commands.test_a_guests_cart_comes_along import ASHA, GUEST, OWN, SHOP, contents
from tests.factories import CUP, EXPIRES_AT, NOW, TEA
from tests.purchases import Purchase
from tests.scenario import Decided, Scenario

OWN_CART, GUESTS_CART = stream(CART, OWN.cart_id), stream(CART, GUEST.cart_id)
ENDED = SHOP.given(*GUEST.pending(), *GUEST.cancelled())
LATE = GUEST.report("captured")
"""Two of tea and one cup, paid after they went along."""


def own(tea: int) -> list[Decide]:
    return [
        lambda view: open_cart(view, OWN.cart_id, ASHA, "INR"),
        lambda view: set_item(view, OWN.cart_id, TEA.sku, tea, NOW),
    ]


def along(view: View) -> list[Fact]:
    return bring_cart(view, ASHA, GUEST.cart_id, NOW)


MERGED = ENDED.after(*own(3), along)


def goes_back(decided: Decided, cause: RefundCause) -> None:
    assert decided.kinds == ["PaymentCaptured", "RefundRequested"]
    assert decided.facts[-1][1].cause is cause  # type: ignore[attr-defined]  # a RefundRequested


def test_the_session_becomes_its_order_and_the_customers_cart_keeps_the_rest() -> None:
    decided = MERGED.when(LATE)
    changes = [event for name, event in decided.facts if name == OWN_CART]
    assert changes == [CartItemSet(sku=TEA.sku, quantity=3), CartItemRemoved(sku=CUP.sku)]
    after = decided.shop
    assert isinstance(after.streams[GUEST.checkout], Completed)
    assert isinstance(after.streams[GUESTS_CART], OrderedCart)
    assert dict(contents(after, OWN.cart_id).quantities) == {TEA.sku: 3}
    after.when(LATE).then_nothing()


def test_what_the_customer_removed_meanwhile_is_not_missed() -> None:
    removed = MERGED.after(
        lambda view: set_item(view, OWN.cart_id, CUP.sku, 0, NOW),
        lambda view: set_item(view, OWN.cart_id, TEA.sku, 1, NOW),
    )
    after = removed.when(LATE).shop
    assert dict(contents(after, OWN.cart_id).quantities) == {}


def test_a_checkout_of_the_same_goods_ends_and_its_stock_is_used_first() -> None:
    all_but_seven = [
        (stream(ids.STOCK, each.sku), StockAdjusted(sku=each.sku, delta=delta, reason="broken"))
        for each, delta in ((TEA, -5), (CUP, -9))
    ]
    started = MERGED.given(*all_but_seven).after(OWN.start())
    after = started.when(LATE).shop
    assert isinstance(after.streams[OWN.checkout], Ended)
    assert isinstance(after.streams[OWN_CART], OpenCart)
    assert dict(contents(after, OWN.cart_id).quantities) == {TEA.sku: 3}
    again = Purchase(name="again", cart="own")
    assert again.start()(after.view)


def test_once_the_customer_ordered_the_goods_the_money_goes_back() -> None:
    ordered = SHOP.given(*GUEST.pending(), *GUEST.cancelled())
    ordered = ordered.after(*own(1), along)
    pending = ordered.after(OWN.start(), OWN.request(), OWN.record(due=_due(ordered)))
    paid = pending.after(OWN.report("captured", amount=_due(ordered)))
    goes_back(paid.when(LATE), RefundCause.CART_ORDERED)


def _due(scenario: Scenario) -> Money:
    checkout = scenario.after(OWN.start(), OWN.request()).view.checkout(OWN.session)
    assert isinstance(checkout, IntentRequested)
    return checkout.intent.totals.total


def test_without_the_stock_the_money_goes_back_and_the_customers_cart_stays() -> None:
    gone = stream(ids.STOCK, CUP.sku), StockAdjusted(sku=CUP.sku, delta=-10, reason="broken")
    before = MERGED.given(gone)
    decided = before.when(LATE)
    goes_back(decided, RefundCause.STOCK_GONE)
    assert decided.shop.streams[OWN_CART] == before.streams[OWN_CART]
    assert isinstance(decided.shop.streams[GUESTS_CART], MergedCart)


def test_a_second_late_payment_of_the_same_cart_goes_back() -> None:
    two = Purchase(name="two")
    both = ENDED.given(*two.begun(), *two.asked(again=True), *two.answered())
    both = both.after(two.expire()).after(*own(3))
    both = both.after(lambda view: bring_cart(view, ASHA, GUEST.cart_id, EXPIRES_AT))
    goes_back(both.after(LATE).when(two.report("captured")), RefundCause.CART_ORDERED)


def test_money_that_is_only_promised_is_left_to_the_bank() -> None:
    asked = SHOP.given(*GUEST.filled(), *GUEST.begun(), *GUEST.asked())
    pending = asked.after(GUEST.record(capture=CaptureMode.MANUAL), GUEST.cancel(), *own(3), along)
    decided = pending.when(GUEST.report("authorized"))
    assert decided.kinds == ["PaymentAuthorized", "CaptureDeclined"]
    assert decided.shop.streams[OWN_CART] == pending.streams[OWN_CART]


def test_what_was_ordered_cannot_be_taken_out() -> None:
    cart = MergedCart(contents(MERGED, GUEST.cart_id), "cart_of_nobody")
    with pytest.raises(AssertionError, match="holds nothing"):
        taken_out(MERGED.view, cart, GUEST.lines, by=GUEST.session)

"""A fold follows every legal history and stops at once at a fact that cannot be."""

import pytest

from src.commands.view import Fact
from src.events import identifiers as ids
from src.events.cart import (
    CartCouponRemoved,
    CartItemRemoved,
    CartItemSet,
    CartLocked,
    CartMerged,
    CartOpened,
    CartOrdered,
    CartTaken,
    CartUnlocked,
)
from src.events.case import CaseKind, CaseOpened, CaseResolved
from src.events.catalogue import FOLDS, fold_of
from src.events.checkout import Checkout, CheckoutEvent
from src.events.coupon import (
    CouponCommitted,
    CouponRedeemerNamed,
    CouponReleased,
    CouponReserved,
)
from src.events.customer import (
    AddressDropped,
    CustomerErased,
    GuestIdentified,
    ProfileRevised,
)
from src.events.identifiers import stream
from src.events.mailbox import AccountClosed, AccountOpened, GuestsClaimed
from src.events.payment import PaymentAuthorized, PaymentCaptured, PaymentFailed
from src.events.stock import StockAdjusted, StockCommitted, StockReleased, StockReserved
from src.events.webhook import WebhookHandled, WebhookReceived
from tests.events.examples import example
from tests.factories import TEA, TEN_PERCENT, coupon, listed, sealed, shop
from tests.purchases import Purchase
from tests.scenario import given

ONE = Purchase(coupon="C")
SHOP = given(*shop(), coupon("C", TEN_PERCENT))
FILLED = SHOP.given(*ONE.filled())
STARTED = FILLED.given(*ONE.begun())
REQUESTED = STARTED.given(*ONE.asked())
PENDING = REQUESTED.given(*ONE.answered())
PAID = PENDING.after(ONE.report("captured"))
ONE_CART = stream(ids.CART, ONE.cart_id)
EVERYWHERE = {
    "nothing": given(),
    "open": FILLED,
    "started": STARTED,
    "requested": REQUESTED,
    "pending": PENDING,
    "paid": PAID,
    "ended": PENDING.given(*ONE.cancelled()),
    "taken": FILLED.given((ONE_CART, CartTaken(customer_id="cus_1"))),
    "merged": FILLED.given((ONE_CART, CartMerged(into="cart_other"))),
}
TEA_STOCK, CART, C = stream(ids.STOCK, TEA.sku), ONE_CART, stream("coupon", "C")
MONEY = stream(ids.PAYMENT, ONE.razorpay_order)
MAILBOX, HOOK = stream(ids.MAILBOX, "m"), stream(ids.WEBHOOK, "w")
GUEST = stream(ids.CUSTOMER, ONE.buyer.customer_id)
HELD = {"sku": TEA.sku, "checkout_session_id": ONE.session}
PAY, DUE = ONE.payment_id, ONE.due
CASE = CaseOpened(case_id="case_1", kind=CaseKind.PAID_TWICE, reason="?")
C_HELD = {"code": "C", "checkout_session_id": ONE.session}

[ORDER] = [(n, s.order) for n, s in PAID.streams.items() if n.startswith("order-")]

IMPOSSIBLE: dict[str, tuple[str, Fact]] = {
    "more stock gone than there is": (
        "open",
        (TEA_STOCK, StockAdjusted(sku=TEA.sku, delta=-11, reason="")),
    ),
    "more stock held than there is": ("open", (TEA_STOCK, StockReserved(**HELD, quantity=11))),
    "a second hold of one session": ("started", (TEA_STOCK, StockReserved(**HELD, quantity=1))),
    "a hold sold in part": (
        "started",
        (TEA_STOCK, StockCommitted(**HELD, quantity=1, order_id="")),
    ),
    "a hold given back twice": ("ended", (TEA_STOCK, StockReleased(**HELD, quantity=2, reason=""))),
    "a coupon held twice": ("started", (C, CouponReserved(**C_HELD, redeemers=()))),
    "a coupon used that nobody holds": ("open", (C, CouponCommitted(**C_HELD, order_id=""))),
    "a coupon given back twice": ("ended", (C, CouponReleased(**C_HELD, reason=""))),
    "a redeemer of nothing": ("ended", (C, CouponRedeemerNamed(**C_HELD, redeemers=("x",)))),
    "a cart opened twice": ("open", (CART, CartOpened(cart_id="", customer_id=None, currency=""))),
    "a change of no cart": ("nothing", (CART, CartItemSet(sku="", quantity=1))),
    "a change of a locked cart": ("started", (CART, CartItemSet(sku="", quantity=1))),
    "a change of an ordered cart": ("paid", (CART, CartCouponRemoved(code="C"))),
    "a line removed that is not there": ("open", (CART, CartItemRemoved(sku="?"))),
    "a cart locked twice": ("started", (CART, CartLocked(checkout_session_id="chk_other"))),
    "a cart unlocked by another session": (
        "started",
        (CART, CartUnlocked(checkout_session_id="chk_other", reason="")),
    ),
    "a cart unlocked that is open": (
        "open",
        (CART, CartUnlocked(checkout_session_id=ONE.session, reason="")),
    ),
    "a locked cart taken": ("started", (CART, CartTaken(customer_id=""))),
    "a locked cart merged": ("started", (CART, CartMerged(into=""))),
    "a cart taken twice": ("taken", (CART, CartTaken(customer_id=""))),
    "a customer's cart merged": ("taken", (CART, CartMerged(into=""))),
    "a change of a merged cart": ("merged", (CART, CartItemSet(sku="", quantity=1))),
    "a cart ordered twice": ("paid", (CART, CartOrdered(checkout_session_id="", order_id=""))),
    "a Razorpay order opened twice": ("pending", ONE.opened()),
    "a capture after the capture": (
        "paid",
        (MONEY, PaymentCaptured(razorpay_payment_id=PAY, amount=DUE)),
    ),
    "an authorization after the capture": (
        "paid",
        (MONEY, PaymentAuthorized(razorpay_payment_id=PAY, amount=DUE)),
    ),
    "a failure after the capture": (
        "paid",
        (MONEY, PaymentFailed(razorpay_payment_id=PAY, amount=DUE)),
    ),
    "a case closed that was never open": ("paid", (MONEY, CaseResolved(case_id="?", note=""))),
    "an order placed twice": ("paid", ORDER),
    "a product listed twice": ("open", listed(TEA)[0]),
    "a guest who becomes another": (
        "pending",
        (GUEST, GuestIdentified(customer_id="", mailbox="", profile=sealed(""))),
    ),
    "a profile of nobody": ("nothing", (GUEST, ProfileRevised(profile=sealed("")))),
    "an address of a guest": ("pending", (GUEST, AddressDropped(address_id=""))),
    "nobody erased": ("nothing", (GUEST, CustomerErased(customer_id=""))),
    "a mailbox closed that has no account": (
        "pending",
        (MAILBOX, AccountClosed(customer_id="cus_1")),
    ),
    "guests claimed who were never there": (
        "nothing",
        (MAILBOX, GuestsClaimed(customer_id="cus_1", guests=("cus_2",))),
    ),
    "a delivery handled before it came": (
        "nothing",
        (HOOK, WebhookHandled(name="", razorpay_order_id=None, outcome="")),
    ),
}


@pytest.mark.parametrize(("state", "fact"), IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_an_impossible_fact_is_a_bug(state: str, fact: Fact) -> None:
    name, event = fact
    fold = fold_of(name)
    with pytest.raises(AssertionError):
        fold.evolve(EVERYWHERE[state].streams.get(name, fold.nothing_yet), event)


@pytest.mark.parametrize(
    "twice",
    [
        (MAILBOX, AccountOpened(customer_id="cus_1")),
        (HOOK, example(WebhookReceived)),
        (MONEY, CASE),
    ],
)
def test_some_facts_happen_once(twice: Fact) -> None:
    fold = fold_of(twice[0])
    once = fold.evolve(fold.nothing_yet, twice[1])
    with pytest.raises(AssertionError):
        fold.evolve(once, twice[1])


@pytest.mark.parametrize("state", EVERYWHERE)
@pytest.mark.parametrize("kind", FOLDS["checkout"].events, ids=lambda kind: kind.__name__)
def test_a_session_follows_a_fact_or_calls_it_a_bug(state: str, kind: type[CheckoutEvent]) -> None:
    fold = FOLDS["checkout"]
    before: Checkout = EVERYWHERE[state].streams.get(ONE.checkout, fold.nothing_yet)
    try:
        assert fold.evolve(before, example(kind)) != before
    except AssertionError as bug:
        assert "cannot happen" in str(bug) or "nobody can pay" in str(bug)  # noqa: PT017 - both ends are right

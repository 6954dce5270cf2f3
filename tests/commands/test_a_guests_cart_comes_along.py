"""At login a guest's cart goes into the customer's, or becomes it: nothing in it is ever lost."""

from collections import Counter
from datetime import datetime

import pytest
from hypothesis import given as for_any
from hypothesis import strategies as st

from src.commands.decisions.cart import (
    CART_LINES_MAX,
    QUANTITY_MAX,
    apply_coupon,
    open_cart,
    set_item,
)
from src.commands.decisions.own_cart import bring_cart, own_cart
from src.commands.rejections import CartIsLocked, CartIsMerged, CartIsOrdered, Unknown
from src.commands.view import Decide
from src.events.cart import (
    CartContents,
    CartCouponApplied,
    CartItemSet,
    CartMerged,
    CartOpened,
    CartTaken,
    MergedCart,
)
from src.events.checkout import IntentRequested
from src.events.customer import CARTS_MAX, CartChosen
from src.events.identifiers import CART, CUSTOMER, stream
from src.events.money import Money
from tests.factories import CUP, EXPIRES_AT, NOW, PIN, TEA, TEN_PERCENT, account, coupon, shop
from tests.purchases import Purchase
from tests.scenario import Scenario, given

ASHA, RAVI = "cust_asha", "cust_ravi"
GUEST = Purchase()
"""Two of tea and one cup, in a guest's cart."""
OWN = Purchase(name="own", cart="own")
"""The same in a cart that is the customer's."""


def opened(cart_id: str, customer_id: str | None = ASHA, currency: str = "INR") -> Decide:
    return lambda view: open_cart(view, cart_id, customer_id, currency)


def put(cart_id: str, quantities: dict[str, int], now: datetime = NOW) -> list[Decide]:
    return [
        lambda view, sku=sku, n=n: set_item(view, cart_id, sku, n, now)  # type: ignore[misc]  # bound early
        for sku, n in quantities.items()
    ]


def brought(by: str = ASHA, cart_id: str = GUEST.cart_id, now: datetime = NOW) -> Decide:
    return lambda view: bring_cart(view, by, cart_id, now)


def contents(scenario: Scenario, cart_id: str) -> CartContents:
    found: CartContents = scenario.streams[stream(CART, cart_id)].contents
    return found


def chosen_by(scenario: Scenario, customer_id: str = ASHA) -> str | None:
    found = own_cart(scenario.view, customer_id)
    return None if found is None else found.cart_id


SHOP = given(*shop(), coupon("DIWALI", TEN_PERCENT), account(ASHA), account(RAVI))
FILLED = SHOP.given(*GUEST.filled())
WITH_OWN = FILLED.after(opened(OWN.cart_id), *put(OWN.cart_id, {TEA.sku: 3, PIN.sku: 1}))
GUESTS_CART, OWN_CART = stream(CART, GUEST.cart_id), stream(CART, OWN.cart_id)
TAKEN = (GUESTS_CART, CartTaken(customer_id=ASHA))
CHOSEN = (stream(CUSTOMER, ASHA), CartChosen(cart_id=GUEST.cart_id))
MERGED = (GUESTS_CART, CartMerged(into=OWN.cart_id))


def test_a_cart_that_an_account_opens_is_the_one_it_fills() -> None:
    begun = (OWN_CART, CartOpened(cart_id=OWN.cart_id, customer_id=ASHA, currency="INR"))
    filled = (stream(CUSTOMER, ASHA), CartChosen(cart_id=OWN.cart_id))
    after = SHOP.when(opened(OWN.cart_id)).then(begun, filled)
    assert chosen_by(after) == OWN.cart_id
    SHOP.when(opened(OWN.cart_id, "cust_unheard_of")).then_kinds("CartOpened")


def test_quantities_are_summed_in_the_customers_cart_and_the_guests_is_over() -> None:
    wanted = dict(GUEST.wants)
    sums = {TEA: 3 + wanted[TEA], CUP: wanted[CUP]}
    sets = [(OWN_CART, CartItemSet(sku=each.sku, quantity=sums[each])) for each in wanted]
    after = WITH_OWN.when(brought()).then(*sets, MERGED)
    assert contents(after, OWN.cart_id).order_of_skus == (TEA.sku, PIN.sku, CUP.sku)
    assert after.streams[GUESTS_CART] == MergedCart(
        CartContents(cart_id=GUEST.cart_id, customer_id=None, currency="INR"), OWN.cart_id
    )
    assert chosen_by(after) == OWN.cart_id


@pytest.mark.parametrize("own", [None, "DIWALI"])
def test_the_guests_coupon_comes_along_only_where_there_is_none(own: str | None) -> None:
    guests = Purchase(coupon="GUESTS")
    scene = SHOP.given(coupon("GUESTS", TEN_PERCENT), *guests.filled())
    scene = scene.after(opened(OWN.cart_id), *put(OWN.cart_id, {TEA.sku: 1}))
    if own is not None:
        scene = scene.after(lambda view: apply_coupon(view, OWN.cart_id, own, (), NOW))
    after = scene.when(brought(cart_id=guests.cart_id))
    applied = [fact for _, fact in after.facts if isinstance(fact, CartCouponApplied)]
    assert applied == ([] if own else [CartCouponApplied(code="GUESTS")])
    assert contents(after.shop, OWN.cart_id).coupon == (own or "GUESTS")


def test_without_a_cart_of_its_own_the_account_takes_the_guests_as_it_is() -> None:
    after = FILLED.when(brought()).then(TAKEN, CHOSEN)
    assert contents(after, GUEST.cart_id).customer_id == ASHA
    assert chosen_by(after) == GUEST.cart_id


def test_an_own_cart_that_is_locked_or_ordered_stays_as_it_is() -> None:
    own = SHOP.after(opened(OWN.cart_id), *put(OWN.cart_id, {TEA.sku: 1}))
    locked = own.after(OWN.start()).given(*GUEST.filled())
    after = locked.when(brought()).then(TAKEN, CHOSEN)
    assert after.streams[OWN_CART] == locked.streams[OWN_CART]
    due = _due(locked)
    ordered = locked.after(OWN.request(), OWN.record(due=due), OWN.report("captured", amount=due))
    ordered.when(brought()).then(TAKEN, CHOSEN)


def _due(scenario: Scenario) -> Money:
    checkout = scenario.after(OWN.request()).view.checkout(OWN.session)
    assert isinstance(checkout, IntentRequested)
    return checkout.intent.totals.total


def test_an_overdue_session_on_either_cart_expires_first() -> None:
    merged = WITH_OWN.after(GUEST.start(), OWN.start()).when(brought(now=EXPIRES_AT))
    assert [kind for kind in merged.kinds if kind in {"CheckoutExpired", "CartUnlocked"}] == [
        "CheckoutExpired",
        "CartUnlocked",
    ] * 2
    assert contents(merged.shop, OWN.cart_id).quantities[TEA.sku] == 5
    taken = FILLED.after(GUEST.start()).when(brought(now=EXPIRES_AT))
    assert taken.facts == [*GUEST.expired(), TAKEN, CHOSEN]


@pytest.mark.parametrize("scene", [FILLED, WITH_OWN], ids=["no own cart", "an own cart"])
def test_a_guests_cart_that_is_locked_or_ordered_stays_the_guests(scene: Scenario) -> None:
    locked = scene.given(*GUEST.begun())
    locked.when(brought()).then_refused(CartIsLocked, checkout_session_id=GUEST.session)
    pending = locked.given(*GUEST.asked(), *GUEST.answered())
    pending.when(brought()).then_refused(CartIsLocked, checkout_session_id=GUEST.session)
    pending.after(GUEST.report("captured")).when(brought()).then_refused(CartIsOrdered)


def test_an_empty_cart_is_left_alone_unless_the_account_has_none() -> None:
    empty = SHOP.after(opened(GUEST.cart_id, None))
    empty.when(brought()).then(TAKEN, CHOSEN)
    empty.after(opened(OWN.cart_id)).when(brought()).then_nothing()


def test_bringing_it_again_changes_nothing() -> None:
    for scene in (FILLED, WITH_OWN):
        once = scene.after(brought())
        once.when(brought()).then_nothing()
        assert chosen_by(once) is not None
    later = FILLED.after(brought(), GUEST.start())
    later.when(brought()).then_nothing()


def test_what_another_account_got_does_not_exist() -> None:
    for scene in (FILLED, WITH_OWN):
        scene.after(brought()).when(brought(RAVI)).then_refused(Unknown)
    SHOP.after(opened(OWN.cart_id)).when(brought(RAVI, OWN.cart_id)).then_refused(Unknown)
    SHOP.when(brought()).then_refused(Unknown)


def test_nobody_without_an_account_gets_a_cart() -> None:
    FILLED.when(brought("cust_unheard_of")).then_refused(Unknown)


def test_a_merged_cart_names_the_one_it_went_into() -> None:
    merged = WITH_OWN.after(brought())
    for change in (*put(GUEST.cart_id, {TEA.sku: 1}), GUEST.start()):
        merged.when(change).then_refused(CartIsMerged, cart_id=OWN.cart_id)
    merged.when(opened(GUEST.cart_id, None)).then_nothing()


def test_what_would_not_fit_is_not_cut_but_taken_as_a_cart_of_its_own() -> None:
    much = FILLED.after(opened(OWN.cart_id), *put(OWN.cart_id, {TEA.sku: QUANTITY_MAX - 1}))
    much.when(brought()).then(TAKEN, CHOSEN)
    fits = FILLED.after(opened(OWN.cart_id), *put(OWN.cart_id, {TEA.sku: QUANTITY_MAX - 2}))
    assert contents(fits.after(brought()), OWN.cart_id).quantities[TEA.sku] == QUANTITY_MAX
    FILLED.after(opened(OWN.cart_id, ASHA, "USD")).when(brought()).then(TAKEN, CHOSEN)
    many = [(OWN_CART, CartItemSet(sku=f"sku-{n}", quantity=1)) for n in range(CART_LINES_MAX - 1)]
    several = FILLED.after(opened(OWN.cart_id)).given(*many)
    several.when(brought()).then(TAKEN, CHOSEN)
    room = FILLED.after(opened(OWN.cart_id)).given(*many[1:])
    assert len(contents(room.after(brought()), OWN.cart_id).quantities) == CART_LINES_MAX


def test_the_cart_before_comes_back_once_the_newest_is_ordered() -> None:
    much = FILLED.after(opened(OWN.cart_id), *put(OWN.cart_id, {TEA.sku: QUANTITY_MAX}))
    taken = much.after(brought())
    assert chosen_by(taken) == GUEST.cart_id
    pending = taken.after(GUEST.start(), GUEST.request(), GUEST.record())
    assert chosen_by(pending) == GUEST.cart_id
    assert chosen_by(pending.after(GUEST.report("captured"))) == OWN.cart_id


def test_an_account_remembers_so_many_carts_and_no_more() -> None:
    opens = [opened(f"cart_{n}") for n in range(CARTS_MAX + 1)]
    after = SHOP.after(*opens)
    known = after.view.customer(ASHA).carts  # type: ignore[union-attr]  # it is an account
    assert known == tuple(f"cart_{n}" for n in range(1, CARTS_MAX + 1))


SKUS = (TEA.sku, CUP.sku, PIN.sku)
GOODS = st.dictionaries(st.sampled_from(SKUS), st.integers(1, QUANTITY_MAX))
MOVES = st.lists(
    st.one_of(
        st.just("bring"),
        st.tuples(st.sampled_from(("guest", "own")), st.sampled_from(SKUS), st.integers(0, 999)),
    ),
    max_size=8,
)


def everything(scenario: Scenario, *cart_ids: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for cart_id in cart_ids:
        if stream(CART, cart_id) in scenario.streams:
            found.update(dict(contents(scenario, cart_id).quantities))
    return found


@for_any(guests=GOODS, own=st.none() | GOODS, moves=MOVES)
def test_no_unit_is_lost_or_doubled_whatever_is_in_the_carts(
    guests: dict[str, int],
    own: dict[str, int] | None,
    moves: list[str | tuple[str, str, int]],
) -> None:
    scene = SHOP.after(opened("cart_g", None), *put("cart_g", guests))
    if own is not None:
        scene = scene.after(opened("cart_o"), *put("cart_o", own))
    both = ("cart_g", "cart_o")
    for move in [*moves, "bring"]:
        before = everything(scene, *both)
        if isinstance(move, str):
            scene = scene.after(brought(cart_id="cart_g"))
            assert everything(scene, *both) == before
            continue
        which, sku, quantity = move
        decided = scene.when(*put(f"cart_{which[0]}", {sku: quantity}))
        scene = scene if decided.refusal else decided.shop
    chosen = chosen_by(scene)
    assert chosen is not None
    assert contents(scene, chosen).customer_id == ASHA

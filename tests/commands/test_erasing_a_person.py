"""Who is erased with whom, what ends with them, and what stays."""

import pytest

from src.commands.decisions.cart import open_cart
from src.commands.decisions.erasure import (
    erase_account,
    erase_mailbox,
    persons_of_account,
    persons_of_mailbox,
)
from src.commands.decisions.people import claim_guests, keep_address, register, revise_profile
from src.commands.rejections import PersonErased, Unknown
from src.commands.view import Decide, Fact
from src.events.checkout import Completed, Ended
from src.events.customer import CustomerErased, CustomerRegistered, Erased
from src.events.identifiers import CUSTOMER, MAILBOX, stream
from src.events.mailbox import AccountClosed, AccountOpened, GuestsClaimed
from tests.factories import NOW, TEA, sealed, shop
from tests.purchases import Purchase
from tests.scenario import given

GUEST, OTHER = Purchase(), Purchase(name="two", cart="two", email="ravi@example.in")
BOX = GUEST.buyer.mailbox
MAIL, ASHA = stream(MAILBOX, BOX), "cus_asha"


def registered(customer_id: str) -> CustomerRegistered:
    return CustomerRegistered(
        customer_id=customer_id, mailbox=BOX, profile=sealed("profile"), password=sealed("hash")
    )


def opened(customer_id: str = ASHA) -> list[Fact]:
    account = AccountOpened(customer_id=customer_id)
    return [(stream(CUSTOMER, customer_id), registered(customer_id)), (MAIL, account)]


def erased(customer_id: str) -> Fact:
    return stream(CUSTOMER, customer_id), CustomerErased(customer_id=customer_id)


def erasing(customer_id: str = ASHA, *sessions: str) -> Decide:
    return lambda view: erase_account(view, customer_id, sessions, NOW)


def erasing_all(*sessions: str) -> Decide:
    return lambda view: erase_mailbox(view, BOX, sessions, NOW)


BUYERS = (GUEST.buyer.customer_id, OTHER.buyer.customer_id)
CLOSED: Fact = (MAIL, AccountClosed(customer_id=ASHA))
KNOWN = given(*shop(), *GUEST.pending(), *OTHER.filled(), *OTHER.begun(), *opened())
CLAIMED = KNOWN.after(lambda view: claim_guests(view, ASHA, BUYERS))


def test_an_account_claims_the_guests_of_its_mailbox_so_far_and_nobody_else() -> None:
    claimed = GuestsClaimed(customer_id=ASHA, guests=(GUEST.buyer.customer_id,))
    KNOWN.when(lambda view: claim_guests(view, ASHA, BUYERS)).then((MAIL, claimed))
    CLAIMED.when(lambda view: claim_guests(view, ASHA, BUYERS)).then_nothing()


def test_only_an_account_claims() -> None:
    for who in (GUEST.buyer.customer_id, "cus_nobody"):
        KNOWN.when(lambda view, who=who: claim_guests(view, who, BUYERS)).then_refused(Unknown)  # type: ignore[misc]  # mypy does not infer a default's type here


def test_a_guest_who_was_erased_is_not_claimed() -> None:
    gone = KNOWN.given(erased(GUEST.buyer.customer_id))
    gone.when(lambda view: claim_guests(view, ASHA, BUYERS)).then_nothing()


def test_an_account_is_erased_with_its_proven_guests() -> None:
    CLAIMED.when(erasing()).then(CLOSED, erased(ASHA), erased(GUEST.buyer.customer_id))
    assert persons_of_account(CLAIMED.view, ASHA) == (ASHA, GUEST.buyer.customer_id)


def test_a_guest_whom_nothing_proves_to_be_the_same_person_is_not_erased() -> None:
    KNOWN.when(erasing()).then(CLOSED, erased(ASHA))


def test_erasing_again_changes_nothing_and_nobody_is_unknown() -> None:
    gone = CLAIMED.after(erasing())
    gone.when(erasing()).then_nothing()
    assert persons_of_account(gone.view, ASHA) == (ASHA,)
    for who in (OTHER.buyer.customer_id, "cus_nobody"):
        KNOWN.when(erasing(who)).then_refused(Unknown)
        with pytest.raises(Unknown):
            persons_of_account(KNOWN.view, who)


def test_whoever_was_erased_opens_no_cart_any_more() -> None:
    opening = CLAIMED.after(erasing()).when(lambda view: open_cart(view, "cart_new", ASHA, "INR"))
    opening.then_refused(PersonErased)


def test_the_mailbox_may_open_another_account_and_claims_nobody_who_is_gone() -> None:
    gone = CLAIMED.after(erasing())
    again = gone.when(lambda view: register(view, registered("cus_new"))).then(*opened("cus_new"))
    again.when(lambda view: claim_guests(view, "cus_new", BUYERS)).then_nothing()


def test_an_operator_erases_everybody_of_a_mailbox_and_nobody_of_another() -> None:
    after = KNOWN.when(erasing_all()).then(CLOSED, erased(ASHA), erased(GUEST.buyer.customer_id))
    after.when(erasing_all()).then_nothing()
    assert persons_of_mailbox(after.view, BOX) == ()


def test_a_mailbox_without_an_account_is_erased_too() -> None:
    guests = given(*shop(), *GUEST.pending())
    guests.when(erasing_all()).then(erased(GUEST.buyer.customer_id))


def test_open_checkouts_of_the_person_end_first_and_give_their_stock_back() -> None:
    after = CLAIMED.when(erasing(ASHA, GUEST.session)).shop
    assert isinstance(after.streams[GUEST.checkout], Ended)
    assert isinstance(after.streams[stream(CUSTOMER, ASHA)], Erased)
    assert GUEST.session in CLAIMED.view.stock(TEA.sku).holds
    assert GUEST.session not in after.view.stock(TEA.sku).holds


def test_a_checkout_that_was_paid_meanwhile_stays_an_order() -> None:
    paid = CLAIMED.after(GUEST.report("captured"))
    after = paid.when(erasing(ASHA, GUEST.session)).then(
        CLOSED, erased(ASHA), erased(GUEST.buyer.customer_id)
    )
    assert isinstance(after.streams[GUEST.checkout], Completed)


def test_money_that_comes_after_the_erasure_still_makes_the_order() -> None:
    gone = CLAIMED.after(erasing(ASHA, GUEST.session))
    after = gone.after(GUEST.report("captured"))
    assert isinstance(after.streams[GUEST.checkout], Completed)


def test_nothing_more_is_kept_of_an_erased_person() -> None:
    box = sealed("one")
    gone = CLAIMED.after(erasing(ASHA, GUEST.session))
    gone.when(lambda view: revise_profile(view, ASHA, box)).then_refused(PersonErased)
    gone.when(lambda view: keep_address(view, ASHA, "adr_1", box)).then_refused(PersonErased)
    asking = gone.given(*Purchase(name="three").begun())
    asking.when(Purchase(name="three").request()).then_refused(PersonErased)

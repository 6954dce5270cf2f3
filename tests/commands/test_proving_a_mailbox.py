"""A letter's secret proves a mailbox, once and in time; what it proves is what it gives."""

from datetime import timedelta

import pytest

from src.commands.decisions.people import register
from src.commands.decisions.proofs import (
    PROOF_LIFETIME,
    Claim,
    claim,
    offer_claim,
    offer_reset,
    proof_of,
    reset_password,
)
from src.commands.rejections import ProofNotGood
from src.commands.view import Decide, Fact
from src.events.customer import CustomerRegistered, PasswordChanged
from src.events.identifiers import CUSTOMER, MAILBOX, mailbox_id, stream
from src.events.mailbox import (
    AccountOpened,
    GuestsClaimed,
    MailboxProven,
    ProofOffered,
    Purpose,
)
from tests.factories import NOW, sealed, shop
from tests.purchases import Purchase
from tests.scenario import given

GUEST = Purchase()
SAME_MAILBOX = Purchase(name="later", cart="later")
BOX = GUEST.buyer.mailbox
MAIL = stream(MAILBOX, BOX)
ASHA = "cus_asha"
SECRET, OTHER_SECRET = "what the letter says", "what another letter says"
BUYERS = (GUEST.buyer.customer_id, "cus_of_somebody_else")
KNOWN = given(*shop(), *GUEST.pending())


def opening(customer_id: str = ASHA) -> CustomerRegistered:
    return CustomerRegistered(
        customer_id=customer_id, mailbox=BOX, profile=sealed("profile"), password=sealed("hash")
    )


def offered(purpose: Purpose, secret: str = SECRET) -> Fact:
    proof, until = proof_of(secret), NOW + PROOF_LIFETIME
    return MAIL, ProofOffered(proof=proof, purpose=purpose, expires_at=until)


def proven(purpose: Purpose, secret: str = SECRET) -> Fact:
    return MAIL, MailboxProven(proof=proof_of(secret), purpose=purpose)


def offering(secret: str = SECRET, buyers: tuple[str, ...] = BUYERS) -> Decide:
    return lambda view: offer_claim(view, BOX, proof_of(secret), buyers, NOW)


def offering_reset(view_secret: str = SECRET) -> Decide:
    return lambda view: offer_reset(view, BOX, proof_of(view_secret), NOW)


def claiming(secret: str = SECRET, later: timedelta = timedelta()) -> Decide:
    wish = Claim(mailbox=BOX, secret=secret, opening=opening(), buyers=BUYERS)
    return lambda view: claim(view, wish, NOW + later)


def resetting(secret: str = SECRET, later: timedelta = timedelta()) -> Decide:
    return lambda view: reset_password(view, BOX, secret, sealed("new"), NOW + later)


CLAIMED: Fact = (MAIL, GuestsClaimed(customer_id=ASHA, guests=(GUEST.buyer.customer_id,)))
OPENED: list[Fact] = [
    (stream(CUSTOMER, ASHA), opening()),
    (MAIL, AccountOpened(customer_id=ASHA)),
]
OFFERED = KNOWN.given(offered(Purpose.CLAIM))
WITH_ACCOUNT = KNOWN.given(*OPENED)


def test_a_letter_is_offered_to_a_mailbox_with_buyers_and_to_no_other() -> None:
    KNOWN.when(offering()).then(offered(Purpose.CLAIM))
    KNOWN.when(offering(buyers=("cus_of_somebody_else",))).then_nothing()
    nobody = mailbox_id("nobody@example.com", b"key")
    KNOWN.when(lambda v: offer_claim(v, nobody, proof_of(SECRET), BUYERS, NOW)).then_nothing()
    KNOWN.when(offering_reset()).then_nothing()


def test_the_same_letter_offered_again_changes_nothing_and_a_newer_one_replaces_it() -> None:
    OFFERED.when(offering()).then_nothing()
    newer = OFFERED.after(offering(OTHER_SECRET))
    newer.when(claiming(SECRET)).then_refused(ProofNotGood)
    newer.when(claiming(OTHER_SECRET)).then(proven(Purpose.CLAIM, OTHER_SECRET), *OPENED, CLAIMED)


def test_a_claim_opens_the_account_and_gives_it_its_buyers_in_one_append() -> None:
    OFFERED.when(claiming()).then(proven(Purpose.CLAIM), *OPENED, CLAIMED)


def test_an_account_that_is_there_keeps_its_password() -> None:
    there = WITH_ACCOUNT.given(offered(Purpose.CLAIM))
    there.when(claiming()).then(proven(Purpose.CLAIM), CLAIMED)


@pytest.mark.parametrize("secret", ["", "wrong", proof_of(SECRET), SECRET.upper()])
def test_a_wrong_secret_proves_nothing(secret: str) -> None:
    OFFERED.when(claiming(secret)).then_refused(ProofNotGood)
    WITH_ACCOUNT.given(offered(Purpose.RESET)).when(resetting(secret)).then_refused(ProofNotGood)


def test_a_secret_is_good_once_and_until_its_time_is_over() -> None:
    OFFERED.after(claiming()).when(claiming()).then_refused(ProofNotGood)
    OFFERED.after(claiming(later=PROOF_LIFETIME - timedelta.resolution))
    OFFERED.when(claiming(later=PROOF_LIFETIME)).then_refused(ProofNotGood)
    KNOWN.when(claiming()).then_refused(ProofNotGood)


def test_a_secret_is_good_for_its_purpose_alone() -> None:
    WITH_ACCOUNT.given(offered(Purpose.CLAIM)).when(resetting()).then_refused(ProofNotGood)
    WITH_ACCOUNT.given(offered(Purpose.RESET)).when(claiming()).then_refused(ProofNotGood)


def test_a_guest_who_buys_after_the_claim_needs_a_new_proof() -> None:
    later = OFFERED.after(claiming()).given(
        *SAME_MAILBOX.filled(), *SAME_MAILBOX.begun(), *SAME_MAILBOX.asked()
    )
    mailbox = later.streams[MAIL]
    assert (mailbox.claimed, mailbox.guests) == (
        (GUEST.buyer.customer_id,),
        (SAME_MAILBOX.buyer.customer_id,),
    )
    buyers = (*BUYERS, SAME_MAILBOX.buyer.customer_id)
    again = later.after(offering(OTHER_SECRET, buyers))
    wish = Claim(mailbox=BOX, secret=OTHER_SECRET, opening=opening("cus_no"), buyers=buyers)
    both = again.after(lambda view: claim(view, wish, NOW))
    assert set(both.streams[MAIL].claimed) == {
        GUEST.buyer.customer_id,
        SAME_MAILBOX.buyer.customer_id,
    }


def test_whoever_has_no_order_yet_is_not_claimed() -> None:
    later = OFFERED.given(
        *SAME_MAILBOX.filled(), *SAME_MAILBOX.begun(), *SAME_MAILBOX.asked()
    ).after(claiming())
    assert later.streams[MAIL].guests == (SAME_MAILBOX.buyer.customer_id,)


def test_a_forgotten_password_is_chosen_anew_by_the_owner_of_the_mailbox() -> None:
    asked = WITH_ACCOUNT.when(offering_reset()).then(offered(Purpose.RESET))
    changed: Fact = (stream(CUSTOMER, ASHA), PasswordChanged(password=sealed("new")))
    after = asked.when(resetting()).then(proven(Purpose.RESET), changed)
    after.when(resetting()).then_refused(ProofNotGood)
    account = after.streams[stream(CUSTOMER, ASHA)]
    assert (account.password, account.password_changes) == (sealed("new"), 1)
    asked.when(resetting(later=PROOF_LIFETIME)).then_refused(ProofNotGood)


def test_a_claim_and_a_reset_do_not_disturb_each_other() -> None:
    both = WITH_ACCOUNT.after(offering(), offering_reset(OTHER_SECRET))
    both.after(claiming(), resetting(OTHER_SECRET))
    both.after(resetting(OTHER_SECRET), claiming())


def test_an_account_that_was_opened_after_the_letter_left_ends_the_claim() -> None:
    """The letter spoke of no account: whoever opened this one would get the orders."""
    opened = OFFERED.after(lambda view: register(view, opening("cus_other")))
    opened.when(claiming()).then_refused(ProofNotGood)
    warned = opened.after(offering(OTHER_SECRET))
    claimed = GuestsClaimed(customer_id="cus_other", guests=(GUEST.buyer.customer_id,))
    warned.when(claiming(OTHER_SECRET)).then(proven(Purpose.CLAIM, OTHER_SECRET), (MAIL, claimed))


def test_an_account_that_is_opened_leaves_another_purpose_alone() -> None:
    """Of an account that is no more, the letter proves the mailbox of the next one as well."""
    view = KNOWN.given(offered(Purpose.RESET)).after(lambda view: register(view, opening()))
    view.after(resetting())

"""A mailbox has at most one account; guests stay guests; what is kept can be dropped."""

from src.commands.decisions.people import (
    ADDRESSES_MAX,
    change_address,
    drop_address,
    keep_address,
    register,
    revise_profile,
)
from src.commands.rejections import EmailTaken, LimitReached, Unknown
from src.commands.view import Decide, Fact
from src.events.customer import (
    AddressDropped,
    AddressKept,
    CustomerRegistered,
    ProfileRevised,
)
from src.events.identifiers import CUSTOMER, MAILBOX, mailbox_id, stream
from src.events.mailbox import AccountOpened
from tests.factories import sealed, shop
from tests.purchases import Purchase
from tests.scenario import given

GUEST = Purchase()
MAILBOX_ID = GUEST.buyer.mailbox
BEFORE = given(*shop(), *GUEST.pending())
ASHA = stream(CUSTOMER, "cus_asha")


def registered(customer_id: str) -> CustomerRegistered:
    return CustomerRegistered(
        customer_id=customer_id,
        mailbox=MAILBOX_ID,
        profile=sealed("profile"),
        password=sealed("hash"),
    )


def registering(customer_id: str) -> Decide:
    return lambda view: register(view, registered(customer_id))


def account() -> list[Fact]:
    opened = AccountOpened(customer_id="cus_asha")
    return [(ASHA, registered("cus_asha")), (stream(MAILBOX, MAILBOX_ID), opened)]


KNOWN = BEFORE.given(*account())


def test_an_account_is_opened_together_with_its_mailbox() -> None:
    BEFORE.when(registering("cus_asha")).then(*account())


def test_the_same_registration_again_changes_nothing() -> None:
    KNOWN.when(registering("cus_asha")).then_nothing()


def test_a_mailbox_has_at_most_one_account() -> None:
    KNOWN.when(registering("cus_other")).then_refused(EmailTaken)


def test_a_guest_of_the_mailbox_is_not_attached_to_its_account() -> None:
    mailbox = KNOWN.streams[stream(MAILBOX, MAILBOX_ID)]
    assert (mailbox.account, mailbox.guests) == ("cus_asha", (GUEST.buyer.customer_id,))


def test_a_guest_may_buy_with_the_mailbox_of_an_account() -> None:
    guest = Purchase(name="two", cart="two")
    started = KNOWN.given(*guest.filled(), *guest.begun())
    after = started.when(guest.request()).then(*guest.asked())
    assert after.streams[stream(MAILBOX, MAILBOX_ID)].account == "cus_asha"


def test_a_profile_is_revised_and_addresses_are_kept_changed_and_dropped() -> None:
    box, other = sealed("one"), sealed("two")
    revised = KNOWN.when(lambda view: revise_profile(view, "cus_asha", box))
    kept = revised.then((ASHA, ProfileRevised(profile=box))).when(
        lambda view: keep_address(view, "cus_asha", "adr_1", box)
    )
    changed = kept.then((ASHA, AddressKept(address_id="adr_1", address=box))).when(
        lambda view: change_address(view, "cus_asha", "adr_1", other)
    )
    dropped = changed.then((ASHA, AddressKept(address_id="adr_1", address=other))).when(
        lambda view: drop_address(view, "cus_asha", "adr_1")
    )
    without = dropped.then((ASHA, AddressDropped(address_id="adr_1")))
    without.when(lambda view: drop_address(view, "cus_asha", "adr_1")).then_refused(Unknown)


def test_keeping_the_same_address_again_changes_nothing_and_an_unknown_one_is_not_changed() -> None:
    box = sealed("one")
    kept = KNOWN.after(lambda view: keep_address(view, "cus_asha", "adr_1", box))
    kept.when(lambda view: keep_address(view, "cus_asha", "adr_1", box)).then_nothing()
    kept.when(lambda view: change_address(view, "cus_asha", "adr_2", box)).then_refused(Unknown)


def test_an_account_keeps_so_many_addresses_and_no_more() -> None:
    box = sealed("one")
    full = KNOWN.given(
        *((ASHA, AddressKept(address_id=f"adr_{n}", address=box)) for n in range(ADDRESSES_MAX))
    )
    full.when(lambda view: keep_address(view, "cus_asha", "adr_more", box)).then_refused(
        LimitReached
    )


def test_only_an_account_keeps_anything() -> None:
    box = sealed("one")
    for who in (GUEST.buyer.customer_id, "cus_nobody"):
        changes: list[Decide] = [
            lambda view, who=who: revise_profile(view, who, box),  # type: ignore[misc]  # mypy does not infer a default's type here
            lambda view, who=who: keep_address(view, who, "adr_1", box),  # type: ignore[misc]  # as above
            lambda view, who=who: change_address(view, who, "adr_1", box),  # type: ignore[misc]  # as above
            lambda view, who=who: drop_address(view, who, "adr_1"),  # type: ignore[misc]  # as above
        ]
        for change in changes:
            KNOWN.when(change).then_refused(Unknown)


def test_two_spellings_of_an_address_are_one_mailbox_and_two_keys_are_two() -> None:
    one = mailbox_id("Asha@Example.in", b"key")
    assert one == mailbox_id("  asha@example.IN ", b"key")
    assert one != mailbox_id("asha@example.in", b"another key")
    assert "asha" not in one

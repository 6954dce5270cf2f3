"""Accounts and what they keep; a mailbox has at most one."""

from collections.abc import Collection

from src.commands.rejections import EmailTaken, LimitReached, PersonErased, Unknown
from src.commands.view import Fact, View
from src.events.customer import (
    Account,
    AddressDropped,
    AddressKept,
    CustomerRegistered,
    Erased,
    Guest,
    Nobody,
    PasswordChanged,
    ProfileRevised,
)
from src.events.identifiers import CUSTOMER, MAILBOX, stream
from src.events.mailbox import AccountOpened, GuestsClaimed
from src.events.ports import Sealed

ADDRESSES_MAX = 50
"""So many addresses may one account keep."""


def register(view: View, registered: CustomerRegistered) -> list[Fact]:
    """Open an account; its guests' orders stay where they are until the mailbox is proven."""
    mailbox = view.mailbox(registered.mailbox)
    if mailbox.account == registered.customer_id:
        return []
    if mailbox.account is not None:
        raise EmailTaken
    if not isinstance(view.customer(registered.customer_id), Nobody):
        raise AssertionError("a new account has a new id")
    return [
        (stream(CUSTOMER, registered.customer_id), registered),
        (stream(MAILBOX, registered.mailbox), AccountOpened(customer_id=registered.customer_id)),
    ]


def claim_guests(view: View, customer_id: str, buyers: Collection[str]) -> list[Fact]:
    """Give an account those buyers who are guests of its mailbox, and nobody else.

    For whoever has proven that the mailbox is theirs. A guest of the same
    address who was not claimed is not the account's: anybody can register with
    another's e-mail.
    """
    mailbox = account(view, customer_id).mailbox
    guests = claimable(view, mailbox, buyers)
    if not guests:
        return []
    claimed = GuestsClaimed(customer_id=customer_id, guests=guests)
    return [(stream(MAILBOX, mailbox), claimed)]


def claimable(view: View, mailbox: str, buyers: Collection[str]) -> tuple[str, ...]:
    """Return those buyers who are guests of this mailbox, neither claimed nor erased.

    Buyers are whoever has an order: a cart is one guest and at most one order,
    so what a claimed guest bought is complete, and a later order is of a guest
    who needs a new proof.
    """
    guests = view.mailbox(mailbox).guests
    return tuple(
        guest for guest in guests if guest in buyers and isinstance(view.customer(guest), Guest)
    )


def change_password(view: View, customer_id: str, password: Sealed) -> list[Fact]:
    """Choose another password, for whoever has shown that they may."""
    account(view, customer_id)
    return [(stream(CUSTOMER, customer_id), PasswordChanged(password=password))]


def revise_profile(view: View, customer_id: str, profile: Sealed) -> list[Fact]:
    """Change name or phone."""
    account(view, customer_id)
    return [(stream(CUSTOMER, customer_id), ProfileRevised(profile=profile))]


def keep_address(view: View, customer_id: str, address_id: str, address: Sealed) -> list[Fact]:
    """Keep one more address; the same one again changes nothing."""
    addresses = account(view, customer_id).addresses
    if address_id in addresses:
        return []
    if len(addresses) >= ADDRESSES_MAX:
        raise LimitReached("addresses", ADDRESSES_MAX)
    kept = AddressKept(address_id=address_id, address=address)
    return [(stream(CUSTOMER, customer_id), kept)]


def change_address(view: View, customer_id: str, address_id: str, address: Sealed) -> list[Fact]:
    """Keep another address under the same id."""
    kept_address(view, customer_id, address_id)
    changed = AddressKept(address_id=address_id, address=address)
    return [(stream(CUSTOMER, customer_id), changed)]


def drop_address(view: View, customer_id: str, address_id: str) -> list[Fact]:
    """Keep an address no longer."""
    kept_address(view, customer_id, address_id)
    return [(stream(CUSTOMER, customer_id), AddressDropped(address_id=address_id))]


def kept_address(view: View, customer_id: str, address_id: str) -> Sealed:
    """Return a kept address; raises Unknown when there is none of this id."""
    sealed = account(view, customer_id).addresses.get(address_id)
    if sealed is None:
        raise Unknown("address", address_id)
    return sealed


def account(view: View, customer_id: str) -> Account:
    """Return an account; raises Unknown when there is none of this id, or none any more."""
    customer = view.customer(customer_id)
    if isinstance(customer, Erased):
        raise PersonErased(customer_id)
    if not isinstance(customer, Account):
        raise Unknown("customer", customer_id)
    return customer

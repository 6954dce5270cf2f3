"""A person who buys: with an account, or as a guest for one purchase.

What would name the person is sealed with the person's own key before it
becomes a fact, so that destroying the key erases it everywhere at once.

The names and fields of the events are the storage format. Nothing here is
renamed or removed: a changed shape gets a new version, and upcasters.py lifts
the old one.
"""

from typing import assert_never

from immutables import Map
from msgspec import Struct
from msgspec.structs import replace

from src.events.ports import Sealed


class Profile(Struct, frozen=True, kw_only=True):
    """What is sealed as a person's profile, as JSON."""

    email: str
    name: str
    phone: str | None = None


class Address(Struct, frozen=True, kw_only=True):
    """What is sealed as a person's address, as JSON."""

    name: str
    phone: str | None
    line1: str
    line2: str | None
    city: str
    state: str
    postal_code: str
    country: str


class CustomerRegistered(Struct, frozen=True, kw_only=True):
    """A person opened an account."""

    customer_id: str
    mailbox: str
    profile: Sealed
    password: Sealed
    """The argon2id hash, never the password."""


class GuestIdentified(Struct, frozen=True, kw_only=True):
    """A guest said who they are, for one purchase."""

    customer_id: str
    mailbox: str
    profile: Sealed


class ProfileRevised(Struct, frozen=True, kw_only=True):
    """A person changed name or phone."""

    profile: Sealed


class PasswordChanged(Struct, frozen=True, kw_only=True):
    """A person chose another password; logins made with the former one have ended."""

    password: Sealed
    """The argon2id hash, never the password."""


class AddressKept(Struct, frozen=True, kw_only=True):
    """A person keeps an address for later, or changed one they kept."""

    address_id: str
    address: Sealed


class AddressDropped(Struct, frozen=True, kw_only=True):
    """A person does not keep an address any more."""

    address_id: str


class CartChosen(Struct, frozen=True, kw_only=True):
    """From now on the person fills this cart, wherever they log in."""

    cart_id: str


class CustomerErased(Struct, frozen=True, kw_only=True):
    """The person's keys are to be destroyed, and nothing more is ever kept of them.

    The fact comes first: whatever dies after it, the keys are destroyed all the same.
    """

    customer_id: str


CustomerEvent = (
    CustomerRegistered
    | GuestIdentified
    | ProfileRevised
    | PasswordChanged
    | AddressKept
    | AddressDropped
    | CartChosen
    | CustomerErased
)


class Nobody(Struct, frozen=True):
    """Nobody of this id was ever seen."""


class Guest(Struct, frozen=True, kw_only=True):
    """A person known for one purchase."""

    customer_id: str
    mailbox: str
    profile: Sealed


class Account(Struct, frozen=True, kw_only=True):
    """A person who can log in."""

    customer_id: str
    mailbox: str
    profile: Sealed
    password: Sealed
    password_changes: int = 0
    """So often was it changed: a login knows by it whether it is still good."""
    addresses: Map[str, Sealed] = Map()
    carts: tuple[str, ...] = ()
    """Those that the person filled last, newest last; CARTS_MAX of them at most."""


class Erased(Struct, frozen=True, kw_only=True):
    """A person of whom nothing is known any more but that they were here."""

    customer_id: str


CARTS_MAX = 5
"""So many of a person's carts are remembered as theirs to go back to."""

Customer = Nobody | Guest | Account | Erased
NOBODY: Customer = Nobody()


def evolve(customer: Customer, event: CustomerEvent) -> Customer:
    """Facts are not argued with: evolve never rejects, and an impossible fact is a bug."""
    match customer, event:
        case Nobody(), CustomerRegistered():
            return Account(
                customer_id=event.customer_id,
                mailbox=event.mailbox,
                profile=event.profile,
                password=event.password,
            )
        case Nobody(), GuestIdentified():
            return Guest(
                customer_id=event.customer_id, mailbox=event.mailbox, profile=event.profile
            )
        case ((Guest() | Account()), CustomerErased()):
            return Erased(customer_id=event.customer_id)
        case Account(), _:
            return _changed(customer, event)
        case _:
            name = type(customer).__name__
            raise AssertionError(f"{type(event).__name__} cannot happen to {name}")


def _changed(account: Account, event: CustomerEvent) -> Account:
    match event:
        case ProfileRevised():
            return replace(account, profile=event.profile)
        case PasswordChanged():
            changes = account.password_changes + 1
            return replace(account, password=event.password, password_changes=changes)
        case AddressKept():
            kept = account.addresses.set(event.address_id, event.address)
            return replace(account, addresses=kept)
        case AddressDropped():
            return replace(account, addresses=account.addresses.delete(event.address_id))
        case CartChosen():
            others = tuple(each for each in account.carts if each != event.cart_id)
            return replace(account, carts=(*others, event.cart_id)[-CARTS_MAX:])
        case CustomerRegistered() | GuestIdentified() | CustomerErased():
            raise AssertionError(f"{type(event).__name__} cannot happen to an account")
        case _:
            assert_never(event)

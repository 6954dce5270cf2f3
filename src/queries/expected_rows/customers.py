"""Customers, on streams of their own, and guests who proved to be one, on those of mailboxes."""

from src.events.customer import CustomerErased, CustomerRegistered, GuestIdentified
from src.events.identifiers import CUSTOMER, MAILBOX
from src.events.mailbox import GuestsClaimed
from src.queries.expected_rows.table import NONE, Rows, Stood, Table, one


def _customer(stood: Stood) -> Rows:
    kinds: dict[type, str] = {CustomerRegistered: "account", GuestIdentified: "guest"}
    begun = [each for each in stood.facts if type(each.event) in kinds]
    gone = [each.at for each in stood.facts if isinstance(each.event, CustomerErased)]
    if not begun:
        return NONE
    first = begun[0]
    return one(kinds[type(first.event)], first.at, first.position, gone[-1] if gone else None)


def _claims(stood: Stood) -> Rows:
    return {
        guest: (each.event.customer_id, each.at)
        for each in stood.facts
        if isinstance(each.event, GuestsClaimed)
        for guest in each.event.guests
    }


CUSTOMERS = Table(
    model="customers",
    name="customers",
    categories=(CUSTOMER,),
    key="customer_id",
    columns=("kind", "since", "position", "erased_at"),
    needs_facts=True,
    expected=_customer,
)
CLAIMS = Table(
    model="customers",
    name="guest_claims",
    categories=(MAILBOX,),
    key="mailbox",
    inner_key="guest_id",
    columns=("account_id", "claimed_at"),
    needs_facts=True,
    expected=_claims,
)

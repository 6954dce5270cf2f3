"""Who buys and where to, from a request: sealed before anything else sees it."""

from msgspec import Struct
from msgspec.structs import replace

from src.commands.decisions.intent import Buyer
from src.commands.decisions.people import account
from src.commands.rejections import Unknown
from src.events.customer import Address, Profile
from src.events.identifiers import named, public_id
from src.events.ports import Sealed
from src.http import fields
from src.http.auth import Caller, CustomerCaller
from src.http.fields import Code, Email, Id, Name, Phone
from src.http.refusals import FieldError, InvalidInput
from src.http.shop import Shop


class AddressRequest(fields.Address, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where a parcel or an invoice goes; name and phone default to the buyer's."""

    name: Name | None = None
    phone: Phone | None = None


class BuyerRequest(Struct, forbid_unknown_fields=True, kw_only=True):
    """Everything that `POST /orders` may say about the buyer."""

    checkout_session_id: Id | None = None
    cart_id: Id | None = None
    shipping_method: Code | None = None
    email: Email | None = None
    name: Name | None = None
    phone: Phone | None = None
    shipping_address: AddressRequest | None = None
    billing_address: AddressRequest | None = None
    shipping_address_id: Id | None = None
    billing_address_id: Id | None = None


class Known(Struct, frozen=True, kw_only=True):
    """A buyer and the addresses, sealed, and what may be used of them in clear for this request."""

    buyer: Buyer
    shipping_address: Sealed
    billing_address: Sealed | None
    postal_code: str
    country: str
    wish: str


async def known_buyer(shop: Shop, caller: Caller, cart_id: str, data: BuyerRequest) -> Known:
    """Return the buyer; raises InvalidInput with every field that is missing."""
    if isinstance(caller, CustomerCaller):
        return await _customer(shop, caller.customer_id, data)
    return await _guest(shop, cart_id, data)


async def _guest(shop: Shop, cart_id: str, data: BuyerRequest) -> Known:
    _refuse_saved_addresses(data)
    email, name, phone, address = data.email, data.name, data.phone, data.shipping_address
    if email is None or name is None or phone is None or address is None:
        raise _missing(data, ("email", "name", "phone", "shipping_address"))
    mailbox = shop.people.mailbox(email)
    person = public_id("cust", named("guest", cart_id, mailbox))
    profile = Profile(email=email, name=name, phone=phone)
    buyer = Buyer(
        customer_id=person,
        guest=True,
        mailbox=mailbox,
        contact=await shop.people.seal(person, profile),
    )
    return await _sealed(shop, buyer, profile, address_of(address, profile), data)


def _refuse_saved_addresses(data: BuyerRequest) -> None:
    for field in ("shipping_address_id", "billing_address_id"):
        if getattr(data, field) is not None:
            raise InvalidInput.of(field, "Only customers keep addresses; send the address itself.")


async def _customer(shop: Shop, customer_id: str, data: BuyerRequest) -> Known:
    person = await shop.ledger.look(lambda view: account(view, customer_id))
    profile = await shop.people.open(person.profile, Profile)
    if profile is None:
        raise Unknown("customer", customer_id)
    profile = _revised(profile, data)
    buyer = Buyer(
        customer_id=customer_id,
        guest=False,
        mailbox=person.mailbox,
        contact=await shop.people.seal(customer_id, profile),
    )
    address = await _chosen(
        shop, customer_id, data.shipping_address_id, data.shipping_address, profile
    )
    if address is None:
        raise _missing(data, ("shipping_address",))
    return await _sealed(shop, buyer, profile, address, data)


def _revised(profile: Profile, data: BuyerRequest) -> Profile:
    """Use the account's e-mail always, and a name or phone given for this purchase."""
    return replace(profile, name=data.name or profile.name, phone=data.phone or profile.phone)


async def _chosen(
    shop: Shop,
    customer_id: str,
    address_id: str | None,
    inline: AddressRequest | None,
    profile: Profile,
) -> Address | None:
    if address_id is None:
        return None if inline is None else address_of(inline, profile)
    person = await shop.ledger.glance(lambda view: account(view, customer_id))
    sealed = person.addresses.get(address_id)
    kept = None if sealed is None else await shop.people.open(sealed, Address)
    if kept is None:
        raise Unknown("address", address_id)
    return kept


async def _sealed(
    shop: Shop, buyer: Buyer, profile: Profile, address: Address, data: BuyerRequest
) -> Known:
    person = buyer.customer_id
    billing = await _chosen(shop, person, data.billing_address_id, data.billing_address, profile)
    return Known(
        buyer=buyer,
        shipping_address=await shop.people.seal(person, address),
        billing_address=None if billing is None else await shop.people.seal(person, billing),
        postal_code=address.postal_code,
        country=address.country,
        wish=shop.people.wish(person, profile, address, billing),
    )


def address_of(given: AddressRequest, profile: Profile) -> Address:
    """Return the whole address; what it does not say of the person is the buyer's."""
    return Address(
        name=given.name or profile.name,
        phone=given.phone or profile.phone,
        line1=given.line1,
        line2=given.line2,
        city=given.city,
        state=given.state,
        postal_code=given.postal_code,
        country=given.country,
    )


def _missing(data: BuyerRequest, fields: tuple[str, ...]) -> InvalidInput:
    return InvalidInput(
        *(
            FieldError(field, "This is needed to place an order.")
            for field in fields
            if getattr(data, field) is None
        )
    )

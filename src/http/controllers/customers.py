"""/customers: accounts, and what they know of themselves."""

from typing import Annotated

from litestar import Controller, Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import replace

from src.commands.decisions.people import account, register, revise_profile
from src.commands.decisions.preconditions import at_version
from src.commands.rejections import Unknown, VersionMoved
from src.commands.view import View
from src.commands.wish import Busy, Held
from src.events.customer import CustomerRegistered, Profile
from src.events.identifiers import CUSTOMER, MAILBOX, derived, public_id, stream
from src.events.ports import Sealed
from src.http.answers import answer, held_answer
from src.http.fields import Email, Name, Phone
from src.http.guards import customers_only
from src.http.passwords import Password
from src.http.preconditions import demand_nothing
from src.http.refusals import BadToken
from src.http.shop import Shop
from src.http.shop_request import ShopRequest

REVISIONS_MAX = 5
"""So many times may somebody else change the account between our look and our word."""

PersonName = Annotated[Name, Meta(examples=["Asha Rao"])]


class RegisterRequest(Struct, forbid_unknown_fields=True, kw_only=True):
    """Who opens an account."""

    email: Email
    password: Annotated[Password, Meta(examples=["six chai before noon"])]
    name: PersonName
    phone: Phone | None = None


class ProfileRequest(Struct, forbid_unknown_fields=True, kw_only=True):
    """What to change; a phone of null is removed."""

    name: PersonName | UnsetType = UNSET
    phone: Phone | UnsetType | None = UNSET


class CustomerDocument(Struct, frozen=True, kw_only=True):
    """An account."""

    customer_id: str
    email: str
    name: str
    phone: str | None


class CustomerController(Controller):
    """Accounts."""

    path = "/customers"
    tags = ["Customers"]

    @post(status_code=201)
    async def register(
        self, shop: NamedDependency[Shop], request: ShopRequest, data: JSONBody[RegisterRequest]
    ) -> Response[CustomerDocument]:
        """Open an account; 409 `email-taken` if the e-mail has one. Log in to use it."""
        demand_nothing(request)
        await shop.doors.pass_by("register", None, request.seen.address)
        # Hashed before anything is decided, so that a taken e-mail takes as long to refuse.
        password = await shop.passwords.hash_new("password", data.password, data.email)
        customer_id = public_id("cust", derived(request.seen.command_id, "customer"))
        request.seen.about = customer_id
        profile = Profile(email=data.email, name=data.name, phone=data.phone)
        registered = CustomerRegistered(
            customer_id=customer_id,
            mailbox=shop.people.mailbox(data.email),
            profile=await shop.people.seal(customer_id, profile),
            password=await shop.people.seal(customer_id, password),
        )
        held = await shop.ledger.transact(
            request.cause(),
            lambda view: register(view, registered),
            needs=[stream(MAILBOX, registered.mailbox)],
            begins=[stream(CUSTOMER, customer_id)],
        )
        return await account_answer(shop, customer_id, profile, held, status=201)

    @get("/me", guards=[customers_only])
    async def get_me(
        self, shop: NamedDependency[Shop], request: ShopRequest
    ) -> Response[CustomerDocument]:
        """Look at the caller's own account."""
        customer_id = request.customer().customer_id
        profile, version = await known_profile(shop, customer_id)
        return answer(_document(customer_id, profile), version=version)

    @patch("/me", guards=[customers_only])
    async def revise_me(
        self, shop: NamedDependency[Shop], request: ShopRequest, data: JSONBody[ProfileRequest]
    ) -> Response[CustomerDocument]:
        """Change name or phone; what is not named stays. With `If-Match`, 412 `version-moved`."""
        customer_id, expected = request.customer().customer_id, request.expected_version()
        for _ in range(REVISIONS_MAX):
            profile, version = await known_profile(shop, customer_id)
            try:
                revised = _revised(profile, data)
                basis = version if expected is None else expected
                held = await _revise(shop, request, customer_id, revised, basis)
            except VersionMoved:
                if expected is not None:
                    raise
            else:
                return await account_answer(shop, customer_id, revised, held)
        raise Busy("the account kept changing")

    @delete("/me", status_code=204, guards=[customers_only])
    async def erase_me(self, shop: NamedDependency[Shop], request: ShopRequest) -> Response[None]:
        """Erase the caller: account, addresses, and what guests did who are proven to be them.

        Open checkouts are cancelled. Orders stay, without the person. It cannot
        be undone; again changes nothing. With `If-Match`, 412 `version-moved`.
        """
        caller = request.customer()
        customer_id = caller.customer_id
        person = await shop.ledger.look(lambda view: view.customer(customer_id))
        if caller.is_outdated(person):
            raise BadToken
        held = await shop.erase(request.cause(), customer_id, request.expected_version())
        return answer(None, status=204, position=held.position, recorded_at=held.recorded_at)


async def known_profile(shop: Shop, customer_id: str) -> tuple[Profile, int]:
    """Return who an account belongs to, and its version; raises Unknown once it was erased."""

    def question(view: View) -> tuple[Sealed, int]:
        return account(view, customer_id).profile, view.version(stream(CUSTOMER, customer_id))

    sealed, version = await shop.ledger.look(question)
    profile = await shop.people.open(sealed, Profile)
    if profile is None:
        raise Unknown("customer", customer_id)
    return profile, version


def _revised(profile: Profile, data: ProfileRequest) -> Profile:
    if data.name is not UNSET:
        profile = replace(profile, name=data.name)
    if data.phone is not UNSET:
        profile = replace(profile, phone=data.phone)
    return profile


async def _revise(
    shop: Shop, request: ShopRequest, customer_id: str, profile: Profile, expected: int
) -> Held:
    sealed = await shop.people.seal(customer_id, profile)
    name = stream(CUSTOMER, customer_id)
    decide = at_version(name, expected, lambda view: revise_profile(view, customer_id, sealed))
    return await shop.ledger.transact(request.cause(), decide)


def _document(customer_id: str, profile: Profile) -> CustomerDocument:
    return CustomerDocument(
        customer_id=customer_id, email=profile.email, name=profile.name, phone=profile.phone
    )


async def account_answer(
    shop: Shop, customer_id: str, profile: Profile, held: Held, status: int = 200
) -> Response[CustomerDocument]:
    """Answer a change of an account with the account."""
    version = await shop.ledger.glance(lambda view: view.version(stream(CUSTOMER, customer_id)))
    return held_answer(_document(customer_id, profile), version, held, status=status)

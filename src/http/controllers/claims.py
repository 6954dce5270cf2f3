"""/customers/claim: becoming known as who bought as a guest."""

from typing import Annotated

from litestar import Controller, Response, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Meta, Struct

from src.commands.decisions.people import claimable
from src.commands.decisions.proofs import Claim, claim, proven
from src.commands.rejections import ProofNotGood
from src.commands.view import View
from src.events.customer import CustomerRegistered, Guest, Profile
from src.events.identifiers import CUSTOMER, MAILBOX, derived, public_id, stream
from src.events.letter import LetterKind
from src.events.mailbox import Purpose
from src.http.controllers.customers import CustomerDocument, account_answer, known_profile
from src.http.fields import END, Email
from src.http.letter_requests import LetterRequestDocument, ask_for_letter
from src.http.passwords import Password
from src.http.shop import Shop
from src.http.shop_request import ShopRequest
from src.queries.orders import buyers_among

SECRET_LENGTH_MAX = 128

GivenSecret = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=SECRET_LENGTH_MAX,
        pattern=r"^[A-Za-z0-9_-]+" + END,
        description="What the letter says.",
    ),
]
NewPassword = Annotated[Password, Meta(examples=["six chai before noon"])]


class LetterRequest(Struct, forbid_unknown_fields=True):
    """Where the letter goes."""

    email: Email


class ClaimRequest(Struct, forbid_unknown_fields=True):
    """What the letter said, and the password of the account if there is none yet."""

    email: Email
    token: GivenSecret
    new_password: NewPassword


class ClaimController(Controller):
    """Claims."""

    path = "/customers/claim"
    tags = ["Customers"]

    @post("/request", status_code=202)
    async def request_claim(
        self, shop: NamedDependency[Shop], request: ShopRequest, data: JSONBody[LetterRequest]
    ) -> Response[LetterRequestDocument]:
        """Ask for a letter with which to claim the orders of guests with this e-mail.

        The answer is the same for every e-mail. What the letter says is good once, for 24 hours.
        """
        return await ask_for_letter(
            shop, request, door="claim-request", kind=LetterKind.CLAIM, email=data.email
        )

    @post(status_code=200)
    async def claim(
        self, shop: NamedDependency[Shop], request: ShopRequest, data: JSONBody[ClaimRequest]
    ) -> Response[CustomerDocument]:
        """Claim all orders so far of guests with this e-mail, for its account.

        The account is opened with `new_password` if the e-mail has none; one that
        is there keeps its password. A wrong, used or old token and an unknown
        e-mail are the same 401 `invalid-claim`. Later guest orders need another letter.
        """
        mailbox = shop.people.mailbox(data.email)
        await shop.doors.pass_by("claim", mailbox, request.seen.address)
        # Hashed before anything is decided, so that every no takes as long as a yes.
        hashed = await shop.passwords.hash_new("new_password", data.new_password, data.email)
        wish = await _wish(shop, request, data, hashed)
        now = shop.clock()
        held = await shop.ledger.transact(
            request.cause(),
            lambda view: claim(view, wish, now),
            needs=[stream(MAILBOX, mailbox)],
            begins=[stream(CUSTOMER, wish.opening.customer_id)],
        )
        owner = await shop.ledger.look(lambda view: view.mailbox(mailbox).account)
        if owner is None:
            raise ProofNotGood  # It was erased the moment after.
        profile, _ = await known_profile(shop, owner)
        return await account_answer(shop, owner, profile, held)


async def _wish(shop: Shop, request: ShopRequest, data: ClaimRequest, hashed: str) -> Claim:
    """Return whom the claim is about, once the secret is known to be good.

    Raises ProofNotGood, ReadModelBehind.
    """
    mailbox, now = shop.people.mailbox(data.email), shop.clock()

    def guests(view: View) -> tuple[str, ...]:
        proven(view, mailbox, data.token, Purpose.CLAIM, now)
        return view.mailbox(mailbox).guests

    known = await shop.ledger.look(guests, needs=[stream(MAILBOX, mailbox)])
    # An order that is placed and not listed yet would be left out.
    await shop.reached(await shop.book.head())
    buyers = await buyers_among(shop.reads, shop.book_id, known)
    customer_id = public_id("cust", derived(request.seen.command_id, "customer"))
    profile = await _profile(shop, data.email, buyers)
    opening = CustomerRegistered(
        customer_id=customer_id,
        mailbox=mailbox,
        profile=await shop.people.seal(customer_id, profile),
        password=await shop.people.seal(customer_id, hashed),
    )
    return Claim(mailbox=mailbox, secret=data.token, opening=opening, buyers=buyers)


async def _profile(shop: Shop, email: str, buyers: frozenset[str]) -> Profile:
    """Return name and phone as the newest guest gave them; nobody left is nothing to claim."""
    mailbox = shop.people.mailbox(email)

    def question(view: View) -> list[Guest]:
        found = (view.customer(each) for each in reversed(claimable(view, mailbox, buyers)))
        return [each for each in found if isinstance(each, Guest)]

    for guest in await shop.ledger.look(question):
        profile = await shop.people.open(guest.profile, Profile)
        if profile is not None:
            return Profile(email=email, name=profile.name, phone=profile.phone)
    raise ProofNotGood

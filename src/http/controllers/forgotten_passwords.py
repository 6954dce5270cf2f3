"""/customers/password: choosing another password by letter."""

from litestar import Controller, Response, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Struct

from src.commands.decisions.proofs import proven, reset_password
from src.commands.rejections import PersonErased, ProofNotGood
from src.commands.view import View
from src.events.identifiers import MAILBOX, stream
from src.events.letter import LetterKind
from src.events.mailbox import Purpose
from src.events.ports import Sealed
from src.http.answers import answer
from src.http.controllers.claims import GivenSecret, LetterRequest, NewPassword
from src.http.fields import Email
from src.http.letter_requests import (
    LetterRequestDocument,
    ask_for_letter,
    tell_of_new_password,
)
from src.http.shop import Shop
from src.http.shop_request import ShopRequest


class ResetRequest(Struct, forbid_unknown_fields=True):
    """What the letter said, and the password from now on."""

    email: Email
    token: GivenSecret
    new_password: NewPassword


class ForgottenPasswordController(Controller):
    """Passwords that are chosen anew by letter."""

    path = "/customers/password"
    tags = ["Customers"]

    @post("/forgotten", status_code=202)
    async def forgotten_password(
        self, shop: NamedDependency[Shop], request: ShopRequest, data: JSONBody[LetterRequest]
    ) -> Response[LetterRequestDocument]:
        """Ask for a letter with which to choose another password.

        The answer is the same for every e-mail. What the letter says is good once, for 24 hours.
        """
        return await ask_for_letter(
            shop, request, door="forgotten", kind=LetterKind.RESET, email=data.email
        )

    @post("/reset", status_code=204)
    async def reset_password(
        self, shop: NamedDependency[Shop], request: ShopRequest, data: JSONBody[ResetRequest]
    ) -> Response[None]:
        """Choose another password with what a letter said; every login so far ends.

        A wrong, used or old token and an unknown e-mail are the same 401 `invalid-claim`.
        """
        mailbox = shop.people.mailbox(data.email)
        await shop.doors.pass_by("reset", mailbox, request.seen.address)
        # Hashed before anything is decided, so that every no takes as long as a yes.
        hashed = await shop.passwords.hash_new("new_password", data.new_password, data.email)
        owner, password = await _sealed(shop, data, hashed)
        now = shop.clock()
        held = await shop.ledger.transact(
            request.cause(),
            lambda view: reset_password(view, mailbox, data.token, password, now),
            needs=[stream(MAILBOX, mailbox)],
        )
        await shop.families.forget([owner])
        await tell_of_new_password(shop, request, data.email)
        return answer(None, status=204, position=held.position, recorded_at=held.recorded_at)


async def _sealed(shop: Shop, data: ResetRequest, hashed: str) -> tuple[str, Sealed]:
    """Seal for whose account it is, once the secret is known to be good; raises ProofNotGood."""
    mailbox, now = shop.people.mailbox(data.email), shop.clock()

    def account(view: View) -> str | None:
        proven(view, mailbox, data.token, Purpose.RESET, now)
        return view.mailbox(mailbox).account

    owner = await shop.ledger.look(account, needs=[stream(MAILBOX, mailbox)])
    if owner is None:
        raise ProofNotGood
    try:
        return owner, await shop.people.seal(owner, hashed)
    except PersonErased:
        raise ProofNotGood from None

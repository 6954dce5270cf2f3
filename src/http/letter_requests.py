"""Asking for a letter: counted at its door, put down, and answered alike for every e-mail.

Nobody looks at the book while somebody waits. So an e-mail that is known and
one that is not differ neither in the answer nor in the time it takes.
"""

from typing import Literal

from litestar import Response
from msgspec import Struct

from src.events.letter import LetterKind
from src.events.letterbox import LetterboxFullError
from src.http.answers import answer
from src.http.refusals import Overloaded
from src.http.shop import Shop
from src.http.shop_request import ShopRequest
from src.telemetry import logger

RETRY_AFTER_SECONDS = 30

log = logger("letters")


class LetterRequestDocument(Struct, frozen=True):
    """If there is something to tell, a letter is on its way."""

    status: Literal["accepted"] = "accepted"


async def ask_for_letter(  # noqa: PLR0913  # at which door, for what, to whom
    shop: Shop, request: ShopRequest, *, door: str, kind: LetterKind, email: str, about: str = ""
) -> Response[LetterRequestDocument]:
    """Put a wish for a letter down; raises TooManyRequests, and Overloaded where too many wait."""
    mailbox = shop.people.mailbox(email)
    await shop.doors.pass_by(door, mailbox, request.seen.address)
    await put_down(shop, request, kind, email, about)
    return answer(LetterRequestDocument(), status=202)


async def put_down(
    shop: Shop, request: ShopRequest, kind: LetterKind, email: str, about: str = ""
) -> None:
    """Put a wish for a letter down, as one of this request; raises Overloaded."""
    try:
        await shop.letterbox.ask(
            request.seen.command_id,
            kind,
            email,
            mailbox=shop.people.mailbox(email),
            asked_at=shop.clock(),
            about=about,
        )
    except LetterboxFullError as full:
        # Said of all mailboxes together, so that it tells nothing of one.
        raise Overloaded(RETRY_AFTER_SECONDS) from full


async def tell_of_new_password(shop: Shop, request: ShopRequest, email: str) -> None:
    """Tell the mailbox that its password is another; the change itself is done either way."""
    try:
        await put_down(shop, request, LetterKind.PASSWORD_CHANGED, email)
    except Overloaded:
        log.warning("nobody is told that a password was changed")

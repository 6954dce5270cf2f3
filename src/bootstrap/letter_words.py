"""What a letter says, found out when it is written: whoever asked for it sees no answer.

A letter that has something to prove is first a fact: the book knows the proof
before the secret leaves. A mailbox that the book does not know leaves no trace.
"""

from datetime import datetime
from functools import partial

from src.bootstrap.catching_up import caught_up
from src.bootstrap.parts import BOOK, Parts
from src.commands.decisions.proofs import offer_claim, offer_reset, proof_of
from src.commands.view import Decide, View
from src.events.customer import Account, Guest
from src.events.envelope import Cause
from src.events.identifiers import MAILBOX, named, stream
from src.events.letter import Letter, LetterKind
from src.events.mailbox import ProofOffered, Purpose
from src.events.order import NoOrder, OrderPlaced
from src.http.guest_passes import PASS_LIFETIME, guest_pass
from src.http.mail import texts
from src.http.mail.message import Words, in_words
from src.projections import orders
from src.queries.orders import buyers_among, order_id_of

POSTMAN = "khata:letters"
CLAIM_PAGE, RESET_PAGE, ORDER_PAGE, LOGIN_PAGE = "claim", "reset", "order", "login"


class NotYetError(Exception):
    """The lists do not show yet what a letter has to know."""


async def words_of(parts: Parts, letter: Letter, email: str, at: datetime) -> Words | None:
    """Return what a letter says, None if there is nothing to write; raises NotYetError."""
    match letter.kind:
        case LetterKind.CLAIM:
            return await _claim(parts, letter, email, at)
        case LetterKind.RESET:
            return await _reset(parts, letter, email, at)
        case LetterKind.ORDER:
            return await _order(parts, letter, at)
        case LetterKind.PASSWORD_CHANGED:
            return await _password_changed(parts, letter)


async def _claim(parts: Parts, letter: Letter, email: str, at: datetime) -> Words | None:
    mailbox = await parts.ledger.look(lambda view: view.mailbox(letter.mailbox))
    if not mailbox.guests:
        return None
    buyers: frozenset[str] = frozenset()
    if not letter.is_offered:
        await _lists_are_whole(parts)
        buyers = await buyers_among(parts.reads, BOOK, mailbox.guests)
    proof = proof_of(parts.letterbox.secret(letter))
    offering = partial(offer_claim, mailbox=letter.mailbox, proof=proof, buyers=buyers, now=at)
    offer, has_account = await _offered(parts, letter, Purpose.CLAIM, proof, offering)
    text = texts.CLAIM_JOINS_ACCOUNT if has_account else texts.CLAIM
    return _proving(parts, letter, email, _still_good(offer, at), text, CLAIM_PAGE)


async def _reset(parts: Parts, letter: Letter, email: str, at: datetime) -> Words | None:
    proof = proof_of(parts.letterbox.secret(letter))
    offering = partial(offer_reset, mailbox=letter.mailbox, proof=proof, now=at)
    offer, _ = await _offered(parts, letter, Purpose.RESET, proof, offering)
    return _proving(parts, letter, email, _still_good(offer, at), texts.RESET, RESET_PAGE)


async def _offered(
    parts: Parts, letter: Letter, purpose: Purpose, proof: str, rule: Decide
) -> tuple[ProofOffered | None, bool]:
    """Let the book know the proof, once: what was used up since is never offered again.

    Returns with it whether the mailbox has an account at that very moment: one
    that is opened later ends the offer of a claim.
    """
    if not letter.is_offered:
        cause = Cause(
            command_id=named("letter", str(letter.letter_id)),
            correlation_id=letter.letter_id,
            actor=POSTMAN,
        )
        await parts.ledger.transact(cause, rule, needs=[stream(MAILBOX, letter.mailbox)])
    mailbox = await parts.ledger.look(lambda view: view.mailbox(letter.mailbox))
    offer, has_account = mailbox.offers.get(purpose), mailbox.account is not None
    if offer is None or offer.proof != proof:
        return None, has_account
    await parts.letterbox.note_offered(letter)
    return offer, has_account


def _still_good(offer: ProofOffered | None, at: datetime) -> ProofOffered | None:
    """A letter that lay while no worker ran carries no secret that is over."""
    return None if offer is None or at >= offer.expires_at else offer


def _proving(  # noqa: PLR0913, PLR0917  # whatever a letter with a secret says
    parts: Parts,
    letter: Letter,
    email: str,
    offer: ProofOffered | None,
    text: texts.Text,
    page: str,
) -> Words | None:
    if offer is None:
        return None
    secret = parts.letterbox.secret(letter)
    return Words(
        text=text,
        page=page,
        asks={"email": email, "token": secret},
        says={"secret": secret, "until": in_words(offer.expires_at)},
    )


async def _order(parts: Parts, letter: Letter, at: datetime) -> Words | None:
    await _lists_are_whole(parts)
    order_id = await order_id_of(parts.reads, BOOK, letter.about)
    if order_id is None:
        return None
    found = await parts.ledger.look(lambda view: _bought_by(view, order_id, letter.mailbox))
    if found is None:
        return None
    placed, by_account = found
    says = {"number": placed.order_number}
    if by_account:
        return Words(text=texts.ORDER_OF_ACCOUNT, page=LOGIN_PAGE, asks={}, says=says)
    until = at + PASS_LIFETIME
    key = await parts.keys.installation_secret("guests")
    return Words(
        text=texts.ORDER,
        page=ORDER_PAGE,
        asks={"order_id": order_id, "pass": guest_pass(placed.cart_id, until, key)},
        says={**says, "until": in_words(until)},
    )


def _bought_by(view: View, order_id: str, mailbox: str) -> tuple[OrderPlaced, bool] | None:
    """Return an order of this mailbox, and whether an account bought it; None of any other."""
    order = view.order(order_id)
    if isinstance(order, NoOrder):
        return None
    buyer = view.customer(order.order.customer_id)
    if not isinstance(buyer, Account | Guest) or buyer.mailbox != mailbox:
        return None
    return order.order, isinstance(buyer, Account)


async def _password_changed(parts: Parts, letter: Letter) -> Words | None:
    if (await parts.ledger.look(lambda view: view.mailbox(letter.mailbox))).account is None:
        return None
    says = {"changed": in_words(letter.asked_at)}
    return Words(text=texts.PASSWORD_CHANGED, page=LOGIN_PAGE, asks={}, says=says)


async def _lists_are_whole(parts: Parts) -> None:
    """What was bought before somebody asked must not be missing from what they get."""
    if not await caught_up(parts, (orders,), await parts.book.head()):
        raise NotYetError

"""Who proves that a mailbox is theirs, and what that gives them.

Nothing is anybody's because of an e-mail that they typed: anybody can type it.
It is theirs once they bring back a secret that went to the mailbox in a letter.
"""

import hashlib
import hmac
from collections.abc import Collection
from datetime import datetime, timedelta

from msgspec import Struct

from src.commands.decisions.people import change_password, claim_guests, claimable, register
from src.commands.rejections import ProofNotGood
from src.commands.view import Fact, View
from src.events.customer import Account, CustomerRegistered
from src.events.identifiers import MAILBOX, stream
from src.events.mailbox import MailboxProven, ProofOffered, Purpose
from src.events.ports import Sealed

PROOF_LIFETIME = timedelta(hours=24)


def proof_of(secret: str) -> str:
    """Return what the book may hold of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def offer_claim(
    view: View, mailbox: str, proof: str, buyers: Collection[str], now: datetime
) -> list[Fact]:
    """Offer to prove the mailbox if buyers are to be claimed; if there are none, nothing."""
    if not claimable(view, mailbox, buyers):
        return []
    return _offer(view, mailbox, proof, Purpose.CLAIM, now)


def offer_reset(view: View, mailbox: str, proof: str, now: datetime) -> list[Fact]:
    """Offer to choose a new password if the mailbox has an account; if it has none, nothing."""
    has_account = view.mailbox(mailbox).account is not None
    return _offer(view, mailbox, proof, Purpose.RESET, now) if has_account else []


class Claim(Struct, frozen=True, kw_only=True):
    """The wish to be known as who bought as a guest."""

    mailbox: str
    secret: str
    """What the letter said."""
    opening: CustomerRegistered
    """The account, should the mailbox have none yet."""
    buyers: Collection[str]
    """Guests who have an order; those of other mailboxes are left alone."""


def claim(view: View, wish: Claim, now: datetime) -> list[Fact]:
    """Give all buyers of the mailbox so far to its account, opened here if there is none.

    An account that is there keeps its password. Later guests need a new proof.
    Raises ProofNotGood.
    """
    facts = proven(view, wish.mailbox, wish.secret, Purpose.CLAIM, now)
    owner = view.mailbox(wish.mailbox).account
    if owner is None:
        facts += register(view.assuming(facts), wish.opening)
        owner = wish.opening.customer_id
    return [*facts, *claim_guests(view.assuming(facts), owner, wish.buyers)]


def reset_password(
    view: View, mailbox: str, secret: str, password: Sealed, now: datetime
) -> list[Fact]:
    """Choose another password for the mailbox's account; raises ProofNotGood."""
    facts = proven(view, mailbox, secret, Purpose.RESET, now)
    owner = view.mailbox(mailbox).account
    if owner is None or not isinstance(view.customer(owner), Account):
        raise ProofNotGood
    return [*facts, *change_password(view, owner, password)]


def proven(view: View, mailbox: str, secret: str, purpose: Purpose, now: datetime) -> list[Fact]:
    """Use up the newest letter's secret of a purpose; raises ProofNotGood."""
    offer = view.mailbox(mailbox).offers.get(purpose)
    if offer is None or now >= offer.expires_at:
        raise ProofNotGood
    if not hmac.compare_digest(offer.proof, proof_of(secret)):
        raise ProofNotGood
    return [(stream(MAILBOX, mailbox), MailboxProven(proof=offer.proof, purpose=purpose))]


def _offer(view: View, mailbox: str, proof: str, purpose: Purpose, now: datetime) -> list[Fact]:
    """Offer it; the same letter handed over a second time has the same secret."""
    there = view.mailbox(mailbox).offers.get(purpose)
    if there is not None and there.proof == proof:
        return []
    offered = ProofOffered(proof=proof, purpose=purpose, expires_at=now + PROOF_LIFETIME)
    return [(stream(MAILBOX, mailbox), offered)]

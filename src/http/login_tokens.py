"""The tokens of one login: begun with a password, carried on step by step, ended together."""

from msgspec import Struct

from src.events.customer import Account
from src.http.families import FIRST_GENERATION, Step
from src.http.refusals import BadToken, DeadLogin
from src.http.shop import Shop
from src.http.tokens import ACCESS_LIFETIME, CUSTOMER, REFRESH, Claims
from src.telemetry import logger

log = logger("logins")


class TokensDocument(Struct, frozen=True, kw_only=True):
    """Send `access_token` as a bearer token, and `refresh_token` once to get the next two."""

    access_token: str
    refresh_token: str
    expires_in: int
    """Seconds until the access token is not taken any more."""


async def begin_login(shop: Shop, account: Account) -> TokensDocument:
    """Return the first tokens of a new family, for whoever has shown whose account it is."""
    first = _step(account, shop.new_id().hex, FIRST_GENERATION)
    await shop.families.begin(first)
    return _tokens(shop, first, FIRST_GENERATION, began=None)


async def carry_on(shop: Shop, refresh_token: str) -> TokensDocument:
    """Return the next tokens; raises DeadLogin, and then the family has ended for everybody."""
    try:
        claims = _claims(shop, refresh_token)
    except BadToken:
        raise DeadLogin from None
    person = await shop.ledger.look(lambda view: view.customer(claims.sub))
    if not isinstance(person, Account) or await shop.people.open_text(person.password) is None:
        raise DeadLogin
    presented = _step(person, claims.fam, claims.gen)
    generation = await shop.families.rotate(presented)
    if generation is None:
        log.info("a family of tokens is no more", family=claims.fam, generation=claims.gen)
        raise DeadLogin
    return _tokens(shop, presented, generation, began=claims.auth_time or claims.iat)


async def end_login(shop: Shop, refresh_token: str) -> None:
    """End the family of a token; one that is not good has none, which is as good."""
    try:
        family = _claims(shop, refresh_token).fam
    except BadToken:
        return
    await shop.families.end(family)


def _claims(shop: Shop, refresh_token: str) -> Claims:
    claims = shop.tokens.verify(refresh_token, REFRESH)
    if claims.roles != (CUSTOMER,) or not claims.fam:
        raise BadToken
    return claims


def _step(account: Account, family: str, generation: int) -> Step:
    return Step(
        family=family,
        person=account.customer_id,
        generation=generation,
        password_changes=account.password_changes,
    )


def _tokens(shop: Shop, of: Step, generation: int, *, began: int | None) -> TokensDocument:
    return TokensDocument(
        access_token=shop.tokens.sign_access(of.person, of.password_changes),
        refresh_token=shop.tokens.sign_refresh(of.person, of.family, generation, began),
        expires_in=int(ACCESS_LIFETIME.total_seconds()),
    )

"""A login carried on, stolen, ended, and outlived by a change of the password."""

import asyncio
from collections import Counter
from typing import Any

import jwt
import pytest

from src.bootstrap.api import tokens_of
from src.http.families import REFRESH_GRACE_SECONDS
from src.http.tokens import LOGIN_LIFETIME, REFRESH
from tests.accounts import PASSWORD, bearer, logged_in, opened
from tests.databases import BookDatabase, connected
from tests.journeys.buyers import ok, refused
from tests.journeys.letters import letters_to
from tests.shop import ShopUnderTest

pytestmark = pytest.mark.anyio

LATER = f"interval '{REFRESH_GRACE_SECONDS + 1} seconds'"
Tokens = dict[str, Any]


async def refresh(shop: ShopUnderTest, tokens: Tokens) -> Any:  # noqa: ANN401  # the client's own type
    given = {"refresh_token": tokens["refresh_token"]}
    return await shop.client.post("/customers/refresh", json=given)


def said(tokens: Tokens) -> dict[str, Any]:
    """Read a refresh token as nobody but us should need to."""
    found: dict[str, Any] = jwt.decode(tokens["refresh_token"], options={"verify_signature": False})
    return found


async def let_time_pass(database: BookDatabase) -> None:
    """Make every step as old as it is when no answer can be on its way any more."""
    statement = f"update edge.families set rotated_at = rotated_at - {LATER}"  # noqa: S608  # our own words
    await connected(database.superuser_url, lambda db: db.execute(statement))


async def families_of(database: BookDatabase, person: str) -> int:
    counted: int = await connected(
        database.superuser_url,
        lambda db: db.fetchval("select count(*) from edge.families where person = $1", person),
    )
    return counted


async def test_a_stolen_token_ends_the_login_for_the_thief_and_the_owner(
    shop: ShopUnderTest, shared_database: BookDatabase
) -> None:
    first = await opened(shop, "stolen@example.in")
    elsewhere = await logged_in(shop, "stolen@example.in")
    second = ok(await refresh(shop, first))
    third = ok(await refresh(shop, second))
    assert [said(each)["gen"] for each in (first, second, third)] == [1, 2, 3]
    assert ok(await shop.client.get("/customers/me", headers=bearer(third)))
    await let_time_pass(shared_database)
    refused(await refresh(shop, second), 401, "unauthenticated")
    refused(await refresh(shop, third), 401, "unauthenticated")
    assert ok(await refresh(shop, elsewhere)), "another device stays logged in"


async def test_an_answer_that_was_lost_can_be_asked_for_again(shop: ShopUnderTest) -> None:
    first = await opened(shop, "lost@example.in")
    answers = [ok(await refresh(shop, first)) for _ in range(2)]
    assert [said(each)["gen"] for each in answers] == [2, 2]
    assert ok(await refresh(shop, answers[0]))


async def test_fifty_refreshes_at_once_are_one_step_and_the_login_goes_on(
    shop: ShopUnderTest, shared_database: BookDatabase
) -> None:
    first = await opened(shop, "fifty@example.in")
    given = await asyncio.gather(*(refresh(shop, first) for _ in range(50)))
    answers = [ok(each) for each in given]
    assert Counter((said(each)["fam"], said(each)["gen"]) for each in answers) == {
        (said(first)["fam"], 2): 50
    }
    assert await families_of(shared_database, said(first)["sub"]) == 1
    assert said(ok(await refresh(shop, answers[-1])))["gen"] == 3


async def test_a_logout_is_204_for_any_token_and_ends_the_login_of_a_good_one(
    shop: ShopUnderTest,
) -> None:
    first = await opened(shop, "logout@example.in")
    elsewhere = await logged_in(shop, "logout@example.in")
    unknown = {**first, "refresh_token": "no.token.atall"}
    access = {**first, "refresh_token": first["access_token"]}
    for tokens in (unknown, access, first, first):
        given = {"refresh_token": tokens["refresh_token"]}
        answer = await shop.client.post("/customers/logout", json=given)
        assert (answer.status_code, answer.content) == (204, b"")
    refused(await refresh(shop, first), 401, "unauthenticated")
    assert ok(await refresh(shop, elsewhere))


async def test_a_logout_everywhere_ends_every_login_of_its_caller_alone(
    shop: ShopUnderTest,
) -> None:
    here = await opened(shop, "everywhere@example.in")
    there = await logged_in(shop, "everywhere@example.in")
    other = await opened(shop, "somebody-else@example.in")
    ended = await shop.client.post("/customers/logout-everywhere", headers=bearer(here))
    assert (ended.status_code, ended.content) == (204, b"")
    for tokens in (here, there):
        refused(await refresh(shop, tokens), 401, "unauthenticated")
    assert ok(await refresh(shop, other))
    refused(await shop.client.post("/customers/logout-everywhere"), 401, "unauthenticated")


async def test_every_step_remembers_when_the_password_was_last_asked_for(
    shop: ShopUnderTest,
) -> None:
    """A login is carried on for LOGIN_LIFETIME and not for ever."""
    first = said(await opened(shop, "asha.long-ago@example.com"))
    assert first["auth_time"] == first["iat"]
    long_ago = first["iat"] - int(LOGIN_LIFETIME.total_seconds()) + 60
    tokens = tokens_of(shop.settings)
    old = tokens.sign_refresh(first["sub"], first["fam"], first["gen"], long_ago)
    then = said((await refresh(shop, {"refresh_token": old})).json())
    assert (then["gen"], then["auth_time"]) == (first["gen"] + 1, long_ago)
    assert then["exp"] == first["iat"] + 60


async def test_a_token_of_before_there_were_families_is_not_taken(shop: ShopUnderTest) -> None:
    tokens = await opened(shop, "early@example.in")
    early = tokens_of(shop.settings).sign(["customer"], said(tokens)["sub"], use=REFRESH)
    refused(await refresh(shop, {"refresh_token": early}), 401, "unauthenticated")


async def test_whoever_was_erased_is_logged_in_nowhere(
    shop: ShopUnderTest, shared_database: BookDatabase
) -> None:
    tokens = await opened(shop, "erased@example.in")
    gone = await shop.client.delete("/customers/me", headers=bearer(tokens))
    assert gone.status_code == 204
    assert await families_of(shared_database, said(tokens)["sub"]) == 0
    refused(await refresh(shop, tokens), 401, "unauthenticated")


NEW_PASSWORD = "seven chai after noon"


async def change(shop: ShopUnderTest, tokens: Tokens, old: str, new: str, **headers: str) -> Any:  # noqa: ANN401  # the client's own type
    given = {"password": old, "new_password": new}
    named = {**bearer(tokens), **headers}
    return await shop.client.put("/customers/me/password", json=given, headers=named)


async def test_a_new_password_ends_every_other_login_and_the_old_password(
    shop: ShopUnderTest, shared_database: BookDatabase
) -> None:
    here = await opened(shop, "changes@example.in")
    there = await logged_in(shop, "changes@example.in")
    changed = await change(shop, here, PASSWORD, NEW_PASSWORD)
    fresh = ok(changed)
    assert changed.headers["khata-position"]
    for tokens in (here, there):
        refused(await refresh(shop, tokens), 401, "unauthenticated")
    assert ok(await refresh(shop, fresh))
    assert await families_of(shared_database, said(here)["sub"]) == 1
    login = {"email": "changes@example.in", "password": PASSWORD}
    refused(await shop.client.post("/customers/login", json=login), 401, "invalid-credentials")
    assert await shop.sent("POST", "/customers/login", {**login, "password": NEW_PASSWORD})
    await shop.work()
    (letter,) = letters_to(shop, "changes@example.in")
    assert "password" in str(letter["Subject"])


async def test_a_login_of_the_old_password_ends_also_if_its_family_was_left_behind(
    shop: ShopUnderTest, shared_database: BookDatabase
) -> None:
    """As when the process died between the fact and the families."""
    here = await opened(shop, "left@example.in")
    family, person = said(here)["fam"], said(here)["sub"]
    ok(await change(shop, here, PASSWORD, NEW_PASSWORD))
    await connected(
        shared_database.superuser_url,
        lambda db: db.execute(_AS_IT_WAS, family, person),
    )
    refused(await refresh(shop, here), 401, "unauthenticated")
    assert await families_of(shared_database, person) == 1, "the one that was begun anew"


_AS_IT_WAS = """
insert into edge.families (book, family, person, password_changes, expires_at)
values (1, $1, $2, 0, now() + interval '1 day')
"""


async def test_a_password_is_changed_by_whoever_knows_it_and_nobody_else(
    shop: ShopUnderTest,
) -> None:
    tokens = await opened(shop, "knows@example.in")
    wrong = await change(shop, tokens, "some other words", NEW_PASSWORD)
    refused(wrong, 401, "invalid-credentials")
    common = await change(shop, tokens, PASSWORD, "Password2026!")
    refused(common, 422, "validation")
    assert [error["field"] for error in common.json()["errors"]] == ["new_password"]
    own = await change(shop, tokens, PASSWORD, "knows@example.in")
    refused(own, 422, "validation")
    assert ok(await refresh(shop, tokens)), "nothing has changed"


async def test_a_change_of_the_password_can_be_repeated_when_its_answer_was_lost(
    shop: ShopUnderTest,
) -> None:
    tokens = await opened(shop, "repeats@example.in")
    first = ok(await change(shop, tokens, PASSWORD, NEW_PASSWORD))
    again = await change(shop, tokens, PASSWORD, NEW_PASSWORD)
    assert "khata-position" not in again.headers, "nothing was written"
    for each in (first, ok(again)):
        assert ok(await refresh(shop, each))


async def test_a_change_of_the_password_honours_if_match(shop: ShopUnderTest) -> None:
    tokens = await opened(shop, "matches@example.in")
    seen = await shop.client.get("/customers/me", headers=bearer(tokens))
    tag = {"If-Match": seen.headers["etag"]}
    await shop.sent("PATCH", "/customers/me", {"name": "Asha Rao"}, bearer(tokens))
    refused(await change(shop, tokens, PASSWORD, NEW_PASSWORD, **tag), 412, "version-moved")
    seen = await shop.client.get("/customers/me", headers=bearer(tokens))
    tag = {"If-Match": seen.headers["etag"]}
    assert ok(await change(shop, tokens, PASSWORD, NEW_PASSWORD, **tag))


async def test_of_several_changes_of_one_password_at_once_one_counts(shop: ShopUnderTest) -> None:
    tokens = await opened(shop, "at-once@example.in")
    wished = [f"{word} chai after noon" for word in ("seven", "eight", "nine", "ten")]
    answers = await asyncio.gather(*(change(shop, tokens, PASSWORD, each) for each in wished))
    statuses = Counter(each.status_code for each in answers)
    assert statuses[200] == 1
    assert set(statuses) <= {200, 401, 412}
    (counted,) = [word for word, each in zip(wished, answers, strict=True) if each.is_success]
    login = {"email": "at-once@example.in", "password": counted}
    assert await shop.sent("POST", "/customers/login", login)

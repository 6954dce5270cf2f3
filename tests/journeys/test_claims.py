"""A guest proves the mailbox and becomes an account: exactly those orders, once, and not before."""

import asyncio
from datetime import timedelta
from unittest.mock import ANY

import pytest
from msgspec.structs import replace

from src.bootstrap.letter_words import words_of
from src.bootstrap.letters import send_some
from src.bootstrap.moments import now
from src.commands.decisions.proofs import PROOF_LIFETIME
from tests import accounts
from tests.journeys.buyers import Buyer, ok, order_of, refused
from tests.journeys.letters import body, carried, letters_to
from tests.shop import ShopUnderTest

pytestmark = pytest.mark.anyio
PASSWORD, OTHER = "seven parrots at dawn", "nine lanterns by the sea"
REQUEST, CLAIM = "/customers/claim/request", "/customers/claim"
ACCEPTED = {"status": "accepted"}


async def bought(shop: ShopUnderTest, email: str, name: str = "Asha Example") -> tuple[str, Buyer]:
    """Buy as a guest; return the order."""
    buyer = await Buyer.guest(shop, email, CLAIMED=1)
    buyer.who["name"] = name
    pending = await buyer.intent()
    await shop.pay(order_of(pending), method="upi")
    done = await buyer.until(pending, "ORDER_CREATED")
    return done["order_id"], buyer


async def asked(shop: ShopUnderTest, email: str) -> None:
    answer = await shop.client.post(REQUEST, json={"email": email})
    assert (answer.status_code, answer.json()) == (202, ACCEPTED)
    await shop.work()


async def token_for(shop: ShopUnderTest, email: str) -> str:
    """Ask for a letter, and read its secret."""
    await asked(shop, email)
    return carried(letters_to(shop, email)[-1])["token"]


def wish(email: str, token: str, password: str = PASSWORD) -> dict[str, str]:
    return {"email": email, "token": token, "new_password": password}


async def logged_in(shop: ShopUnderTest, email: str, password: str) -> dict[str, str]:
    return accounts.bearer(await accounts.logged_in(shop, email, password))


async def orders_of(shop: ShopUnderTest, headers: dict[str, str]) -> set[str]:
    await shop.work()
    found = ok(await shop.client.get("/orders", headers=headers))["items"]
    return {each["order_id"] for each in found}


async def registered(shop: ShopUnderTest, email: str) -> dict[str, str]:
    return accounts.bearer(await accounts.opened(shop, email, OTHER, "Asha of the Account"))


async def book_length(shop: ShopUnderTest) -> int:
    return await shop.parts.book.head()


async def test_a_guest_claims_all_orders_so_far_and_nobody_elses(shop: ShopUnderTest) -> None:
    await shop.stocked("CLAIMED", units=1_000)
    email = "asha.claims@example.in"
    first, _ = await bought(shop, email)
    second, later_buyer = await bought(shop, "Asha.Claims@Example.in", name="Asha Newest")
    foreign, _ = await bought(shop, "ravi.claims@example.in")
    token = await token_for(shop, email)
    (letter,) = letters_to(shop, email)
    assert carried(letter) == {"page": "claim", "email": email, "token": token}
    assert f"enter this code where the shop asks for it: {token}" in body(letter)

    answer = await shop.client.post(CLAIM, json=wish(email, token))
    assert ok(answer) == {
        "customer_id": ANY,
        "email": email,
        "name": "Asha Newest",
        "phone": "+919800000000",
    }
    assert answer.headers["etag"]
    assert answer.headers["khata-position"]
    headers = await logged_in(shop, email, PASSWORD)
    assert await orders_of(shop, headers) == {first, second}
    for order in (first, second):
        assert ok(await shop.client.get(f"/orders/{order}", headers=headers))["contact"]["email"]
        assert ok(await shop.client.get(f"/orders/{order}/timeline", headers=headers))["items"]
    for path in (f"/orders/{foreign}", f"/orders/{foreign}/timeline"):
        refused(await shop.client.get(path, headers=headers), 404, "not-found")
    refused(await shop.client.post(f"/orders/{foreign}/cancel", headers=headers), 404, "not-found")
    cancelled = await shop.client.post(f"/orders/{first}/cancel", headers=headers)
    assert ok(cancelled)["status"] == "cancelled"
    assert ok(await later_buyer.ask("GET", f"/orders/{second}")), (
        "the guest's secret still opens it"
    )


async def test_a_token_is_good_once_and_a_later_order_needs_another(shop: ShopUnderTest) -> None:
    await shop.stocked("CLAIMED", units=1_000)
    email = "once@example.in"
    first, _ = await bought(shop, email)
    token = await token_for(shop, email)
    ok(await shop.client.post(CLAIM, json=wish(email, token)))
    refused(await shop.client.post(CLAIM, json=wish(email, token)), 401, "invalid-claim")
    headers = await logged_in(shop, email, PASSWORD)

    later, _ = await bought(shop, email)
    assert await orders_of(shop, headers) == {first}
    refused(await shop.client.get(f"/orders/{later}", headers=headers), 404, "not-found")
    refused(await shop.client.post(CLAIM, json=wish(email, token)), 401, "invalid-claim")
    another = await token_for(shop, email)
    assert another != token
    ok(await shop.client.post(CLAIM, json=wish(email, another, OTHER)))
    assert await orders_of(shop, headers) == {first, later}
    await logged_in(shop, email, PASSWORD)
    failed = {"email": email, "password": OTHER}
    refused(await shop.client.post("/customers/login", json=failed), 401, "invalid-credentials")


async def test_nothing_is_an_accounts_before_its_mailbox_is_proven(shop: ShopUnderTest) -> None:
    await shop.stocked("CLAIMED", units=1_000)
    email = "before@example.in"
    order, _ = await bought(shop, email)
    stranger = await registered(shop, email)
    after, _ = await bought(shop, email)
    assert await orders_of(shop, stranger) == set()
    for path in (f"/orders/{order}", f"/orders/{order}/timeline", f"/orders/{after}"):
        refused(await shop.client.get(path, headers=stranger), 404, "not-found")
    refused(await shop.client.post(f"/orders/{order}/cancel", headers=stranger), 404, "not-found")
    await asked(shop, email)
    assert await orders_of(shop, stranger) == set(), "asking proves nothing"


async def test_orders_join_an_account_that_is_there_and_its_password_stays(
    shop: ShopUnderTest,
) -> None:
    await shop.stocked("CLAIMED", units=1_000)
    email = "joins@example.in"
    order, _ = await bought(shop, email)
    before = await registered(shop, email)
    token = await token_for(shop, email)
    (letter,) = letters_to(shop, email)
    assert "the orders will join it, and its password stays as it is" in body(letter)
    assert "choose a new password first" in body(letter)

    document = ok(await shop.client.post(CLAIM, json=wish(email, token)))
    assert document["name"] == "Asha of the Account"
    assert await orders_of(shop, before) == {order}
    await logged_in(shop, email, OTHER)
    failed = {"email": email, "password": PASSWORD}
    refused(await shop.client.post("/customers/login", json=failed), 401, "invalid-credentials")


async def test_of_many_claims_with_one_token_at_once_one_has_an_effect(
    shop: ShopUnderTest,
) -> None:
    await shop.stocked("CLAIMED", units=1_000)
    email = "together@example.in"
    order, _ = await bought(shop, email)
    token = await token_for(shop, email)
    before = await book_length(shop)
    answers = await asyncio.gather(
        *(shop.client.post(CLAIM, json=wish(email, token)) for _ in range(6))
    )
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [200, 401, 401, 401, 401, 401]
    facts = await shop.parts.book.read_page(before, 100)
    assert sorted(each.type for each in facts) == [
        "AccountOpened",
        "CustomerRegistered",
        "GuestsClaimed",
        "MailboxProven",
    ]
    assert len({each.command_id for each in facts}) == 1
    assert await orders_of(shop, await logged_in(shop, email, PASSWORD)) == {order}


async def test_wrong_tokens_and_unknown_addresses_hear_the_same_and_leave_no_trace(
    shop: ShopUnderTest,
) -> None:
    await shop.stocked("CLAIMED", units=1_000)
    known, unknown = "known@example.in", "nobody.at.all@example.in"
    await bought(shop, known)
    await shop.work()
    before = await book_length(shop)
    await asked(shop, unknown)
    assert letters_to(shop, unknown) == []
    assert await book_length(shop) == before
    token = await token_for(shop, known)
    said: list[dict[str, object]] = []
    for email, given in ((known, "x" * 43), (known, token[:-1]), (unknown, token)):
        problem = refused(
            await shop.client.post(CLAIM, json=wish(email, given)), 401, "invalid-claim"
        )
        said.append({name: problem[name] for name in problem if name != "instance"})
    assert said[0] == said[1] == said[2]
    assert await book_length(shop) == before + 1, "the proof that was offered, and no more"


async def test_a_letter_asked_for_anew_makes_the_old_one_worthless(shop: ShopUnderTest) -> None:
    await shop.stocked("CLAIMED", units=1_000)
    email = "anew@example.in"
    await bought(shop, email)
    old = await token_for(shop, email)
    new = await token_for(shop, email)
    refused(await shop.client.post(CLAIM, json=wish(email, old)), 401, "invalid-claim")
    ok(await shop.client.post(CLAIM, json=wish(email, new)))


async def test_a_letter_that_is_sent_twice_carries_the_same_secret_and_one_offer(
    shop: ShopUnderTest,
) -> None:
    await shop.stocked("CLAIMED", units=1_000)
    email = "twice@example.in"
    await bought(shop, email)
    await shop.work()
    await shop.client.post(REQUEST, json={"email": email})
    before = await book_length(shop)
    folder = shop.settings.mail.outbox
    blocked = folder.with_name("blocked")
    folder.rename(blocked)
    folder.write_text("in the way")
    assert await send_some(shop.parts, now()) == 1
    folder.unlink()
    blocked.rename(folder)
    assert letters_to(shop, email) == []
    assert await send_some(shop.parts, now() + timedelta(minutes=1)) == 1
    assert await book_length(shop) == before + 1
    await shop.work()
    token = carried(letters_to(shop, email)[0])["token"]
    ok(await shop.client.post(CLAIM, json=wish(email, token)))


async def test_what_was_used_up_is_not_offered_again_by_a_worker_that_had_died(
    shop: ShopUnderTest,
) -> None:
    await shop.stocked("CLAIMED", units=1_000)
    email = "died@example.in"
    await bought(shop, email)
    await shop.work()
    await shop.client.post(REQUEST, json={"email": email})
    (letter,) = await shop.parts.letterbox.take(now(), 5)
    await shop.parts.letterbox.put_back(letter, now())
    # It is sent and used; then it turns up once more, as if its row had never been removed.
    await send_some(shop.parts, now())
    await shop.work()
    token = carried(letters_to(shop, email)[0])["token"]
    ok(await shop.client.post(CLAIM, json=wish(email, token)))
    again = replace(letter, is_offered=True)
    assert await words_of(shop.parts, again, email, now()) is None


async def test_a_letter_whose_secret_is_over_is_not_sent_any_more(shop: ShopUnderTest) -> None:
    await shop.stocked("CLAIMED", units=1_000)
    email = "slept@example.in"
    await bought(shop, email)
    await shop.work()
    await shop.client.post(REQUEST, json={"email": email})
    (letter,) = await shop.parts.letterbox.take(now(), 5)
    assert await words_of(shop.parts, letter, email, now()) is not None
    again, later = replace(letter, is_offered=True), now() + PROOF_LIFETIME
    assert await words_of(shop.parts, again, email, later) is None


async def test_a_claim_without_a_password_that_is_good_enough_uses_nothing_up(
    shop: ShopUnderTest,
) -> None:
    await shop.stocked("CLAIMED", units=1_000)
    email = "weak@example.in"
    await bought(shop, email)
    token = await token_for(shop, email)
    for weak in ("short", "password123"):
        refused(await shop.client.post(CLAIM, json=wish(email, token, weak)), 422, "validation")
    ok(await shop.client.post(CLAIM, json=wish(email, token)))


async def test_an_erased_mailbox_gets_no_letter_and_its_letters_are_forgotten(
    shop: ShopUnderTest,
) -> None:
    await shop.stocked("CLAIMED", units=1_000)
    email = "erased.claims@example.in"
    await bought(shop, email)
    token = await token_for(shop, email)
    ok(await shop.client.post(CLAIM, json=wish(email, token)))
    headers = await logged_in(shop, email, PASSWORD)
    await bought(shop, email)
    await shop.client.post(REQUEST, json={"email": email})
    assert len(letters_to(shop, email)) == 1
    gone = await shop.client.delete("/customers/me", headers=headers)
    assert gone.status_code == 204
    assert letters_to(shop, email) == []
    await shop.work()
    assert letters_to(shop, email) == [], "what waited was forgotten, too"

"""Orders looked up by mail, forgotten passwords, and a mail server that is not always there."""

import asyncio
import io
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from msgspec.structs import replace

from src.bootstrap.letters import TRIED_FOR, send_some
from src.bootstrap.moments import now
from src.bootstrap.parts import Parts
from src.events.identifiers import order_number_as_read
from src.events.letter import LetterKind, Outcome
from src.http.guest_passes import guest_pass
from src.http.mail.settings import mail_server
from src.http.mail.smtp import SmtpMailer
from src.queries.letters import letters
from tests.accounts import bearer, opened
from tests.journeys.buyers import Buyer, ok, order_of, refused
from tests.journeys.letters import body, carried, letters_to
from tests.mail.mail_server import MailServerUnderTest, serving
from tests.shop import ShopUnderTest

pytestmark = pytest.mark.anyio
PASSWORD, OTHER = "seven parrots at dawn", "nine lanterns by the sea"
LOOKUP, FORGOTTEN = "/orders/lookup", "/customers/password/forgotten"
RESET = "/customers/password/reset"


async def bought(shop: ShopUnderTest, email: str) -> tuple[dict[str, str], Buyer]:
    """Buy as a guest; return the finished session."""
    await shop.stocked("LOOKED", units=1_000)
    buyer = await Buyer.guest(shop, email, LOOKED=1)
    pending = await buyer.intent()
    await shop.pay(order_of(pending), method="upi")
    return await buyer.until(pending, "ORDER_CREATED"), buyer


async def asked(shop: ShopUnderTest, path: str, **said: str) -> None:
    answer = await shop.client.post(path, json=said)
    assert (answer.status_code, answer.json()) == (202, {"status": "accepted"})


async def outcomes(shop: ShopUnderTest) -> dict[tuple[LetterKind, Outcome], int]:
    return (await letters(shop.parts.reads, 1, 100)).outcomes


async def test_an_order_is_found_by_its_number_however_it_was_read_out(shop: ShopUnderTest) -> None:
    email = "looks.up@example.in"
    done, _ = await bought(shop, email)
    spelt = f" {done['order_number'].replace('-', ' ').lower()} "
    await asked(shop, LOOKUP, order_number=spelt, email=email.upper())
    await shop.work()
    (letter,) = letters_to(shop, email)
    found = carried(letter)
    assert done["order_number"] in letter["Subject"]
    assert (found["page"], found["order_id"]) == ("order", done["order_id"])
    headers = {"X-Session-Id": found["pass"]}
    path = f"/orders/{done['order_id']}"
    assert ok(await shop.client.get(path, headers=headers))["contact"]["email"] == email
    assert ok(await shop.client.get(f"{path}/timeline", headers=headers))["items"]
    other, _ = await bought(shop, email)
    refused(
        await shop.client.get(f"/orders/{other['order_id']}", headers=headers), 404, "not-found"
    )
    cancelled = await shop.client.post(f"{path}/cancel", headers=headers)
    assert ok(cancelled)["status"] == "cancelled"


async def test_a_pass_that_is_over_is_a_secret_that_matches_nothing(shop: ShopUnderTest) -> None:
    done, buyer = await bought(shop, "over@example.in")
    key = await shop.parts.keys.installation_secret("guests")
    for until, status in ((now() + timedelta(minutes=5), 200), (now(), 404)):
        headers = {"X-Session-Id": guest_pass(buyer.cart_id, until, key)}
        answer = await shop.client.get(f"/orders/{done['order_id']}", headers=headers)
        assert answer.status_code == status


async def test_a_pass_opens_what_a_guest_paid_for_after_an_account_took_the_cart(
    shop: ShopUnderTest,
) -> None:
    """The account of another e-mail has the cart; the order is the guest's as well."""
    await shop.stocked("LOOKED", units=1_000)
    email = "paid.late@example.in"
    buyer = await Buyer.guest(shop, email, LOOKED=1)
    pending = await buyer.intent()
    payment = (await shop.pay(order_of(pending), outcome="failed"))["razorpay_payment_id"]
    await buyer.until(pending, "CART_PENDING", ended="failed")
    account = bearer(await opened(shop, "takes@example.in"))
    taken = {"cart_id": buyer.cart_id}
    ok(
        await shop.client.post(
            "/customers/me/cart", json=taken, headers={**account, **buyer.headers}
        )
    )
    taker = Buyer(shop, buyer.cart_id, account, {})
    ok(await shop.sandbox.post(f"/_sandbox/payments/{payment}/authorize"))
    done = await taker.until(pending, "ORDER_CREATED")
    await asked(shop, LOOKUP, order_number=done["order_number"], email=email)
    await shop.work()

    path, found = f"/orders/{done['order_id']}", carried(letters_to(shop, email)[-1])
    headers = {"X-Session-Id": found["pass"]}
    assert ok(await shop.client.get(path, headers=headers))["contact"]["email"] == email
    refused(await buyer.ask("GET", path), 404, "not-found")
    cart = await shop.client.get(f"/carts/{buyer.cart_id}", headers=headers)
    refused(cart, 404, "not-found")


async def test_nobody_gets_a_letter_about_an_order_that_is_not_theirs(shop: ShopUnderTest) -> None:
    done, _ = await bought(shop, "owner@example.in")
    stranger = "stranger@example.in"
    await bought(shop, stranger)
    await shop.work()
    before = await shop.parts.book.head()
    await asked(shop, LOOKUP, order_number=done["order_number"], email=stranger)
    await asked(shop, LOOKUP, order_number="AAAAA-BBBBB", email="owner@example.in")
    await asked(shop, LOOKUP, order_number="¿", email="nobody@example.in")
    await shop.work()
    for email in (stranger, "owner@example.in", "nobody@example.in"):
        assert letters_to(shop, email) == []
    assert await shop.parts.book.head() == before


async def test_an_accounts_order_is_not_opened_by_letter(shop: ShopUnderTest) -> None:
    email = "has.account@example.in"
    await shop.stocked("LOOKED", units=1_000)
    tokens = await opened(shop, email, PASSWORD)
    headers = bearer(tokens)
    cart = (await shop.sent("POST", "/carts", {}, headers))["cart_id"]
    await shop.sent("PUT", f"/carts/{cart}/items/LOOKED", {"quantity": 1}, headers)
    guests = await Buyer.guest(shop, email, LOOKED=1)
    buyer = Buyer(shop, cart, headers, {"shipping_address": guests.who["shipping_address"]})
    pending = await buyer.intent()
    await shop.pay(order_of(pending), method="upi")
    done = await buyer.until(pending, "ORDER_CREATED")
    await asked(shop, LOOKUP, order_number=done["order_number"], email=email)
    await shop.work()
    (letter,) = letters_to(shop, email)
    assert "log in" in body(letter)
    assert carried(letter) == {"page": "login"}


async def test_a_forgotten_password_is_chosen_anew_once_and_every_login_ends(
    shop: ShopUnderTest,
) -> None:
    email = "forgets@example.in"
    tokens = await opened(shop, email, PASSWORD)
    await asked(shop, FORGOTTEN, email=email)
    await shop.work()
    (letter,) = letters_to(shop, email)
    token = carried(letter)["token"]
    wish = {"email": email, "token": token, "new_password": OTHER}
    for wrong in ({**wish, "token": "x" * 43}, {**wish, "email": "unknown@example.in"}):
        refused(await shop.client.post(RESET, json=wrong), 401, "invalid-claim")
    refused(await shop.client.post("/customers/claim", json=wish), 401, "invalid-claim")
    done = await shop.client.post(RESET, json=wish)
    assert (done.status_code, done.content) == (204, b"")
    assert done.headers["khata-position"]
    refused(await shop.client.post(RESET, json=wish), 401, "invalid-claim")
    refused(
        await shop.client.post(
            "/customers/refresh", json={"refresh_token": tokens["refresh_token"]}
        ),
        401,
        "unauthenticated",
    )
    old = {"email": email, "password": PASSWORD}
    refused(await shop.client.post("/customers/login", json=old), 401, "invalid-credentials")
    await shop.sent("POST", "/customers/login", {"email": email, "password": OTHER})
    await shop.work()
    assert letters_to(shop, email)[-1]["Subject"].startswith("Your password at")


async def test_a_mailbox_without_account_gets_no_letter_about_a_password(
    shop: ShopUnderTest,
) -> None:
    await bought(shop, "guest.alone@example.in")
    await shop.work()
    before = await shop.parts.book.head()
    for email in ("guest.alone@example.in", "unheard.of@example.in"):
        await asked(shop, FORGOTTEN, email=email)
    await shop.work()
    assert letters_to(shop, "guest.alone@example.in") == []
    assert await shop.parts.book.head() == before


@pytest.fixture
async def server() -> AsyncIterator[MailServerUnderTest]:
    async with serving(MailServerUnderTest()) as serving_now:
        yield serving_now


def with_server(shop: ShopUnderTest, server: MailServerUnderTest) -> Parts:
    """The worker's parts, as with SMTP_URL."""
    mailer = SmtpMailer(mail_server(f"smtp://127.0.0.1:{server.port}"))
    return replace(shop.parts, mailer=mailer)


async def test_a_letter_that_is_put_off_is_sent_later_and_a_refused_one_is_given_up_at_once(
    shop: ShopUnderTest, server: MailServerUnderTest, log: io.StringIO
) -> None:
    later, never = "later@example.in", "never@example.in"
    parts = with_server(shop, server)
    for email in (later, never):
        await opened(shop, email, PASSWORD)
    await asked(shop, FORGOTTEN, email=later)
    server.replies["RCPT"] = [f"450 {later} is greylisted"]
    at = now()
    await send_some(parts, at)
    assert server.letters == []
    assert await send_some(parts, at + timedelta(seconds=1)) == 0, "it rests"
    await send_some(parts, at + timedelta(seconds=6))
    assert [letter["To"] for letter in server.letters] == [later]

    await asked(shop, FORGOTTEN, email=never)
    server.replies["."] = [f"554 {never} is unwanted"]
    await send_some(parts, now() + timedelta(seconds=1))
    assert await send_some(parts, now() + timedelta(hours=1)) == 0, "it is given up"
    found = await outcomes(shop)
    assert found[LetterKind.RESET, Outcome.REFUSED] == 1
    printed = log.getvalue()
    assert "a letter is refused" in printed
    assert "a letter rests" in printed
    assert later not in printed
    assert never not in printed


async def test_a_letter_that_nobody_takes_for_a_day_is_given_up(
    shop: ShopUnderTest, server: MailServerUnderTest
) -> None:
    email = "a.day@example.in"
    parts = with_server(shop, server)
    await opened(shop, email, PASSWORD)
    await asked(shop, FORGOTTEN, email=email)
    server.replies["MAIL"] = ["451 not now"] * 200
    at, tries = now(), 0
    end = at + TRIED_FOR
    while at < end:
        tries += await send_some(parts, at)
        at += timedelta(minutes=5)
    assert 40 < tries < 80, "each pause is twice the one before, up to half an hour"
    assert await send_some(parts, end + timedelta(hours=1)) == 0
    assert (await outcomes(shop))[LetterKind.RESET, Outcome.GIVEN_UP] == 1
    assert server.letters == []


async def test_two_workers_at_once_send_a_letter_once(
    shop: ShopUnderTest, server: MailServerUnderTest
) -> None:
    parts = with_server(shop, server)
    emails = [f"both-{n}@example.in" for n in range(8)]
    for email in emails:
        await opened(shop, email, PASSWORD)
        await asked(shop, FORGOTTEN, email=email)
    at = now()
    await asyncio.gather(*(send_some(parts, at) for _ in range(4)))
    assert sorted(str(letter["To"]) for letter in server.letters) == emails


async def test_watchers_see_letters_and_no_address(shop: ShopUnderTest) -> None:
    page = (await shop.client.get("/metrics")).text
    assert "khata_letters_waiting 0.0" in page
    assert 'khata_letters_total{about="order",outcome="sent"}' in page
    assert "@" not in page


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("k7m2q-4xd3n", "K7M2Q-4XD3N"),
        (" K7M2Q 4XD3N ", "K7M2Q-4XD3N"),
        ("K7M2Q4XD3N", "K7M2Q-4XD3N"),
        ("ILOU1-89012", "18901-89012"),
        ("", "-"),
    ],
)
def test_a_number_is_read_as_people_write_it(text: str, number: str) -> None:
    assert order_number_as_read(text) == number

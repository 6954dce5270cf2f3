"""`khata erase`: says what there is, erases everybody of an address, and nobody else."""

import asyncio
import subprocess

import pytest

from src.bootstrap.moments import now
from src.commands.decisions.erasure import erase_mailbox
from src.events.customer import Erased, Guest
from src.events.identifiers import CUSTOMER, category_of, key_of
from tests.cli.commands import command, environment
from tests.databases import BookDatabase, connected
from tests.processes import cause
from tests.shop import ShopUnderTest, guest, shop

__all__ = ["shop"]
pytestmark = pytest.mark.anyio
EMAIL = "zenobia.quillfeather@private-mail.example"
TIMEOUT_SECONDS = 60.0


@pytest.fixture
def environ(shop: ShopUnderTest, book_database: BookDatabase) -> dict[str, str]:
    """The environment of a command on the shop under test."""
    return environment(
        shop.settings.home,
        DATABASE_URL=book_database.app_url,
        KHATA_OWNER_DATABASE_URL=book_database.owner_url,
        REDIS_URL=shop.settings.cache_url,
    )


async def erase(
    environ: dict[str, str], *arguments: str, said: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run the command to its end, with something on its input."""
    return await asyncio.to_thread(
        subprocess.run,
        command("erase", *arguments),
        env=environ,
        input=said,
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT_SECONDS,
    )


async def persons(shop: ShopUnderTest) -> list[object]:
    """Return the states of all persons, in the order in which they came."""
    events = await shop.parts.book.read_page(0, 1_000)
    ids = dict.fromkeys(key_of(e.stream) for e in events if category_of(e.stream) == CUSTOMER)
    return [await shop.parts.ledger.look(lambda view, i=i: view.customer(i)) for i in ids]  # type: ignore[misc]  # mypy does not infer a default's type here


async def test_everybody_of_the_address_is_erased_and_nobody_else(
    shop: ShopUnderTest, environ: dict[str, str]
) -> None:
    await shop.stocked("CHAI", units=5)
    for email in (EMAIL, "ravi@example.in", EMAIL.upper()):
        cart, owner = await shop.guest_cart(CHAI=1)
        await shop.sent("POST", "/orders", guest(email, cart_id=cart), owner)
    account = {"email": EMAIL, "password": "six chai before noon", "name": "Zenobia"}
    await shop.sent("POST", "/customers", account)
    done = await erase(environ, "-", "--yes", said=f"{EMAIL}\n")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "1 account, 2 guests, 0 orders, 2 open checkouts, 0 stored messages",
        "erased: the orders stay in the book, without the person",
    ]
    assert "zenobia" not in (done.stdout + done.stderr).lower()
    kinds = [type(person) for person in await persons(shop)]
    assert kinds == [Erased, Guest, Erased, Erased]
    staff = shop.bearer("operator")
    stock = (await shop.client.get("/admin/stock/CHAI", headers=staff)).json()
    assert stock["reserved"] == 1
    again = await erase(environ, EMAIL, "--yes")
    assert again.returncode == 1
    assert again.stderr == "khata: Nobody here gave this address, or all who did are erased.\n"


async def test_where_nobody_can_be_asked_nothing_is_erased_without_a_yes(
    shop: ShopUnderTest, environ: dict[str, str]
) -> None:
    await shop.stocked("CHAI")
    cart, owner = await shop.guest_cart(CHAI=1)
    await shop.sent("POST", "/orders", guest(EMAIL, cart_id=cart), owner)
    refused = await erase(environ, EMAIL, said="y\n")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "--yes" in refused.stderr
    assert [type(person) for person in await persons(shop)] == [Guest]


async def test_what_is_no_address_is_nobodys(environ: dict[str, str]) -> None:
    refused = await erase(environ, "notanaddress", "--yes")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr == ("khata: This is no e-mail address: one is like asha@example.com.\n")


async def test_an_erasure_that_was_killed_is_finished_when_it_is_asked_for_again(
    shop: ShopUnderTest, environ: dict[str, str], book_database: BookDatabase
) -> None:
    await shop.stocked("CHAI")
    cart, owner = await shop.guest_cart(CHAI=1)
    await shop.sent("POST", "/orders", guest(EMAIL, cart_id=cart), owner)
    mailbox = shop.parts.people.mailbox(EMAIL)
    await shop.parts.ledger.transact(
        cause("killed after this"), lambda view: erase_mailbox(view, mailbox, (), now())
    )
    assert [type(person) for person in await persons(shop)] == [Erased]
    assert await connected(book_database.superuser_url, lambda db: db.fetchval(_KEYS)) == 1
    again = await erase(environ, EMAIL, "--yes")
    assert again.returncode == 1
    assert await connected(book_database.superuser_url, lambda db: db.fetchval(_KEYS)) == 0


_KEYS = "select count(*) from keys.person_keys where key_id like 'cust%' and wrapped is not null"

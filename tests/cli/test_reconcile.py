"""`khata reconcile`: a day compared, for a person and for a program."""

import asyncio
import json
import subprocess
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from src.bootstrap.moments import now
from tests.cli.commands import command, environment
from tests.databases import BookDatabase
from tests.journeys.buyers import Buyer, order_of
from tests.shop import ShopUnderTest, shop

__all__ = ["shop"]
pytestmark = pytest.mark.anyio
TIMEOUT_SECONDS = 60.0


@pytest.fixture
def environ(shop: ShopUnderTest, book_database: BookDatabase) -> dict[str, str]:
    """The environment of a command on the shop under test, and on its account."""
    account = shop.settings.razorpay
    return environment(
        shop.settings.home,
        DATABASE_URL=book_database.app_url,
        KHATA_OWNER_DATABASE_URL=book_database.owner_url,
        REDIS_URL=shop.settings.cache_url,
        RAZORPAY_KEY_ID=account.key_id,
        RAZORPAY_KEY_SECRET=account.key_secret,
        RAZORPAY_BASE_URL=account.url,
    )


async def reconcile(environ: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    return await asyncio.to_thread(
        subprocess.run,
        command("reconcile", *arguments),
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT_SECONDS,
    )


async def paid_in_silence(shop: ShopUnderTest) -> tuple[dict[str, Any], str]:
    """Let somebody pay, of which nobody tells; return the payment and its day."""
    await shop.stocked("TEA", units=5)
    pending = await (await Buyer.guest(shop, TEA=1)).intent()
    paid = await shop.pay(order_of(pending), deliver=False)
    day = datetime.fromtimestamp(paid["payment"]["created_at"], UTC).date()
    return paid, day.isoformat()


async def test_a_difference_is_told_with_1_and_mended_it_is_0(
    shop: ShopUnderTest, environ: dict[str, str]
) -> None:
    paid, day = await paid_in_silence(shop)
    told = await reconcile(environ, "--day", day)
    which = f"payment {paid['razorpay_payment_id']} of {paid['razorpay_order_id']}"
    assert (told.returncode, told.stderr) == (1, "")
    assert told.stdout.splitlines() == [
        f"{day} (UTC)",
        "  at Razorpay: 1 payment, ₹150.00",
        "  in the book: nothing",
        f"{which}: captured ₹150.00 at Razorpay, not in the book",
        "1 difference",
    ]
    mended = await reconcile(environ, "--day", day, "--mend")
    assert (mended.returncode, mended.stdout.splitlines()[-1]) == (0, "both sides are equal")


async def test_a_program_reads_the_same(shop: ShopUnderTest, environ: dict[str, str]) -> None:
    paid, day = await paid_in_silence(shop)
    told = await reconcile(environ, "--day", day, "--json")
    document = json.loads(told.stdout)
    assert (told.returncode, document["equal"], document["day"]) == (1, False, day)
    assert document["razorpay"]["INR"]["captured"] == 15_000
    [each] = document["differences"]
    assert each["kind"] == "payment-not-in-the-book"
    assert each["razorpay_payment_id"] == paid["razorpay_payment_id"]
    assert each["at_razorpay"]["amount"] == {"amount": 15_000, "currency": "INR"}


async def test_without_a_day_it_is_yesterday(shop: ShopUnderTest, environ: dict[str, str]) -> None:
    before = now()
    told = await reconcile(environ, "--json")
    days = {(moment - timedelta(days=1)).date().isoformat() for moment in (before, now())}
    assert told.returncode == 0
    assert json.loads(told.stdout)["day"] in days
    assert shop.settings.razorpay.key_id not in told.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--day", "yesterday"), "--day must be a day"),
        (("--day", "9999-01-01"), "--day has not come yet"),
        (("--zone", "Nowhere/At-All"), "--zone must be the name of a time zone"),
    ],
)
async def test_what_cannot_be_meant_is_refused(
    environ: dict[str, str], arguments: tuple[str, str], says: str
) -> None:
    told = await reconcile(environ, *arguments)
    assert (told.returncode, told.stdout) == (2, "")
    assert says in told.stderr


async def test_without_an_answer_nothing_is_known(
    shop: ShopUnderTest, environ: dict[str, str]
) -> None:
    wish = {"operation": "payment.list", "fault": "http_500"}
    assert (await shop.sandbox.post("/_sandbox/faults", json=wish)).is_success
    told = await reconcile(environ)
    assert (told.returncode, told.stdout) == (3, "")
    assert "nothing is known" in told.stderr

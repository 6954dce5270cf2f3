"""From a purchase to its proof, and from a changed byte to its position."""

import asyncio
import shutil
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from src.bootstrap import run_worker
from src.cli.audit_bundle import Wanted, write_bundle
from src.cli.audit_verify import verify_book
from src.events.connection import Connection
from src.queries import verify_bundle
from tests.databases import BookDatabase, connected
from tests.shop import ShopUnderTest, guest

pytestmark = pytest.mark.anyio
DEADLINE_SECONDS = 20.0


@asynccontextmanager
async def working(shop: ShopUnderTest) -> AsyncGenerator[None]:
    """A real worker beside the shop; it must not have ended by itself."""
    stop = asyncio.Event()
    worker = asyncio.create_task(run_worker(shop.settings, stop))
    yield
    assert not worker.done()
    stop.set()
    await worker


async def signed_up_to_the_head(shop: ShopUnderTest) -> None:
    auditor = shop.bearer("auditor")
    async with asyncio.timeout(DEADLINE_SECONDS):
        while True:
            head = await shop.parts.book.head()
            answer = await shop.client.get("/audit/checkpoints/latest", headers=auditor)
            if answer.is_success and answer.json()["size"] == head:
                return
            await asyncio.sleep(0.05)


async def bought(shop: ShopUnderTest, sku: str) -> str:
    """Buy something, and return the order."""
    await shop.stocked(sku)
    cart, owner = await shop.guest_cart(**{sku: 2})
    intended = await shop.sent("POST", "/orders", guest(cart_id=cart), owner)
    await shop.pay(intended["payment_intent"]["id"], deliver=True)
    path = f"/checkout/{intended['checkout_session_id']}"
    async with asyncio.timeout(DEADLINE_SECONDS):
        while True:
            session = (await shop.client.get(path, headers=owner)).json()
            if order := session.get("order_id"):
                return str(order)
            await asyncio.sleep(0.05)


def checked(script: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the script by itself: no Khata on the path, no variable of ours."""
    return subprocess.run(
        [sys.executable, "-I", script, *arguments], capture_output=True, text=True, check=False
    )


async def alter(database: BookDatabase, statement: str) -> None:
    async def work(db: Connection) -> None:
        await db.execute("alter table khata.events disable trigger append_only")
        await db.execute(statement)
        await db.execute("alter table khata.events enable always trigger append_only")

    await connected(database.superuser_url, work)


async def test_a_purchase_is_proven_without_khata_and_a_changed_byte_is_named(
    shop: ShopUnderTest,
    shared_database: BookDatabase,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    async with working(shop):
        order = await bought(shop, "CHAI")
        await signed_up_to_the_head(shop)
        capsys.readouterr()
        assert await asyncio.to_thread(verify_book, shop.settings, 0) == 0
        assert "\nwhole: " in f"\n{capsys.readouterr().out}"
        wanted = Wanted(order, None, None)
        await asyncio.to_thread(write_bundle, shop.settings, wanted, tmp_path / "order.bundle")

    script = Path(shutil.copy(verify_bundle.__file__, tmp_path / "check.py"))
    key = shop.settings.home / "keys" / "notary" / "notary-1.pub"
    found = checked(script, tmp_path / "order.bundle", "--key", key)
    assert found.returncode == 0, found.stderr
    assert "OrderPlaced" in found.stdout
    changed = (tmp_path / "order.bundle").read_bytes().replace(b"20000", b"10000", 1)
    (tmp_path / "changed.bundle").write_bytes(changed)
    assert checked(script, tmp_path / "changed.bundle").returncode == 1

    auditor = shop.bearer("auditor")
    told = await shop.client.get(f"/audit/streams/order-{order}", headers=auditor)
    position = told.json()["items"][0]["position"]
    await alter(
        shared_database,
        "update khata.events set payload = replace(payload::text, '20000', '10000')::json"  # noqa: S608 - a number of ours
        f" where position = {position}",
    )
    capsys.readouterr()
    assert await asyncio.to_thread(verify_book, shop.settings, 0) == 1
    findings = capsys.readouterr().out.splitlines()
    assert findings[0].startswith(f"changed {position}: ")
    assert findings[-1].startswith("not whole, 1 finding: ")

"""`khata audit`: what it refuses, and how it says what it found."""

import asyncio
import json
import re
from functools import partial
from pathlib import Path

import pytest

from src.cli.audit_bundle import Wanted, write_bundle
from src.cli.audit_proof import show_consistency, show_proof
from src.cli.audit_verify import verify_book, verify_one
from src.cli.audit_words import BUILD_NOTHING, SNAPSHOTS_CAN_GO
from src.cli.complaint import Complaint
from src.events.connection import Connection
from src.events.identifiers import Stream
from src.events.snapshots import PostgresSnapshots
from src.events.stock import Stock
from tests.cli.commands import khata
from tests.databases import BookDatabase, connected
from tests.queries.test_why import bought_by_webhook
from tests.shop import ShopUnderTest, shop

__all__ = ["shop"]

pytestmark = pytest.mark.anyio


async def test_one_stream_or_the_rest_of_the_book_is_verified(
    shop: ShopUnderTest, capsys: pytest.CaptureFixture[str]
) -> None:
    await shop.stocked("A")
    await shop.notarise()
    signed = await shop.parts.book.head()
    await shop.stocked("B")
    capsys.readouterr()
    assert await asyncio.to_thread(verify_book, shop.settings, signed) == 0
    assert "nobody vouches yet for the last" in capsys.readouterr().out
    await shop.notarise()
    assert await asyncio.to_thread(verify_book, shop.settings, signed) == 0
    said = last_line(capsys)
    assert re.match(r"whole: \d+ events, 1 checkpoint, ", said)
    assert said.endswith(f"; only what stands after {signed} was looked at")
    await shop.work()
    assert await asyncio.to_thread(verify_one, shop.settings, "stock-A", 0) == 0
    assert last_line(capsys) == (
        "whole: 1 event of stock-A, 1 under a checkpoint;"
        " 1 stream replayed, 0 snapshots and 2 rows compared"
    )


async def test_a_proof_is_printed_as_the_api_gives_it(
    shop: ShopUnderTest, capsys: pytest.CaptureFixture[str]
) -> None:
    await shop.stocked("A")
    await shop.notarise()
    older = await shop.parts.book.head()
    await shop.stocked("B")
    await shop.notarise()
    for show, path in (
        (partial(show_proof, shop.settings, 1, None), "/audit/proofs/1"),
        (
            partial(show_consistency, shop.settings, older, None),
            f"/audit/consistency?older={older}",
        ),
    ):
        capsys.readouterr()
        await asyncio.to_thread(show)
        printed = json.loads(capsys.readouterr().out)
        answer = await shop.client.get(path, headers=shop.bearer("auditor"))
        assert printed == answer.json()
    with pytest.raises(Complaint, match="Position 999 is not under the newest checkpoint"):
        await asyncio.to_thread(show_proof, shop.settings, 999, None)
    with pytest.raises(Complaint, match=f"none leads to a checkpoint of size {older - 1}"):
        await asyncio.to_thread(show_consistency, shop.settings, older, older - 1)


def last_line(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out.splitlines()[-1]


async def test_hashes_come_first_and_then_everything_that_is_kept_of_the_book(
    shop: ShopUnderTest, capsys: pytest.CaptureFixture[str]
) -> None:
    await shop.stocked("A")
    await shop.stocked("B")
    await shop.work()
    await shop.notarise()
    capsys.readouterr()
    assert await asyncio.to_thread(verify_book, shop.settings, 0) == 0
    compared = "; 5 streams replayed, 0 snapshots and 6 rows compared"
    said = last_line(capsys)
    assert said.startswith("whole: 5 events, 1 checkpoint, signed up to 5")
    assert said.endswith(compared)
    assert await asyncio.to_thread(verify_book, shop.settings, 0, hashes_only=True) == 0
    assert last_line(capsys) == said.removesuffix(compared)


async def test_a_read_models_difference_is_not_called_the_books(
    shop: ShopUnderTest, book_database: BookDatabase, capsys: pytest.CaptureFixture[str]
) -> None:
    await shop.stocked("A", units=4)
    await shop.work()
    await shop.notarise()
    await alter(book_database, "update models.stock_v1 set received = 5")
    capsys.readouterr()
    words = "read model stock: row A says 5 received, the book 4"
    verdict = "the book is whole, but not what is kept of it, 1 finding: "
    whole_book = partial(verify_book, shop.settings, 0)
    for verifying in (whole_book, partial(verify_one, shop.settings, "stock-A", 0)):
        assert await asyncio.to_thread(verifying) == 1
        lines = capsys.readouterr().out.splitlines()
        assert lines[0] == f"{words}: khata rebuild stock"
        assert lines[-1].startswith(verdict)
    assert await asyncio.to_thread(verify_book, shop.settings, 0, hashes_only=True) == 0
    await alter(
        book_database,
        "alter table khata.events disable trigger append_only",
        "update khata.events set actor = 'nobody' where stream = 'product-A'",
        "alter table khata.events enable always trigger append_only",
    )
    capsys.readouterr()
    assert await asyncio.to_thread(verify_book, shop.settings, 0) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("changed ")
    assert lines[1:3] == [words, BUILD_NOTHING]
    assert lines[-1].startswith("not whole, 1 finding: ")


async def test_a_snapshot_can_go(
    shop: ShopUnderTest, book_database: BookDatabase, capsys: pytest.CaptureFixture[str]
) -> None:
    await shop.stocked("A")
    await shop.work()
    await shop.notarise()
    snapshots = PostgresSnapshots(book_database.app_url)
    snapshots.offer(Stream("stock-A"), 1, Stock(received=99, counted_at=1, version=1))
    await snapshots.close()
    capsys.readouterr()
    assert await asyncio.to_thread(verify_one, shop.settings, "stock-A", 0) == 1
    lines = capsys.readouterr().out.splitlines()
    at = (await shop.parts.book.read_stream(Stream("stock-A")))[0].position
    assert lines[:2] == [
        f"snapshot {at}: the snapshot of stock-A at version 1 is not its fold",
        SNAPSHOTS_CAN_GO,
    ]
    assert lines[-1].startswith("the book is whole, but not what is kept of it, 1 finding: ")


async def alter(database: BookDatabase, *statements: str) -> None:
    async def work(db: Connection) -> None:
        for statement in statements:
            await db.execute(statement)

    await connected(database.superuser_url, work)


async def test_what_cannot_be_audited_is_a_complaint(shop: ShopUnderTest, tmp_path: Path) -> None:
    settings = shop.settings
    with pytest.raises(Complaint, match="No notary was ever at work"):
        await asyncio.to_thread(verify_book, settings, 0)
    await shop.stocked("A")
    await shop.notarise()
    with pytest.raises(Complaint, match="of size 1 was signed; the newest is of 3"):
        await asyncio.to_thread(verify_book, settings, 1)
    with pytest.raises(Complaint, match="of size 100,000 was signed; the newest is of 3"):
        await asyncio.to_thread(verify_book, settings, 100_000)
    with pytest.raises(Complaint, match="do not go together"):
        await asyncio.to_thread(verify_one, settings, "stock-A", 1)
    with pytest.raises(Complaint, match="nothing in the stream"):
        await asyncio.to_thread(verify_one, settings, "stock-B", 0)
    for name, words in (
        ("nope", "A stream is called KIND-ID"),
        ("ord_1", "nothing in the stream order-ord_1"),
        ("84WT0-GRB3Z", "84WT0-GRB3Z"),
    ):
        with pytest.raises(Complaint, match=words):
            await asyncio.to_thread(verify_one, settings, name, 0)
    output = tmp_path / "a.bundle"
    for wanted, words in (
        (Wanted(None, None, None), "Say --order"),
        (Wanted(None, 1, None), "Say --order"),
        (Wanted("ord_1", 1, None), "Say --order"),
        (Wanted("ord_1", 1, 2), "Say --order"),
        (Wanted("ord_1", None, None), "there is no such order"),
        (Wanted(None, 2, 1), "a bundle holds"),
        (Wanted("cs_1", None, None), "--order takes an order's id"),
        (Wanted("84WT0-GRB3Z", None, None), "84WT0-GRB3Z"),
        (Wanted(None, 1, 99), "the book ends at 3"),
    ):
        with pytest.raises(Complaint, match=words):
            await asyncio.to_thread(write_bundle, settings, wanted, output)
        assert not output.exists()
    await asyncio.to_thread(write_bundle, settings, Wanted(None, 1, 2), output)
    with pytest.raises(Complaint, match="cannot be written"):
        await asyncio.to_thread(write_bundle, settings, Wanted(None, 1, 2), output)


async def test_an_order_goes_by_its_id_and_by_its_number(
    shop: ShopUnderTest, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bought = await bought_by_webhook(shop)
    await shop.work()
    await shop.notarise()
    [placed, *_] = await shop.parts.book.read_stream(Stream(f"order-{bought}"))
    number: str = json.loads(bytes(placed.payload))["order_number"]
    written: list[bytes] = []
    for name in (bought, f"order-{bought}", number.lower()):
        capsys.readouterr()
        assert await asyncio.to_thread(verify_one, shop.settings, name, 0) == 0
        assert f" of order-{bought}, " in last_line(capsys)
        output = tmp_path / name
        await asyncio.to_thread(write_bundle, shop.settings, Wanted(name, None, None), output)
        written.append(await asyncio.to_thread(output.read_bytes))
    assert written[0] == written[1] == written[2]


async def test_it_works_beside_a_running_shop_as_a_process(shop: ShopUnderTest) -> None:
    await shop.stocked("A")
    await shop.work()
    await shop.notarise()
    settings = shop.settings
    assert settings.database_url is not None
    assert settings.redis_url is not None
    urls = {"DATABASE_URL": settings.database_url, "REDIS_URL": settings.redis_url}
    ran = await asyncio.to_thread(khata, settings.home, "audit", "verify", **urls)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.startswith("whole: ")
    ran = await asyncio.to_thread(khata, settings.home, "audit", "bundle", "--output", "x", **urls)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == "khata: Say --order ID, or --from N and --to M.\n"

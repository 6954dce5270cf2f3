"""`khata audit`: what it refuses, and how it says what it found."""

import asyncio
import re
from pathlib import Path

import pytest

from src.cli.audit_bundle import Wanted, write_bundle
from src.cli.audit_verify import verify_book, verify_one
from src.cli.complaint import Complaint
from tests.cli.commands import khata
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
    assert re.search(r"^whole: \d+ events, 1 checkpoint, ", capsys.readouterr().out, re.MULTILINE)
    assert await asyncio.to_thread(verify_one, shop.settings, "stock-A", 0) == 0
    assert "whole: 1 event of stock-A, 1 under a checkpoint" in capsys.readouterr().out


async def test_what_cannot_be_audited_is_a_complaint(shop: ShopUnderTest, tmp_path: Path) -> None:
    settings = shop.settings
    with pytest.raises(Complaint, match="No notary was ever at work"):
        await asyncio.to_thread(verify_book, settings, 0)
    await shop.stocked("A")
    await shop.notarise()
    with pytest.raises(Complaint, match="--after"):
        await asyncio.to_thread(verify_book, settings, 1)
    with pytest.raises(Complaint, match="do not go together"):
        await asyncio.to_thread(verify_one, settings, "stock-A", 1)
    with pytest.raises(Complaint, match="nothing in the stream"):
        await asyncio.to_thread(verify_one, settings, "stock-B", 0)
    output = tmp_path / "a.bundle"
    for wanted, words in (
        (Wanted(None, None, None), "Say --order"),
        (Wanted(None, 1, None), "Say --order"),
        (Wanted("ord_1", 1, None), "Say --order"),
        (Wanted("ord_1", 1, 2), "Say --order"),
        (Wanted("ord_1", None, None), "there is no such order"),
        (Wanted(None, 2, 1), "a bundle holds"),
        (Wanted(None, 1, 99), "not all of it is under a checkpoint"),
    ):
        with pytest.raises(Complaint, match=words):
            await asyncio.to_thread(write_bundle, settings, wanted, output)
        assert not output.exists()
    await asyncio.to_thread(write_bundle, settings, Wanted(None, 1, 2), output)
    with pytest.raises(Complaint, match="cannot be written"):
        await asyncio.to_thread(write_bundle, settings, Wanted(None, 1, 2), output)


async def test_it_works_beside_a_running_shop_as_a_process(shop: ShopUnderTest) -> None:
    await shop.stocked("A")
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

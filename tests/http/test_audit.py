"""/audit: who may ask, what is refused, and what is proven."""

from base64 import b64decode
from typing import Any

import httpx
import pytest

from src.events.checkpoint_notes import NoteKey
from src.events.connection import Connection
from src.events.merkle import is_consistent, is_included
from tests.databases import BookDatabase, connected
from tests.shop import ShopUnderTest, guest, shop

__all__ = ["shop"]

pytestmark = pytest.mark.anyio
PATHS = ("/audit/checkpoints/latest", "/audit/proofs/1", "/audit/events", "/audit/streams/stock-A")
BACKWARDS = "/audit/consistency?older={1}&newer={0}"


async def asked(shop: ShopUnderTest, path: str, role: str = "auditor") -> httpx.Response:
    return await shop.client.get(path, headers=shop.bearer(role))


async def document(shop: ShopUnderTest, path: str) -> dict[str, Any]:
    answer = await asked(shop, path)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_it_is_for_auditors_and_admins_alone(shop: ShopUnderTest) -> None:
    await shop.stocked("A")
    await shop.notarise()
    for path in PATHS:
        assert (await shop.client.get(path)).status_code == 401
        for role in ("operator", "analyst", "customer"):
            assert (await asked(shop, path, role)).status_code == 403
        for role in ("auditor", "admin"):
            assert (await asked(shop, path, role)).status_code == 200


async def test_what_is_not_there_is_said(shop: ShopUnderTest) -> None:
    before = await asked(shop, "/audit/checkpoints/latest")
    assert before.json()["detail"] == "There is no signed checkpoint yet."
    await shop.stocked("A")
    await shop.notarise()
    for path in ("/audit/proofs/99", "/audit/proofs/1?size=2", "/audit/streams/stock-B"):
        answer = await asked(shop, path)
        assert (answer.status_code, answer.json()["code"]) == (404, "not-found"), path
    for path in (
        "/audit/proofs/0",
        "/audit/proofs/one",
        "/audit/proofs/1?size=0",
        "/audit/events?after=-1",
        "/audit/events?limit=101",
        "/audit/events?type=",
    ):
        answer = await asked(shop, path)
        assert (answer.status_code, answer.json()["code"]) == (422, "validation"), path


async def test_a_proof_leads_to_the_checkpoint_that_the_notary_signed(shop: ShopUnderTest) -> None:
    await shop.stocked("A")
    await shop.notarise()
    older = await document(shop, "/audit/checkpoints/latest")
    await shop.stocked("B")
    await shop.notarise()
    newest = await document(shop, "/audit/checkpoints/latest")
    assert newest["size"] > older["size"]
    for size in ("", f"?size={older['size']}"):
        proof = await document(shop, f"/audit/proofs/1{size}")
        signed = proof["checkpoint"]
        assert signed == (older if size else newest)
        told = NoteKey.parse(signed["key"]).read(signed["note"])
        assert told.root == b64decode(signed["root"])
        hashes = [b64decode(each) for each in proof["hashes"]]
        leaf = b64decode(proof["leaf"])
        assert is_included(leaf, proof["leaf_index"], told.size, hashes, told.root)


async def test_a_checkpoint_is_proven_to_extend_an_older_one(shop: ShopUnderTest) -> None:
    await shop.stocked("A")
    await shop.notarise()
    older = await document(shop, "/audit/checkpoints/latest")
    await shop.stocked("B")
    await shop.notarise()
    newest = await document(shop, "/audit/checkpoints/latest")
    sizes = (older["size"], newest["size"])
    for newer in ("", f"&newer={sizes[1]}"):
        proof = await document(shop, f"/audit/consistency?older={sizes[0]}{newer}")
        assert (proof["older"], proof["newer"]) == (older, newest)
        roots = [b64decode(each["root"]) for each in (older, newest)]
        assert is_consistent(*sizes, [b64decode(each) for each in proof["hashes"]], *roots)
    for path in (BACKWARDS.format(*sizes), f"/audit/consistency?older={sizes[1] + 1}"):
        answer = await asked(shop, path)
        assert (answer.status_code, answer.json()["code"]) == (404, "not-found"), path
    for path in ("/audit/consistency", "/audit/consistency?older=0"):
        assert (await asked(shop, path)).status_code == 422, path
    for role, status in (("operator", 403), ("analyst", 403), ("admin", 200)):
        path = f"/audit/consistency?older={sizes[0]}"
        assert (await asked(shop, path, role)).status_code == status
    assert (await shop.client.get("/audit/consistency?older=1")).status_code == 401


async def test_the_feed_is_the_whole_book_page_by_page(shop: ShopUnderTest) -> None:
    await shop.stocked("A")
    await shop.stocked("B")
    head = await shop.parts.book.head()
    positions: list[int] = []
    after = 0
    while (page := await document(shop, f"/audit/events?after={after}&limit=2"))["items"]:
        positions += [each["position"] for each in page["items"]]
        after = page["next_after"]
    assert positions == list(range(1, head + 1))
    assert (page["next_after"], page["head"]) == (head, head)


async def test_the_feed_can_be_of_one_kind_or_one_stream(shop: ShopUnderTest) -> None:
    await shop.stocked("A")
    await shop.stocked("B")
    received = await document(shop, "/audit/events?type=StockReceived&limit=1")
    [event] = received["items"]
    assert (event["stream"], received["next_after"]) == ("stock-A", event["position"])
    rest = await document(shop, f"/audit/events?type=StockReceived&after={event['position']}")
    assert [each["stream"] for each in rest["items"]] == ["stock-B"]
    assert rest["next_after"] == rest["head"]
    one = await document(shop, "/audit/events?stream=stock-A&type=StockReceived")
    assert one == await document(shop, "/audit/streams/stock-A")
    assert one["items"] == [event]
    assert event["actor"] == "staff:admin:asha"
    beyond = await document(shop, "/audit/streams/stock-A?after=999")
    assert (beyond["items"], beyond["next_after"]) == ([], 999)


async def test_what_is_sealed_stays_sealed(shop: ShopUnderTest) -> None:
    await shop.stocked("A")
    cart, owner = await shop.guest_cart(A=1)
    await shop.sent("POST", "/orders", guest(cart_id=cart), owner)
    told = (await asked(shop, "/audit/events")).text
    assert "PaymentIntentCreated" in told
    assert '"box":' in told
    assert "asha@example.in" not in told
    assert "Example Road" not in told


async def test_an_altered_book_is_not_proven(
    shop: ShopUnderTest, book_database: BookDatabase
) -> None:
    await shop.stocked("A")
    await shop.notarise()

    async def alter(db: Connection) -> None:
        await db.execute("alter table khata.events disable trigger append_only")
        await db.execute("update khata.events set actor = 'nobody' where position = 1")
        await db.execute("alter table khata.events enable always trigger append_only")

    await connected(book_database.superuser_url, alter)
    answer = await asked(shop, "/audit/proofs/1")
    assert (answer.status_code, answer.json()["code"]) == (500, "book-altered")


async def test_a_notary_that_has_stopped_is_told_and_the_shop_stays_ready(
    shop: ShopUnderTest, book_database: BookDatabase
) -> None:
    await shop.stocked("A")

    async def alter(db: Connection) -> None:
        await db.execute("alter table khata.events disable trigger append_only")
        await db.execute("update khata.events set actor = 'nobody' where position = 2")
        await db.execute("alter table khata.events enable always trigger append_only")

    await connected(book_database.superuser_url, alter)
    await shop.notarise()
    answer = await shop.client.get("/health/ready")
    assert (answer.status_code, answer.json()["ready"]) == (200, True)
    [note] = [each["says"] for each in answer.json()["troubles"] if each["part"] == "notary"]
    assert note.startswith("the notary has stopped at 2: changed 2")

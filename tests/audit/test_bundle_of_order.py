"""The bundle of an order holds its whole story."""

import json
from pathlib import Path

import pytest

from src.events.checkpoint_folder import CheckpointFolder
from src.events.notary import Notary
from src.events.notary_key import load_signer
from src.queries.bundle import NothingToBundleError, bundle_of_order
from src.queries.timeline import timeline
from src.queries.verify_bundle import verify
from tests.projections.facts import bought, opening
from tests.projections.fixtures import shop
from tests.projections.shop import BOOK, Shop

__all__ = ["shop"]
pytestmark = pytest.mark.anyio


async def test_an_order_is_proven_from_the_first_item_in_the_cart_on(
    shop: Shop,
    tmp_path: Path,
) -> None:
    await shop.write(opening())
    await shop.write(bought("other"))
    await shop.write(bought("a"))
    signer = load_signer(tmp_path / "notary", BOOK)
    notary = Notary(shop.connect, CheckpointFolder(tmp_path / "outside", BOOK), signer, BOOK)
    await notary.catch_up()
    await notary.close()
    raw = await bundle_of_order(shop.book, shop.db, BOOK, signer.key, "ord_a")
    proven = verify(raw, str(signer.key))
    story = await timeline(shop.book, "ord_a")
    assert story is not None
    assert [event["position"] for event in proven.events] == [each.position for each in story]
    assert {event["type"] for event in proven.events} >= {"CartItemSet", "OrderPlaced"}
    assert not any("other" in json.dumps(event) for event in proven.events)
    with pytest.raises(NothingToBundleError):
        await bundle_of_order(shop.book, shop.db, BOOK, signer.key, "ord_b")

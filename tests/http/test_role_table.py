"""The table in role_table.txt is what the whole application does, printed: route by role."""

import pytest

from src.http.auth import AREAS, is_open
from tests.http.cast import TURNED_AWAY, WITHOUT_TOKEN, assembled
from tests.role_table import WRITTEN, Rows, rows, table
from tests.shop import ShopUnderTest, shop

__all__ = ["shop"]

pytestmark = pytest.mark.anyio

STRANGERS = ("nobody", "guest, garbage", "guest, other", "customer, other", "erased")


async def test_the_table_is_what_the_application_does_and_nobody_is_where_they_do_not_belong(
    shop: ShopUnderTest,
) -> None:
    found = await rows(shop, await assembled(shop))
    assert misplaced(found) == []
    assert table(found) == WRITTEN.read_text(encoding="utf-8"), (
        "Who may do what changed, or a route is new. If that was meant: just roles"
    )


def misplaced(found: Rows) -> list[str]:
    """Say who is somewhere where nobody of the kind may ever be, whatever the table says."""
    return [
        f"{label}: {who} is told {told}"
        for label, row in found.items()
        for who, told in row.items()
        if not _may_be(label.partition(" ")[2].strip(), who, told)
    ]


def _may_be(path: str, who: str, told: str) -> bool:
    """A closed area tells outsiders nothing, and what is somebody's is nobody else's."""
    if who in TURNED_AWAY:
        return told == "401"
    for area, roles in AREAS:
        if path.startswith(area) and who not in roles and not is_open(path.partition(",")[0]):
            return told == ("401" if who in WITHOUT_TOKEN else "403")
    is_somebodys = "{cart_id}" in path or "_id}" in path
    if is_somebodys and who in STRANGERS:
        return told in {"401", "404"}
    return told in {"in", "401", "403", "404", "405"}


def test_somebody_misplaced_would_be_named() -> None:
    wrong = {
        "GET    /admin/orders": {"analyst": "in", "nobody": "404", "operator": "in"},
        "GET    /carts/{cart_id}": {"customer, other": "in", "guest, owner": "in"},
        "GET    /products": {"expired": "in", "nobody": "500"},
    }
    assert len(misplaced(wrong)) == 5

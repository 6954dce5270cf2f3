"""Customers without their names, and coupons: as analysts are shown them."""

import pytest

from tests.projections.people import coupon_lives, people
from tests.projections.shop import Shop

pytestmark = pytest.mark.anyio


async def fed(shop: Shop) -> None:
    feeding = shop.runner()
    await feeding.catch_up()
    await feeding.close()


@pytest.mark.parametrize("at_once", [True, False])
async def test_a_guest_is_known_by_the_account_that_claimed_it(shop: Shop, at_once: bool) -> None:  # noqa: FBT001 - a parameter
    for facts in [people()] if at_once else [[each] for each in people()]:
        await shop.write(facts)
        await fed(shop)
    rows = await shop.db.fetch(
        "select customer_id, kind, account_id, claimed_at is not null, erased_at is not null"
        " from read.customers order by customer_id"
    )
    assert [tuple(row) for row in rows] == [
        ("account-1", "account", "account-1", False, False),
        ("guest-1", "guest", "account-1", True, False),
        ("guest-2", "guest", None, False, True),
    ]


@pytest.mark.parametrize("at_once", [True, False])
async def test_a_coupon_is_followed_each_time_that_it_was_held(shop: Shop, at_once: bool) -> None:  # noqa: FBT001 - a parameter
    for facts in [coupon_lives()] if at_once else [[each] for each in coupon_lives()]:
        await shop.write(facts)
        await fed(shop)
    rows = await shop.db.fetch(
        "select checkout_session_id, status, order_id from read.coupon_redemptions"
        " order by reserved_position"
    )
    assert [tuple(row) for row in rows] == [
        ("cs-1", "used", "order of cs-1"),
        ("cs-2", "released", None),
        ("cs-2", "held", None),
        ("cs-3", "returned", "order of cs-3"),
    ]

"""A parameter that is not there is named."""

import pytest

from tests.shop import ShopUnderTest, shop

__all__ = ["shop"]

pytestmark = pytest.mark.anyio


async def test_a_question_without_its_cart_is_told_which_parameter_is_missing(
    shop: ShopUnderTest,
) -> None:
    path = "/shipping-methods?postal_code=560001"
    response = await shop.client.get(path, headers=shop.bearer("customer"))
    assert response.status_code == 422
    assert response.json()["errors"] == [{"field": "cart_id", "message": "is required"}]

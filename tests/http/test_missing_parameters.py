"""A parameter that is wrong or not there is named as callers know it, with what it takes."""

from typing import Literal

import pytest

from src.http.parameter_faults import values_of
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


async def test_a_wrong_parameter_goes_by_its_public_name_and_says_what_it_takes(
    shop: ShopUnderTest,
) -> None:
    path = "/analytics/sales?from=gestern&by=hour&format=xml"
    response = await shop.client.get(path, headers=shop.bearer("analyst"))
    assert response.status_code == 422
    assert {each["field"]: each["message"] for each in response.json()["errors"]} == {
        "from": "must be a day, as 2026-01-31",
        "by": "must be one of day, week, month, sku",
        "format": "must be one of json, csv",
    }


def test_what_is_taken_is_found_in_a_union_too() -> None:
    assert values_of(Literal["open", "resolved"] | None) == ("open", "resolved")
    assert values_of(int | None) == ()

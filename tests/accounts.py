"""Accounts over HTTP: opened, logged in to, and named in a request."""

from typing import Any

from tests.shop import ShopUnderTest

PASSWORD = "six chai before noon"


async def opened(
    shop: ShopUnderTest, email: str, password: str = PASSWORD, name: str = "Asha Example"
) -> dict[str, Any]:
    """Open an account, and return the tokens of its first login."""
    await shop.sent("POST", "/customers", {"email": email, "password": password, "name": name})
    return await logged_in(shop, email, password)


async def logged_in(shop: ShopUnderTest, email: str, password: str = PASSWORD) -> dict[str, Any]:
    """Log in, and return the tokens."""
    return await shop.sent("POST", "/customers/login", {"email": email, "password": password})


def bearer(tokens: dict[str, Any]) -> dict[str, str]:
    """Headers of whoever was given these tokens."""
    return {"Authorization": f"Bearer {tokens['access_token']}"}

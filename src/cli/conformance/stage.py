"""What a scenario acts on, and how it looks at what came of it."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from itertools import count

from src.cli.conformance.finding import Findings
from src.cli.conformance.purchase import Purchase, begun
from src.cli.conformance.razorpay_side import RazorpaySide
from src.cli.demo.buyer import Buyer
from src.cli.demo.polling import seen
from src.cli.demo.shop import GIVEN_BACK, Json, Shop, Stock

PRICE_PAISE = 25_000
UNITS = 5
ORDER = "OrderCreated"

Khata = Callable[..., Awaitable[tuple[int, str]]]
"""Runs a command in the shop; returns its exit code and what it said."""


class Stage:
    """A shop, Razorpay beside it, and the findings of one scenario."""

    def __init__(
        self, name: str, shop: Shop, razorpay: RazorpaySide, findings: Findings, khata: Khata
    ) -> None:
        self.shop = shop
        self.razorpay = razorpay
        self.hold = findings.hold
        self._name = name.replace("#", "-")
        self.sku = self._name.upper()
        self.khata = khata
        self._numbers = count(1)

    async def product(self, units: int = UNITS, paise: int = PRICE_PAISE) -> str:
        """Put this scenario's product on the shelf."""
        return await self.shop.list_product(self.sku, "Brass lamp, polished", paise, units)

    async def buyer(self, quantity: int = 1) -> Buyer:
        """Open a guest's cart with units of the product."""
        buyer = await Buyer.guest(self.shop, f"{self._name}-{next(self._numbers)}")
        await buyer.take(self.sku, quantity)
        return buyer

    async def begin(self, quantity: int = 1) -> Purchase:
        """Bring somebody to the point where money is waited for."""
        return await begun(await self.buyer(quantity), self.razorpay)

    async def purchase(self, units: int = UNITS) -> Purchase:
        """The same, with the product put on the shelf first."""
        await self.product(units)
        return await self.begin()

    async def many(self, buyers: int, units: int) -> list[Purchase]:
        """Bring many people there, of whom each gets a unit."""
        await self.product(units)
        return await asyncio.gather(*(self.begin() for _ in range(buyers)))

    async def stock(self) -> Stock:
        return await self.shop.stock(self.sku)

    async def orders(self, *purchases: Purchase) -> int:
        """Return how many orders the carts became."""
        return len(await self.shop.orders_of(*{each.buyer.cart_id for each in purchases}))

    async def cases(self, *purchases: Purchase) -> list[str]:
        """Return the kinds of the open cases about these intents."""
        found = await self.shop.cases_of(*(each.intent for each in purchases))
        return sorted(case["kind"] for case in found if case["status"] == "open")

    async def until_case(self, purchase: Purchase) -> Json:
        """Wait for the case about an intent."""

        async def look() -> Json | None:
            found = await self.shop.cases_of(purchase.intent)
            return found[0] if found else None

        return await seen("the case", look)

    async def facts(self, purchase: Purchase) -> Counter[str]:
        """Return the names of what the book says about a Razorpay order, and how often."""
        return Counter(await self.shop.facts_of(purchase.intent))

    async def holds_one_order(self, *purchases: Purchase, units: int = UNITS) -> None:
        """Each cart is one order, each order took one unit, and nobody has to look."""
        carts = len({each.buyer.cart_id for each in purchases})
        self.hold("each cart is one order", await self.orders(*purchases), carts)
        self.hold("nobody has to look at anything", await self.cases(*purchases), [])
        sold = Stock(units, 0, carts, units - carts)
        self.hold("each order took its unit, and nothing is held", await self.stock(), sold)

    async def outcome(self, purchase: Purchase) -> dict[str, object]:
        """Return all that can be seen of what became of a purchase."""
        facts = await self.facts(purchase)
        return {
            "state": await purchase.state(),
            "orders": await self.orders(purchase),
            "cases": await self.cases(purchase),
            "captured": facts["PaymentCaptured"],
            "refunds": facts[GIVEN_BACK],
        }

    async def until_settled(self, purchase: Purchase, **wanted: object) -> dict[str, object]:
        """Wait until what can be seen of a purchase is so; return all of it."""

        async def look() -> dict[str, object] | None:
            found = await self.outcome(purchase)
            return found if wanted.items() <= found.items() else None

        return await seen(f"a purchase with {wanted}", look)

    async def holds_that_razorpay_failed(self, about: str) -> None:
        """What was planned for Razorpay's API did happen."""
        self.hold("Razorpay did fail", await self.razorpay.faults_left(about), 0)

    async def holds_no_order(self, *purchases: Purchase) -> None:
        self.hold("there is no order", await self.orders(*purchases), 0)

    async def holds_given_back(self, purchase: Purchase, payment: str) -> None:
        """A payment went back once and whole, at Razorpay and in the book, without a person."""
        facts = Counter(await self.shop.until_given_back(purchase.intent))
        self.hold("the book has one refund", facts[GIVEN_BACK], 1)
        made = await self.razorpay.refunds(payment)
        amounts = [refund["amount"] for refund in made]
        self.hold("Razorpay has one refund, of all of it", amounts, [purchase.intent["amount"]])
        self.hold("nobody has to look at anything", await self.cases(purchase), [])

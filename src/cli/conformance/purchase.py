"""Somebody who is about to pay: a buyer, a session, and the intent that waits for money."""

import asyncio

from src.cli.conformance.razorpay_side import RazorpaySide, triple
from src.cli.demo.buyer import Buyer
from src.cli.demo.polling import seen
from src.cli.demo.shop import Answer, Json

ORDERED = "ORDER_CREATED"


class Purchase:
    """One session of a cart, from its intent on."""

    def __init__(self, buyer: Buyer, session: str, intent: Json, razorpay: RazorpaySide) -> None:
        self.buyer = buyer
        self.session = session
        self.intent = intent
        self.order = str(intent["id"])
        """Razorpay's order."""
        self._razorpay = razorpay

    async def pay(self, **wish: object) -> Json:
        """Let the customer and the bank do something; return the payment and its signature."""
        return await self._razorpay.control(f"/orders/{self.order}/pay", **wish)

    async def pays(self, **wish: object) -> str:
        """The same, and return the payment's id."""
        return str((await self.pay(**wish))["razorpay_payment_id"])

    async def bring_back(self, paid: Json) -> Answer:
        """Bring back what checkout.js said."""
        body, who = triple(paid), self.buyer.who
        return await self.buyer.shop.ask("POST", "/payments/razorpay/verify", body, who)

    async def fails(self) -> str:
        """Let the bank decline and the session end; return the payment's id."""
        payment = await self.pays(outcome="failed")
        await self.buyer.until_ended(self.session)
        return payment

    async def approved(self, payment: str, **wish: object) -> None:
        """The bank says yes after all."""
        await self._razorpay.control(f"/payments/{payment}/authorize", **wish)

    async def ordered(self) -> Json:
        """Wait for the order, and return the session."""
        return await self.buyer.until_ordered(self.session)

    async def bought(self, **wish: object) -> tuple[str, str]:
        """Pay, wait for the order; return the payment's and the order's id."""
        payment = await self.pays(**wish)
        return payment, str((await self.ordered())["order_id"])

    async def again(self) -> "Purchase":
        """Start another session of the same cart."""
        return await begun(self.buyer, self._razorpay)

    async def state(self) -> str:
        """Return the session's state, or why there is none any more."""
        body = (await self.buyer.look(self.session)).body
        return str(body.get("state") or body.get("code"))

    async def until(self, state: str) -> None:
        """Wait until the session is in a state."""

        async def look() -> bool | None:
            return (await self.state()) == state or None

        await seen(f"a session that is {state}", look)

    async def until_decided(self) -> None:
        """Wait until the money that came is an order, or on its way back."""

        async def look() -> bool | None:
            facts = await self.buyer.shop.facts_of(self.intent)
            return (await self.state()) == ORDERED or "RefundRequested" in facts or None

        await seen("a decision about the money", look)

    async def brought_back_often(self, paid: Json, times: int) -> list[Answer]:
        """Bring the same back many times at once."""
        return await asyncio.gather(*(self.bring_back(paid) for _ in range(times)))


async def begun(buyer: Buyer, razorpay: RazorpaySide) -> Purchase:
    """Start a session of a filled cart, and create its intent."""
    session = (await buyer.start())["checkout_session_id"]
    return Purchase(buyer, session, await buyer.intend(session), razorpay)

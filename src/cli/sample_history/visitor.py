"""What a visitor does, one thing at a time: fill a cart, check out, ask for a payment intent."""

from datetime import timedelta
from random import Random

from msgspec import Struct

from src.cli.sample_history.fates import Fate
from src.cli.sample_history.persons import Known
from src.cli.sample_history.shop import WORKER, SampleShop
from src.commands.decisions.cart import apply_coupon, open_cart, set_item
from src.commands.decisions.endings import cancel, expire
from src.commands.decisions.intent import RequestIntent
from src.commands.decisions.start import SessionWanted, StartCheckout, known_redeemers
from src.events.checkout import Completed, NoCheckout
from src.events.identifiers import CART, CHECKOUT, public_id, stream
from src.events.money import Money

CANCELLED = "cancelled by the customer"


class Plan(Struct, frozen=True, kw_only=True):
    """One visit, before it begins."""

    fate: Fate
    chance: Random
    basket: dict[str, int]
    known: Known | None
    """None for those who never say who they are, and have no account."""
    coupon: str | None = None


class Visitor:
    """Somebody at the shop; what they may not do raises a Rejection, and they leave."""

    def __init__(self, shop: SampleShop, plan: Plan) -> None:
        self.shop = shop
        self.plan = plan
        self.chance = plan.chance
        self.cart = public_id("cart", shop.ids.new())
        has_account = plan.known is not None and plan.known.person.has_account
        self.customer_id = plan.known.person.customer_id if plan.known and has_account else None
        self.actor = f"customer:{self.customer_id}" if has_account else f"guest:{self.cart}"

    async def open_cart(self) -> None:
        """Take a cart."""
        await self.shop.do(
            self.actor,
            lambda view: open_cart(view, self.cart, self.customer_id, "INR"),
            begins=[stream(CART, self.cart)],
        )

    async def take(self, sku: str, quantity: int) -> None:
        """Put something into the cart."""
        now = self.shop.timeline.now
        await self.shop.do(self.actor, lambda view: set_item(view, self.cart, sku, quantity, now))

    async def use_coupon(self, code: str) -> None:
        """Use a coupon; raises CouponNotApplicable."""
        now = self.shop.timeline.now
        await self.shop.do(
            self.actor,
            lambda view: apply_coupon(
                view, self.cart, code, known_redeemers(view, self.customer_id), now
            ),
        )

    async def check_out(self) -> str:
        """Start a session and return it; raises InventoryUnavailable."""
        command = self._start()
        wanted = SessionWanted(command)
        await self.shop.do(
            self.actor, wanted.decide, begins=[stream(CHECKOUT, command.checkout_session_id)]
        )
        return wanted.session

    async def ask_to_pay(self, session: str | None) -> tuple[str, str]:
        """Ask for the payment intent, of a new session without one.

        Returns the session and its Razorpay order.
        """
        first = self._start() if session is None else None
        named = session or (first.checkout_session_id if first else "")
        intended = await self.shop.intents.create(
            self.shop.cause(self.actor), self._intent(named), first
        )
        return intended.checkout_session_id, self.shop.bank.acquirer.id_of("order_", named)

    async def cancel(self, session: str) -> None:
        """Give a session up."""
        now = self.shop.timeline.now
        await self.shop.do(self.actor, lambda view: cancel(view, session, CANCELLED, now))

    async def due(self, razorpay_order_id: str) -> Money:
        """Return what a Razorpay order asks for."""
        opened = await self.shop.ledger.glance(lambda view: view.payment(razorpay_order_id).opened)
        assert opened is not None
        return opened.due

    async def expires_in(self, session: str) -> timedelta:
        """Return how long a session holds from now on."""
        checkout = await self.shop.ledger.glance(lambda view: view.checkout(session))
        assert not isinstance(checkout, NoCheckout)
        return checkout.basis.expires_at - self.shop.timeline.now

    async def expire(self, session: str) -> None:
        """The worker lets a session end."""
        now = self.shop.timeline.now
        await self.shop.do(WORKER, lambda view: expire(view, session, now))

    async def order_of(self, session: str) -> str | None:
        """Return the order that a session became."""
        checkout = await self.shop.ledger.glance(lambda view: view.checkout(session))
        return checkout.order_id if isinstance(checkout, Completed) else None

    def _start(self) -> StartCheckout:
        now = self.shop.timeline.now
        return StartCheckout(
            checkout_session_id=public_id("cs", self.shop.ids.new()),
            cart_id=self.cart,
            now=now,
            expires_at=now + self.shop.settings.checkout_ttl,
        )

    def _intent(self, session: str) -> RequestIntent:
        known = self.plan.known
        assert known is not None
        return RequestIntent(
            checkout_session_id=session,
            buyer=known.buyer,
            shipping_address=known.address,
            billing_address=None,
            postal_code=known.person.address.postal_code,
            shipping_method=None,
            expected_total=None,
            wish=known.wish,
            now=self.shop.timeline.now,
        )
